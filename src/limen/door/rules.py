"""decide: Evidence -> Decision. Pure and total: the same evidence, policy and moment give the same answer.

This first set of rules knows identity, liveness and a second factor. Further rules join as further evidence does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from limen.core.decision import Decision, Deny, Evidence, Grant, Reason, Refer
from limen.core.match import Recognised, Unknown
from limen.core.probe import Attack, Live

__all__ = ["EMPTY_POLICY", "Attendance", "AttendedDoor", "Policy", "UnattendedDoor", "UnsafeFaceOnly", "decide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedDoor:
    """A person watches the door, so a photograph held up is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattendedDoor:
    """Nobody watches: a second factor is needed (promise 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsafeFaceOnly:
    """Nobody watches and a face alone opens: whoever holds up a photograph comes in. Shown wherever the door is."""


Attendance = AttendedDoor | UnattendedDoor | UnsafeFaceOnly


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A door's rules.

    Attributes:
        version: changes with every change of the rules.
        attendance: None is no rule at all, and nothing opens.
        min_quality: least unified quality of the picture, 0 to 100.
    """

    version: str
    attendance: Attendance | None
    min_quality: int = 0


EMPTY_POLICY = Policy(version="empty", attendance=None)


def decide(evidence: Evidence, policy: Policy, *, at: datetime) -> Decision:
    """Decide about one visitor.

    The door opens only if all of these hold:
     (1) the policy is not empty;
     (2) there was a face, and its picture was good enough;
     (3) no presentation attack is suspected;
     (4) the person is recognised, which the gallery says of confirmed people under a live agreement only;
     (5) the door is attended, or a second factor was shown, or it is marked ``UnsafeFaceOnly``.

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
    # (2) a face
    if evidence.match is None or evidence.quality is None:
        return _deny(evidence, policy, Reason.NO_FACE)
    if evidence.quality.unified < policy.min_quality:
        return _deny(evidence, policy, Reason.QUALITY_TOO_LOW)
    # (3) alive
    if isinstance(evidence.liveness, Attack):
        return Refer(
            reasons=(Reason.ATTACK_SUSPECTED,), policy_version=policy.version, evidence_id=evidence.evidence_id
        )
    # (4) known
    match evidence.match:
        case Unknown():
            return _deny(evidence, policy, Reason.NOT_RECOGNISED)
        case Recognised():
            return _entrance(evidence, policy, policy.attendance)
        case _:
            assert_never(evidence.match)


def _entrance(evidence: Evidence, policy: Policy, attendance: Attendance) -> Decision:
    """(5), for a recognised person."""
    match attendance:
        case AttendedDoor():
            reasons: tuple[Reason, ...] = (Reason.RECOGNISED,)
        case UnattendedDoor():
            if not evidence.second_factor:
                return _deny(evidence, policy, Reason.SECOND_FACTOR_MISSING)
            reasons = (Reason.RECOGNISED,)
        case UnsafeFaceOnly():
            live = isinstance(evidence.liveness, Live)
            reasons = (Reason.RECOGNISED,) if live else (Reason.RECOGNISED, Reason.LIVENESS_UNMEASURED)
        case _:
            assert_never(attendance)
    return Grant(reasons=reasons, policy_version=policy.version, evidence_id=evidence.evidence_id)


def _deny(evidence: Evidence, policy: Policy, reason: Reason) -> Deny:
    return Deny(reasons=(reason,), policy_version=policy.version, evidence_id=evidence.evidence_id)
