"""What a door tells the systems around it names nobody and says no more than everybody may know."""

from __future__ import annotations

from dataclasses import fields

import pytest

from limen.core.decision import Decision, Deny, Grant, Reason, Refer
from limen.core.door import DoorId, SignalKind
from limen.core.messages import (
    PUBLIC_REASONS,
    DoorEvent,
    DoorState,
    EventKind,
    Outcome,
    attempt_event,
    signal_event_kind,
)
from support.clock import NOON

_FRONT = DoorId("front")


def _event(kind: EventKind, **more: object) -> DoorEvent:
    return DoorEvent(event_id="e-1", site="hq", door=_FRONT, at=NOON, kind=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("message", [DoorEvent, DoorState])
def test_no_message_has_a_place_for_a_person(message: type) -> None:
    """The fields are these, and another one is a decision."""
    assert {field.name for field in fields(message)} <= {
        *("event_id", "site", "door", "at", "kind", "outcome", "reasons", "policy_version"),
        *("contact", "forced", "held", "banners", "occupancy"),
    }


@pytest.mark.parametrize(("kind", "outcome"), [(Grant, "grant"), (Deny, "deny"), (Refer, "refer")])
def test_an_attempt_tells_its_outcome_and_public_reasons_alone(kind: type[Decision], outcome: str) -> None:
    """Whatever tells of health or suspicion is left out, whoever is told."""
    decision = kind(reasons=tuple(Reason), policy_version="2026-11", evidence_id="x-1")
    event = attempt_event(decision, event_id="e-1", site="hq", door=_FRONT, at=NOON)
    assert event.outcome is Outcome(outcome)
    assert set(event.reasons) == PUBLIC_REASONS
    assert event.policy_version == "2026-11"
    assert "x-1" not in str(event)


@pytest.mark.parametrize("reason", sorted(set(Reason) - PUBLIC_REASONS))
def test_a_reason_that_stays_cannot_be_put_into_a_message(reason: Reason) -> None:
    """The value itself refuses it."""
    with pytest.raises(ValueError, match="may leave the machine"):
        _event(EventKind.ATTEMPT, outcome=Outcome.DENY, policy_version="1", reasons=(reason,))


@pytest.mark.parametrize(
    "word", ["temperature", "attack", "liveness", "not_recognised", "permitted", "hours", "passback", "alarm"]
)
def test_health_and_suspicion_never_leave(word: str) -> None:
    """No public reason speaks of either, and none of an unknown person."""
    assert [reason for reason in PUBLIC_REASONS if word in reason.value] == []


def test_outcome_and_attempt_go_together() -> None:
    """An attempt has outcome and policy version, and nothing else has."""
    for wrong in ({"outcome": Outcome.DENY}, {"policy_version": "1"}):
        for kind in (EventKind.ATTEMPT, EventKind.PASSAGE):
            with pytest.raises(ValueError, match="with an attempt"):
                _event(kind, **wrong)
    with pytest.raises(ValueError, match="with an attempt"):
        _event(EventKind.ALARM, reasons=(Reason.RECOGNISED,))


def test_times_have_a_zone_and_people_are_not_negative() -> None:
    """Neither message takes a naive time, nor a state fewer people than none."""
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        DoorEvent(event_id="e-1", site="hq", door=_FRONT, at=naive, kind=EventKind.ALARM)
    with pytest.raises(ValueError, match="time zone"):
        DoorState(site="hq", door=_FRONT, at=naive)
    with pytest.raises(ValueError, match="occupancy"):
        DoorState(site="hq", door=_FRONT, at=NOON, occupancy=-1)


def test_every_signal_is_an_event_or_changes_the_state() -> None:
    """Opened and closed are state, the rest is told as it is."""
    kinds = {kind: signal_event_kind(kind) for kind in SignalKind}
    assert {kind for kind, event in kinds.items() if event is None} == {SignalKind.OPENED, SignalKind.CLOSED}
    assert kinds[SignalKind.PASSED] is EventKind.PASSAGE
    assert kinds[SignalKind.FORCED_OPEN] is EventKind.FORCED_OPEN
