"""decide is pure and total, opens nothing without all evidence, and never rewards worse evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from limen.core.decision import Access, Deny, Evidence, Grant, Reason, Refer, StageTimes, Surroundings
from limen.core.door import Direction
from limen.core.match import Match, Recognised, UnknownReason
from limen.core.probe import Attack, Live, Liveness, MaskSeen, MaskState, Undetermined
from limen.core.quality import NotAssessed
from limen.core.thermal import NoReading, TemperatureOutcome, TemperatureSeen
from limen.door.rules import (
    EMPTY_POLICY,
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
from limen.door.schedule import ALWAYS, Schedule, Span, Weekly
from limen.door.temperature import (
    DEFAULT_THRESHOLD,
    TemperatureOff,
    TemperatureOn,
    TemperaturePolicy,
    TemperatureRule,
    switched_on,
)
from support.evidence import KNOWN, make_unknown
from support.vision import make_mask, make_quality

_Value = TypeVar("_Value")

_TEMPERATURES: list[TemperaturePolicy] = [
    TemperatureOff(),
    *(switched_on(rule, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=60) for rule in TemperatureRule),
]
_SEEN = [
    TemperatureSeen(outcome=outcome, reason=NoReading.GLASSES if outcome is TemperatureOutcome.NO_READING else None)
    for outcome in TemperatureOutcome
]
known = st.just(KNOWN)
unknown = st.sampled_from(UnknownReason).map(make_unknown)
matches = st.one_of(st.none(), unknown, known)
livenesses = st.sampled_from([Live(), Undetermined(reason="no model"), Attack(species="screen")])
moments = st.datetimes(timezones=st.just(UTC))
_GROUPS = ("staff", "cleaners", EVERYBODY)
groups = st.frozensets(st.sampled_from(_GROUPS))
spans = st.builds(Span, begin=st.integers(0, 1439), end=st.integers(1, 1440))
hours = st.one_of(
    st.just(ALWAYS),
    st.builds(
        Schedule,
        time_zone=st.sampled_from([ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("UTC")]),
        week=st.lists(st.builds(Weekly, days=st.frozensets(st.integers(0, 6)), span=spans), max_size=2).map(tuple),
    ),
)
openings = st.lists(st.builds(Opening, group=st.sampled_from(_GROUPS), hours=hours), max_size=3).map(tuple)
policies = st.builds(
    Policy,
    version=st.text(min_size=1, max_size=5),
    attendance=st.sampled_from([None, AttendedDoor(), UnattendedDoor(), UnsafeFaceOnly()]),
    opens_for=st.one_of(st.just((Opening(group=EVERYBODY, hours=ALWAYS),)), openings),
    direction=st.sampled_from(Direction),
    min_quality=st.integers(0, 100),
    one_at_a_time=st.booleans(),
    mask=st.sampled_from(MaskRule),
    mask_asked=st.sampled_from(MaskAsked),
    mask_exempt=groups,
    temperature=st.sampled_from(_TEMPERATURES),
    second_factor=st.sampled_from(SecondFactor),
    passback=st.sampled_from(Passback),
    passback_bypass=groups,
    most_inside=st.one_of(st.none(), st.integers(1, 3)),
    occupancy_bypass=groups,
    alarm_disarm=groups,
    two_person=st.booleans(),
    lockdown_bypass=groups,
)
accesses = st.one_of(
    st.none(),
    st.builds(Access, groups=st.frozensets(st.sampled_from(_GROUPS[:2])), inside=st.sampled_from([None, True, False])),
)
surroundings = st.builds(
    Surroundings,
    clock_trusted=st.booleans(),
    locked_down=st.booleans(),
    alarm_set=st.booleans(),
    interlocked=st.booleans(),
    occupancy=st.one_of(st.none(), st.integers(0, 4)),
    companions=st.integers(0, 2),
    cleared=st.booleans(),
)
evidences = st.builds(
    Evidence,
    evidence_id=st.text(min_size=1, max_size=5),
    match=matches,
    quality=st.one_of(st.none(), st.integers(0, 100).map(make_quality)),
    mask=st.one_of(st.sampled_from([make_mask(state) for state in MaskState]), st.just(NotAssessed(reason="no model"))),
    temperature=st.one_of(st.sampled_from(_SEEN), st.just(NotAssessed(reason="no camera"))),
    liveness=livenesses,
    second_factor=st.booleans(),
    n_faces=st.integers(0, 5),
    times=st.just(StageTimes()),
    access=accesses,
    surroundings=st.one_of(st.just(Surroundings()), surroundings),
)


@given(evidence=evidences, policy=policies, at=moments)
def test_it_is_pure_and_total(evidence: Evidence, policy: Policy, at: datetime) -> None:
    """Any evidence and policy give one of three answers with a reason, twice the same, tied to both."""
    decision = decide(evidence, policy, at=at)
    assert isinstance(decision, Grant | Deny | Refer)
    assert decision.reasons
    assert (decision.policy_version, decision.evidence_id) == (policy.version, evidence.evidence_id)
    assert decide(evidence, policy, at=at) == decision


@given(evidence=evidences, at=moments)
def test_an_empty_policy_always_denies(evidence: Evidence, at: datetime) -> None:
    """Without rules nothing opens and nobody is bothered."""
    assert isinstance(decide(evidence, EMPTY_POLICY, at=at), Deny)


@given(evidence=evidences, policy=policies, at=moments)
def test_a_grant_has_all_of_it(evidence: Evidence, policy: Policy, at: datetime) -> None:
    """Whoever comes in was recognised in a good enough picture, without a suspected attack, at a door with rules."""
    if isinstance(decide(evidence, policy, at=at), Grant):
        assert policy.attendance is not None
        assert isinstance(evidence.match, Recognised)
        assert evidence.quality is not None
        assert evidence.quality.unified >= policy.min_quality
        assert not isinstance(evidence.liveness, Attack)
        assert evidence.second_factor or not isinstance(policy.attendance, UnattendedDoor)
        assert evidence.surroundings.clock_trusted
        assert not evidence.surroundings.interlocked
        assert evidence.surroundings.companions or not policy.two_person
        assert evidence.second_factor or not isinstance(policy.attendance, UnattendedDoor)


@given(evidence=evidences, policy=policies, at=moments)
def test_what_a_person_may_clear(evidence: Evidence, policy: Policy, at: datetime) -> None:
    """Without anybody's look, a required mask was seen to be worn and a temperature lay below the limit."""
    exempt = not policy.mask_exempt.isdisjoint({EVERYBODY, *(evidence.access.groups if evidence.access else ())})
    if isinstance(decide(evidence, policy, at=at), Grant) and not evidence.surroundings.cleared:
        worn = isinstance(evidence.mask, MaskSeen) and evidence.mask.state is MaskState.WORN
        assert worn or exempt or policy.mask is not MaskRule.REQUIRE
        refers = isinstance(policy.temperature, TemperatureOn) and policy.temperature.rule is TemperatureRule.REFER
        assert not refers or evidence.temperature == TemperatureSeen(outcome=TemperatureOutcome.BELOW)


