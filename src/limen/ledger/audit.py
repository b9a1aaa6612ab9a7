"""The append-only chain of what happened: every record authenticates itself and the one before.

Rules kept: a record becomes durable with the effect it tells of, in the same transaction; its digest is an HMAC-SHA-256
under the site's audit key of the very text that is stored (canonical JSON, UTC with microseconds), so that one changed
byte anywhere is found; the head, kept beside the chain in the same transaction, finds a cut-off end; records name
nobody. What the check cannot see it says itself (`NOT_COVERED`).

Source: Schneier and Kelsey, Secure Audit Logs to Support Computer Forensics, ACM TISSEC 2 (1999).
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Row, cast, insert, select, update

from limen.core.errors import LedgerError
from limen.core.ledger import AuditRecord, AuditTag, AuditVerdict, Detail, KeptHead, Statement
from limen.ledger.statements import check_signed, signed
from limen.storage import Session
from limen.storage.schema import audit, audit_head, utc_text
from limen.storage.vault import Vault, associated

__all__ = ["FIRST_PREVIOUS", "NOT_COVERED", "SqlAudit", "canonical_detail"]

FIRST_PREVIOUS = "0" * 64
"""What the first record has in place of a digest before it."""

NOT_COVERED = (
    "An older copy of the whole database put in place of this one: export a checkpoint and compare.",
    "Records written by someone who holds the site key: with it a whole new chain can be made.",
    "Whether what a record says happened in reality, and what nobody recorded.",
    "The times: they are those of this machine's clock.",
)

_AFTER_KEPT = (
    "An older copy of the whole database that reaches to record {}, the newest a checkpoint has seen, or beyond."
)

_GONE = tuple(tag.value for tag in (AuditTag.SUBJECT_WITHDRAWN, AuditTag.SUBJECT_EXPIRED, AuditTag.ERASURE_REPLAYED))
_BLOCK_ROWS = 1000
_MAX_FACTS = 16
_MAX_TEXT = 200


def canonical_detail(detail: Detail) -> str:
    """A record's small facts as the text that is hashed and stored: JSON, keys sorted, ASCII, no spaces.

    Raises:
        ValueError: more than 16 facts, a text of more than 200 characters, or a number that is not finite.
        TypeError: a fact that is neither text, number, truth value nor None.
    """
    if len(detail) > _MAX_FACTS:
        raise ValueError(f"detail: expected up to {_MAX_FACTS} facts, got {len(detail)}")
    for name, fact in detail.items():
        if not isinstance(fact, str | int | float | None):
            raise TypeError(f"detail: expected text, a number or None for {name}, got {type(fact).__name__}")
        if isinstance(fact, str) and len(fact) > _MAX_TEXT:
            raise ValueError(f"detail: expected up to {_MAX_TEXT} characters for {name}, got {len(fact)}")
    return json.dumps(dict(detail), ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    count: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """A row as its bytes are: what is not UTF-8 is kept too, and counts."""

    sequence: int
    at: str
    tag: str
    alias: str | None
    detail: str
    previous: str
    digest: str


_EMPTY = _Head(count=0, digest=FIRST_PREVIOUS)
_COLUMNS = (audit.c.sequence, *(cast(column, LargeBinary).label(column.name) for column in list(audit.c)[1:]))
_HEAD_COLUMNS = (
    audit_head.c.n_records,
    cast(audit_head.c.digest, LargeBinary).label("digest"),
    cast(audit_head.c.mac, LargeBinary).label("mac"),
)


class SqlAudit:
    """Implements `limen.core.ports.AuditLog` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection
        self._vault = session.vault

    def append(self, tag: AuditTag, *, at: datetime, alias: str | None, detail: Detail) -> AuditRecord:
        """Add a record; it becomes durable with the effect it tells of, in the same transaction.

        Raises:
            LedgerError: the head of the chain does not hold; nothing is added to a chain that may be forged.
            ValueError: a fact that is too large, or a moment without time zone.
        """
        head = self._head() or self._beginning(tag)
        if head is None:
            raise LedgerError(
                "the head of the audit chain was altered or is missing",
                advice="run `limen audit verify`, and restore the data folder from a backup",
            )
        row: dict[str, str | int | None] = {
            "sequence": head.count + 1,
            "at": utc_text(at),
            "tag": tag.value,
            "alias": alias,
            "detail": canonical_detail(detail),
            "previous": head.digest,
        }
        digest = self._vault.audit_mac(associated("record", *row.values()))
        self._connection.execute(insert(audit).values(digest=digest, **row))
        self._move_head(_Head(count=head.count + 1, digest=digest))
        return AuditRecord(
            sequence=head.count + 1,
            at=datetime.fromisoformat(utc_text(at)),
            tag=tag,
            alias=alias,
            detail=dict(detail),
            previous=head.digest,
            digest=digest,
        )

    def records(self) -> Iterator[AuditRecord]:
        """All records, oldest first. Read but not checked; that is `verify`.

        Raises:
            LedgerError: a record is not what limen writes.
        """
        yield from map(_read, self._rows())

    def latest(
        self, tags: AbstractSet[AuditTag], *, most: int, before: int | None = None, alias: str | None = None
    ) -> tuple[AuditRecord, ...]:
        """The newest records of some tags, newest first. Read but not checked; that is `verify`.

        Raises:
            LedgerError: a record is not what limen writes.
        """
        query = select(*_COLUMNS).where(audit.c.tag.in_([tag.value for tag in tags]))
        if before is not None:
            query = query.where(audit.c.sequence < before)
        if alias is not None:
            query = query.where(audit.c.alias == alias)
        rows = self._connection.execute(query.order_by(audit.c.sequence.desc()).limit(most)).all()
        return tuple(_read(_stored(row)) for row in rows)

    def gone(self) -> frozenset[str]:
        """Aliases of everybody who withdrew or whose agreement ended."""
        found = self._connection.execute(select(audit.c.alias).where(audit.c.tag.in_(_GONE))).scalars()
        return frozenset(alias for alias in found if alias is not None)

    def is_gone(self, alias: str) -> bool:
        """Whether one alias is among ``gone``; looks at that person's records alone."""
        query = select(audit.c.sequence).where(audit.c.alias == alias, audit.c.tag.in_(_GONE)).limit(1)
        return self._connection.execute(query).first() is not None

    def verify(self, *, kept: Sequence[KeptHead] = ()) -> AuditVerdict:
        """Check every link from the first record to the last, the ``kept`` heads on the way, then the head.

        Args:
            kept: from checkpoints of this site; that they are its own is checked by `check`, not here.
        """
        expected = {head.n_records: head.digest for head in kept}
        good = _EMPTY
        n_records = 0
        problem: str | None = None
        for row in self._rows():
            n_records += 1
            problem = problem or _problem_of(row, after=good, vault=self._vault)
            if problem is None and expected.get(row.sequence, row.digest) != row.digest:
                problem = "the record is another one than when the checkpoint was made"
            if problem is None:
                good = _Head(count=row.sequence, digest=row.digest)
        missing = max((head.n_records for head in kept), default=0) - n_records
        if missing > 0:
            problem = problem or f"{missing} records that a checkpoint saw are missing at the end"
        problem = problem or self._problem_of_head(good)
        return AuditVerdict(
            n_records=n_records,
            broken_at=None if problem is None else good.count + 1,
            problem=problem,
            head=good.digest,
            not_covered=_not_covered(max(expected, default=None)),
        )

    def sign(self, statement: Statement) -> Statement:
        """The statement with ``site``, ``key`` and ``signature``."""
        return signed(statement, vault=self._vault)

    def check(self, statement: Statement) -> None:
        """Check that this site signed a statement, and that nothing in it was changed.

        Raises:
            LedgerError: another site's, or altered.
        """
        check_signed(statement, site_id=self._vault.site_id, keys=self._vault.public_keys)

    def _rows(self) -> Iterator[_Stored]:
        result = self._connection.execute(select(*_COLUMNS).order_by(audit.c.sequence))
        for block in result.partitions(_BLOCK_ROWS):
            yield from map(_stored, block)

    def _head(self) -> _Head | None:
        """The head, or None if it does not hold or is not there."""
        row = self._connection.execute(select(*_HEAD_COLUMNS)).one_or_none()
        if row is None or not isinstance(row.n_records, int):
            return None
        head = _Head(count=row.n_records, digest=_text(row.digest))
        return head if _same(_head_mac(self._vault, head), _text(row.mac)) else None

    def _beginning(self, tag: AuditTag) -> _Head | None:
        """What the very first record follows; only the birth of a site may begin a chain."""
        any_row = self._connection.execute(select(audit.c.sequence).union_all(select(audit_head.c.id)).limit(1))
        return _EMPTY if tag is AuditTag.SITE_CREATED and any_row.one_or_none() is None else None

    def _move_head(self, head: _Head) -> None:
        values = {"n_records": head.count, "digest": head.digest, "mac": _head_mac(self._vault, head)}
        first = head.count == 1
        statement = insert(audit_head).values(id=1, **values) if first else update(audit_head).values(values)
        self._connection.execute(statement)

    def _problem_of_head(self, good: _Head) -> str | None:
        head = self._head()
        if head is None:
            return "the head of the chain was altered or is missing"
        if head.count > good.count:
            return f"{head.count - good.count} records are missing at the end"
        if good.count in self._vault.rotated_after:
            return "the record of the rotation of the site key is missing at the end"
        return None if head == good else "the head belongs to another chain"


