"""The seams of the store: one transaction over people, agreements, passes, doors and the audit chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from limen.core.accounts import ServiceStore
from limen.core.devices import DeviceStore
from limen.core.door_ports import DoorStore, RightsStore
from limen.core.incidents import IncidentStore
from limen.core.ledger import AuditRecord, AuditTag, AuditVerdict, Detail, KeptHead, Statement
from limen.core.links import LinkStore
from limen.core.operators import OperatorStore
from limen.core.pass_ports import PassStore, SealedStore
from limen.core.people import (
    Agreement,
    AgreementId,
    AgreementProof,
    Invitation,
    InvitationId,
    Reference,
    ReferenceBlock,
    ReferenceId,
    SiteKind,
    Subject,
    SubjectId,
)

__all__ = ["AgreementStore", "AuditLog", "InvitationStore", "Store", "SubjectStore", "UnitOfWork"]


class SubjectStore(Protocol):
    """Enrolled people and their references. Every change bumps ``generation``."""

    def add(self, subject: Subject, references: Sequence[Reference]) -> None:
        """Store a person and the references, encrypted under a new random key of that person alone.

        Raises:
            StorageError: the store cannot be written; nothing was.
        """

    def get(self, subject_id: SubjectId) -> Subject | None:
        """The person, or None."""

    def count(self) -> int:
        """How many people are enrolled; decrypts nobody."""

    def all(self) -> tuple[Subject, ...]:
        """Everybody, in the order of enrolment."""

    def page(self, *, after: SubjectId | None, most: int) -> tuple[Subject, ...]:
        """So many people in the order of enrolment, from the one after somebody on; decrypts nobody else.

        Whoever is not enrolled (any more) comes before everybody.
        """

    def references_of(self, subject_id: SubjectId) -> tuple[Reference, ...]:
        """The references of one person, oldest first; decrypts nobody else's."""

    def references(self, *, known: frozenset[ReferenceId]) -> tuple[tuple[Reference, ...], frozenset[ReferenceId]]:
        """References not in ``known`` (decrypted), and the ids of all there are; a changed one has a new id."""

    def blocks(self, *, known: AbstractSet[ReferenceId]) -> tuple[Iterator[ReferenceBlock], frozenset[ReferenceId]]:
        """The same, for whoever holds many: new references come in blocks, each read when it is asked for."""

    def confirm(self, subject_id: SubjectId) -> int:
        """Mark all references of a person as confirmed by a live capture; how many there are."""

    def renew(self, subject_id: SubjectId, agreement: Agreement) -> int:
        """Rest a person and all references on another agreement; how many references there are, all under new ids."""

    def recapture(self, subject_id: SubjectId, references: Sequence[Reference]) -> int:
        """Put references in the place of all that a person has; how many those were. See UnitOfWork.commit."""

    def destroy(self, subject_id: SubjectId) -> int:
        """Destroy the person's key, references and row; how many references there were. See UnitOfWork.commit."""

    def alias(self, subject_id: SubjectId) -> str:
        """The person's name in the audit chain: keyed by the person's own key, gone with it."""

    def issue_code(self, subject_id: SubjectId) -> str:
        """A new one-time code for a person, in place of any before; only its hash is stored."""

    def redeem_code(self, subject_id: SubjectId, code: str) -> bool:
        """Whether a code is the person's; if so it is used up."""

    def expired(self, *, at: datetime) -> tuple[SubjectId, ...]:
        """People whose agreement has ended at a moment; decrypts nobody."""

    def unconfirmed(self, *, before: datetime) -> tuple[SubjectId, ...]:
        """People enrolled before a moment of whom a reference is still unconfirmed; decrypts nobody."""

    def generation(self) -> int:
        """A number that grows with every change of people or references, in any process."""


class AgreementStore(Protocol):
    """Agreement records."""

    def add(self, agreement: Agreement, *, proof: AgreementProof | None = None) -> None:
        """Store a record, and what shows that it was given, encrypted."""

    def proof(self, agreement_id: AgreementId) -> AgreementProof | None:
        """What shows that a record was given, or None."""

    def get(self, agreement_id: AgreementId) -> Agreement | None:
        """The record, or None."""

    def all(self) -> tuple[Agreement, ...]:
        """All records, oldest first."""

    def unused(self, *, before: datetime) -> tuple[AgreementId, ...]:
        """Records given before a moment that nobody is enrolled by."""

    def bind(self, agreement_id: AgreementId, subject_id: SubjectId) -> None:
        """Tie a record to the person who gave it.

        Raises:
            LedgerError: no such record, or it is another person's.
        """

    def destroy(self, agreement_id: AgreementId) -> None:
        """Delete a record (withdrawal)."""


