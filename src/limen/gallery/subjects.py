"""Enrolled people and their references in the store, readable only with each person's own key.

Rules kept: name and templates are sealed under a random key of that person alone, together with everything that stands
beside them in clear (whose, which model, confirmed or not, until when), so that no row can be edited or moved without
being found; what a reference id stands for never changes (a confirmed reference has a new id), so whoever holds copies
by id learns of every change; destroying the person's key destroys the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Result, Row, Select, delete, exists, func, insert, select, update

from limen.core.errors import StorageError
from limen.core.people import (
    Agreement,
    Reference,
    ReferenceBlock,
    ReferenceId,
    Subject,
    SubjectId,
    TemplateKind,
    new_id,
)
from limen.gallery.rights import SqlRights
from limen.gallery.subject_rows import (
    blocks_of,
    name_bound,
    reference_of,
    reference_query,
    reference_values,
    subject_query,
    subject_values,
)
from limen.storage import Session
from limen.storage.agreement_rows import agreement_of
from limen.storage.failures import reading
from limen.storage.incident_rows import destroy_incidents
from limen.storage.release_codes import code_fits, hash_of, new_code
from limen.storage.schema import (
    agreements,
    generation,
    passes,
    presence,
    release_codes,
    sealed_templates,
    subject_references,
    subjects,
    utc_text,
)
from limen.storage.vault import PersonKey

__all__ = ["SqlSubjects"]

_FEW = 500
"""Up to so many new references are asked for by id; more are read in one pass over all."""

_BLOCK_ROWS = 1000


class SqlSubjects:
    """Implements `limen.core.ports.SubjectStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def add(self, subject: Subject, references: Sequence[Reference]) -> None:
        """Store a person and the references, encrypted under a new random key of that person alone.

        Raises:
            ValueError: the references are not what the subject says of them.
            StorageError: enrolled already, or the store cannot be written; nothing was.
        """
        _check_together(subject, references)
        key = self._session.create_key(subject.subject_id)
        self._connection.execute(insert(subjects).values(subject_values(subject, key=key)))
        if references:
            rows = [reference_values(reference, key=key) for reference in references]
            self._connection.execute(insert(subject_references), rows)
        self._bump()

    def get(self, subject_id: SubjectId) -> Subject | None:
        """The person, or None.

        Raises:
            StorageError: the row was altered.
        """
        return next(self._subjects(subject_query().where(subjects.c.subject_id == subject_id)), None)

    def count(self) -> int:
        """How many people are enrolled; decrypts nobody."""
        return int(self._connection.execute(select(func.count()).select_from(subjects)).scalar_one())

    def expired(self, *, at: datetime) -> tuple[SubjectId, ...]:
        """People whose agreement has ended at a moment; decrypts nobody."""
        theirs = subjects.c.agreement_id == agreements.c.agreement_id
        query = select(subjects.c.subject_id).join(agreements, theirs).where(agreements.c.expires_at <= utc_text(at))
        found = self._connection.execute(query.order_by(subjects.c.row_id)).scalars()
        return tuple(SubjectId(subject_id) for subject_id in found)

    def unconfirmed(self, *, before: datetime) -> tuple[SubjectId, ...]:
        """People enrolled before a moment of whom a reference is still unconfirmed; decrypts nobody."""
        theirs = subject_references.c.subject_id == subjects.c.subject_id
        waiting = exists().where(theirs, ~subject_references.c.confirmed)
        query = select(subjects.c.subject_id).where(subjects.c.enrolled_at <= utc_text(before), waiting)
        found = self._connection.execute(query.order_by(subjects.c.row_id)).scalars()
        return tuple(SubjectId(subject_id) for subject_id in found)

    def all(self) -> tuple[Subject, ...]:
        """Everybody, in the order of enrolment.

        Raises:
            StorageError: a row was altered.
        """
        return tuple(self._subjects(subject_query().order_by(subjects.c.row_id)))

    def page(self, *, after: SubjectId | None, most: int) -> tuple[Subject, ...]:
        """So many people in the order of enrolment, from the one after somebody on; decrypts nobody else.

        Whoever is not enrolled (any more) comes before everybody.

        Raises:
            StorageError: a row was altered.
        """
        place = select(subjects.c.row_id).where(subjects.c.subject_id == after).scalar_subquery()
        query = subject_query().where(subjects.c.row_id > func.coalesce(place, 0)).order_by(subjects.c.row_id)
        return tuple(self._subjects(query.limit(most)))

    def references_of(self, subject_id: SubjectId) -> tuple[Reference, ...]:
        """The references of one person, oldest first; decrypts nobody else's.

        Raises:
            StorageError: a row was altered.
        """
        query = reference_query().where(subject_references.c.subject_id == subject_id)
        return tuple(self._references(query, wanted=None))

    def references(self, *, known: frozenset[ReferenceId]) -> tuple[tuple[Reference, ...], frozenset[ReferenceId]]:
        """References not in ``known`` (decrypted), and the ids of all that exist now.

        Raises:
            StorageError: a row was altered.
        """
        new, present = self._new(known)
        return tuple(self._references(_query(new), wanted=new)), present

    def blocks(self, *, known: AbstractSet[ReferenceId]) -> tuple[Iterator[ReferenceBlock], frozenset[ReferenceId]]:
        """References not in ``known`` (decrypted, in blocks, each when it is asked for), and the ids of all.

        Raises:
            StorageError: a row was altered; raised by the block it would be in.
        """
        new, present = self._new(known)
        rows = self._connection.execute(_query(new).order_by(subject_references.c.row_id))
        return self._blocks(rows, wanted=new), present

    def confirm(self, subject_id: SubjectId) -> int:
        """Mark all references of a person as confirmed by a live capture; how many there are.

        A confirmed reference is a new reference with a new id: whoever holds the old one sees that it is gone.

        Raises:
            StorageError: a row was altered.
        """
        found = self.references_of(subject_id)
        changed = [reference for reference in found if not reference.confirmed]
        if changed:
            self._replace([(old, replace(old, confirmed=True)) for old in changed], subject_id)
        return len(found)

    def renew(self, subject_id: SubjectId, agreement: Agreement) -> int:
        """Rest a person and all references on another agreement; how many references there are, all under new ids.

        Raises:
            StorageError: a row was altered, or there is no such person.
        """
        subject = self.get(subject_id)
        if subject is None:
            raise StorageError("nobody of that id is enrolled here", advice="run `limen people list`")
        key = self._session.key(subject_id)
        mine = subjects.c.subject_id == subject_id
        self._session.forget(self._connection.execute(select(subjects.c.name_sealed).where(mine)).scalars().all())
        values = subject_values(replace(subject, agreement=agreement), key=key)
        self._connection.execute(update(subjects).where(mine).values(values))
        found = self.references_of(subject_id)
        self._replace([(old, replace(old, expires_at=agreement.expires_at)) for old in found], subject_id)
        return len(found)

    def recapture(self, subject_id: SubjectId, references: Sequence[Reference]) -> int:
        """Put references in the place of all that a person has; how many those were. See UnitOfWork.commit.

        Raises:
            ValueError: another person's.
            StorageError: nobody of that id is enrolled.
        """
        if any(reference.subject_id != subject_id for reference in references):
            raise ValueError("references: expected references of the subject, got another's")
        key, mine = self._session.key(subject_id), subject_references.c.subject_id == subject_id
        gone = self._connection.execute(select(subject_references.c.template_sealed).where(mine)).scalars().all()
        self._session.forget(gone)
        self._connection.execute(delete(subject_references).where(mine))
        rows = [reference_values(reference, key=key) for reference in references]
        self._connection.execute(insert(subject_references), rows)
        self._bump()
        return len(gone)

    def destroy(self, subject_id: SubjectId) -> int:
        """Destroy the person's key, references, passes and row; how many templates. See UnitOfWork.commit."""
        person = subjects.c.subject_id == subject_id
        names = self._connection.execute(select(subjects.c.name_sealed).where(person)).scalars().all()
        if not names:
            return 0
        templates: list[bytes] = []
        for table in (subject_references, sealed_templates):
            query = select(table.c.template_sealed).where(table.c.subject_id == subject_id)
            templates += self._connection.execute(query).scalars()
        hosts = select(passes.c.host_sealed).where(passes.c.subject_id == subject_id, passes.c.host_sealed.is_not(None))
        self._session.forget([*names, *templates, *self._connection.execute(hosts).scalars()])
        for table in (subject_references, sealed_templates, passes):
            self._connection.execute(delete(table).where(table.c.subject_id == subject_id))
        SqlRights(self._session).destroy(subject_id)
        destroy_incidents(self._session, subject_id)
        self._connection.execute(delete(presence).where(presence.c.subject_id == subject_id))
        self._connection.execute(delete(release_codes).where(release_codes.c.subject_id == subject_id))
        self._session.destroy_key(subject_id)
        self._connection.execute(delete(subjects).where(person))
        self._bump()
        return len(templates)

    def issue_code(self, subject_id: SubjectId) -> str:
        """A new one-time code for a person, in place of any before; only its hash is stored.

        Raises:
            StorageError: nobody of that id is enrolled.
        """
        self._session.key(subject_id)
        code = new_code()
        self._connection.execute(delete(release_codes).where(release_codes.c.subject_id == subject_id))
        self._connection.execute(insert(release_codes).values(subject_id=subject_id, code_hash=hash_of(code)))
        return code

    def redeem_code(self, subject_id: SubjectId, code: str) -> bool:
        """Whether a code is the person's; if so it is used up."""
        mine = release_codes.c.subject_id == subject_id
        stored = self._connection.execute(select(release_codes.c.code_hash).where(mine)).scalar_one_or_none()
        if stored is None or not code_fits(code, stored):
            return False
        self._connection.execute(delete(release_codes).where(mine))
        return True

    def alias(self, subject_id: SubjectId) -> str:
        """The person's name in the audit chain: keyed by the person's own key, gone with it.

        Raises:
            StorageError: nobody of that id is enrolled.
        """
        return self._session.key(subject_id).alias()

    def generation(self) -> int:
        """A number that grows with every change of people or references, in any process."""
        value: int = self._connection.execute(select(generation.c.value)).scalar_one()
        return value

    def _replace(self, pairs: Sequence[tuple[Reference, Reference]], subject_id: SubjectId) -> None:
        """Put each second reference, under a new id, in the place of the first."""
        key = self._session.key(subject_id)
        for old, changed in pairs:
            new = replace(changed, reference_id=ReferenceId(new_id("r")))
            same_row = subject_references.c.reference_id == old.reference_id
            self._connection.execute(update(subject_references).where(same_row).values(reference_values(new, key=key)))
        self._bump()

    def _new(self, known: AbstractSet[ReferenceId]) -> tuple[frozenset[ReferenceId], frozenset[ReferenceId]]:
        """Ids that are not known, and all ids."""
        ids = self._connection.execute(select(subject_references.c.reference_id)).scalars()
        present = frozenset(ReferenceId(reference_id) for reference_id in ids)
        return present - known, present

    def _bump(self) -> None:
        self._connection.execute(update(generation).values(value=generation.c.value + 1))

    def _subjects(self, query: Select[Any]) -> Iterator[Subject]:
        for row in self._connection.execute(query).all():
            agreement = agreement_of(row, vault=self._session.vault)
            with reading("subjects"):
                subject = Subject(
                    subject_id=SubjectId(row.subject_id),
                    name="",
                    kind=TemplateKind(row.kind),
                    agreement=agreement,
                    enrolled_at=datetime.fromisoformat(row.enrolled_at),
                    n_references=row.n_references,
                    confirmed=_confirmed(TemplateKind(row.kind), row.n_references, row.n_confirmed),
                )
                key = self._key_of(row)
                name = key.open(row.name_sealed, bound=name_bound(subject), row=f"subjects row {row.row_id}")
            yield replace(subject, name=name.decode())

    def _references(self, query: Select[Any], *, wanted: frozenset[ReferenceId] | None) -> list[Reference]:
        keys: dict[str, PersonKey] = {}
        found = []
        rows = self._connection.execute(query.order_by(subject_references.c.row_id))
        with reading("subject_references"):
            for row in chain.from_iterable(rows.partitions(_BLOCK_ROWS)):
                if wanted is not None and row.reference_id not in wanted:
                    continue
                if row.subject_id not in keys:
                    keys[row.subject_id] = self._key_of(row)
                found.append(reference_of(row, key=keys[row.subject_id]))
        return found

    def _blocks(self, rows: Result[Any], *, wanted: frozenset[ReferenceId]) -> Iterator[ReferenceBlock]:
        for part in rows.partitions(_BLOCK_ROWS):
            with reading("subject_references"):
                blocks = list(blocks_of([row for row in part if row.reference_id in wanted], key_of=self._key_of))
            yield from blocks

    def _key_of(self, row: Row[Any]) -> PersonKey:
        return self._session.unwrap(row.wrapped, subject_id=row.subject_id, version=row.version, row_id=row.key_row)


def _query(new: frozenset[ReferenceId]) -> Select[Any]:
    query = reference_query()
    return query.where(subject_references.c.reference_id.in_(new)) if len(new) <= _FEW else query


def _confirmed(kind: TemplateKind, n_references: int, n_confirmed: int) -> bool:
    """What a person carries is made from a live capture alone; references of a gallery may come from elsewhere."""
    return kind is not TemplateKind.GALLERY or 0 < n_references == n_confirmed


def _check_together(subject: Subject, references: Sequence[Reference]) -> None:
    if subject.n_references != len(references):
        raise ValueError(f"n_references: expected {len(references)}, got {subject.n_references}")
    if any(reference.subject_id != subject.subject_id for reference in references):
        raise ValueError("references: expected references of the subject, got another's")
    if any(reference.expires_at != subject.agreement.expires_at for reference in references):
        raise ValueError("references: expected them to end with the agreement they rest on")
    if references and subject.kind is not TemplateKind.GALLERY:
        raise ValueError(f"references: expected none of a person of kind {subject.kind.value}")
    confirmed = _confirmed(subject.kind, len(references), sum(reference.confirmed for reference in references))
    if subject.confirmed != confirmed:
        raise ValueError(f"confirmed: expected {confirmed} as the references are, got {subject.confirmed}")
