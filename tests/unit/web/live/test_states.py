"""What a door shows: an instruction after a decision, for long enough; before it what the nearest person may do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from limen.core.decision import Decision, Deny, Grant, Reason, Refer
from limen.core.in_view import NOBODY, Absence, InView
from limen.flows.alarms import Alarm
from limen.flows.keep import Told
from limen.web.live.states import States
from support.clock import NOON

_HERE = InView(present=((0.1, 0.1, 0.2, 0.2),))
_LOOKED_AT = InView(present=((0.1, 0.1, 0.2, 0.2),), looked_at=True)


def _told(*decisions: Decision, seen: InView = _HERE, alarm: str = "") -> Told:
    alarms = (Alarm(alarm_id="f-1", what=alarm, message="it fails", advice="look after it"),) if alarm else ()
    return Told(decisions=decisions, alarms=alarms, frames=1, took_ms=10.0, crossed={}, in_view=seen)


def _deny(reason: Reason) -> Deny:
    return Deny(reasons=(reason,), policy_version="p-1", evidence_id="e-1")


_GRANT = Grant(reasons=(Reason.RECOGNISED,), policy_version="p-1", evidence_id="e-1")
_REFER = Refer(reasons=(Reason.MASK_UNSURE,), policy_version="p-1", evidence_id="e-1")


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (NOBODY, "ready"),
        (_LOOKED_AT, "looking"),
        (InView(absence=Absence.OUTSIDE), "ready"),
        (InView(absence=Absence.TOO_FAR), "come_closer"),
        (InView(absence=Absence.TURNED_AWAY), "look_here"),
        (InView(absence=Absence.NO_SIGN), "press"),
        (InView(present=_HERE.present, absence=Absence.TOO_FAR), "ready"),
    ],
)
def test_before_a_decision_the_nearest_person_is_told_what_to_do(seen: InView, state: str) -> None:
    """Whoever passes by outside the zone is not spoken to, and nobody over the shoulder of somebody who takes part."""
    assert States().after(_told(seen=seen), at=NOON).state == state


@pytest.mark.parametrize(
    ("decision", "state", "seconds"),
    [
        (_GRANT, "go", 5),
        (_deny(Reason.NOT_RECOGNISED), "other_way", 8),
        (_deny(Reason.NOT_PERMITTED), "other_way", 8),
        (_deny(Reason.SECOND_FACTOR_MISSING), "second_factor", 30),
        (_deny(Reason.MASK_MISSING), "mask_on", 30),
        (_REFER, "wait", 30),
    ],
)
def test_a_decision_is_shown_long_enough_whatever_the_camera_sees(
    decision: Decision, state: str, *, seconds: int
) -> None:
    """Its words are the public ones of both languages; then the page is ready again if nobody is there."""
    states = States()
    shown = states.after(_told(decision), at=NOON)
    assert (shown.state, sorted(shown.words)) == (state, ["en", "fr"])
    almost = NOON + timedelta(seconds=seconds - 0.1)
    assert states.after(_told(seen=NOBODY), at=almost).state == state
    assert states.after(_told(seen=NOBODY), at=almost + timedelta(seconds=0.2)).state == "ready"


def test_a_refusal_says_the_same_whatever_its_reason() -> None:
    """Unknown, not permitted, locked down or out of hours: nobody at the door can tell them apart."""
    reasons = (Reason.NOT_RECOGNISED, Reason.NOT_PERMITTED, Reason.LOCKED_DOWN, Reason.OUTSIDE_HOURS)
    shown = [States().after(_told(_deny(reason)), at=NOON) for reason in reasons]
    assert {(one.state, *one.words.values()) for one in shown} == {(shown[0].state, *shown[0].words.values())}


def test_a_refusal_stays_while_the_person_does_and_a_welcome_does_not() -> None:
    """Whoever still stands there is told what to do until they leave or something changes."""
    states, later = States(), NOON + timedelta(seconds=40)
    states.after(_told(_deny(Reason.NOT_RECOGNISED)), at=NOON)
    assert states.after(_told(), at=later).state == "other_way"
    assert states.after(_told(_GRANT), at=later).state == "go"
    assert states.after(_told(), at=later + timedelta(seconds=6)).state == "ready"


@pytest.mark.parametrize(("alarm", "state"), [("store", "out_of_service"), ("vision", "out_of_service")])
def test_a_door_that_cannot_decide_says_so(alarm: str, state: str) -> None:
    """Without a store or a model nobody is kept waiting before it."""
    assert States().after(_told(_GRANT, alarm=alarm), at=NOON).state == state
    assert States().after(_told(seen=NOBODY, alarm="sensor"), at=NOON).state == "ready"
