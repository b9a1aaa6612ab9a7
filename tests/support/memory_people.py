"""People, agreements, invitations and operators of a store in memory."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import numpy as np

from limen.core.errors import LedgerError, StorageError
from limen.core.operators import Approved, OperatorId
from limen.core.people import (
    Agreement,
    AgreementId,
    AgreementProof,
    Invitation,
    InvitationId,
    Reference,
    ReferenceBlock,
    ReferenceId,
    Subject,
    SubjectId,
    TemplateKind,
    new_id,
)
from limen.core.typed_codes import new_code
from support.memory_state import MemoryState

__all__ = ["MemoryAgreements", "MemoryInvitations", "MemoryLinks", "MemoryOperators", "MemorySubjects"]


class MemorySubjects:
    """Implements `limen.core.ports.SubjectStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def add(self, subject: Subject, references: Sequence[Reference]) -> None:
        """Store a person."""
        if references and subject.kind is not TemplateKind.GALLERY:
            raise ValueError("references: expected none of somebody who carries the template")
        confirmed = _confirmed(subject.kind, references)
        told = (subject.n_references, subject.confirmed)
        if told != (len(references), confirmed) or any(
            (reference.subject_id, reference.expires_at) != (subject.subject_id, subject.agreement.expires_at)
            for reference in references
        ):
            raise ValueError("references: expected what the subject says of them")
        if subject.subject_id in self._state.subjects:
            raise StorageError("enrolled already", advice="choose another id")
        self._state.subjects[subject.subject_id] = subject
        self._state.keys[subject.subject_id] = secrets.token_bytes(32)
        self._state.references |= {reference.reference_id: reference for reference in references}
        self._state.generation += 1

    def get(self, subject_id: SubjectId) -> Subject | None:
        """The person, or None."""
        subject = self._state.subjects.get(subject_id)
        return None if subject is None else self._now(subject)

    def count(self) -> int:
        """How many people are enrolled."""
        return len(self._state.subjects)

    def expired(self, *, at: datetime) -> tuple[SubjectId, ...]:
        """People whose agreement has ended."""
        return tuple(item.subject_id for item in self.all() if item.agreement.expires_at <= at)

    def unconfirmed(self, *, before: datetime) -> tuple[SubjectId, ...]:
        """People who never confirmed."""
        waiting = {reference.subject_id for reference in self._state.references.values() if not reference.confirmed}
        return tuple(s.subject_id for s in self.all() if s.enrolled_at <= before and s.subject_id in waiting)

    def all(self) -> tuple[Subject, ...]:
        """Everybody."""
        return tuple(self._now(subject) for subject in self._state.subjects.values())

    def page(self, *, after: SubjectId | None, most: int) -> tuple[Subject, ...]:
        """So many people from the one after somebody on."""
        ids = list(self._state.subjects)
        first = ids.index(after) + 1 if after in ids else 0
        return self.all()[first : first + most]

    def references_of(self, subject_id: SubjectId) -> tuple[Reference, ...]:
        """The references of one person."""
        return tuple(item for item in self._state.references.values() if item.subject_id == subject_id)

    def references(self, *, known: frozenset[ReferenceId]) -> tuple[tuple[Reference, ...], frozenset[ReferenceId]]:
        """The references not known yet, and all ids."""
        held = self._state.references
        return tuple(reference for id_, reference in held.items() if id_ not in known), frozenset(held)

    def blocks(self, *, known: AbstractSet[ReferenceId]) -> tuple[Iterator[ReferenceBlock], frozenset[ReferenceId]]:
        """The same, a block for each."""
        fresh, present = self.references(known=frozenset(known))
        return (self._block(reference) for reference in fresh), present

    def confirm(self, subject_id: SubjectId) -> int:
        """Confirm all references, under new ids."""
        mine = self.references_of(subject_id)
        changed = [reference for reference in mine if not reference.confirmed]
        for old in changed:
            new = replace(old, reference_id=ReferenceId(new_id("r")), confirmed=True)
            del self._state.references[old.reference_id]
            self._state.references[new.reference_id] = new
        self._state.generation += bool(changed)
        return len(mine)

    def renew(self, subject_id: SubjectId, agreement: Agreement) -> int:
        """Rest a person on another agreement, references under new ids."""
        if subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.subjects[subject_id] = replace(self._state.subjects[subject_id], agreement=agreement)
        mine = self.references_of(subject_id)
        for old in mine:
            del self._state.references[old.reference_id]
            new = replace(old, reference_id=ReferenceId(new_id("r")), expires_at=agreement.expires_at)
            self._state.references[new.reference_id] = new
        self._state.generation += 1
        return len(mine)

    def recapture(self, subject_id: SubjectId, references: Sequence[Reference]) -> int:
        """Replace a person's references."""
        self.alias(subject_id)
        if any(reference.subject_id != subject_id for reference in references):
            raise ValueError("references: expected the subject's")
        gone = self.references_of(subject_id)
        for old in gone:
            del self._state.references[old.reference_id]
        self._state.references |= {reference.reference_id: reference for reference in references}
        self._state.subjects[subject_id] = replace(self._state.subjects[subject_id], n_references=len(references))
        self._state.generation += 1
        return len(gone)

    def destroy(self, subject_id: SubjectId) -> int:
        """Forget a person."""
        mine = self.references_of(subject_id)
        if self._state.subjects.pop(subject_id, None) is None:
            return 0
        del self._state.keys[subject_id]
        self._state.rights.pop(subject_id, None)
        self._state.inside -= {subject_id}
        for incident_id in [id_ for id_, item in self._state.incidents.items() if item.subject_id == subject_id]:
            del self._state.incidents[incident_id]
            theirs_too = [id_ for id_, item in self._state.openings.items() if item.incident_id == incident_id]
            for opening_id in theirs_too:
                del self._state.openings[opening_id]
        self._state.codes.pop(subject_id, None)
        for reference in mine:
            del self._state.references[reference.reference_id]
        self._state.generation += 1
        theirs = [locator for locator, item in self._state.sealed.items() if item.subject_id == subject_id]
        for locator in theirs:
            del self._state.sealed[locator]
        for pass_id in [id_ for id_, item in self._state.passes.items() if item.subject_id == subject_id]:
            del self._state.passes[pass_id]
        return len(mine) + len(theirs)

    def issue_code(self, subject_id: SubjectId) -> str:
        """A new code, kept as it is: this store dies with the test."""
        if subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.codes[subject_id] = secrets.token_hex(8)
        return self._state.codes[subject_id]

    def redeem_code(self, subject_id: SubjectId, code: str) -> bool:
        """Whether it is the person's; then it is used up."""
        fits = self._state.codes.get(subject_id) == code
        if fits:
            del self._state.codes[subject_id]
        return fits

    def alias(self, subject_id: SubjectId) -> str:
        """The person's name in the chain."""
        if subject_id not in self._state.keys:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        return hmac.digest(self._state.keys[subject_id], b"alias", sha256).hex()[:32]

    def generation(self) -> int:
        """How often people or references changed."""
        return self._state.generation

    def _block(self, reference: Reference) -> ReferenceBlock:
        return ReferenceBlock(
            model_id=reference.model_id,
            reference_ids=(reference.reference_id,),
            subject_ids=(reference.subject_id,),
            aliases=frozenset({self.alias(reference.subject_id)}),
            vectors=reference.vector[None],
            confirmed=np.array([reference.confirmed]),
            expires_s=np.array([reference.expires_at.timestamp()]),
        )

    def _now(self, subject: Subject) -> Subject:
        mine = self.references_of(subject.subject_id)
        return replace(
            subject,
            agreement=self._state.agreements[subject.agreement.agreement_id],
            confirmed=_confirmed(subject.kind, mine),
        )


class MemoryAgreements:
    """Implements `limen.core.ports.AgreementStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def add(self, agreement: Agreement, *, proof: AgreementProof | None = None) -> None:
        """Store a record."""
        if agreement.agreement_id in self._state.agreements:
            raise StorageError("recorded already", advice="choose another id")
        self._state.agreements[agreement.agreement_id] = agreement
        if proof is not None:
            self._state.proofs[agreement.agreement_id] = proof

    def proof(self, agreement_id: AgreementId) -> AgreementProof | None:
        """What shows that it was given."""
        return self._state.proofs.get(agreement_id)

    def get(self, agreement_id: AgreementId) -> Agreement | None:
        """The record, or None."""
        return self._state.agreements.get(agreement_id)

    def all(self) -> tuple[Agreement, ...]:
        """All records, oldest first."""
        return tuple(sorted(self._state.agreements.values(), key=lambda agreement: agreement.given_at))

    def unused(self, *, before: datetime) -> tuple[AgreementId, ...]:
        """Records nobody is enrolled by."""
        return tuple(a.agreement_id for a in self.all() if a.subject_id is None and a.given_at <= before)

    def bind(self, agreement_id: AgreementId, subject_id: SubjectId) -> None:
        """Tie a record to a person."""
        agreement = self._state.agreements.get(agreement_id)
        if agreement is None or agreement.subject_id not in {None, subject_id}:
            raise LedgerError("no such agreement, or another person's", advice="record one")
        self._state.agreements[agreement_id] = replace(agreement, subject_id=subject_id)

    def destroy(self, agreement_id: AgreementId) -> None:
        """Delete a record."""
        self._state.agreements.pop(agreement_id, None)
        self._state.proofs.pop(agreement_id, None)


