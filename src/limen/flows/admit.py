"""admit: a visitor's evidence -> a decision that is written down, and, for a grant, one order to open.

In one transaction: what the site has laid down for the person and how the door stands are read, the rules decide, and
the decision is recorded: of somebody recognised as one event of the chain, of anybody else as one more in an hourly
total and nothing else (promise 2). Only when that is durable does the order to open exist: no record, no opening
(docs/adr/0004). Somebody who has withdrawn, or whose agreement has ended, since the search is nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil, log10

from limen.core.decision import Access, Decision, Deny, Evidence, Grant, Reason, Refer
from limen.core.door import OPEN_WITHIN, Counted, DoorId, OpenOrder
from limen.core.ledger import AuditTag, Detail
from limen.core.match import Recognised, Unknown, UnknownReason
from limen.core.people import Rights, SubjectId, TemplateKind
from limen.core.ports import Store, UnitOfWork
from limen.door.rules import Policy, SecondFactor, decide
from limen.flows.moments import Moments

__all__ = ["Admission", "Admit", "unrecorded"]

_LEAST_FPIR = 1e-12
_HEALTH = {Reason.TEMPERATURE_REPEAT, Reason.TEMPERATURE_HIGH, Reason.TEMPERATURE_NOT_MEASURED}
"""What tells of somebody's health is decided on, shown at the desk, and not written down (docs/adr/0014)."""

_LONGEST_REASONS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A decision that is written down, and the order that follows from a grant."""

    decision: Decision
    order: OpenOrder | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admit:
    """Decides at one door.

    Attributes:
        store: of the site.
        door: which.
        policy: its rules.
        moments: what the door remembers for a moment.
        purpose: of the door; of whom it was not agreed to, the door knows nobody. Empty asks for none.
        with_credential: whether an order carries the number of the person's badge, for a controller behind limen.
    """

    store: Store
    door: DoorId
    policy: Policy
    moments: Moments
    purpose: str = ""
    with_credential: bool = False

    def __call__(self, evidence: Evidence, at: datetime) -> Admission:
        """Decide and record.

        Raises:
            StorageError: it cannot be written down; nothing opens.
            LedgerError: the chain or a row of the store does not hold; nothing opens.
        """
        with self.store.begin() as unit:
            evidence, rights = self._completed(unit, evidence, at)
            decision = decide(evidence, self.policy, at=at)
            self._record(unit, evidence, decision, at=at)
            unit.commit()
        if not isinstance(evidence.match, Recognised):
            return Admission(decision=decision, order=None)
        match decision:
            case Grant():
                self.moments.let_in(evidence.match.subject_id, at=at)
                return Admission(decision=decision, order=self._order(decision, rights, at))
            case Refer():
                self.moments.refer(decision.evidence_id, evidence.match.subject_id)
            case Deny():
                pass
        return Admission(decision=decision, order=None)

    def _completed(self, unit: UnitOfWork, evidence: Evidence, at: datetime) -> tuple[Evidence, Rights]:
        """The evidence with what the store knows; of somebody no longer enrolled, as of nobody."""
        standing = unit.doors.standing(self.door)
        around = replace(
            evidence.surroundings,
            locked_down=standing.locked_down,
            alarm_set=standing.alarm_set,
            occupancy=unit.doors.occupancy(),
        )
        match = evidence.match
        if not isinstance(match, Recognised):
            return replace(evidence, surroundings=around), Rights()
        subject = unit.subjects.get(match.subject_id)
        unconfirmed = subject is not None and subject.kind is TemplateKind.GALLERY and not subject.confirmed
        if subject is None or unconfirmed or not subject.agreement.is_live(at=at):
            ended = UnknownReason.NO_LIVE_AGREEMENT
            nobody = Unknown(reason=ended, fpir=match.fpir, operating_point=match.operating_point)
            return replace(evidence, match=nobody, surroundings=around), Rights()
        if not subject.agreement.is_for(self.purpose):
            elsewhere = UnknownReason.NOT_AGREED_FOR_THIS
            nobody = Unknown(reason=elsewhere, fpir=match.fpir, operating_point=match.operating_point)
            return replace(evidence, match=nobody, surroundings=around), Rights()
        rights = unit.rights.get(match.subject_id)
        return (
            replace(
                evidence,
                access=Access(groups=rights.groups, inside=unit.doors.inside(match.subject_id), frozen=rights.frozen),
                second_factor=evidence.second_factor or self._is_shown(match.subject_id, rights, at),
                surroundings=replace(around, cleared=self.moments.is_cleared(match.subject_id, at=at)),
            ),
            rights,
        )

    def _is_shown(self, subject_id: SubjectId, rights: Rights, at: datetime) -> bool:
        """Whether the person has shown what the rules ask for: a badge, a PIN, or where they do not say, either."""
        match self.policy.second_factor:
            case SecondFactor.BADGE:
                rights = replace(rights, pin_hash=None)
            case SecondFactor.PIN:
                rights = replace(rights, badge=None)
            case SecondFactor.NONE:
                pass
        pin_asked = self.policy.second_factor is SecondFactor.PIN
        if self.moments.has_shown_code(subject_id, at=at, with_pin=pin_asked):
            return True
        return self.moments.is_theirs(subject_id, rights, at=at)

    def _record(self, unit: UnitOfWork, evidence: Evidence, decision: Decision, *, at: datetime) -> None:
        if not isinstance(evidence.match, Recognised):
            if Reason.SECOND_FACTOR_MISSING not in decision.reasons:  # asked for a PIN: not the end of an attempt
                unit.doors.count(self.door, Counted.UNKNOWN, at=at)
            return
        alias = unit.subjects.alias(evidence.match.subject_id)
        detail: Detail = {"door": self.door, **_detail(evidence, evidence.match, decision)}
        unit.audit.append(AuditTag.DOOR_DECIDED, at=at, alias=alias, detail=detail)
        unit.doors.count(self.door, _counted(decision), at=at)

    def _order(self, decision: Grant, rights: Rights, at: datetime) -> OpenOrder:
        return OpenOrder(
            decision_id=decision.evidence_id,
            door=self.door,
            issued_at=at,
            not_after=at + OPEN_WITHIN,
            credential=rights.badge if self.with_credential else None,
        )


def unrecorded(evidence: Evidence, policy: Policy) -> Deny:
    """The decision where nothing could be written down: no record, no opening."""
    return Deny(reasons=(Reason.NO_RECORD,), policy_version=policy.version, evidence_id=evidence.evidence_id)


def _counted(decision: Decision) -> Counted:
    if isinstance(decision, Grant):
        return Counted.GRANTED
    return Counted.REFERRED if isinstance(decision, Refer) else Counted.DENIED


def _detail(evidence: Evidence, match: Recognised, decision: Decision) -> Detail:
    """What a record says of a decision: rates as decades, never a similarity; of mask and skin the outcome alone."""
    times = evidence.times
    spent = (times.detect_ms, times.align_ms, times.quality_ms, times.embed_ms, times.search_ms)
    return {
        "event": evidence.evidence_id,
        "outcome": type(decision).__name__.lower(),
        "reasons": ",".join(reason for reason in decision.reasons if reason not in _HEALTH)[:_LONGEST_REASONS],
        "policy": decision.policy_version,
        "condition": match.comparison.condition.value,
        "fpir_below": f"1e{ceil(log10(max(match.fpir, _LEAST_FPIR)))}",
        "fpir_asked": match.operating_point.fpir_target,
        "quality": None if evidence.quality is None else 10 * (evidence.quality.unified // 10),
        "ms": round(sum(value for value in spent if value is not None), 1),
    }