@given(evidence=evidences, policy=policies, at=moments)
def test_no_temperature_locks_anybody_out(evidence: Evidence, policy: Policy, at: datetime) -> None:
    """Above the limit or without a reading, whoever would come in is referred to a person, never denied."""
    off = decide(evidence, replace(policy, temperature=TemperatureOff()), at=at)
    decision = decide(evidence, policy, at=at)
    if not isinstance(off, Deny) and isinstance(decision, Deny):
        assert decision.reasons == (Reason.TEMPERATURE_REPEAT,)
    if isinstance(off, Deny):
        assert isinstance(decision, Deny)
        assert set(decision.reasons) - set(off.reasons) <= {Reason.TEMPERATURE_REPEAT}
    if isinstance(off, Refer):
        assert not isinstance(decision, Grant)


@given(evidence=evidences, policy=policies, at=moments, missing=st.sampled_from(["match", "quality"]))
def test_missing_evidence_is_denied(evidence: Evidence, policy: Policy, *, at: datetime, missing: str) -> None:
    """Take away the match or the quality from any evidence: never a grant."""
    lacking = replace(evidence, match=None) if missing == "match" else replace(evidence, quality=None)
    assert isinstance(decide(lacking, policy, at=at), Deny)


@given(data=st.data(), better=evidences, policy=policies, at=moments)
def test_worse_evidence_never_opens_what_better_did_not(
    *, data: st.DataObject, better: Evidence, policy: Policy, at: datetime
) -> None:
    """If worse evidence is granted, so is better: no loss of match, quality, liveness, factor, group or calm helps."""
    worse = replace(
        better,
        match=data.draw(_no_better(better.match, _MATCHES, _rank_match)),
        quality=data.draw(st.sampled_from([None, *map(make_quality, _up_to(better))])),
        liveness=data.draw(_no_better(better.liveness, _LIVENESSES, _rank_liveness)),
        second_factor=better.second_factor and data.draw(st.booleans()),
        n_faces=better.n_faces + data.draw(st.integers(0, 1)),
        access=data.draw(st.sampled_from([better.access, _of_no_group(better.access)])),
        surroundings=_worse(better.surroundings, data),
    )
    if isinstance(decide(worse, policy, at=at), Grant):
        assert isinstance(decide(better, policy, at=at), Grant)


