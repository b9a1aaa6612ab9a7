"""Self-service: who was invited joins by a capture of their own, and a code opens a page for one person alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from limen.core.errors import RefusedError
from limen.core.frame import SourceKind
from limen.core.ledger import AuditTag
from limen.core.people import AgreementId, GivenHow, Invitation, Rights, SiteKind, TemplateKind
from limen.flows.expire import Expire
from limen.flows.invite_by_link import Guest, InviteByLink
from limen.flows.join import Join, Joined
from limen.flows.links import Links
from limen.flows.look import Look, Seen
from support.clock import FakeClock
from support.flowsite import FlowSite
from support.vision import unit

_TEXTS = dict.fromkeys(TemplateKind, "test-1")


def _links(site: FlowSite) -> Links:
    return Links(store=site.store, clock=site.clock)


def _join(site: FlowSite, **texts: str) -> Join:
    return Join(
        store=site.store,
        clock=site.clock,
        enrol=site.enrolling(),
        issue=site.issue_pass(),
        seal=site.enrol_sealed(),
        texts=_TEXTS | {TemplateKind(kind): version for kind, version in texts.items()},
        pass_validity=timedelta(days=20),
    )


def _invited(site: FlowSite, name: str = "Ada") -> tuple[Invitation, str]:
    invite = InviteByLink(store=site.store, clock=site.clock, keep=timedelta(days=30))
    (invited,) = invite([Guest(name=name, rights=Rights(groups=frozenset({"staff"}), badge="117"))], by="a-test")
    return invited.invitation, invited.secret


def _agreed(site: FlowSite) -> AgreementId:
    return site.agreed(how=GivenHow.SELF_SERVICE, typed="Ada")


def _joined(site: FlowSite, code: str, *, kind: TemplateKind = TemplateKind.PASS, name: str = "") -> Joined:
    frame = site.vision.shows(unit(1))
    return _join(site)(code, _agreed(site), kind=kind, frames=[frame], name=name)


def _reason(call: object, *arguments: object, **named: object) -> str:
    assert callable(call)
    with pytest.raises(RefusedError) as caught:
        call(*arguments, **named)
    return caught.value.reason


@pytest.mark.parametrize("kind", TemplateKind)
def test_who_was_invited_joins_by_any_kind(trial: FlowSite, kind: TemplateKind) -> None:
    """The person is enrolled under the invited name, has the code of their kind, and the invitation is gone."""
    invitation, code = _invited(trial)
    joined = _joined(trial, code, kind=kind)
    assert (joined.subject.name, joined.subject.kind, bool(joined.code)) == ("Ada", kind, kind != TemplateKind.GALLERY)
    with trial.store.read() as unit:
        assert unit.invitations.all() == ()
        assert unit.invitations.pictures(invitation.invitation_id) == ()
        assert unit.rights.get(joined.subject.subject_id) == invitation.rights
        assert unit.subjects.get(joined.subject.subject_id) is not None
        assert [record.tag for record in unit.audit.records()][-1] is AuditTag.CODE_ISSUED


def test_a_person_may_be_called_otherwise(trial: FlowSite) -> None:
    """The name that the person types takes the place of the invited one."""
    _, code = _invited(trial)
    assert _joined(trial, code, name=" Ada L. ").subject.name == "Ada L."


def test_the_codes_given_open_page_and_copy(trial: FlowSite) -> None:
    """The page code opens the person's page, and the release code releases one copy."""
    _, code = _invited(trial)
    joined = _joined(trial, code)
    assert _links(trial).person(joined.page_code).subject_id == joined.subject.subject_id
    trial.export()(joined.subject.subject_id, code=joined.release_code)
    assert _reason(trial.export(), joined.subject.subject_id, code=joined.release_code) == "release_code"


def test_an_invitation_is_used_once(trial: FlowSite) -> None:
    """A second person with the same invitation is refused."""
    _, code = _invited(trial)
    _joined(trial, code)
    assert _reason(_joined, trial, code) == "no_invitation"


def test_nobody_learns_whether_a_code_was_ever_good(trial: FlowSite) -> None:
    """Never made, used, replaced, run out: the same words."""
    told = set()
    _, used = _invited(trial)
    _joined(trial, used)
    _, late = _invited(trial)
    trial.clock.advance(timedelta(days=31))
    for code in ("", "0000-0000-0000-0000-0000", used, late):
        with pytest.raises(RefusedError) as caught:
            _links(trial).invited(code)
        told.add((str(caught.value), caught.value.advice(), caught.value.reason))
    assert len(told) == 1


