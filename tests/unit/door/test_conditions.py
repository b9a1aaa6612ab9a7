"""Every reason of a door, with the evidence and the rule that give it; and who is exempt from what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from limen.core.decision import Access, Deny, Grant, Reason, Refer, Surroundings
from limen.core.door import Direction
from limen.core.match import UnknownReason
from limen.core.probe import Attack, Undetermined
from limen.core.thermal import TemperatureOutcome, TemperatureSeen
from limen.door import rules
from limen.door.conditions import CONDITIONS
from limen.door.rules import (
    EVERYBODY,
    AttendedDoor,
    MaskAsked,
    MaskRule,
    Opening,
    Passback,
    Policy,
    SecondFactor,
    UnattendedDoor,
    UnsafeFaceOnly,
    decide,
)
from limen.door.schedule import ALWAYS, Schedule, Weekly
from limen.door.temperature import DEFAULT_THRESHOLD, TemperatureRule, switched_on
from support.clock import NOON
from support.evidence import GOOD, make_unknown
from support.vision import make_mask, make_quality

_STAFF = frozenset({"staff"})
_GOOD = replace(GOOD, access=Access(groups=_STAFF))
_DOOR = Policy(version="p-1", attendance=AttendedDoor())
_NIGHT = Schedule(time_zone=ZoneInfo("UTC"), week=(Weekly.parse("daily 22:00-06:00"),))
_WARM = TemperatureSeen(outcome=TemperatureOutcome.ABOVE)
_REFER = switched_on(TemperatureRule.REFER, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=60)
_ADVISE = switched_on(TemperatureRule.ADVISE, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=60)
_UNKNOWN = make_unknown()
_CLEARED = Surroundings(cleared=True)
_INSIDE = Access(groups=_STAFF, inside=True)


def _around(**standing: Any) -> dict[str, Any]:
    return {"surroundings": Surroundings(**standing)}


_TABLE: list[tuple[dict[str, Any], dict[str, Any], type, tuple[Reason, ...]]] = [
    # what differs in the evidence, what differs in the policy, the answer, its reasons
    ({}, {}, Grant, (Reason.RECOGNISED,)),
    ({}, {"attendance": None}, Deny, (Reason.POLICY_EMPTY,)),
    ({"match": None}, {}, Deny, (Reason.NO_FACE,)),
    ({"quality": make_quality(9)}, {"min_quality": 10}, Deny, (Reason.QUALITY_TOO_LOW,)),
    ({"n_faces": 2}, {}, Grant, (Reason.RECOGNISED,)),
    ({"n_faces": 2}, {"one_at_a_time": True}, Deny, (Reason.SEVERAL_FACES,)),
    ({"liveness": Attack(species="print")}, {}, Refer, (Reason.ATTACK_SUSPECTED,)),
    ({"match": _UNKNOWN, "access": None}, {}, Deny, (Reason.NOT_RECOGNISED,)),
    (
        {"match": make_unknown(UnknownReason.BADGE_PIN_LOCKED), "access": None},
        {},
        Deny,
        (Reason.BADGE_PIN_LOCKED,),
    ),
    # masks, asked of everybody or of those who are recognised, or advised
    ({"mask": make_mask("none")}, {"mask": MaskRule.REQUIRE}, Deny, (Reason.MASK_MISSING,)),
    (
        {"mask": make_mask("none"), "match": _UNKNOWN, "access": None},
        {"mask": MaskRule.REQUIRE},
        Deny,
        (Reason.MASK_MISSING,),
    ),
    (
        {"mask": make_mask("none"), "match": _UNKNOWN, "access": None},
        {"mask": MaskRule.REQUIRE, "mask_asked": MaskAsked.AFTER},
        Deny,
        (Reason.NOT_RECOGNISED,),
    ),
    (
        {"mask": make_mask("incorrect")},
        {"mask": MaskRule.REQUIRE, "mask_asked": MaskAsked.AFTER},
        Deny,
        (Reason.MASK_INCORRECT,),
    ),
    ({"mask": make_mask("unsure")}, {"mask": MaskRule.REQUIRE}, Refer, (Reason.MASK_UNSURE,)),
    (
        {"mask": make_mask("unsure"), "surroundings": _CLEARED},
        {"mask": MaskRule.REQUIRE},
        Grant,
        (Reason.RECOGNISED, Reason.CLEARED),
    ),
    (
        {"mask": make_mask("none"), "surroundings": _CLEARED},
        {"mask": MaskRule.REQUIRE},
        Deny,
        (Reason.MASK_MISSING,),
    ),
    ({"mask": make_mask("none")}, {"mask": MaskRule.REQUIRE, "mask_exempt": _STAFF}, Grant, (Reason.RECOGNISED,)),
    ({"mask": make_mask("none")}, {"mask": MaskRule.ADVISE}, Grant, (Reason.RECOGNISED, Reason.MASK_MISSING)),
    ({"mask": make_mask("incorrect")}, {"mask": MaskRule.ADVISE}, Grant, (Reason.RECOGNISED, Reason.MASK_INCORRECT)),
    ({"mask": make_mask("unsure")}, {"mask": MaskRule.ADVISE}, Grant, (Reason.RECOGNISED,)),
    ({"mask": make_mask("none")}, {"mask": MaskRule.ADVISE, "mask_exempt": _STAFF}, Grant, (Reason.RECOGNISED,)),
    # temperature
    (
        {"temperature": TemperatureSeen(outcome=TemperatureOutcome.REPEAT)},
        {"temperature": _REFER},
        Deny,
        (Reason.TEMPERATURE_REPEAT,),
    ),
    ({"temperature": _WARM}, {"temperature": _REFER}, Refer, (Reason.TEMPERATURE_HIGH,)),
    ({}, {"temperature": _REFER}, Refer, (Reason.TEMPERATURE_NOT_MEASURED,)),
    ({"temperature": _WARM}, {"temperature": _ADVISE}, Grant, (Reason.RECOGNISED, Reason.TEMPERATURE_HIGH)),
    (
        {"temperature": _WARM, "surroundings": _CLEARED},
        {"temperature": _REFER},
        Grant,
        (Reason.RECOGNISED, Reason.CLEARED),
    ),
    # a second factor
    ({"second_factor": False}, {"attendance": UnattendedDoor()}, Deny, (Reason.SECOND_FACTOR_MISSING,)),
    ({"second_factor": False}, {"second_factor": SecondFactor.PIN}, Deny, (Reason.SECOND_FACTOR_MISSING,)),
    (
        {"second_factor": False, "liveness": Undetermined(reason="no model")},
        {"attendance": UnsafeFaceOnly()},
        Grant,
        (Reason.RECOGNISED, Reason.LIVENESS_UNMEASURED),
    ),
    # the clock, and who may when
    (_around(clock_trusted=False), {}, Refer, (Reason.CLOCK_UNTRUSTED,)),
    (
        _around(clock_trusted=False),
        {"opens_for": (Opening(group="staff", hours=_NIGHT),)},
        Refer,
        (Reason.CLOCK_UNTRUSTED,),
    ),
    ({}, {"opens_for": ()}, Deny, (Reason.NOT_PERMITTED,)),
    ({"access": None}, {"opens_for": (Opening(group="staff", hours=ALWAYS),)}, Deny, (Reason.NOT_PERMITTED,)),
    ({}, {"opens_for": (Opening(group="cleaners", hours=ALWAYS),)}, Deny, (Reason.NOT_PERMITTED,)),
    ({}, {"opens_for": (Opening(group="staff", hours=_NIGHT),)}, Deny, (Reason.OUTSIDE_HOURS,)),
    (
        {},
        {"opens_for": (Opening(group="staff", hours=_NIGHT), Opening(group=EVERYBODY, hours=ALWAYS))},
        Grant,
        (Reason.RECOGNISED,),
    ),
    # how things stand at the door
    (_around(locked_down=True), {}, Deny, (Reason.LOCKED_DOWN,)),
    (_around(locked_down=True), {"lockdown_bypass": _STAFF}, Grant, (Reason.RECOGNISED,)),
    (_around(alarm_set=True), {}, Deny, (Reason.ALARM_SET,)),
    (_around(alarm_set=True), {"alarm_disarm": _STAFF}, Grant, (Reason.RECOGNISED, Reason.ALARM_SET)),
    (_around(interlocked=True), {}, Deny, (Reason.INTERLOCK,)),
    (_around(occupancy=10), {"most_inside": 10}, Deny, (Reason.OCCUPANCY_FULL,)),
    (_around(occupancy=9), {"most_inside": 10}, Grant, (Reason.RECOGNISED,)),
    (_around(occupancy=10), {"most_inside": 10, "occupancy_bypass": _STAFF}, Grant, (Reason.RECOGNISED,)),
    (_around(occupancy=10), {"most_inside": 10, "direction": Direction.OUT}, Grant, (Reason.RECOGNISED,)),
    ({}, {"most_inside": 10}, Refer, (Reason.OCCUPANCY_UNKNOWN,)),
    ({}, {"two_person": True}, Deny, (Reason.COMPANION_MISSING,)),
    (_around(companions=1), {"two_person": True}, Grant, (Reason.RECOGNISED,)),
    # going in twice
    ({"access": _INSIDE}, {}, Grant, (Reason.RECOGNISED,)),
    ({"access": _INSIDE}, {"passback": Passback.HARD}, Deny, (Reason.ANTI_PASSBACK,)),
    ({"access": _INSIDE}, {"passback": Passback.SOFT}, Grant, (Reason.RECOGNISED, Reason.ANTI_PASSBACK)),
    ({"access": _INSIDE}, {"passback": Passback.HARD, "passback_bypass": _STAFF}, Grant, (Reason.RECOGNISED,)),
    ({"access": _INSIDE}, {"passback": Passback.HARD, "direction": Direction.OUT}, Grant, (Reason.RECOGNISED,)),
    (
        {"access": Access(inside=False)},
        {"passback": Passback.HARD, "direction": Direction.OUT},
        Grant,
        (Reason.RECOGNISED, Reason.ANTI_PASSBACK),
    ),
    ({"access": Access(inside=None)}, {"passback": Passback.HARD}, Grant, (Reason.RECOGNISED,)),
    # several at once: what denies goes first, and what refers is then not told
    (
        {"surroundings": Surroundings(locked_down=True, interlocked=True), "temperature": _WARM},
        {"temperature": _REFER},
        Deny,
        (Reason.LOCKED_DOWN, Reason.INTERLOCK),
    ),
    (
        {"surroundings": Surroundings(clock_trusted=False), "temperature": _WARM},
        {"temperature": _REFER},
        Refer,
        (Reason.CLOCK_UNTRUSTED, Reason.TEMPERATURE_HIGH),
    ),
]


@pytest.mark.parametrize(("shown", "ruled", "kind", "reasons"), _TABLE)
def test_the_table_of_rules(
    *, shown: dict[str, Any], ruled: dict[str, Any], kind: type, reasons: tuple[Reason, ...]
) -> None:
    """Evidence and policy that differ from a good case in this way get this answer for these reasons."""
    decision = decide(replace(_GOOD, **shown), replace(_DOOR, **ruled), at=NOON)
    assert (type(decision), decision.reasons) == (kind, reasons)


def test_every_reason_is_reached() -> None:
    """Each reason follows from some rule, but for one: that nothing could be written down is no rule's."""
    assert {reason for *_, reasons in _TABLE for reason in reasons} == set(Reason) - {Reason.NO_RECORD}


