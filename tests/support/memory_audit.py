"""The audit chain of a store in memory."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from limen.core.errors import LedgerError
from limen.core.ledger import AuditRecord, AuditTag, AuditVerdict, Detail, KeptHead, Statement
from limen.ledger.audit import FIRST_PREVIOUS, canonical_detail
from support.memory_state import MemoryState

__all__ = ["MemoryAudit"]


class MemoryAudit:
    """Implements `limen.core.ports.AuditLog`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def append(self, tag: AuditTag, *, at: datetime, alias: str | None, detail: Detail) -> AuditRecord:
        """Add a record."""
        if at.tzinfo is None:
            raise ValueError("at: expected a time zone")
        canonical_detail(detail)
        record = AuditRecord(
            sequence=len(self._state.audit) + 1,
            at=at.astimezone(UTC),
            tag=tag,
            alias=alias,
            detail=copy.deepcopy(dict(detail)),
            previous=self._state.audit[-1].digest if self._state.audit else FIRST_PREVIOUS,
            digest="",
        )
        self._state.audit.append(replace(record, digest=_digest(record)))
        return self._state.audit[-1]

    def records(self) -> Iterator[AuditRecord]:
        """All records."""
        yield from self._state.audit

    def latest(
        self, tags: AbstractSet[AuditTag], *, most: int, before: int | None = None, alias: str | None = None
    ) -> tuple[AuditRecord, ...]:
        """The newest of some tags."""
        found = [
            record
            for record in reversed(self._state.audit)
            if record.tag in tags
            and (before is None or record.sequence < before)
            and (alias is None or record.alias == alias)
        ]
        return tuple(found[:most])

    def gone(self) -> frozenset[str]:
        """Aliases of people who are no longer enrolled."""
        tags = (AuditTag.SUBJECT_WITHDRAWN, AuditTag.SUBJECT_EXPIRED, AuditTag.ERASURE_REPLAYED)
        return frozenset(r.alias for r in self._state.audit if r.tag in tags and r.alias is not None)

    def is_gone(self, alias: str) -> bool:
        """Whether one alias is among them."""
        return alias in self.gone()

    def sign(self, statement: Statement) -> Statement:
        """Sign with a key that every memory store has."""
        told = {**statement, "site": "memory", "key": "test"}
        return {**told, "signature": _signature(told)}

    def check(self, statement: Statement) -> None:
        """Check such a signature."""
        told = {name: value for name, value in statement.items() if name != "signature"}
        if told.get("site") != "memory" or statement.get("signature") != _signature(told):
            raise LedgerError("altered, or another site's", advice="find the file as it was")

    def verify(self, *, kept: Sequence[KeptHead] = ()) -> AuditVerdict:
        """Check every link."""
        expected = {head.n_records: head.digest for head in kept}
        previous, good, problem = FIRST_PREVIOUS, 0, None
        for record in self._state.audit:
            kept_digest = expected.pop(record.sequence, record.digest)
            if record.previous != previous or not record.digest == kept_digest == _digest(record):
                problem = "the record was altered"
                break
            previous, good = record.digest, good + 1
        if expected:
            problem = problem or "records that a checkpoint saw are missing"
        return AuditVerdict(
            n_records=len(self._state.audit),
            broken_at=None if problem is None else good + 1,
            problem=problem,
            head=previous,
            not_covered=("Anything: this chain lives in a test.",),
        )


def _signature(told: Statement) -> str:
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _digest(record: AuditRecord) -> str:
    told = [record.sequence, record.at.isoformat(), record.tag, record.alias, dict(record.detail), record.previous]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
