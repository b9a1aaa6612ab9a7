"""A dry run: what other rules would have answered, told where it follows from what was written down, else left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from limen.core.decision import Evidence, Grant, Reason, Surroundings
from limen.core.door import DoorId
from limen.core.ledger import AuditRecord, AuditTag, Detail
from limen.core.people import SubjectId
from limen.core.probe import MaskSeen
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
    decide,
)
from limen.door.schedule import ALWAYS, Schedule, Weekly
from limen.flows.dry_run import DryRun, Told, tell
from support.clock import NOON
from support.evidence import GOOD
from support.vision import make_mask, make_quality

_FRONT = DoorId("front")
_NOW = Policy(version="p-1", attendance=AttendedDoor())
_NUMBER = count(1)


def _record(outcome: str, *reasons: str, at: datetime = NOON, policy: str = "p-1", **facts: str | float) -> AuditRecord:
    detail: Detail = {
        "door": "front",
        "event": "e-1",
        "outcome": outcome,
        "reasons": ",".join(reasons),
        "policy": policy,
        "fpir_below": "1e-7",
        "fpir_asked": 0.001,
        "quality": 70,
        **facts,
    }
    return AuditRecord(
        sequence=next(_NUMBER), at=at, tag=AuditTag.DOOR_DECIDED, alias="ab", detail=detail, previous="", digest=""
    )


def _try(other: Policy, records: Sequence[AuditRecord], *, present: Policy = _NOW, fpir: float | None = None) -> Told:
    return DryRun(door=_FRONT, present=present, other=other, fpir=fpir)(records)


_GRANTS = [_record("grant", "recognised")] * 20


def test_the_same_rules_give_the_same_answers() -> None:
    """Grants, denials and referrals under the present rules are told again, every one."""
    asked = replace(_NOW, attendance=UnattendedDoor(), mask=MaskRule.REQUIRE, mask_asked=MaskAsked.AFTER)
    records = [
        *_GRANTS,
        *[_record("deny", "second_factor_missing")] * 11,
        *[_record("refer", "mask_unsure")] * 12,
        *[_record("deny", "mask_missing", "second_factor_missing")] * 13,
    ]
    told = _try(replace(asked, version="p-2"), records, present=asked)
    assert dict(told.before) == dict(told.after) == {"grant": 20, "refer": 12, "deny": 24}
    assert (told.open, told.changed, told.decisions, told.left_out) == (0, 0, 56, 0)


def test_a_least_quality_is_told_from_the_rough_quality() -> None:
    """Seventies pass 60 and fail 85; with 75 it cannot be told which they were."""
    assert _try(replace(_NOW, min_quality=60), _GRANTS).after["grant"] == 20
    assert _try(replace(_NOW, min_quality=85), _GRANTS).after["deny"] == 20
    told = _try(replace(_NOW, min_quality=75), _GRANTS)
    assert (told.open, told.because) == (20, ((Reason.QUALITY_TOO_LOW, 20),))


def test_what_no_rule_looked_at_cannot_be_told() -> None:
    """A door that asked for no second factor, no mask and no limit of people has written down none of them."""
    for other, reason in {
        replace(_NOW, second_factor=SecondFactor.BADGE): Reason.SECOND_FACTOR_MISSING,
        replace(_NOW, mask=MaskRule.REQUIRE): Reason.MASK_MISSING,
        replace(_NOW, most_inside=5): Reason.OCCUPANCY_FULL,
        replace(_NOW, passback=Passback.HARD): Reason.ANTI_PASSBACK,
        replace(_NOW, two_person=True): Reason.COMPANION_MISSING,
    }.items():
        told = _try(other, _GRANTS)
        assert (told.open, told.because) == (20, ((reason, 20),))


def test_what_a_rule_looked_at_is_told() -> None:
    """Whoever was granted at an unattended door had shown a second factor, and would have had to at any door."""
    unattended = replace(_NOW, attendance=UnattendedDoor())
    denied = [_record("deny", "second_factor_missing")] * 10
    told = _try(replace(_NOW, second_factor=SecondFactor.BADGE), [*_GRANTS, *denied], present=unattended)
    assert (dict(told.after), told.open) == ({"grant": 20, "refer": 0, "deny": 10}, 0)
    told = _try(_NOW, [*_GRANTS, *denied], present=unattended)
    assert (told.after["grant"], told.changed, told.open) == (30, 10, 0)


def test_going_in_twice_that_was_told_would_have_been_refused() -> None:
    """Soft anti-passback notes it beside the grant; the hard one refuses exactly those."""
    soft = replace(_NOW, passback=Passback.SOFT)
    again = [_record("grant", "recognised", "anti_passback")] * 10
    told = _try(replace(_NOW, passback=Passback.HARD), [*_GRANTS, *again], present=soft)
    assert (dict(told.after), told.open) == ({"grant": 20, "refer": 0, "deny": 10}, 0)


def test_hours_of_everybody_are_told_by_the_moment() -> None:
    """Noon within the new hours stays, ten in the evening does not; who is in a group is not looked up."""
    hours = Schedule(time_zone=ZoneInfo("UTC"), week=(Weekly.parse("daily 07:00-19:00"),))
    late = [_record("grant", "recognised", at=NOON + timedelta(hours=10))] * 10
    told = _try(replace(_NOW, opens_for=(Opening(group=EVERYBODY, hours=hours),)), [*_GRANTS, *late])
    assert (told.after["grant"], told.after["deny"], told.open) == (20, 10, 0)
    told = _try(replace(_NOW, opens_for=(Opening(group="night", hours=ALWAYS),)), _GRANTS)
    assert (told.open, told.because) == (20, ((Reason.NOT_PERMITTED, 20),))


def test_a_stricter_rate_is_told_by_decades() -> None:
    """Below 1e-7 passes 1e-6; 1e-9 surely takes it for nobody; 5e-8 lies within the decade."""
    assert _try(_NOW, _GRANTS, fpir=1e-6).after["grant"] == 20
    assert _try(_NOW, _GRANTS, fpir=1e-9).after["deny"] == 20
    assert _try(_NOW, _GRANTS, fpir=5e-8).open == 20
    assert _try(_NOW, _GRANTS, fpir=0.01).after["grant"] == 20


def test_decisions_under_other_rules_are_left_out_and_small_totals_hidden() -> None:
    """Nine are told as none."""
    told = _try(_NOW, [*_GRANTS, *[_record("grant", "recognised", policy="p-0")] * 9])
    assert (told.decisions, told.left_out) == (20, 0)
    told = _try(_NOW, [*_GRANTS[:9], *[_record("grant", "recognised", policy="p-0")] * 10])
    assert (told.decisions, told.left_out, told.before["grant"]) == (0, 10, 0)


def test_health_is_never_part_of_an_answer() -> None:
    """A denial without a reason was about temperature; it is left open, and no reason is told."""
    told = _try(replace(_NOW, version="p-2"), [_record("deny")] * 10)
    assert not {reason for reason, _ in told.because} & {
        Reason.TEMPERATURE_HIGH,
        Reason.TEMPERATURE_REPEAT,
        Reason.TEMPERATURE_NOT_MEASURED,
    }


def _evidence() -> list[Evidence]:
    """Many visitors, each somebody recognised."""
    found = []
    for factor in (True, False):
        for mask in ("none", "worn", "unsure"):
            for inside in (None, True):
                for companions in (0, 1):
                    for quality in (15, 65):
                        seen = make_mask(mask)
                        assert isinstance(seen, MaskSeen)
                        around = Surroundings(occupancy=3, companions=companions)
                        found.append(
                            replace(
                                GOOD,
                                second_factor=factor,
                                mask=seen,
                                quality=make_quality(quality),
                                access=replace(GOOD.access, inside=inside) if GOOD.access else None,
                                surroundings=around,
                            )
                        )
    return found


_POLICIES = [
    _NOW,
    replace(_NOW, attendance=UnattendedDoor()),
    replace(_NOW, mask=MaskRule.REQUIRE),
    replace(_NOW, mask=MaskRule.REQUIRE, mask_asked=MaskAsked.AFTER, two_person=True),
    replace(_NOW, mask=MaskRule.ADVISE, min_quality=30, most_inside=3),
    replace(_NOW, passback=Passback.HARD, second_factor=SecondFactor.PIN),
]


@pytest.mark.parametrize("present", range(len(_POLICIES)))
@pytest.mark.parametrize("other", range(len(_POLICIES)))
def test_whatever_is_told_is_what_the_other_rules_really_answer(present: int, other: int) -> None:
    """For many visitors whose evidence is known: the answer that is told is the right one, or none is told."""
    now, then = _POLICIES[present], _POLICIES[other]
    run = DryRun(door=_FRONT, present=now, other=then)
    for evidence in _evidence():
        stored, truth = decide(evidence, now, at=NOON), decide(evidence, then, at=NOON)
        quality = evidence.quality
        assert quality is not None
        record = _record(
            type(stored).__name__.lower(),
            *(reason.value for reason in stored.reasons),
            quality=10 * (quality.unified // 10),
        )
        best, worst = run._answers(record)
        if type(best) is type(worst):
            assert type(truth) is type(best), (stored, truth, best)
        elif isinstance(truth, Grant):
            assert isinstance(best, Grant)


def test_a_run_reads_the_chain_page_by_page_until_the_moment_asked_for() -> None:
    """Records of other doors and of before are not counted."""
    chain = [
        *[_record("grant", "recognised", at=NOON - timedelta(days=9))] * 10,
        *[_record("grant", "recognised", door="back")] * 10,
        *[_record("grant", "recognised") for _ in range(1500)],
    ]
    asked: list[int | None] = []

    def newest(before: int | None, most: int) -> list[AuditRecord]:
        asked.append(before)
        start = len(chain) if before is None else next(i for i, item in enumerate(chain) if item.sequence == before)
        return list(reversed(chain[max(0, start - most) : start]))

    told = tell(DryRun(door=_FRONT, present=_NOW, other=_NOW), newest, since=NOON - timedelta(days=1))
    assert told.decisions == 1500
    assert len(asked) == 2
    assert SubjectId("somebody") not in str(told)
