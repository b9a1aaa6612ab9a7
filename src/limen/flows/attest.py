"""attest: what a site signs about its own chain, to be kept outside, and what it says of such a file later.

A checkpoint says how many records there are and what the last one's digest is. A daily digest says the same, how often
each tag was written on that day, and which erasures there were lately: with it a restored backup forgets again whoever
has withdrawn since (docs/adr/0019). Both name nobody: an alias stands for a person whose key is destroyed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from limen.core.errors import LedgerError
from limen.core.ledger import AuditRecord, AuditTag, AuditVerdict, KeptHead, Statement
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.restored import restored
from limen.flows.withdraw import RECEIPT

__all__ = ["CHECKPOINT", "DIGEST", "ERASED", "REMEMBERED", "Attest"]

CHECKPOINT = "limen-checkpoint-1"
DIGEST = "limen-digest-1"
ERASED = (AuditTag.SUBJECT_WITHDRAWN, AuditTag.SUBJECT_EXPIRED, AuditTag.ERASURE_REPLAYED)
REMEMBERED = timedelta(days=31)
"""How far back a digest tells of erasures: one day more than a backup can live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attest:
    """Makes and checks signed statements about the chain."""

    store: Store
    clock: Clock

    def checkpoint(self) -> Statement:
        """How far the chain is now, signed.

        Raises:
            LedgerError: the chain is broken; nothing is signed that does not hold.
        """
        with self.store.read() as unit:
            return unit.audit.sign({"statement": CHECKPOINT, **self._head(unit)})

    def digest(self, day: date) -> Statement:
        """The digest of one day (UTC), signed.

        Raises:
            LedgerError: the chain is broken.
        """
        with self.store.read() as unit:
            head = self._head(unit)
            records = list(unit.audit.records())
            tags = Counter(record.tag.value for record in records if record.at.date() == day)
            told = {"day": day.isoformat(), "tags": dict(sorted(tags.items())), "erasures": self._erasures(records)}
            return unit.audit.sign({"statement": DIGEST, **head, **told})

    def verify(self, statements: Sequence[Statement]) -> AuditVerdict:
        """Check the chain from the first record to the last, and that it goes through every statement's head.

        Raises:
            LedgerError: a statement is not a checkpoint or digest that this site signed.
        """
        with self.store.read() as unit:
            kept = [_kept(unit, statement) for statement in statements]
            return unit.audit.verify(kept=kept)

    def receipt(self, statement: Statement) -> str | None:
        """What is wrong with a receipt of a withdrawal, or None if it holds.

        It holds when this site signed it, the chain is whole and still has the record it speaks of (or, after a
        restore, the record that the erasure was replayed), and nobody whose withdrawal is on record is enrolled.

        Raises:
            LedgerError: it is not a receipt that this site signed.
        """
        with self.store.read() as unit:
            unit.audit.check(statement)
            if statement.get("statement") != RECEIPT:
                raise LedgerError("the file is no receipt", advice="give one from `limen people withdraw --out`")
            verdict = unit.audit.verify()
            if verdict.problem is not None:
                return f"the audit chain is broken at record {verdict.broken_at}: {verdict.problem}"
            if not any(_tells_of(record, statement) for record in unit.audit.records()):
                return "the audit chain has no record of this withdrawal: an older copy of it was put back"
            if restored(unit):
                return "somebody who withdrew was put back: see `limen audit verify`"
        return None

    def _head(self, unit: UnitOfWork) -> dict[str, object]:
        verdict = unit.audit.verify()
        if verdict.problem is not None:
            raise LedgerError(
                f"the audit chain is broken at record {verdict.broken_at}: {verdict.problem}",
                advice="run `limen audit verify`; a chain that does not hold is not signed",
            )
        at = self.clock.now().isoformat()
        return {"at": at, "records": verdict.n_records, "head": verdict.head}

    def _erasures(self, records: Sequence[AuditRecord]) -> list[dict[str, str]]:
        since = self.clock.now() - REMEMBERED
        return [_erasure(record) for record in records if record.tag in ERASED and record.at >= since]


def _erasure(record: AuditRecord) -> dict[str, str]:
    told = {"alias": record.alias or "", "at": record.at.isoformat()}
    receipt = record.detail.get("receipt")
    return told if receipt is None else {**told, "receipt": str(receipt)}


def _tells_of(record: AuditRecord, receipt: Statement) -> bool:
    if record.digest == receipt.get("audit_digest"):
        return record.tag is AuditTag.SUBJECT_WITHDRAWN and record.sequence == receipt.get("audit_sequence")
    return record.tag is AuditTag.ERASURE_REPLAYED and record.detail.get("receipt") == receipt.get("receipt_id")


def _kept(unit: UnitOfWork, statement: Statement) -> KeptHead:
    unit.audit.check(statement)
    count, head = statement.get("records"), statement.get("head")
    if statement.get("statement") not in (CHECKPOINT, DIGEST) or not isinstance(count, int):
        raise LedgerError("the file is no checkpoint", advice="give one from `limen audit checkpoint` or `digest`")
    return KeptHead(n_records=count, digest=str(head))