class InvitationStore(Protocol):
    """People who were invited, with pictures that nothing is computed from until they agree."""

    def add(self, invitation: Invitation, pictures: Sequence[bytes]) -> None:
        """Store an invitation, name and pictures encrypted under a new random key of its own."""

    def all(self) -> tuple[Invitation, ...]:
        """All invitations, oldest first."""

    def get(self, invitation_id: InvitationId) -> Invitation | None:
        """One invitation, or None; decrypts no other."""

    def pictures(self, invitation_id: InvitationId) -> tuple[bytes, ...]:
        """The picture files as they were brought; empty if there is no such invitation."""

    def expired(self, *, at: datetime) -> tuple[InvitationId, ...]:
        """Invitations whose time is up; decrypts nobody."""

    def destroy(self, invitation_id: InvitationId) -> int:
        """Destroy the invitation's key, name and pictures; how many pictures there were."""


class AuditLog(Protocol):
    """The append-only chain."""

    def append(self, tag: AuditTag, *, at: datetime, alias: str | None, detail: Detail) -> AuditRecord:
        """Add a record; it becomes durable with the effect it tells of, in the same transaction."""

    def records(self) -> Iterator[AuditRecord]:
        """All records, oldest first."""

    def latest(
        self, tags: AbstractSet[AuditTag], *, most: int, before: int | None = None, alias: str | None = None
    ) -> tuple[AuditRecord, ...]:
        """The newest records of some tags, newest first; those before a sequence number, of one alias, if given."""

    def gone(self) -> frozenset[str]:
        """Aliases of everybody who withdrew or whose agreement ended; none of them may be enrolled."""

    def is_gone(self, alias: str) -> bool:
        """Whether one alias is among ``gone``."""

    def verify(self, *, kept: Sequence[KeptHead] = ()) -> AuditVerdict:
        """Check every link from the first record to the last, and that the chain still goes through ``kept`` heads."""

    def sign(self, statement: Statement) -> Statement:
        """The statement with ``site``, ``key`` and ``signature`` (Ed25519), so that it can be checked later."""

    def check(self, statement: Statement) -> None:
        """Check that this site signed a statement, and that nothing in it was changed.

        Raises:
            LedgerError: another site's, or altered.
        """


class UnitOfWork(Protocol):
    """One transaction over everything; without ``commit`` nothing has happened."""

    @property
    def subjects(self) -> SubjectStore:
        """People and references."""

    @property
    def agreements(self) -> AgreementStore:
        """Agreement records."""

    @property
    def invitations(self) -> InvitationStore:
        """Invitations."""

    @property
    def operators(self) -> OperatorStore:
        """People who run the site."""

    @property
    def devices(self) -> DeviceStore:
        """Kiosks at doors."""

    @property
    def links(self) -> LinkStore:
        """Codes that open a person's own page."""

    @property
    def audit(self) -> AuditLog:
        """The chain."""

    @property
    def passes(self) -> PassStore:
        """Face passes."""

    @property
    def sealed(self) -> SealedStore:
        """Badge-locked templates."""

    @property
    def rights(self) -> RightsStore:
        """What is laid down for people at doors."""

    @property
    def doors(self) -> DoorStore:
        """How doors stand, and what they counted."""

    @property
    def incidents(self) -> IncidentStore:
        """Incidents, and who asked whom an event was about."""

    @property
    def service(self) -> ServiceStore:
        """What the service keeps of those who ask it."""

    def commit(self, *, scrub: bool = False) -> None:
        """Make everything durable (power loss included).

        Args:
            scrub: also leave no deleted byte in any file of the store before returning (withdrawal).

        Raises:
            StorageError: it could not be made durable; nothing was changed, unless the text says that only the
                scrub is missing.
        """


class Store(Protocol):
    """A site's store."""

    @property
    def site_kind(self) -> SiteKind:
        """Trial or live; fixed at birth."""

    def site_tag(self) -> bytes:
        """4 bytes that tell this site's codes from others'; no secret."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that may write; leaving it without commit rolls back.

        Raises:
            StorageError: locked for too long, unreadable, or not ours.
        """

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A consistent view that holds no write lock; ``commit`` on it raises RuntimeError."""

    def close(self) -> None:
        """Close all connections."""
