"""Face passes: issued, presented, refused for the right reason, renewed, revoked, and gone with their holder."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from limen.core.base45 import encode
from limen.core.errors import RefusedError
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditTag
from limen.core.match import Condition, Recognised, Unknown, UnknownReason
from limen.core.people import SiteKind, SubjectId, TemplateKind
from limen.core.probe import ModelId, Probe
from limen.flows.code_words import CODE_WORDS
from limen.flows.expire import Expire
from limen.flows.making_pass import Issued, PassPlan
from limen.gallery.passes import SealedCodec
from support.calibrations import make_masked_calibration
from support.flowsite import FlowSite
from support.vision import alike, make_mask, make_probe, unit

_DAY = timedelta(days=1)
_PLAN = PassPlan(validity=10 * _DAY)


def _reason(site: FlowSite, code: bytes | str, probe: Probe | None = None) -> UnknownReason | None:
    """Why a code with Ada's face is refused; None if it is not."""
    shown = make_probe(unit(1)) if probe is None else probe
    match = site.present()(code, [shown], at=site.clock.now())
    return match.reason if isinstance(match, Unknown) else None


def _refused(call: object) -> str:
    with pytest.raises(RefusedError) as caught:
        call()  # type: ignore[operator]
    assert caught.value.advice()
    return caught.value.reason


def _live(site: FlowSite, seed: int = 1) -> Frame:
    return site.vision.shows(unit(seed), kind=SourceKind.LIVE_CAMERA)


def test_the_holder_is_recognised(trial: FlowSite) -> None:
    """With pass and face, as bytes or as text, the holder is found at the stated rate, 1:1."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    for code in (issued.code, encode(issued.code), encode(issued.code).encode()):
        match = trial.present()(code, [make_probe(alike(unit(1), 0.7))], at=trial.clock.now())
        assert isinstance(match, Recognised)
        assert match.subject_id == issued.subject.subject_id
        assert (match.operating_point.n_references, match.operating_point.fmr) == (1, 1e-4)
        assert match.fpir == match.comparison.fmr <= 1e-4


def test_somebody_else_with_the_pass_is_not(trial: FlowSite) -> None:
    """A found pass opens nothing for another face."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    assert _reason(trial, issued.code, make_probe(unit(2))) is UnknownReason.BELOW_THRESHOLD


def test_the_stated_rate_is_kept_where_it_is_stricter_or_laxer(trial: FlowSite) -> None:
    """The threshold follows the rate that was asked for, also above the ceiling of a gallery."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    probe = make_probe(alike(unit(1), 0.36))
    found = [trial.present(fmr_target=rate)(issued.code, [probe], at=trial.clock.now()) for rate in (1e-2, 1e-3, 1e-6)]
    assert [isinstance(match, Recognised) for match in found] == [True, True, False]


def test_a_mask_is_compared_under_its_own_condition() -> None:
    """The bare template serves a masked face through the masked map, at that condition's threshold."""
    calibration = make_masked_calibration()
    site = FlowSite(calibration=calibration)
    issued = site.issued(site.vision.shows(unit(1)))
    masked = alike(unit(1), 0.8)
    match = site.present()(issued.code, [make_probe(masked, mask=make_mask("worn"))], at=site.clock.now())
    assert isinstance(match, Recognised)
    assert match.comparison.condition is match.operating_point.condition is Condition.BARE_MASKED


def test_the_store_keeps_no_template(trial: FlowSite) -> None:
    """Of a holder it has a name, an agreement and a record of the pass; the index of the gallery stays empty."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    assert trial.store.state.references == {}
    assert trial.store.state.sealed == {}
    trial.gallery.refresh()
    assert len(trial.gallery) == 0
    assert (issued.subject.kind, issued.subject.confirmed, issued.subject.n_references) == (TemplateKind.PASS, True, 0)
    assert trial.store.state.passes == {issued.record.terms.pass_id: issued.record}
    assert all(not probe.embedding.any() for probe in trial.vision.given)


def test_the_template_is_the_mean_of_the_pictures(trial: FlowSite) -> None:
    """Several pictures of one person make one template between them."""
    two = alike(unit(1), 0.8)
    issued = trial.issued(trial.vision.shows(unit(1)), trial.vision.shows(two))
    match = trial.present()(issued.code, [make_probe(unit(1))], at=trial.clock.now())
    assert isinstance(match, Recognised)
    assert match.comparison.similarity == pytest.approx(np.sqrt((1 + 0.8) / 2), abs=0.01)
    assert len(issued.qualities) == 2


def test_a_pass_ends_with_the_agreement_at_the_latest(trial: FlowSite) -> None:
    """It holds from now on, as long as asked for, and never longer than its holder agreed."""
    short = trial.issued(trial.vision.shows(unit(1)), days=3).record.terms
    asked = trial.issued(trial.vision.shows(unit(2)), days=30).record.terms
    now = trial.clock.now()
    assert short.valid_until == (now + 3 * _DAY).replace(microsecond=0)
    assert asked.valid_until == (now + 10 * _DAY).replace(microsecond=0)
    assert now - timedelta(hours=1) < short.valid_from <= now


def test_the_moments_a_pass_holds(trial: FlowSite) -> None:
    """Not before its beginning, not from its end on, each with its reason."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    terms, present, probe = issued.record.terms, trial.present(), make_probe(unit(1))

    def said(at: object) -> UnknownReason | None:
        match = present(issued.code, [probe], at=at)  # type: ignore[arg-type]
        return match.reason if isinstance(match, Unknown) else None

    second = timedelta(seconds=1)
    assert said(terms.valid_from - second) is UnknownReason.PASS_NOT_YET_VALID
    assert said(terms.valid_from) is None
    assert said(terms.valid_until - second) is None
    assert said(terms.valid_until) is UnknownReason.PASS_EXPIRED


