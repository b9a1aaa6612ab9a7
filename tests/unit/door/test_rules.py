"""decide: each numbered rule of its docstring, and that nothing else opens the door."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from limen.core.decision import Deny, Grant, Reason, Refer
from limen.core.match import Recognised, Unknown, UnknownReason
from limen.core.probe import Attack, MaskSeen, MaskState, Undetermined
from limen.core.quality import NotAssessed
from limen.core.thermal import NoReading, TemperatureOutcome, TemperatureSeen
from limen.door.rules import (
    EMPTY_POLICY,
    Attendance,
    AttendedDoor,
    MaskRule,
    Policy,
    UnattendedDoor,
    UnsafeFaceOnly,
    decide,
)
from limen.door.temperature import DEFAULT_THRESHOLD, TemperatureRule, switched_on
from support.clock import NOON
from support.evidence import GOOD, KNOWN, make_unknown
from support.vision import make_mask, make_quality

_ATTENDED = Policy(version="p-1", attendance=AttendedDoor(), min_quality=30)
_ANY_DOOR = [AttendedDoor(), UnattendedDoor(), UnsafeFaceOnly()]


@pytest.mark.parametrize("attendance", _ANY_DOOR)
def test_good_evidence_opens_every_kind_of_door(attendance: Attendance) -> None:
    """A recognised, living person with a second factor comes in, and the only reason is that."""
    decision = decide(GOOD, replace(_ATTENDED, attendance=attendance), at=NOON)
    assert decision == Grant(reasons=(Reason.RECOGNISED,), policy_version="p-1", evidence_id="e-1")


def test_1_an_empty_policy_opens_nothing() -> None:
    """Without a rule even the best evidence is denied."""
    assert decide(GOOD, EMPTY_POLICY, at=NOON) == Deny(
        reasons=(Reason.POLICY_EMPTY,), policy_version="empty", evidence_id="e-1"
    )


@pytest.mark.parametrize("missing", [{"match": None}, {"quality": None}, {"match": None, "quality": None}])
@pytest.mark.parametrize("attendance", _ANY_DOOR)
def test_2_without_a_face_nobody_comes_in(attendance: Attendance, missing: dict[str, Any]) -> None:
    """No usable face, no match or no quality: denied, whatever else was shown."""
    decision = decide(replace(GOOD, **missing), replace(_ATTENDED, attendance=attendance), at=NOON)
    assert decision == Deny(reasons=(Reason.NO_FACE,), policy_version="p-1", evidence_id="e-1")


@pytest.mark.parametrize(
    ("unified", "least", "good"), [(29, 30, False), (30, 30, True), (0, 0, True), (0, 1, False), (100, 100, True)]
)
def test_2_a_poor_picture_is_denied(unified: int, least: int, *, good: bool) -> None:
    """Below the policy's least quality the door stays shut, at it and above it opens."""
    decision = decide(replace(GOOD, quality=make_quality(unified)), replace(_ATTENDED, min_quality=least), at=NOON)
    assert isinstance(decision, Grant if good else Deny)
    assert decision.reasons == ((Reason.RECOGNISED,) if good else (Reason.QUALITY_TOO_LOW,))


@pytest.mark.parametrize("attendance", _ANY_DOOR)
@pytest.mark.parametrize("match", [KNOWN, make_unknown()], ids=["known", "unknown"])
def test_4_a_suspected_attack_is_referred(attendance: Attendance, match: Recognised | Unknown) -> None:
    """A picture held up goes to a person, whoever it shows."""
    evidence = replace(GOOD, match=match, liveness=Attack(species="print"))
    decision = decide(evidence, replace(_ATTENDED, attendance=attendance), at=NOON)
    assert decision == Refer(reasons=(Reason.ATTACK_SUSPECTED,), policy_version="p-1", evidence_id="e-1")


@pytest.mark.parametrize("attendance", _ANY_DOOR)
@pytest.mark.parametrize("reason", list(UnknownReason))
def test_6_who_is_unknown_is_denied(attendance: Attendance, reason: UnknownReason) -> None:
    """Unconfirmed, ended, twice in the frame or simply unlike: all the same answer, which does not tell why.

    A badge that waits for its PIN is asked for it, and one that wrong PINs have locked is told to the desk.
    """
    evidence = replace(GOOD, match=make_unknown(reason))
    decision = decide(evidence, replace(_ATTENDED, attendance=attendance), at=NOON)
    by_badge = {
        UnknownReason.BADGE_PIN_MISSING: Reason.SECOND_FACTOR_MISSING,
        UnknownReason.BADGE_PIN_LOCKED: Reason.BADGE_PIN_LOCKED,
    }
    expected = by_badge.get(reason, Reason.NOT_RECOGNISED)
    assert decision == Deny(reasons=(expected,), policy_version="p-1", evidence_id="e-1")


_ABOVE = TemperatureSeen(outcome=TemperatureOutcome.ABOVE)
_NO_READING = TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=NoReading.GLASSES)
_REPEAT = TemperatureSeen(outcome=TemperatureOutcome.REPEAT)
_BELOW = TemperatureSeen(outcome=TemperatureOutcome.BELOW)
_NO_CAMERA = NotAssessed(reason="no thermal camera")


def _with_temperature(rule: TemperatureRule) -> Policy:
    temperature = switched_on(rule, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=60)
    return replace(_ATTENDED, temperature=temperature)


@pytest.mark.parametrize("seen", [_ABOVE, _NO_READING, _REPEAT, _BELOW, _NO_CAMERA])
def test_15_temperature_is_off_by_default(seen: TemperatureSeen | NotAssessed) -> None:
    """A door without the rule does not look at temperature, whatever a camera says."""
    assert isinstance(decide(replace(GOOD, temperature=seen), _ATTENDED, at=NOON), Grant)


