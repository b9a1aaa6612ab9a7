"""join: somebody who was invited, has read and has agreed is enrolled by a capture of their own.

What must hold, in this order:
 (1) the invitation holds;
 (2) the agreement was given by self service, for the kind asked for, and carries nobody yet;
 (3) what enrolling by that kind asks (`enrol`, `issue_pass`, `enrol_sealed`).
Then the person has what the invitation lays down, the invitation is destroyed with all that waited in it, and the
person gets a code for a page of their own and one that releases a copy of their data once.
Not checked here: that whoever holds the invitation is who was meant. Whoever hands it out stands for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from limen.core.errors import RefusedError
from limen.core.frame import Frame
from limen.core.ledger import AuditTag
from limen.core.people import AgreementId, GivenHow, Invitation, Subject, TemplateKind
from limen.core.ports import Clock, Store
from limen.flows.enrol import Enrol
from limen.flows.enrol_sealed import EnrolSealed
from limen.flows.enrolling import check_agreement
from limen.flows.issue_pass import IssuePass
from limen.flows.links import Links
from limen.flows.making_pass import PassPlan

__all__ = ["Join", "Joined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What somebody who has just been enrolled takes home; none of it is kept here.

    Attributes:
        subject: the person.
        code: the face pass or the badge; empty on the hands-free list.
        holder: the alias that stands on it.
        valid_until: UTC.
        page_code: opens the person's own page.
        release_code: releases a copy of the person's data, once.
    """

    subject: Subject
    code: bytes = field(repr=False)
    holder: str
    valid_until: datetime
    page_code: str = field(repr=False)
    release_code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Enrols people who were invited; see the module for the order of checks.

    Attributes:
        store: of the site.
        clock: tells when.
        enrol, issue, seal: how people are enrolled, by kind.
        texts: the version of the text that each kind is agreed to with.
        pass_validity: how long a face pass is asked to hold.
    """

    store: Store
    clock: Clock
    enrol: Enrol
    issue: IssuePass
    seal: EnrolSealed
    texts: dict[TemplateKind, str]
    pass_validity: timedelta

    def check(self, code: str, agreement_id: AgreementId, *, kind: TemplateKind) -> Invitation:
        """(1) and (2); who was invited. A capture may be looked at when they hold.

        Raises:
            RefusedError: one of them does not hold.
        """
        invitation = Links(store=self.store, clock=self.clock).invited(code)
        agreement = check_agreement(self.store, agreement_id, now=self.clock.now())
        if agreement.how is not GivenHow.SELF_SERVICE or agreement.text_version != self.texts[kind]:
            raise RefusedError(
                "this is not what was agreed to", advice="read the text again and agree", reason="no_agreement"
            )
        return invitation

    def __call__(
        self,
        code: str,
        agreement_id: AgreementId,
        *,
        kind: TemplateKind,
        frames: Sequence[Frame],
        name: str = "",
        pin: str | None = None,
    ) -> Joined:
        """Enrol whoever was invited.

        Args:
            code: of the invitation.
            agreement_id: what the person has just agreed to.
            kind: where the template is to live.
            frames: of the person, taken a moment ago.
            name: what the person wants to be called here; without it, as the invitation says.
            pin: asked besides a badge.

        Raises:
            RefusedError: a check says no; the invitation holds on.
            StorageError: the store cannot be written.
        """
        invitation = self.check(code, agreement_id, kind=kind)
        called = name.strip() or invitation.name
        subject, made, holder, until = self._enrolled(
            frames, name=called, agreement_id=agreement_id, kind=kind, pin=pin
        )
        with self.store.begin() as unit:
            unit.invitations.destroy(invitation.invitation_id)
            unit.rights.put(subject.subject_id, invitation.rights)
            page_code = unit.links.issue(subject.subject_id)
            release_code = unit.subjects.issue_code(subject.subject_id)
            alias = unit.subjects.alias(subject.subject_id)
            unit.audit.append(AuditTag.CODE_ISSUED, at=self.clock.now(), alias=alias, detail={"page": True})
            unit.commit(scrub=True)
        return Joined(
            subject=subject,
            code=made,
            holder=holder,
            valid_until=until,
            page_code=page_code,
            release_code=release_code,
        )

    def _enrolled(
        self, frames: Sequence[Frame], *, name: str, agreement_id: AgreementId, kind: TemplateKind, pin: str | None
    ) -> tuple[Subject, bytes, str, datetime]:
        """(3); the person, what they carry, what stands on it, and until when it holds."""
        match kind:
            case TemplateKind.GALLERY:
                subject = self.enrol(frames, name=name, agreement_id=agreement_id, kind=kind).subject
                return subject, b"", "", subject.agreement.expires_at
            case TemplateKind.PASS:
                plan = PassPlan(validity=self.pass_validity)
                issued = self.issue(frames, name=name, agreement_id=agreement_id, plan=plan)
                terms = issued.record.terms
                return issued.subject, issued.code, terms.pass_id, terms.valid_until
            case TemplateKind.SEALED:
                sealed = self.seal(frames, name=name, agreement_id=agreement_id, pin=pin)
                subject = sealed.subject
                return subject, sealed.badge, subject.subject_id, subject.agreement.expires_at
            case _:
                assert_never(kind)