def test_every_refusal_has_its_reason(trial: FlowSite) -> None:
    """Altered, foreign, unknown key, unreadable, oversized, empty, revoked: each is told apart."""
    code = trial.issued(trial.vision.shows(unit(1))).code
    expected = {
        code[:100] + bytes([code[100] ^ 1]) + code[101:]: UnknownReason.PASS_ALTERED,
        code[:1] + b"\x09" + code[2:]: UnknownReason.PASS_KEY_UNKNOWN,
        code[:2] + b"else" + code[6:]: UnknownReason.CODE_FOREIGN,
        b"\xff" * 244: UnknownReason.CODE_UNREADABLE,
        code * 2: UnknownReason.CODE_OVERSIZED,
        b"": UnknownReason.CODE_UNREADABLE,
        code[:60]: UnknownReason.CODE_UNREADABLE,
    }
    assert {key: _reason(trial, key) for key in expected} == expected
    assert _reason(trial, code) is None
    (pass_id,) = trial.store.state.passes
    trial.revoke_pass()(pass_id)
    assert _reason(trial, code) is UnknownReason.PASS_REVOKED


def test_every_reason_of_a_code_has_words() -> None:
    """Each reason that a code can give says what happened and what to do."""
    of_codes = {reason for reason in UnknownReason if reason.value.startswith(("code_", "pass_", "badge_"))}
    assert of_codes <= set(CODE_WORDS)
    assert all(what and advice for what, advice in CODE_WORDS.values())


def test_a_new_pass_replaces_the_lost_one(trial: FlowSite) -> None:
    """Issued again, from a new capture, it opens; the lost one is refused, and both are recorded."""
    lost = trial.issued(trial.vision.shows(unit(1)))
    again = trial.issue_pass().again(
        [trial.vision.shows(unit(1))], subject_id=lost.subject.subject_id, plan=PassPlan(validity=_DAY)
    )
    assert (again.revoked, again.subject.subject_id) == (1, lost.subject.subject_id)
    assert _reason(trial, lost.code) is UnknownReason.PASS_REVOKED
    assert _reason(trial, again.code) is None
    issued = [record.detail for record in trial.store.state.audit if record.tag is AuditTag.PASS_ISSUED]
    assert [detail["replaces"] for detail in issued] == [0, 1]


def test_only_somebody_with_a_pass_gets_another(trial: FlowSite) -> None:
    """Nobody, and somebody on the hands-free list, are refused."""
    listed = trial.enrol(trial.vision.shows(unit(3))).subject.subject_id
    for who in (SubjectId("s-nobody"), listed):
        call = lambda who=who: trial.issue_pass().again([trial.vision.shows(unit(3))], subject_id=who, plan=_PLAN)  # noqa: E731
        assert _refused(call) == "no_such_person"


def test_the_holder_renews(trial: FlowSite) -> None:
    """Old pass and face give a new pass, even after the old one has ended; then the old one is refused."""
    old = trial.issued(trial.vision.shows(unit(1)), days=30)
    trial.clock.advance(11 * _DAY)
    assert _reason(trial, old.code) is UnknownReason.PASS_EXPIRED
    new = trial.renew_pass()(old.code, [trial.vision.shows(alike(unit(1), 0.9))], plan=_PLAN)
    assert (new.subject.subject_id, new.revoked) == (old.subject.subject_id, 1)
    assert _reason(trial, new.code) is None