@pytest.mark.parametrize(
    ("seen", "answer", "reason"),
    [
        (_BELOW, Grant, Reason.RECOGNISED),
        (_REPEAT, Deny, Reason.TEMPERATURE_REPEAT),
        (_ABOVE, Refer, Reason.TEMPERATURE_HIGH),
        (_NO_READING, Refer, Reason.TEMPERATURE_NOT_MEASURED),
        (_NO_CAMERA, Refer, Reason.TEMPERATURE_NOT_MEASURED),
    ],
)
def test_15_a_door_that_refers(seen: TemperatureSeen | NotAssessed, *, answer: type, reason: Reason) -> None:
    """A high reading and no reading both go to a person; only a reading below the limit passes."""
    decision = decide(replace(GOOD, temperature=seen), _with_temperature(TemperatureRule.REFER), at=NOON)
    assert isinstance(decision, answer)
    assert decision.reasons == (reason,)


def test_15_a_door_that_advises_opens_and_says_so() -> None:
    """With an advice the door opens, and the reason stands beside the others."""
    policy = _with_temperature(TemperatureRule.ADVISE)
    reasons = {
        seen.outcome: decide(replace(GOOD, temperature=seen), policy, at=NOON).reasons for seen in (_ABOVE, _BELOW)
    }
    assert reasons == {
        TemperatureOutcome.ABOVE: (Reason.RECOGNISED, Reason.TEMPERATURE_HIGH),
        TemperatureOutcome.BELOW: (Reason.RECOGNISED,),
    }


def test_6_of_strangers_no_temperature_is_told() -> None:
    """Whoever is not recognised is told that and nothing about temperature."""
    evidence = replace(GOOD, match=make_unknown(), temperature=_ABOVE)
    decision = decide(evidence, _with_temperature(TemperatureRule.REFER), at=NOON)
    assert decision.reasons == (Reason.NOT_RECOGNISED,)


def test_16_an_unattended_door_wants_a_second_factor() -> None:
    """A face alone does not open where nobody watches (promise 7)."""
    policy = replace(_ATTENDED, attendance=UnattendedDoor())
    decision = decide(replace(GOOD, second_factor=False), policy, at=NOON)
    assert decision == Deny(reasons=(Reason.SECOND_FACTOR_MISSING,), policy_version="p-1", evidence_id="e-1")


def test_16_an_attended_door_wants_no_second_factor() -> None:
    """Where a person watches, a face is enough."""
    assert isinstance(decide(replace(GOOD, second_factor=False), _ATTENDED, at=NOON), Grant)


def test_16_the_unsafe_escape_says_what_it_did_not_measure() -> None:
    """A door marked UnsafeFaceOnly opens to a face alone, and the decision carries that liveness was not measured."""
    policy = replace(_ATTENDED, attendance=UnsafeFaceOnly())
    evidence = replace(GOOD, second_factor=False, liveness=Undetermined(reason="no model"))
    decision = decide(evidence, policy, at=NOON)
    assert isinstance(decision, Grant)
    assert decision.reasons == (Reason.RECOGNISED, Reason.LIVENESS_UNMEASURED)


_MASKS = [*(make_mask(state) for state in MaskState), NotAssessed(reason="no model")]


@pytest.mark.parametrize("mask", _MASKS)
def test_without_a_mask_rule_masks_do_not_decide(mask: MaskSeen | NotAssessed) -> None:
    """The mask state is shown and changes nothing."""
    assert isinstance(decide(replace(GOOD, mask=mask), _ATTENDED, at=NOON), Grant)


@pytest.mark.parametrize(
    ("mask", "kind", "reason"),
    [
        (make_mask("worn"), Grant, Reason.RECOGNISED),
        (make_mask("none"), Deny, Reason.MASK_MISSING),
        (make_mask("incorrect"), Deny, Reason.MASK_INCORRECT),
        (make_mask("unsure"), Refer, Reason.MASK_UNSURE),
        (NotAssessed(reason="no model"), Refer, Reason.MASK_UNSURE),
    ],
)
def test_5_where_a_mask_is_required(mask: MaskSeen | NotAssessed, kind: type, reason: Reason) -> None:
    """Worn lets in, missing or under the nose keeps out, and what cannot be told is looked at by a person."""
    decision = decide(replace(GOOD, mask=mask), replace(_ATTENDED, mask=MaskRule.REQUIRE), at=NOON)
    assert (type(decision), decision.reasons) == (kind, (reason,))


def test_a_stranger_with_a_mask_stays_a_stranger() -> None:
    """A mask opens nothing by itself."""
    evidence = replace(GOOD, mask=make_mask("worn"), match=make_unknown())
    decision = decide(evidence, replace(_ATTENDED, mask=MaskRule.REQUIRE), at=NOON)
    assert (type(decision), decision.reasons) == (Deny, (Reason.NOT_RECOGNISED,))


def test_a_naive_time_is_misuse() -> None:
    """A moment without a time zone raises, even where the answer would be no."""
    naive = datetime(2026, 11, 22, 12)  # noqa: DTZ001  the point of the test
    for policy in (_ATTENDED, EMPTY_POLICY):
        with pytest.raises(ValueError, match="at: expected a time with a time zone"):
            decide(GOOD, policy, at=naive)


@pytest.mark.parametrize("hours", [-12, 0, 5.5, 14])
def test_the_zone_of_the_clock_does_not_matter(hours: float) -> None:
    """The same moment in any zone gives the same decision."""
    moment = NOON.astimezone(timezone(timedelta(hours=hours)))
    assert decide(GOOD, _ATTENDED, at=moment) == decide(GOOD, _ATTENDED, at=NOON)
