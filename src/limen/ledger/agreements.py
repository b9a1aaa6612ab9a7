"""Agreement records: who agreed to which words, when, how and until when; withdrawn, a record is gone.

Rule kept: a record says exactly what was given and is authenticated, so that an edited expiry or owner is found when it
is read. That only a living record carries references is held by the flows and, at commit, by the store itself.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Select, delete, insert, select, update

from limen.core.errors import LedgerError
from limen.core.people import Agreement, AgreementId, AgreementProof, SubjectId
from limen.storage import Session
from limen.storage.agreement_rows import AGREEMENT_COLUMNS, agreement_of, agreement_values, proof_bound
from limen.storage.schema import agreements, utc_text

__all__ = ["SqlAgreements"]


class SqlAgreements:
    """Implements `limen.core.ports.AgreementStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def add(self, agreement: Agreement, *, proof: AgreementProof | None = None) -> None:
        """Store a record, and what shows that it was given, encrypted.

        Raises:
            StorageError: there is one with this id, or the store cannot be written.
        """
        values = agreement_values(agreement, vault=self._session.vault)
        if proof is not None:
            plain = json.dumps(asdict(proof)).encode("ascii")
            values["proof_sealed"] = self._session.vault.seal(plain, bound=proof_bound(agreement.agreement_id))
        self._connection.execute(insert(agreements).values(values))

    def proof(self, agreement_id: AgreementId) -> AgreementProof | None:
        """What shows that a record was given, or None.

        Raises:
            StorageError: it was altered.
        """
        query = select(agreements.c.row_id, agreements.c.proof_sealed)
        row = self._connection.execute(query.where(agreements.c.agreement_id == agreement_id)).one_or_none()
        if row is None or row.proof_sealed is None:
            return None
        place = f"agreements row {row.row_id}"
        plain = self._session.vault.open(row.proof_sealed, bound=proof_bound(agreement_id), row=place)
        return AgreementProof(**json.loads(plain))

    def get(self, agreement_id: AgreementId) -> Agreement | None:
        """The record, or None.

        Raises:
            LedgerError: the record was altered.
        """
        found = self._read(select(*AGREEMENT_COLUMNS).where(agreements.c.agreement_id == agreement_id))
        return found[0] if found else None

    def all(self) -> tuple[Agreement, ...]:
        """All records, oldest first.

        Raises:
            LedgerError: a record was altered.
        """
        return self._read(select(*AGREEMENT_COLUMNS).order_by(agreements.c.given_at, agreements.c.row_id))

    def unused(self, *, before: datetime) -> tuple[AgreementId, ...]:
        """Records given before a moment that nobody is enrolled by."""
        nobodys = agreements.c.subject_id.is_(None) & (agreements.c.given_at <= utc_text(before))
        query = select(agreements.c.agreement_id).where(nobodys).order_by(agreements.c.row_id)
        return tuple(AgreementId(found) for found in self._connection.execute(query).scalars())

    def bind(self, agreement_id: AgreementId, subject_id: SubjectId) -> None:
        """Tie a record to the person who gave it.

        Raises:
            LedgerError: no such record, it is another person's, or it was altered.
        """
        agreement = self.get(agreement_id)
        if agreement is None:
            raise LedgerError(
                f"there is no agreement {agreement_id}",
                advice="record the agreement first: `limen consent new`",
            )
        if agreement.subject_id not in {None, subject_id}:
            raise LedgerError(
                f"agreement {agreement_id} was given by another person",
                advice="every person gives an agreement of their own: `limen consent new`",
            )
        bound = agreement_values(replace(agreement, subject_id=subject_id), vault=self._session.vault)
        self._connection.execute(update(agreements).where(agreements.c.agreement_id == agreement_id).values(bound))

    def destroy(self, agreement_id: AgreementId) -> None:
        """Delete a record (withdrawal); nothing happens if there is none."""
        mine = agreements.c.agreement_id == agreement_id
        for row in self._connection.execute(select(agreements.c.seal, agreements.c.proof_sealed).where(mine)):
            self._session.forget([value for value in row if value is not None])
        self._connection.execute(delete(agreements).where(mine))

    def _read(self, query: Select[tuple[object, ...]]) -> tuple[Agreement, ...]:
        rows = self._connection.execute(query).all()
        return tuple(agreement_of(row, vault=self._session.vault) for row in rows)