def test_nobody_else_renews(trial: FlowSite) -> None:
    """Another face, a revoked pass and a forged one renew nothing, each with its reason; nothing is written."""
    old = trial.issued(trial.vision.shows(unit(1)))
    before = trial.store.state.copy()
    renew = trial.renew_pass()
    mine, other = trial.vision.shows(unit(1)), trial.vision.shows(unit(2))
    assert _refused(lambda: renew(old.code, [other], plan=_PLAN)) == "different_people"
    assert _refused(lambda: renew(old.code[:-1] + bytes([old.code[-1] ^ 1]), [mine], plan=_PLAN)) == "pass_altered"
    assert _refused(lambda: renew("?", [mine], plan=_PLAN)) == "code_unreadable"
    assert trial.store.state == before
    trial.revoke_pass()(old.record.terms.pass_id)
    assert _refused(lambda: renew(old.code, [mine], plan=_PLAN)) == "pass_revoked"


def test_revoking(trial: FlowSite) -> None:
    """By the pass or by the person; what holds no longer cannot be revoked again."""
    one, two = (trial.issued(trial.vision.shows(unit(seed))) for seed in (1, 2))
    revoke = trial.revoke_pass()
    assert [item.terms.pass_id for item in revoke(one.record.terms.pass_id)] == [one.record.terms.pass_id]
    assert [item.subject_id for item in revoke(two.subject.subject_id)] == [two.subject.subject_id]
    for which in (one.record.terms.pass_id, two.subject.subject_id, "nothing"):
        assert _refused(lambda which=which: revoke(which)) == "no_such_pass"
    assert sum(record.tag is AuditTag.PASS_REVOKED for record in trial.store.state.audit) == 2


def test_a_stolen_door_box(trial: FlowSite) -> None:
    """After a rotation at once no older pass is taken; a new one is, and the number to replace is told."""
    old = trial.issued(trial.vision.shows(unit(1)))
    rotated = trial.rotate_passes()(accept_for=timedelta(0))
    assert (rotated.number, rotated.to_replace) == (2, 1)
    assert _reason(trial, old.code) is UnknownReason.PASS_KEY_UNKNOWN
    new = trial.issue_pass().again([trial.vision.shows(unit(1))], subject_id=old.subject.subject_id, plan=_PLAN)
    assert _reason(trial, new.code) is None


def test_an_ordinary_change_of_keys(trial: FlowSite) -> None:
    """With a date, old passes open until then and can be renewed; afterwards their key is unknown."""
    old = trial.issued(trial.vision.shows(unit(1)))
    trial.rotate_passes()(accept_for=5 * _DAY)
    assert _reason(trial, old.code) is None
    new = trial.renew_pass()(old.code, [trial.vision.shows(unit(1))], plan=_PLAN)
    trial.clock.advance(6 * _DAY)
    assert _reason(trial, old.code) is UnknownReason.PASS_KEY_UNKNOWN
    assert _reason(trial, new.code) is None


def test_a_visitor_has_a_day(trial: FlowSite) -> None:
    """Pass and agreement end within a day, the host is kept until then, and the clock destroys all of it."""
    visitor = trial.issued(trial.vision.shows(unit(1)), days=1, plan=replace(_PLAN, host="Grace"))
    assert visitor.record.host == "Grace"
    assert (
        _refused(lambda: trial.issued(trial.vision.shows(unit(2)), days=2, plan=replace(_PLAN, host="Grace")))
        == "visitor_one_day"
    )
    trial.clock.advance(_DAY)
    assert _reason(trial, visitor.code) is UnknownReason.PASS_EXPIRED
    assert Expire(store=trial.store, clock=trial.clock)() == 1
    assert trial.store.state.passes == {}
    assert trial.store.state.subjects == {}


def test_whoever_withdraws_takes_the_pass_along(trial: FlowSite) -> None:
    """Nothing is left that could open, and the pass is refused as revoked."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    trial.withdraw()(issued.subject.subject_id)
    assert trial.store.state.passes == {}
    assert _reason(trial, issued.code) is UnknownReason.PASS_REVOKED


def test_old_rows_put_back_open_nothing(trial: FlowSite) -> None:
    """Person, key, agreement and pass put back after a withdrawal: the chain says that they are gone."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    before = trial.store.state.copy()
    trial.withdraw()(issued.subject.subject_id)
    trial.store.state = replace(before, audit=trial.store.state.audit)
    assert _reason(trial, issued.code) is UnknownReason.PASS_REVOKED


