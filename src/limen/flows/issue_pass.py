"""issue_pass: a person who agreed gets a face pass; the site keeps no template.

What must hold, in this order:
 (1) a live folder has the written reason for this kind, and was given a live capture;
 (2) what every enrolment asks (`limen.flows.enrolling`); of a visitor also a host, and an agreement of a day at most.
Then the person, what is kept of the pass and the audit records become durable in one transaction, and the pass is in
the hands of the caller alone. A lost pass cannot be made again from anything: ``again`` makes another from a new
capture and revokes the lost one.
Not checked here: that the person is who the name says, nor that whoever asks again is the holder. The operator stands
for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from limen.core.errors import RefusedError
from limen.core.frame import Frame
from limen.core.ledger import AuditTag
from limen.core.pass_ports import PassCodec
from limen.core.people import AgreementId, SubjectId, TemplateKind
from limen.core.ports import Clock, Comparer, Store, Vision
from limen.flows.enrolling import captured, carrier, check_agreement, check_live, check_request, mean_template
from limen.flows.making_pass import Issued, PassPlan, make_pass
from limen.flows.written import NOTHING_WRITTEN, WrittenReasons, check_written

__all__ = ["VISITOR_VALIDITY", "IssuePass"]

VISITOR_VALIDITY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePass:
    """Issues face passes; see the module for the order of checks."""

    store: Store
    vision: Vision
    comparer: Comparer
    codec: PassCodec
    clock: Clock
    reasons: WrittenReasons = NOTHING_WRITTEN

    def __call__(self, frames: Sequence[Frame], *, name: str, agreement_id: AgreementId, plan: PassPlan) -> Issued:
        """Issue the first pass of a new person.

        Raises:
            RefusedError: one of the checks says no; nothing was written.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        check_request(frames, name)
        self._check_kind(frames)
        agreement = check_agreement(self.store, agreement_id, now=now)
        _check_visitor(plan, ends=agreement.expires_at, now=now)
        with captured(frames, vision=self.vision, comparer=self.comparer) as probes, self.store.begin() as unit:
            subject = carrier(unit, name=name, kind=TemplateKind.PASS, agreement_id=agreement_id, now=now)
            alias = unit.subjects.alias(subject.subject_id)
            detail = {"kind": subject.kind.value, "references": 0, "confirmed": True}
            unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=now, alias=alias, detail=detail)
            record, code, revoked = make_pass(
                unit,
                mean_template(probes),
                codec=self.codec,
                subject=subject,
                model_id=self.vision.model_id,
                plan=plan,
                now=now,
            )
            unit.commit()
        qualities = tuple(probe.quality.unified for probe in probes)
        return Issued(subject=subject, record=record, code=code, qualities=qualities, revoked=revoked)

    def again(self, frames: Sequence[Frame], *, subject_id: SubjectId, plan: PassPlan) -> Issued:
        """Issue another pass to somebody who had one, from a new capture; earlier ones are revoked.

        Raises:
            RefusedError: no such person, or the person has no passes; or a check says no.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        with self.store.read() as unit:
            subject = unit.subjects.get(subject_id)
            host = next((item.host for item in unit.passes.of(subject_id)), "")
        if subject is None or subject.kind is not TemplateKind.PASS:
            raise RefusedError(
                f"nobody {subject_id} has a face pass here", advice="see `limen people list`", reason="no_such_person"
            )
        check_request(frames, subject.name)
        self._check_kind(frames)
        with captured(frames, vision=self.vision, comparer=self.comparer) as probes, self.store.begin() as unit:
            record, code, revoked = make_pass(
                unit,
                mean_template(probes),
                codec=self.codec,
                subject=subject,
                model_id=self.vision.model_id,
                plan=PassPlan(validity=plan.validity, host=host),
                now=now,
            )
            unit.commit()
        qualities = tuple(probe.quality.unified for probe in probes)
        return Issued(subject=subject, record=record, code=code, qualities=qualities, revoked=revoked)

    def _check_kind(self, frames: Sequence[Frame]) -> None:
        check_written(self.reasons, TemplateKind.PASS, site_kind=self.store.site_kind)
        check_live(self.store, frames)


def _check_visitor(plan: PassPlan, *, ends: datetime, now: datetime) -> None:
    if plan.host and ends > now + VISITOR_VALIDITY:
        raise RefusedError(
            "a visitor's agreement ends within a day, and this one does not",
            advice="record one with the visitor's text: limen consent new --about visitor",
            reason="visitor_one_day",
        )