def test_an_invitation_that_nobody_took_goes(trial: FlowSite) -> None:
    """After its time it is destroyed, and its code opens nothing."""
    _, code = _invited(trial)
    trial.clock.advance(timedelta(days=31))
    Expire(store=trial.store, clock=trial.clock)()
    with trial.store.read() as unit:
        assert unit.invitations.all() == ()
    assert _reason(_links(trial).invited, code) == "no_invitation"


def test_a_picture_is_too_poor_and_the_invitation_holds_on(trial: FlowSite) -> None:
    """A refusal at the picture writes nothing; the same invitation and agreement serve for the next try."""
    _, code = _invited(trial)
    agreement, poor = _agreed(trial), trial.vision.shows(unit(1), unified=3)
    join = _join(trial)
    pass_ = TemplateKind.PASS
    assert _reason(join, code, agreement, kind=pass_, frames=[poor]) == "quality_too_low"
    assert join(code, agreement, kind=pass_, frames=[trial.vision.shows(unit(1))]).subject.name == "Ada"


def test_what_was_agreed_to_is_what_is_made(trial: FlowSite) -> None:
    """An agreement to another text, given to an operator, or already someone's makes nothing."""
    _, code = _invited(trial)
    kind, frame = TemplateKind.GALLERY, trial.vision.shows(unit(1))
    other = _join(trial, gallery="test-2")
    assert _reason(other, code, _agreed(trial), kind=kind, frames=[frame]) == "no_agreement"
    assert _reason(_join(trial), code, trial.agreed(), kind=kind, frames=[frame]) == "no_agreement"
    assert _reason(_join(trial), code, AgreementId("a-none"), kind=kind, frames=[frame]) == "no_agreement"
    taken = _agreed(trial)
    trial.enrol(frame, agreement=taken)
    assert _reason(_join(trial), code, taken, kind=kind, frames=[frame]) == "agreement_taken"


def test_a_browser_gives_no_pass_in_a_live_folder() -> None:
    """There a capture that a browser sends makes no pass; on the list it stays unconfirmed until a live one."""
    site = FlowSite(kind=SiteKind.LIVE, clock=FakeClock())
    _, code = _invited(site)
    frame = site.vision.shows(unit(1), kind=SourceKind.BROWSER)
    agreement = _agreed(site)
    refused = _reason(_join(site), code, agreement, kind=TemplateKind.PASS, frames=[frame])
    assert refused == "not_a_live_capture"
    joined = _join(site)(code, agreement, kind=TemplateKind.GALLERY, frames=[frame])
    assert not joined.subject.confirmed


def test_a_page_code_ends_with_the_person(trial: FlowSite) -> None:
    """Withdrawn, replaced, or after the agreement has ended it opens nothing."""
    links = _links(trial)
    first, second = (trial.enrol(trial.vision.shows(unit(seed))).subject for seed in (1, 2))
    gone, old = links.give(first.subject_id), links.give(second.subject_id)
    new = links.give(second.subject_id)
    assert links.person(new).subject_id == second.subject_id
    trial.withdraw()(first.subject_id)
    assert [_reason(links.person, code) for code in (gone, old)] == ["no_such_page"] * 2
    trial.clock.advance(timedelta(days=31))
    assert _reason(links.person, new) == "no_such_page"


def test_no_code_for_nobody(trial: FlowSite) -> None:
    """Whoever is not enrolled gets none."""
    assert _reason(_links(trial).give, "s-nobody") == "no_such_person"


@pytest.mark.parametrize(
    ("shown", "seen", "hint"),
    [
        ({"n_faces": 0}, Seen.NOBODY, "nobody"),
        ({"n_faces": 2}, Seen.SEVERAL, "several"),
        ({}, Seen.GOOD, "good"),
        ({"mask": "worn"}, Seen.MASK, "mask"),
        ({"mask": "incorrect"}, Seen.MASK, "mask"),
        ({"unified": 49}, Seen.POOR, "inter_eye_distance"),
        ({"eyes_px": 10.0}, Seen.POOR, "inter_eye_distance"),
    ],
)
def test_a_frame_is_judged_in_a_word(trial: FlowSite, *, shown: dict[str, Any], seen: Seen, hint: str) -> None:
    """Of a poor picture the hint is what would improve it most; whatever is seen, nothing is embedded."""
    faces = [unit(seed) for seed in range(shown.pop("n_faces", 1))]
    looked = Look(eyes=trial.vision)(trial.vision.shows(*faces, **shown))
    assert (looked.seen, looked.hint, trial.vision.given) == (seen, hint, [])