@pytest.mark.parametrize(("shown", "ruled", "kind", "reasons"), _TABLE)
def test_a_person_clears_doubt_and_nothing_else(
    *, shown: dict[str, Any], ruled: dict[str, Any], kind: type, reasons: tuple[Reason, ...]
) -> None:
    """Cleared, a visitor comes in who was kept out by doubt about a mask or by temperature; others stay out."""
    evidence = replace(_GOOD, **shown)
    cleared = replace(evidence, surroundings=replace(evidence.surroundings, cleared=True))
    settled = {
        Reason.MASK_UNSURE,
        Reason.TEMPERATURE_HIGH,
        Reason.TEMPERATURE_NOT_MEASURED,
        Reason.TEMPERATURE_REPEAT,
    }
    decision = decide(cleared, replace(_DOOR, **ruled), at=NOON)
    assert isinstance(decision, Grant) == (kind is Grant or set(reasons) <= settled)


@pytest.mark.parametrize(("shown", "ruled", "kind", "reasons"), _TABLE)
def test_the_order_of_the_conditions_changes_no_answer(
    *,
    monkeypatch: pytest.MonkeyPatch,
    shown: dict[str, Any],
    ruled: dict[str, Any],
    kind: type,
    reasons: tuple[Reason, ...],
) -> None:
    """Turned round and rotated, the conditions give the same answer for the same reasons, in another order."""
    turned = (CONDITIONS[::-1], CONDITIONS[5:] + CONDITIONS[:5], CONDITIONS[1::2] + CONDITIONS[::2])
    for order in turned:
        monkeypatch.setattr(rules, "CONDITIONS", order)
        decision = decide(replace(_GOOD, **shown), replace(_DOOR, **ruled), at=NOON)
        assert (type(decision), set(decision.reasons)) == (kind, set(reasons))


def test_the_order_of_the_openings_does_not_matter() -> None:
    """Whoever writes the groups in another order gets the same door."""
    openings = (
        Opening(group="staff", hours=_NIGHT),
        Opening(group="cleaners", hours=ALWAYS),
        Opening(group="visitors", hours=ALWAYS),
    )
    night = datetime(2026, 11, 24, 23, tzinfo=UTC)
    answers = {
        (type(decide(_GOOD, replace(_DOOR, opens_for=order), at=at)), at)
        for order in permutations(openings)
        for at in (NOON, night)
    }
    assert answers == {(Deny, NOON), (Grant, night)}