@given(evidence=evidences, policy=policies, at=moments)
def test_a_stricter_door_never_opens_where_a_laxer_one_does_not(
    evidence: Evidence, policy: Policy, at: datetime
) -> None:
    """Asking for a second factor, a mask, better pictures, a second person or fewer people grants nothing new."""
    stricter = replace(policy, attendance=UnattendedDoor(), min_quality=min(100, policy.min_quality + 10))
    stricter = replace(
        stricter, mask=MaskRule.REQUIRE, two_person=True, one_at_a_time=True, lockdown_bypass=frozenset()
    )
    stricter = replace(stricter, opens_for=policy.opens_for[:1], most_inside=1, passback=Passback.HARD)
    laxer = replace(policy, attendance=AttendedDoor(), mask=MaskRule.OFF, temperature=TemperatureOff())
    laxer = replace(laxer, second_factor=SecondFactor.NONE, passback=Passback.OFF, most_inside=None)
    if isinstance(decide(evidence, stricter, at=at), Grant):
        assert isinstance(decide(evidence, laxer, at=at), Grant)


_MATCHES: tuple[Match | None, ...] = (None, make_unknown(), KNOWN)
_LIVENESSES: tuple[Liveness, ...] = (Attack(species="screen"), Undetermined(reason="no model"), Live())


def _of_no_group(access: Access | None) -> Access | None:
    """The same without a group, inside or not as before: going out of sight of the rules is no way in."""
    return None if access is None else replace(access, groups=frozenset())


def _worse(standing: Surroundings, data: st.DataObject) -> Surroundings:
    """The same door, or a worse moment."""
    return replace(
        standing,
        clock_trusted=standing.clock_trusted and data.draw(st.booleans()),
        locked_down=standing.locked_down or data.draw(st.booleans()),
        alarm_set=standing.alarm_set or data.draw(st.booleans()),
        interlocked=standing.interlocked or data.draw(st.booleans()),
        occupancy=data.draw(st.sampled_from([None, standing.occupancy, 4])),
        companions=data.draw(st.integers(0, standing.companions)),
        cleared=standing.cleared and data.draw(st.booleans()),
    )


def _rank_match(match: Match | None) -> int:
    return 0 if match is None else 1 + isinstance(match, Recognised)


def _rank_liveness(liveness: Liveness) -> int:
    return 0 if isinstance(liveness, Attack) else 1 + isinstance(liveness, Live)


def _no_better(value: _Value, ladder: tuple[_Value, ...], rank: Callable[[_Value], int]) -> st.SearchStrategy[_Value]:
    return st.sampled_from([step for step in ladder if rank(step) <= rank(value)])


def _up_to(evidence: Evidence) -> range:
    return range(0 if evidence.quality is None else evidence.quality.unified + 1)
