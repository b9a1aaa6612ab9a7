"""Badge-locked templates: the site has them, and only the badge opens them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from limen.core.base45 import encode
from limen.core.errors import RefusedError
from limen.core.frame import SourceKind
from limen.core.match import Recognised, Unknown, UnknownReason
from limen.core.people import TemplateKind
from limen.core.probe import ModelId
from limen.flows.enrol_sealed import Sealed
from limen.gallery.sealed import SecretLock
from support.flowsite import FlowSite
from support.vision import alike, make_probe, unit


def _sealed(site: FlowSite, *, pin: str | None = None, kind: SourceKind = SourceKind.FILE) -> Sealed:
    frame = site.vision.shows(unit(1), kind=kind)
    return site.enrol_sealed()([frame], name="Ada", agreement_id=site.agreed(), pin=pin)


def _reason(site: FlowSite, badge: bytes | str, *, pin: str | None = None, seed: int = 1) -> UnknownReason | None:
    match = site.present()(badge, [make_probe(unit(seed))], at=site.clock.now(), pin=pin)
    return match.reason if isinstance(match, Unknown) else None


@pytest.mark.parametrize("pin", [None, "1234"])
def test_badge_and_face_are_recognised(trial: FlowSite, pin: str | None) -> None:
    """With the badge, the PIN if there is one, and the face, the holder is found 1:1; as bytes or as text."""
    sealed = _sealed(trial, pin=pin)
    for code in (sealed.badge, encode(sealed.badge)):
        match = trial.present()(code, [make_probe(alike(unit(1), 0.7))], at=trial.clock.now(), pin=pin)
        assert isinstance(match, Recognised)
        assert match.subject_id == sealed.subject.subject_id
    assert (sealed.subject.kind, sealed.subject.confirmed, sealed.with_pin) == (
        TemplateKind.SEALED,
        True,
        pin is not None,
    )


def test_a_pin_that_nobody_asked_for_does_no_harm(trial: FlowSite) -> None:
    """A badge without a PIN opens whatever was typed."""
    assert _reason(trial, _sealed(trial).badge, pin="1234") is None


def test_every_refusal_has_its_reason(trial: FlowSite) -> None:
    """No PIN, another badge, a foreign one, half a one: each is told apart; another PIN and another face are not."""
    assert _reason(trial, trial.lock.new()) is UnknownReason.BADGE_UNKNOWN
    badge = _sealed(trial, pin="1234").badge
    assert _reason(trial, badge) is UnknownReason.BADGE_PIN_MISSING
    assert _reason(trial, badge, pin="4321") is UnknownReason.BADGE_PIN_WRONG
    assert _reason(trial, badge, pin="1234", seed=2) is UnknownReason.BADGE_PIN_WRONG
    assert _reason(trial, trial.lock.new()) is UnknownReason.BADGE_UNKNOWN
    assert _reason(trial, SecretLock(b"else").new()) is UnknownReason.CODE_FOREIGN
    assert _reason(trial, badge[:-1]) is UnknownReason.CODE_UNREADABLE


def test_the_secret_is_kept_nowhere(trial: FlowSite) -> None:
    """Neither the store nor the audit nor a printed answer holds the badge; the gallery's index stays empty."""
    sealed = _sealed(trial)
    told = f"{trial.store.state!r} {sealed!r} {[dict(record.detail) for record in trial.store.state.audit]}"
    for form in (sealed.badge.hex(), encode(sealed.badge), repr(sealed.badge[5:])[2:-1]):
        assert form not in told
    (kept,) = trial.store.state.sealed.values()
    assert sealed.badge[5:] not in kept.locked
    trial.gallery.refresh()
    assert len(trial.gallery) == 0
    assert trial.store.state.references == {}
    assert all(not probe.embedding.any() for probe in trial.vision.given)


def test_whoever_withdraws_takes_the_template_along(trial: FlowSite) -> None:
    """After a withdrawal the badge opens nothing; put-back rows neither."""
    sealed = _sealed(trial)
    before = trial.store.state.copy()
    receipt = trial.withdraw()(sealed.subject.subject_id)
    assert [item.count for item in receipt.gone if item.what == "face templates"] == [1]
    assert _reason(trial, sealed.badge) is UnknownReason.BADGE_UNKNOWN
    trial.store.state = replace(before, audit=trial.store.state.audit)
    assert _reason(trial, sealed.badge) is UnknownReason.BADGE_UNKNOWN


def test_an_ended_agreement_ends_it(trial: FlowSite) -> None:
    """The badge opens nothing for somebody whose agreement has ended."""
    sealed = _sealed(trial)
    agreement = sealed.subject.agreement
    trial.store.state.agreements[agreement.agreement_id] = replace(agreement, expires_at=trial.clock.now())
    assert _reason(trial, sealed.badge) is UnknownReason.NO_LIVE_AGREEMENT


def test_a_change_of_model_is_told(trial: FlowSite) -> None:
    """A template of a model that does not look at the face has a reason of its own."""
    sealed = _sealed(trial)
    match = trial.present()(sealed.badge, [make_probe(unit(1), model_id=ModelId("newer@2"))], at=trial.clock.now())
    assert isinstance(match, Unknown)
    assert match.reason is UnknownReason.CODE_OTHER_MODEL


@pytest.mark.parametrize("pin", ["", "123", "1" * 13, "12\n34", "abcd", "١٢٣٤"])
def test_pins_that_are_none(trial: FlowSite, pin: str) -> None:
    """A PIN has 4 to 12 digits; otherwise nothing is written."""
    with pytest.raises(RefusedError) as caught:
        _sealed(trial, pin=pin)
    assert caught.value.reason == "pin"
    assert trial.store.state.subjects == {}


def test_a_live_folder_asks_for_a_live_capture_and_a_written_reason(live: FlowSite) -> None:
    """A file is refused; so is a camera where nobody wrote why a badge alone is not enough."""
    with pytest.raises(RefusedError) as caught:
        _sealed(live)
    assert caught.value.reason == "not_a_live_capture"
    assert _sealed(live, kind=SourceKind.LIVE_CAMERA).subject.confirmed
    live.reasons = replace(live.reasons, why_not_a_badge={})
    with pytest.raises(RefusedError, match="why a badge is not enough") as caught:
        _sealed(live, kind=SourceKind.LIVE_CAMERA)
    assert "sealed_why_not_a_badge" in caught.value.advice()
