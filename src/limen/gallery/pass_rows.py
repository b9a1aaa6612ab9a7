"""Face passes in the store: whose, how long, under which key; never a template.

Rules kept: a row is authenticated, so that nobody without the site key gives a pass to another person, makes it last
longer or takes a revocation back; whom a visitor sees is readable only with the visitor's own key; rows go with the
person.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from limen.core.errors import RefusedError, StorageError
from limen.core.passes import PassId, PassRecord, PassTerms, SiteSecret
from limen.core.people import SubjectId
from limen.core.probe import ModelId
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.schema import passes, utc_text
from limen.storage.site_secrets import destroy_secret, new_secret, retire_secret, secrets_of
from limen.storage.vault import Vault, associated

__all__ = ["SqlPasses", "reseal_passes"]

_PURPOSE = "pass"
_MAX_NUMBER = 255


class SqlPasses:
    """Implements `limen.core.pass_ports.PassStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def key(self, *, at: datetime) -> SiteSecret:
        """The newest key; the first one is made here."""
        found = secrets_of(self._session, _PURPOSE)
        return found[-1] if found else new_secret(self._session, _PURPOSE, number=1, at=at)

    def keys(self, *, at: datetime) -> tuple[SiteSecret, ...]:
        """Every key whose passes are accepted at a moment."""
        found = secrets_of(self._session, _PURPOSE)
        return tuple(item for item in found if item.accepted_until is None or at < item.accepted_until)

    def rotate(self, *, at: datetime, accept_until: datetime) -> SiteSecret:
        """A new newest key; older ones are accepted until a moment, or destroyed at once.

        Raises:
            RefusedError: there have been 255 keys already.
        """
        older = secrets_of(self._session, _PURPOSE)
        number = older[-1].number + 1 if older else 1
        if number > _MAX_NUMBER:
            raise RefusedError(
                f"this site has had {_MAX_NUMBER} pass keys, and a pass cannot name another",
                advice="make a new data folder, and issue passes from it",
                reason="pass_keys_used_up",
            )
        for item in older:
            until = accept_until if item.accepted_until is None else min(accept_until, item.accepted_until)
            if until <= at:
                destroy_secret(self._session, _PURPOSE, item)
            else:
                retire_secret(self._session, _PURPOSE, item, accept_until=until)
        return new_secret(self._session, _PURPOSE, number=number, at=at)

    def add(self, record: PassRecord) -> None:
        """Store what the site keeps of a new pass."""
        self._connection.execute(insert(passes).values(self._values(record)))

    def get(self, pass_id: PassId) -> PassRecord | None:
        """What is kept of a pass, or None.

        Raises:
            StorageError: the row was altered.
        """
        return next(iter(self._records(passes.c.pass_id == pass_id)), None)

    def of(self, subject_id: SubjectId) -> tuple[PassRecord, ...]:
        """The passes of one person, oldest first.

        Raises:
            StorageError: a row was altered.
        """
        return self._records(passes.c.subject_id == subject_id)

    def all(self) -> tuple[PassRecord, ...]:
        """Every pass, oldest first.

        Raises:
            StorageError: a row was altered.
        """
        return self._records(passes.c.row_id > 0)

    def revoke(self, pass_id: PassId, *, at: datetime) -> None:
        """Refuse a pass from now on."""
        record = self.get(pass_id)
        if record is None or record.revoked_at is not None:
            return
        revoked = replace(record, revoked_at=at)
        values = {"revoked_at": utc_text(at), "seal": self._seal(revoked)}
        self._connection.execute(update(passes).where(passes.c.pass_id == pass_id).values(values))

    def _records(self, condition: Any) -> tuple[PassRecord, ...]:
        rows = self._connection.execute(select(passes).where(condition).order_by(passes.c.row_id)).all()
        with reading("passes"):
            return tuple(self._record(row) for row in rows)

    def reseal(self, before: SqlPasses) -> None:
        """Authenticate anew every row that another site key has authenticated."""
        for row in self._connection.execute(select(passes)).all():
            record = before._checked(row)
            self._connection.execute(
                update(passes).where(passes.c.row_id == row.row_id).values(seal=self._seal(record))
            )

    def _record(self, row: Row[Any]) -> PassRecord:
        record = self._checked(row)
        if row.host_sealed is None:
            return record
        key = self._session.key(record.subject_id)
        host = key.open(row.host_sealed, bound=_host_bound(record), row=f"passes row {row.row_id}")
        return replace(record, host=host.decode())

    def _checked(self, row: Row[Any]) -> PassRecord:
        """The record of a row that is as it was written; without the host."""
        record = PassRecord(
            terms=PassTerms(
                pass_id=PassId(row.pass_id),
                valid_from=datetime.fromisoformat(row.valid_from),
                valid_until=datetime.fromisoformat(row.valid_until),
                model_id=ModelId(row.model_id),
                key_number=row.key_number,
            ),
            subject_id=SubjectId(row.subject_id),
            host="",
            revoked_at=None if row.revoked_at is None else datetime.fromisoformat(row.revoked_at),
        )
        if row.seal != self._seal(record):
            raise StorageError(
                f"passes row {row.row_id} was altered",
                advice="restore the data folder from a backup, and ask who had access to it",
            )
        return record

    def _values(self, record: PassRecord) -> dict[str, Any]:
        terms = record.terms
        host = record.host.encode()
        key = self._session.key(record.subject_id)
        return {
            "pass_id": terms.pass_id,
            "subject_id": record.subject_id,
            "key_number": terms.key_number,
            "model_id": terms.model_id,
            "valid_from": utc_text(terms.valid_from),
            "valid_until": utc_text(terms.valid_until),
            "host_sealed": key.seal(host, bound=_host_bound(record)) if host else None,
            "revoked_at": None if record.revoked_at is None else utc_text(record.revoked_at),
            "seal": self._seal(record),
        }

    def _seal(self, record: PassRecord) -> bytes:
        terms = record.terms
        parts = (
            terms.pass_id,
            record.subject_id,
            terms.key_number,
            terms.model_id,
            utc_text(terms.valid_from),
            utc_text(terms.valid_until),
            None if record.revoked_at is None else utc_text(record.revoked_at),
        )
        return self._session.vault.record_mac(associated("pass", *parts))


def reseal_passes(session: Session, before: Vault) -> None:
    """Authenticate passes anew under a new site key (`limen.storage.rotate`).

    Raises:
        StorageError: a row was altered.
    """
    SqlPasses(session).reseal(SqlPasses(Session(connection=session.connection, vault=before)))


def _host_bound(record: PassRecord) -> bytes:
    return associated("host", record.terms.pass_id, record.subject_id)