def test_an_ended_agreement_ends_the_pass(trial: FlowSite) -> None:
    """Should a record outlast its agreement, the agreement counts."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    agreement = issued.subject.agreement
    trial.store.state.agreements[agreement.agreement_id] = replace(agreement, expires_at=trial.clock.now())
    assert _reason(trial, issued.code) is UnknownReason.NO_LIVE_AGREEMENT


def test_an_agreement_that_ends_at_once_gives_no_pass(trial: FlowSite) -> None:
    """A pass that would hold for no moment is refused, and nothing is written."""
    trial.clock.advance(timedelta(milliseconds=500))
    agreement = trial.agreed(days=1)
    trial.clock.advance(_DAY - timedelta(milliseconds=200))
    frame = trial.vision.shows(unit(1))
    call = lambda: trial.issue_pass()([frame], name="Ada", agreement_id=agreement, plan=_PLAN)  # noqa: E731
    assert _refused(call) == "pass_validity"
    assert trial.store.state.subjects == {}


def test_a_change_of_model(trial: FlowSite) -> None:
    """A pass of an earlier model is told as such; it opens where that model looks at the face, too."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    new_model = ModelId("newer@2")
    newer = trial.present()
    fresh = make_probe(unit(1), model_id=new_model)
    assert _reason(trial, issued.code, fresh) is UnknownReason.CODE_OTHER_MODEL
    without = replace(newer, codec=SealedCodec(trial.store.site_tag(), models=[new_model]))
    match = without(issued.code, [fresh], at=trial.clock.now())
    assert isinstance(match, Unknown)
    assert match.reason is UnknownReason.CODE_OTHER_MODEL
    both = newer(issued.code, [fresh, make_probe(unit(1))], at=trial.clock.now())
    assert isinstance(both, Recognised)


def test_a_pass_of_an_earlier_model_is_not_renewed_by_guessing(trial: FlowSite) -> None:
    """Without a face of the pass's own model nothing shows that it is the holder; renewing is refused."""
    issued = trial.issued(trial.vision.shows(unit(1)))
    renew = trial.renew_pass()
    trial.vision._model_id = ModelId("newer@2")
    renew = replace(renew, comparer=_Anything())  # type: ignore[arg-type]
    assert _refused(lambda: renew(issued.code, [trial.vision.shows(unit(1))], plan=_PLAN)) == "code_other_model"


class _Anything:
    """A comparer that is not asked."""


def test_a_live_folder_takes_live_captures_only(live: FlowSite) -> None:
    """Issuing, issuing again, renewing and verifying: a file is refused, a camera is not."""
    picture = live.vision.shows(unit(1))
    assert _refused(lambda: live.issued(picture)) == "not_a_live_capture"
    issued: Issued = live.issued(_live(live))
    who = issued.subject.subject_id
    assert _refused(lambda: live.issue_pass().again([picture], subject_id=who, plan=_PLAN)) == "not_a_live_capture"
    assert _refused(lambda: live.renew_pass()(issued.code, [picture], plan=_PLAN)) == "not_a_live_capture"
    assert _refused(lambda: live.verify_pass()(issued.code, picture)) == "not_a_live_capture"
    assert isinstance(live.verify_pass()(issued.code, _live(live)), Recognised)
    assert all(not probe.embedding.any() for probe in live.vision.given)


def test_a_live_folder_asks_for_the_written_reason() -> None:
    """Nothing written: no pass; a trial folder asks for none."""
    for kind, refused in ((SiteKind.LIVE, True), (SiteKind.TRIAL, False)):
        site = FlowSite(kind=kind, reasons=replace(FlowSite().reasons, why_not_a_badge={}))
        frame = _live(site)
        if refused:
            assert _refused(lambda site=site, frame=frame: site.issued(frame)) == "reason_not_written"
        else:
            assert site.issued(frame).subject.kind is TemplateKind.PASS


@pytest.mark.parametrize("name", ["", "a\nb"])
def test_what_every_enrolment_asks_is_asked(trial: FlowSite, name: str) -> None:
    """Name, mask and one person: the checks are those of the hands-free list."""
    assert _refused(lambda: trial.issued(trial.vision.shows(unit(1)), name=name)) == "name"
    assert _refused(lambda: trial.issued(trial.vision.shows(unit(1), mask="worn"))) == "mask_worn"
    two = (trial.vision.shows(unit(1)), trial.vision.shows(unit(2)))
    assert _refused(lambda: trial.issued(*two)) == "different_people"


def test_nothing_of_a_pass_is_shown(trial: FlowSite) -> None:
    """Printed, an issued pass tells neither the code nor the host."""
    issued = trial.issued(trial.vision.shows(unit(1)), days=1, plan=replace(_PLAN, host="Grace"))
    assert repr(issued.code)[2:20] not in repr(issued)
    assert "Grace" not in repr(issued)
