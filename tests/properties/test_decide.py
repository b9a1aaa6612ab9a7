"""decide is pure and total, opens nothing without all evidence, and never rewards worse evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from limen.core.decision import Deny, Evidence, Grant, Reason, Refer, StageTimes
from limen.core.match import Comparison, Condition, Match, OperatingPoint, Recognised, Unknown, UnknownReason
from limen.core.people import SubjectId
from limen.core.probe import Attack, Live, Liveness, MaskSeen, MaskState, Undetermined
from limen.core.quality import NotAssessed
from limen.core.thermal import NoReading, TemperatureOutcome, TemperatureSeen
from limen.door.rules import (
    EMPTY_POLICY,
    AttendedDoor,
    MaskRule,
    Policy,
    UnattendedDoor,
    UnsafeFaceOnly,
    decide,
)
from limen.door.temperature import (
    DEFAULT_THRESHOLD,
    TemperatureOff,
    TemperatureOn,
    TemperaturePolicy,
    TemperatureRule,
    switched_on,
)
from support.vision import TEST_MODEL, make_mask, make_quality

_Value = TypeVar("_Value")

_TEMPERATURES: list[TemperaturePolicy] = [
    TemperatureOff(),
    *(switched_on(rule, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=60) for rule in TemperatureRule),
]
_SEEN = [
    TemperatureSeen(outcome=outcome, reason=NoReading.GLASSES if outcome is TemperatureOutcome.NO_READING else None)
    for outcome in TemperatureOutcome
]
_POINT = OperatingPoint(
    model_id=TEST_MODEL,
    condition=Condition.BARE_BARE,
    fpir_target=0.001,
    n_references=10,
    fmr=1e-4,
    threshold=0.39,
    fnir_expected=0.02,
    calibrated_on=date(2026, 11, 22),
)
_COMPARISON = Comparison(similarity=0.8, fmr=1e-9, log_likelihood_ratio=20.0, condition=Condition.BARE_BARE)

known = st.just(
    Recognised(subject_id=SubjectId("s-1"), comparison=_COMPARISON, fpir=1e-8, operating_point=_POINT),
)
unknown = st.sampled_from(UnknownReason).map(lambda why: Unknown(reason=why, fpir=0.5, operating_point=_POINT))
matches = st.one_of(st.none(), unknown, known)
livenesses = st.sampled_from([Live(), Undetermined(reason="no model"), Attack(species="screen")])
moments = st.datetimes(timezones=st.just(UTC))
policies = st.builds(
    Policy,
    version=st.text(min_size=1, max_size=5),
    attendance=st.sampled_from([None, AttendedDoor(), UnattendedDoor(), UnsafeFaceOnly()]),
    min_quality=st.integers(0, 100),
    mask=st.sampled_from(MaskRule),
    temperature=st.sampled_from(_TEMPERATURES),
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
        worn = isinstance(evidence.mask, MaskSeen) and evidence.mask.state is MaskState.WORN
        assert worn or policy.mask is MaskRule.OFF
        refers = isinstance(policy.temperature, TemperatureOn) and policy.temperature.rule is TemperatureRule.REFER
        assert not refers or evidence.temperature == TemperatureSeen(outcome=TemperatureOutcome.BELOW)


@given(evidence=evidences, policy=policies, at=moments)
def test_no_temperature_locks_anybody_out(evidence: Evidence, policy: Policy, at: datetime) -> None:
    """Above the limit or without a reading, whoever would come in is referred to a person, never denied."""
    off = decide(evidence, replace(policy, temperature=TemperatureOff()), at=at)
    decision = decide(evidence, policy, at=at)
    if isinstance(off, Grant) and isinstance(decision, Deny):
        assert decision.reasons == (Reason.TEMPERATURE_REPEAT,)
    if not isinstance(off, Grant) and off.reasons != (Reason.SECOND_FACTOR_MISSING,):
        assert decision == off


@given(evidence=evidences, policy=policies, at=moments, missing=st.sampled_from(["match", "quality"]))
def test_missing_evidence_is_denied(evidence: Evidence, policy: Policy, *, at: datetime, missing: str) -> None:
    """Take away the match or the quality from any evidence: never a grant."""
    lacking = replace(evidence, match=None) if missing == "match" else replace(evidence, quality=None)
    assert isinstance(decide(lacking, policy, at=at), Deny)


@given(data=st.data(), better=evidences, policy=policies, at=moments)
def test_worse_evidence_never_opens_what_better_did_not(
    *, data: st.DataObject, better: Evidence, policy: Policy, at: datetime
) -> None:
    """If worse evidence is granted, so is better: no loss of match, quality, liveness or factor ever helps."""
    worse = replace(
        better,
        match=data.draw(_no_better(better.match, _MATCHES, _rank_match)),
        quality=data.draw(st.sampled_from([None, *map(make_quality, _up_to(better))])),
        liveness=data.draw(_no_better(better.liveness, _LIVENESSES, _rank_liveness)),
        second_factor=better.second_factor and data.draw(st.booleans()),
    )
    if isinstance(decide(worse, policy, at=at), Grant):
        assert isinstance(decide(better, policy, at=at), Grant)


@given(evidence=evidences, policy=policies, at=moments)
def test_a_stricter_door_never_opens_where_a_laxer_one_does_not(
    evidence: Evidence, policy: Policy, at: datetime
) -> None:
    """Asking for a second factor, a mask or better pictures grants nothing new."""
    stricter = replace(policy, attendance=UnattendedDoor(), min_quality=min(100, policy.min_quality + 10))
    stricter = replace(stricter, mask=MaskRule.REQUIRE)
    laxer = replace(policy, attendance=AttendedDoor(), mask=MaskRule.OFF, temperature=TemperatureOff())
    if isinstance(decide(evidence, stricter, at=at), Grant):
        assert isinstance(decide(evidence, laxer, at=at), Grant)


_MATCHES: tuple[Match | None, ...] = (
    None,
    Unknown(reason=UnknownReason.BELOW_THRESHOLD, fpir=0.5, operating_point=_POINT),
    Recognised(subject_id=SubjectId("s-1"), comparison=_COMPARISON, fpir=1e-8, operating_point=_POINT),
)
_LIVENESSES: tuple[Liveness, ...] = (Attack(species="screen"), Undetermined(reason="no model"), Live())


def _rank_match(match: Match | None) -> int:
    return 0 if match is None else 1 + isinstance(match, Recognised)


def _rank_liveness(liveness: Liveness) -> int:
    return 0 if isinstance(liveness, Attack) else 1 + isinstance(liveness, Live)


def _no_better(value: _Value, ladder: tuple[_Value, ...], rank: Callable[[_Value], int]) -> st.SearchStrategy[_Value]:
    return st.sampled_from([step for step in ladder if rank(step) <= rank(value)])


def _up_to(evidence: Evidence) -> range:
    return range(0 if evidence.quality is None else evidence.quality.unified + 1)
