"""decide: Evidence -> Decision. Pure and total: the same evidence, policy and moment give the same answer.

This first set of rules knows masks, identity, liveness, skin temperature and a second factor. Others join as further
evidence does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from limen.core.decision import Decision, Deny, Evidence, Grant, Reason, Refer
from limen.core.match import Recognised, Unknown
from limen.core.probe import Attack, Live, MaskSeen, MaskState
from limen.core.quality import NotAssessed
from limen.core.thermal import TemperatureOutcome, TemperatureSeen
from limen.door.temperature import TemperatureOff, TemperatureOn, TemperaturePolicy, TemperatureRule

__all__ = [
    "EMPTY_POLICY",
    "Attendance",
    "AttendedDoor",
    "MaskRule",
    "Policy",
    "UnattendedDoor",
    "UnsafeFaceOnly",
    "decide",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedDoor:
    """A person watches the door, so a photograph held up is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattendedDoor:
    """Nobody watches: a second factor is needed (promise 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsafeFaceOnly:
    """Nobody watches and a face alone opens: whoever holds up a photograph comes in. Shown wherever the door is."""


class MaskRule(StrEnum):
    """Whether a mask must be worn to come in."""

    OFF = "off"
    REQUIRE = "require"


Attendance = AttendedDoor | UnattendedDoor | UnsafeFaceOnly


_NO_TEMPERATURE = TemperatureOff()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A door's rules.

    Attributes:
        version: changes with every change of the rules.
        attendance: None is no rule at all, and nothing opens.
        min_quality: least unified quality of the picture, 0 to 100.
        mask: whether a mask must be worn over nose and mouth.
        temperature: off, or a rule that somebody switched on knowing the alarms to expect.
    """

    version: str
    attendance: Attendance | None
    min_quality: int = 0
    mask: MaskRule = MaskRule.OFF
    temperature: TemperaturePolicy = _NO_TEMPERATURE


_ABOVE = TemperatureSeen(outcome=TemperatureOutcome.ABOVE)

EMPTY_POLICY = Policy(version="empty", attendance=None)


def decide(evidence: Evidence, policy: Policy, *, at: datetime) -> Decision:
    """Decide about one visitor.

    The door opens only if all of these hold:
     (1) the policy is not empty;
     (2) there was a face, and its picture was good enough;
     (3) no presentation attack is suspected;
     (4) where a mask is required it is worn over nose and mouth; where that cannot be told a person looks;
     (5) the person is recognised, which the gallery says of confirmed people under a live agreement only;
     (6) where skin temperature is a rule it lies below the limit; in the grey zone a second reading decides, and above
         the limit or without a reading a person looks: no machine lets anybody in or locks anybody out by temperature;
     (7) the door is attended, or a second factor was shown, or it is marked ``UnsafeFaceOnly``.

    Args:
        evidence: what the visitor has shown so far.
        policy: the door's rules.
        at: the moment, time zone aware; schedules will need it.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("at: expected a time with a time zone, got a naive one")
    # (1) a policy
    if policy.attendance is None:
        return _deny(evidence, policy, Reason.POLICY_EMPTY)
    # (2) to (4) presented as the door asks
    if (kept_out := _not_presented(evidence, policy)) is not None:
        return kept_out
    # (5) known
    match evidence.match:
        case None:
            return _deny(evidence, policy, Reason.NO_FACE)
        case Unknown():
            return _deny(evidence, policy, Reason.NOT_RECOGNISED)
        case Recognised():
            # the rest, for somebody who is known
            return _too_warm(evidence, policy) or _entrance(evidence, policy, policy.attendance)
        case _:
            assert_never(evidence.match)


def _not_presented(evidence: Evidence, policy: Policy) -> Deny | Refer | None:
    """(2) to (4): why somebody stays out before it is asked who they are, or None."""
    # (2) a face
    if evidence.match is None or evidence.quality is None:
        return _deny(evidence, policy, Reason.NO_FACE)
    if evidence.quality.unified < policy.min_quality:
        return _deny(evidence, policy, Reason.QUALITY_TOO_LOW)
    # (3) alive
    if isinstance(evidence.liveness, Attack):
        return _refer(evidence, policy, Reason.ATTACK_SUSPECTED)
    # (4) masked, where that is the rule
    return _without_mask(evidence, policy) if policy.mask is MaskRule.REQUIRE else None


def _without_mask(evidence: Evidence, policy: Policy) -> Deny | Refer | None:
    """(4): why somebody stays out for the mask's sake, or None."""
    match evidence.mask:
        case MaskSeen(state=MaskState.WORN):
            return None
        case MaskSeen(state=MaskState.NONE):
            return _deny(evidence, policy, Reason.MASK_MISSING)
        case MaskSeen(state=MaskState.INCORRECT):
            return _deny(evidence, policy, Reason.MASK_INCORRECT)
        case MaskSeen() | NotAssessed():
            return _refer(evidence, policy, Reason.MASK_UNSURE)
        case _:
            assert_never(evidence.mask)


def _too_warm(evidence: Evidence, policy: Policy) -> Deny | Refer | None:
    """(6): why a recognised person waits for the temperature's sake, or None."""
    rule = policy.temperature
    if isinstance(rule, TemperatureOff) or rule.rule is TemperatureRule.ADVISE:
        return None
    match evidence.temperature:
        case TemperatureSeen(outcome=TemperatureOutcome.BELOW):
            return None
        case TemperatureSeen(outcome=TemperatureOutcome.REPEAT):
            return _deny(evidence, policy, Reason.TEMPERATURE_REPEAT)
        case TemperatureSeen(outcome=TemperatureOutcome.ABOVE):
            return _refer(evidence, policy, Reason.TEMPERATURE_HIGH)
        case TemperatureSeen() | NotAssessed():
            return _refer(evidence, policy, Reason.TEMPERATURE_NOT_MEASURED)
        case _:
            assert_never(evidence.temperature)


def _entrance(evidence: Evidence, policy: Policy, attendance: Attendance) -> Decision:
    """(7), for a recognised person; an advice about temperature goes along."""
    match attendance:
        case AttendedDoor():
            more: tuple[Reason, ...] = ()
        case UnattendedDoor():
            if not evidence.second_factor:
                return _deny(evidence, policy, Reason.SECOND_FACTOR_MISSING)
            more = ()
        case UnsafeFaceOnly():
            more = () if isinstance(evidence.liveness, Live) else (Reason.LIVENESS_UNMEASURED,)
        case _:
            assert_never(attendance)
    if isinstance(policy.temperature, TemperatureOn) and evidence.temperature == _ABOVE:
        more = (*more, Reason.TEMPERATURE_HIGH)
    return Grant(reasons=(Reason.RECOGNISED, *more), policy_version=policy.version, evidence_id=evidence.evidence_id)


def _deny(evidence: Evidence, policy: Policy, reason: Reason) -> Deny:
    return Deny(reasons=(reason,), policy_version=policy.version, evidence_id=evidence.evidence_id)


def _refer(evidence: Evidence, policy: Policy, reason: Reason) -> Refer:
    return Refer(reasons=(reason,), policy_version=policy.version, evidence_id=evidence.evidence_id)