class MemoryInvitations:
    """Implements `limen.core.ports.InvitationStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def add(self, invitation: Invitation, pictures: Sequence[bytes]) -> None:
        """Store an invitation."""
        if invitation.n_pictures != len(pictures):
            raise ValueError("n_pictures: expected as many pictures")
        self._state.invitations[invitation.invitation_id] = (invitation, tuple(pictures))

    def all(self) -> tuple[Invitation, ...]:
        """All invitations."""
        return tuple(invitation for invitation, _ in self._state.invitations.values())

    def get(self, invitation_id: InvitationId) -> Invitation | None:
        """One, or None."""
        return self._state.invitations.get(invitation_id, (None, ()))[0]

    def pictures(self, invitation_id: InvitationId) -> tuple[bytes, ...]:
        """The pictures that wait."""
        return self._state.invitations[invitation_id][1] if invitation_id in self._state.invitations else ()

    def expired(self, *, at: datetime) -> tuple[InvitationId, ...]:
        """Those whose time is up."""
        return tuple(item.invitation_id for item in self.all() if item.expires_at <= at)

    def destroy(self, invitation_id: InvitationId) -> int:
        """Forget an invitation."""
        return len(self._state.invitations.pop(invitation_id, (None, ()))[1])


class MemoryOperators:
    """Implements `limen.core.operators.OperatorStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def add(self, operator_id: OperatorId) -> str:
        """Store an operator."""
        if operator_id in self._state.operators:
            raise StorageError("there is one of that id", advice="choose another")
        self._state.operators[operator_id] = secrets.token_hex(8)
        return self._state.operators[operator_id]

    def all(self) -> tuple[OperatorId, ...]:
        """Every operator."""
        return tuple(self._state.operators)

    def who(self, code: str) -> OperatorId | None:
        """Whose code it is."""
        return next((who for who, theirs in self._state.operators.items() if theirs == code), None)

    def remove(self, operator_id: OperatorId) -> bool:
        """Forget an operator."""
        return self._state.operators.pop(operator_id, None) is not None

    def approved(self, what: Approved) -> int | None:
        """How far a setting was approved."""
        return self._state.approvals.get(what)

    def approve(self, what: Approved, value: int) -> None:
        """Up to there."""
        self._state.approvals[what] = value


class MemoryLinks:
    """Implements `limen.core.links.LinkStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def issue(self, subject_id: SubjectId) -> str:
        """A new code."""
        if subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.page_links[subject_id] = new_code()
        return self._state.page_links[subject_id]

    def owner(self, code: str) -> SubjectId | None:
        """Whom a code opens."""
        return next((owner for owner, theirs in self._state.page_links.items() if theirs == code.upper()), None)

    def destroy(self, subject_id: SubjectId) -> int:
        """Take a code away."""
        return int(self._state.page_links.pop(subject_id, None) is not None)


def _confirmed(kind: TemplateKind, references: Sequence[Reference]) -> bool:
    return kind is not TemplateKind.GALLERY or (bool(references) and all(item.confirmed for item in references))
