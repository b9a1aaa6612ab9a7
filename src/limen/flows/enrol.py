"""enrol: a person who agreed joins the hands-free list: templates in the store, searched 1:N.

What must hold, in this order:
 (1) a live folder has the written reasons for this kind, and two operators have approved it;
 (2) to (5) what every enrolment asks (`limen.flows.enrolling`);
 (6) live captures only: whether somebody so alike is enrolled already, answered without a name, audited, rate-limited.
Then the references, the agreement's tie and the audit record become durable in one transaction. Pictures are not kept.
Not checked here: that the person in the pictures is who the name says. The operator stands for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from limen.core.errors import RefusedError
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditTag
from limen.core.operators import Approved
from limen.core.people import (
    AgreementId,
    SiteKind,
    Subject,
    SubjectId,
    TemplateKind,
    new_id,
)
from limen.core.ports import Clock, Gallery, Store, Vision
from limen.core.probe import Probe
from limen.flows.approve import Approvals
from limen.flows.enrolling import TRIAL_PEOPLE, captured, check_agreement, check_request, reference_of
from limen.flows.written import NOTHING_WRITTEN, WrittenReasons, check_written

__all__ = ["DUPLICATE_CHECKS_PER_HOUR", "TRIAL_PEOPLE", "Enrol", "Enrolled"]

DUPLICATE_CHECKS_PER_HOUR = 30
_DUPLICATE_FPIR = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """The answer of an enrolment.

    Attributes:
        subject: the new person.
        qualities: unified quality of each reference.
        may_already_be_enrolled: somebody alike is; never who. None where the check does not run.
    """

    subject: Subject
    qualities: tuple[int, ...]
    may_already_be_enrolled: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrol:
    """Enrols people; see the module for the order of checks."""

    store: Store
    vision: Vision
    gallery: Gallery
    clock: Clock
    approvals: Approvals
    reasons: WrittenReasons = NOTHING_WRITTEN

    def __call__(
        self, frames: Sequence[Frame], *, name: str, agreement_id: AgreementId, kind: TemplateKind
    ) -> Enrolled:
        """Enrol one person from one or more frames.

        Raises:
            RefusedError: one of the checks says no; nothing was written.
            StorageError: the store cannot be written; nothing was.
        """
        now = self.clock.now()
        check_request(frames, name)
        self._check_kind(kind)
        check_agreement(self.store, agreement_id, now=now)
        live_capture = all(frame.kind is SourceKind.LIVE_CAMERA for frame in frames)
        with captured(frames, vision=self.vision, comparer=self.gallery) as probes:
            alike = self._check_duplicate(probes, now) if live_capture else None
            subject = self._store_person(probes, name=name, agreement_id=agreement_id, now=now, live=live_capture)
        qualities = tuple(probe.quality.unified for probe in probes)
        return Enrolled(subject=subject, qualities=qualities, may_already_be_enrolled=alike)

    def _check_kind(self, kind: TemplateKind) -> None:
        """(1)."""
        if kind is not TemplateKind.GALLERY:
            raise ValueError(f"kind: expected gallery, got {kind.value}; see issue_pass and enrol_sealed")
        check_written(self.reasons, kind, site_kind=self.store.site_kind)
        self.approvals.check(Approved.GALLERY)

    def _check_duplicate(self, probes: Sequence[Probe], now: datetime) -> bool:
        """(6)."""
        with self.store.begin() as unit:
            recent = sum(
                record.tag is AuditTag.DUPLICATE_CHECKED and record.at > now - timedelta(hours=1)
                for record in unit.audit.records()
            )
            if recent >= DUPLICATE_CHECKS_PER_HOUR:
                raise RefusedError(
                    f"more than {DUPLICATE_CHECKS_PER_HOUR} people were checked within an hour",
                    advice="go on in an hour; the limit keeps the check from being used to look people up",
                    reason="too_many_checks",
                )
            unit.audit.append(AuditTag.DUPLICATE_CHECKED, at=now, alias=None, detail={})
            unit.commit()
        return any(self.gallery.may_be_enrolled(item, at=now, fpir_target=_DUPLICATE_FPIR) for item in probes)

    def _store_person(
        self, probes: Sequence[Probe], *, name: str, agreement_id: AgreementId, now: datetime, live: bool
    ) -> Subject:
        subject_id = SubjectId(new_id("s"))
        confirmed = live or self.store.site_kind is SiteKind.TRIAL
        with self.store.begin() as unit:
            unit.agreements.bind(agreement_id, subject_id)
            agreement = unit.agreements.get(agreement_id)
            assert agreement is not None  # bind has just found it
            subject = Subject(
                subject_id=subject_id,
                name=name.strip(),
                kind=TemplateKind.GALLERY,
                agreement=agreement,
                enrolled_at=now,
                n_references=len(probes),
                confirmed=confirmed,
            )
            references = [
                reference_of(
                    probe,
                    gallery=self.gallery,
                    subject_id=subject_id,
                    expires_at=agreement.expires_at,
                    confirmed=confirmed,
                )
                for probe in probes
            ]
            unit.subjects.add(subject, references)
            detail = {"kind": subject.kind.value, "references": len(probes), "confirmed": confirmed}
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=now, alias=alias, detail=detail)
            unit.commit()
        return subject
