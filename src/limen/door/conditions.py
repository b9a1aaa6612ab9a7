"""Conditions that a recognised visitor has to meet; one function a rule, each looks at nothing but its own part.

A condition gives findings, or none when it is met: a reason, with the answer that follows from it alone. A finding
for ``Grant`` is an advice and keeps nobody out. ``rules`` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from limen.core.decision import Deny, Evidence, Grant, Reason, Refer
from limen.core.door import Direction
from limen.core.probe import Live, MaskSeen, MaskState
from limen.core.quality import NotAssessed
from limen.core.thermal import TemperatureOutcome, TemperatureSeen
from limen.door.policy import (
    EVERYBODY,
    MaskAsked,
    MaskRule,
    Passback,
    Policy,
    SecondFactor,
    UnattendedDoor,
    UnsafeFaceOnly,
)
from limen.door.schedule import is_within
from limen.door.temperature import TemperatureOff, TemperatureRule

__all__ = ["CONDITIONS", "Condition", "Finding", "unmasked"]

Finding = tuple[type[Grant] | type[Deny] | type[Refer], Reason]
Condition = Callable[[Evidence, Policy, datetime], tuple[Finding, ...]]

_MET: tuple[Finding, ...] = ()
_TEMPERATURE: dict[TemperatureOutcome, Finding] = {
    TemperatureOutcome.REPEAT: (Deny, Reason.TEMPERATURE_REPEAT),
    TemperatureOutcome.ABOVE: (Refer, Reason.TEMPERATURE_HIGH),
    TemperatureOutcome.NO_READING: (Refer, Reason.TEMPERATURE_NOT_MEASURED),
}


def unmasked(evidence: Evidence, policy: Policy) -> tuple[Finding, ...]:
    """Where a mask is required: why its absence, or doubt about it, keeps this visitor out."""
    if policy.mask is not MaskRule.REQUIRE or _in(evidence, policy.mask_exempt):
        return _MET
    match evidence.mask:
        case MaskSeen(state=MaskState.WORN):
            return _MET
        case MaskSeen(state=MaskState.NONE):
            return ((Deny, Reason.MASK_MISSING),)
        case MaskSeen(state=MaskState.INCORRECT):
            return ((Deny, Reason.MASK_INCORRECT),)
        case MaskSeen() | NotAssessed():
            return _MET if evidence.surroundings.cleared else ((Refer, Reason.MASK_UNSURE),)
        case _:
            assert_never(evidence.mask)


def _clock(evidence: Evidence, _policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    return _MET if evidence.surroundings.clock_trusted else ((Refer, Reason.CLOCK_UNTRUSTED),)


def _lockdown(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    if evidence.surroundings.locked_down and not _in(evidence, policy.lockdown_bypass):
        return ((Deny, Reason.LOCKED_DOWN),)
    return _MET


def _access(evidence: Evidence, policy: Policy, at: datetime) -> tuple[Finding, ...]:
    """Who and when; with a clock that cannot be trusted only who, as the clock's own condition refers."""
    own = [opening for opening in policy.opens_for if _in(evidence, frozenset({opening.group}))]
    if not own:
        return ((Deny, Reason.NOT_PERMITTED),)
    if evidence.surroundings.clock_trusted and not any(is_within(opening.hours, at=at) for opening in own):
        return ((Deny, Reason.OUTSIDE_HOURS),)
    return _MET


def _alarm(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    if not evidence.surroundings.alarm_set:
        return _MET
    return ((Grant if _in(evidence, policy.alarm_disarm) else Deny, Reason.ALARM_SET),)


def _interlock(evidence: Evidence, _policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    return ((Deny, Reason.INTERLOCK),) if evidence.surroundings.interlocked else _MET


def _passback(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    """Nobody goes in twice; where nobody keeps who is inside, or it was reset, the next passage is free."""
    inside = None if evidence.access is None else evidence.access.inside
    again = inside is (policy.direction is Direction.IN)
    if policy.passback is Passback.OFF or not again or _in(evidence, policy.passback_bypass):
        return _MET
    # leaving never depends on limen
    hard = policy.passback is Passback.HARD and policy.direction is Direction.IN
    return ((Deny if hard else Grant, Reason.ANTI_PASSBACK),)


def _occupancy(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    free = policy.most_inside is None or policy.direction is Direction.OUT
    if free or _in(evidence, policy.occupancy_bypass):
        return _MET
    inside = evidence.surroundings.occupancy
    if inside is None:
        return ((Refer, Reason.OCCUPANCY_UNKNOWN),)
    return _MET if policy.most_inside is None or inside < policy.most_inside else ((Deny, Reason.OCCUPANCY_FULL),)


def _mask(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    """Of those who are recognised, where that is the rule; an advice tells what is not worn, and no doubt."""
    if policy.mask is MaskRule.REQUIRE and policy.mask_asked is MaskAsked.AFTER:
        return unmasked(evidence, policy)
    advised = policy.mask is MaskRule.ADVISE and not _in(evidence, policy.mask_exempt)
    state = evidence.mask.state if advised and isinstance(evidence.mask, MaskSeen) else None
    if state is MaskState.NONE:
        return ((Grant, Reason.MASK_MISSING),)
    return ((Grant, Reason.MASK_INCORRECT),) if state is MaskState.INCORRECT else _MET


def _temperature(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    rule, seen = policy.temperature, evidence.temperature
    if isinstance(rule, TemperatureOff):
        return _MET
    outcome = seen.outcome if isinstance(seen, TemperatureSeen) else TemperatureOutcome.NO_READING
    if rule.rule is TemperatureRule.ADVISE:
        return ((Grant, Reason.TEMPERATURE_HIGH),) if outcome is TemperatureOutcome.ABOVE else _MET
    if outcome is TemperatureOutcome.BELOW or evidence.surroundings.cleared:
        return _MET
    return (_TEMPERATURE[outcome],)


def _second_factor(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    frozen = evidence.access is not None and evidence.access.frozen
    asked = frozen or policy.second_factor is not SecondFactor.NONE or isinstance(policy.attendance, UnattendedDoor)
    if asked and not evidence.second_factor:
        return ((Deny, Reason.SECOND_FACTOR_MISSING),)
    unwatched = isinstance(policy.attendance, UnsafeFaceOnly) and not isinstance(evidence.liveness, Live)
    return ((Grant, Reason.LIVENESS_UNMEASURED),) if unwatched else _MET


def _companion(evidence: Evidence, policy: Policy, _at: datetime) -> tuple[Finding, ...]:
    alone = policy.two_person and evidence.surroundings.companions < 1
    return ((Deny, Reason.COMPANION_MISSING),) if alone else _MET


CONDITIONS: tuple[Condition, ...] = (
    _clock,
    _lockdown,
    _access,
    _alarm,
    _interlock,
    _passback,
    _occupancy,
    _mask,
    _temperature,
    _second_factor,
    _companion,
)
"""All of them, (7) to (17) of ``rules.decide``. Their order orders reasons and changes no answer."""


def _in(evidence: Evidence, groups: frozenset[str]) -> bool:
    """Whether the visitor is in one of the groups; nobody is who was not recognised."""
    if evidence.access is None:
        return EVERYBODY in groups
    return EVERYBODY in groups or not groups.isdisjoint(evidence.access.groups)
