"""decide: Evidence -> Decision. Pure and total: the same evidence, policy and moment give the same answer.

The values of a policy are in ``policy``, hours in ``schedule``, what recognised people have to meet in ``conditions``.
"""

from __future__ import annotations

from datetime import datetime

from limen.core.decision import Decision, Deny, Evidence, Grant, Reason, Refer
from limen.core.match import Match, Recognised, UnknownReason
from limen.core.probe import Attack
from limen.door.conditions import CONDITIONS, Finding, unmasked
from limen.door.policy import (
    EMPTY_POLICY,
    EVERYBODY,
    Attendance,
    AttendedDoor,
    MaskAsked,
    MaskRule,
    Opening,
    Passback,
    Policy,
    SecondFactor,
    UnattendedDoor,
    UnsafeFaceOnly,
)

__all__ = [
    "EMPTY_POLICY",
    "EVERYBODY",
    "Attendance",
    "AttendedDoor",
    "MaskAsked",
    "MaskRule",
    "Opening",
    "Passback",
    "Policy",
    "SecondFactor",
    "UnattendedDoor",
    "UnsafeFaceOnly",
    "decide",
]

_BY_BADGE = {
    UnknownReason.BADGE_PIN_MISSING: Reason.SECOND_FACTOR_MISSING,
    UnknownReason.BADGE_PIN_LOCKED: Reason.BADGE_PIN_LOCKED,
}


def decide(evidence: Evidence, policy: Policy, *, at: datetime) -> Decision:
    """Decide about one visitor.

    The door opens only if all of these hold. Until somebody is known the first that fails is the answer:
     (1) the policy is not empty;
     (2) there was a face, and its picture was good enough;
     (3) where one person is admitted at a time, nobody else is in the zone;
     (4) no presentation attack is suspected;
     (5) where a mask is asked of everybody it is worn over nose and mouth, or the visitor's group is exempt; where that
         cannot be told a person looks;
     (6) the person is recognised, which the gallery says of confirmed people under a live agreement only; a badge that
         was shown may still wait for its PIN, or be locked by wrong ones.
    Then all of these are looked at. One that denies goes before those that refer, and the reasons of that answer are
    listed, in this order:
     (7) the clock can be trusted, as without it neither hours nor the end of an agreement can be told;
     (8) the door is not locked down, or the person's group may pass all the same;
     (9) a group of the person may use this door, now;
    (10) the intruder alarm is not set, or the person's group may go in to switch it off;
    (11) no other door of the airlock is open;
    (12) the person has not gone in already, where that is refused;
    (13) the place is not full;
    (14) where a mask is asked of those who are recognised, it is worn;
    (15) where skin temperature is a rule it lies below the limit; in the grey zone a second reading decides, and above
         the limit or without a reading a person looks: no machine lets anybody in or locks anybody out by temperature;
    (16) the door is attended, or a second factor was shown, or it is marked ``UnsafeFaceOnly``; and for somebody with
         an incident that is not settled a second factor was shown;
    (17) where two have to be there, a second person is.

    A person who has looked and cleared the visitor settles doubt about a mask and the temperature, and nothing else.

    Args:
        evidence: what the visitor has shown so far.
        policy: the door's rules.
        at: the moment, time zone aware.

    Raises:
        ValueError: ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("at: expected a time with a time zone, got a naive one")
    # (1) to (6) presented as the door asks, and known
    kept_out = _not_known(evidence, policy)
    # (7) to (17) the rest
    findings = kept_out or tuple(finding for condition in CONDITIONS for finding in condition(evidence, policy, at))
    for answer in (Deny, Refer):
        reasons = tuple(reason for kind, reason in findings if kind is answer)
        if reasons:
            return answer(reasons=reasons, policy_version=policy.version, evidence_id=evidence.evidence_id)
    cleared = (Reason.CLEARED,) if evidence.surroundings.cleared else ()
    advice = tuple(reason for _, reason in findings)
    return Grant(
        reasons=(Reason.RECOGNISED, *advice, *cleared),
        policy_version=policy.version,
        evidence_id=evidence.evidence_id,
    )


def _not_known(evidence: Evidence, policy: Policy) -> tuple[Finding, ...]:
    """(1) to (6): the first thing that keeps a visitor out, or nothing."""
    match, quality = evidence.match, evidence.quality
    bare = unmasked(evidence, policy) if policy.mask_asked is MaskAsked.BEFORE else ()
    steps: tuple[tuple[bool, Finding], ...] = (
        # (1) a policy
        (policy.attendance is None, (Deny, Reason.POLICY_EMPTY)),
        # (2) a face
        (match is None or quality is None, (Deny, Reason.NO_FACE)),
        (quality is not None and quality.unified < policy.min_quality, (Deny, Reason.QUALITY_TOO_LOW)),
        # (3) alone
        (policy.one_at_a_time and evidence.n_faces > 1, (Deny, Reason.SEVERAL_FACES)),
        # (4) alive
        (isinstance(evidence.liveness, Attack), (Refer, Reason.ATTACK_SUSPECTED)),
        # (5) masked, where everybody has to be
        *((True, finding) for finding in bare),
        # (6) known
        (not isinstance(match, Recognised), (Deny, _unknown(match))),
    )
    return next(((finding,) for failed, finding in steps if failed), ())


def _unknown(match: Match | None) -> Reason:
    """Why somebody is not known: for want of a PIN, by a locked badge, or whatever it is that nobody is told."""
    if match is None or isinstance(match, Recognised):
        return Reason.NOT_RECOGNISED
    return _BY_BADGE.get(match.reason, Reason.NOT_RECOGNISED)