def _not_covered(kept: int | None) -> tuple[str, ...]:
    return NOT_COVERED if kept is None else (_AFTER_KEPT.format(kept), *NOT_COVERED[1:])


def _problem_of(row: _Stored, *, after: _Head, vault: Vault) -> str | None:
    if row.sequence != after.count + 1:
        return f"a record is missing before number {row.sequence}"
    if row.previous != after.digest:
        return "the record does not follow the one before"
    fields = (row.sequence, row.at, row.tag, row.alias, row.detail, row.previous)
    if not _same(vault.audit_mac(associated("record", *fields), sequence=row.sequence), row.digest):
        return "the record was altered"
    if after.count in vault.rotated_after and row.tag != AuditTag.SITE_KEY_ROTATED:
        return "the chain does not go on with the rotation of the site key"
    if after == _EMPTY and row.tag != AuditTag.SITE_CREATED:
        return "the chain does not begin with the site's creation"
    return None


def _read(row: _Stored) -> AuditRecord:
    try:
        return _record_of(row)
    except (TypeError, ValueError) as cause:
        raise LedgerError(
            f"audit record {row.sequence} cannot be read: it was altered",
            advice="run `limen audit verify`, and restore the data folder from a backup",
        ) from cause


def _record_of(row: _Stored) -> AuditRecord:
    return AuditRecord(
        sequence=row.sequence,
        at=datetime.fromisoformat(row.at),
        tag=AuditTag(row.tag),
        alias=row.alias,
        detail=dict(json.loads(row.detail)),
        previous=row.previous,
        digest=row.digest,
    )


def _stored(row: Row[Any]) -> _Stored:
    return _Stored(
        sequence=row.sequence,
        at=_text(row.at),
        tag=_text(row.tag),
        alias=None if row.alias is None else _text(row.alias),
        detail=_text(row.detail),
        previous=_text(row.previous),
        digest=_text(row.digest),
    )


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", errors="surrogateescape")


def _head_mac(vault: Vault, head: _Head) -> str:
    return vault.audit_mac(associated("head", head.count, head.digest), sequence=head.count)


def _same(expected: str, found: str) -> bool:
    return found.isascii() and hmac.compare_digest(expected, found)
