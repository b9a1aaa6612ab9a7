"""withdraw: a person stops, and everything that could recognise the person is destroyed at once.

In one transaction: the person's key, references, name and agreement record go, passes are revoked, and an audit record
says that somebody withdrew. Before the answer, the store scrubs what it deleted from all its files. The receipt lists
what is gone, what stays, until when and why, and when the last backup that knows the person dies; it is signed, and
`Attest.receipt` says later whether it holds. Every door of the site asks the store at each search whether anything
changed, so that the very next search knows. Not covered: copies somebody else made of the folder (docs/limits.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from limen.core.ledger import AuditRecord, AuditTag, Receipt, ReceiptItem
from limen.core.people import SubjectId, new_id
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.forget import Also, Forgotten, forget
from limen.flows.somebody import nobody

__all__ = ["RECEIPT", "Withdraw"]

RECEIPT = "limen-receipt-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Destroys what is held about one person.

    Attributes:
        store: of the site.
        clock: tells when.
        also: what else ends with a person.
    """

    store: Store
    clock: Clock
    also: Sequence[Also] = ()

    def __call__(self, subject_id: SubjectId) -> Receipt:
        """Withdraw one person.

        Raises:
            RefusedError: there is no such person.
            StorageError: the store cannot be written; nothing was changed, unless the text says only the scrub is
                missing.
        """
        now = self.clock.now()
        receipt_id = new_id("w")
        with self.store.begin() as unit:
            tag, detail = AuditTag.SUBJECT_WITHDRAWN, {"receipt": receipt_id}
            forgotten = forget(unit, subject_id, tag=tag, at=now, detail=detail, also=self.also)
            if forgotten is None:
                raise nobody(subject_id)
            receipt = _receipt(unit, forgotten, receipt_id=receipt_id, at=now)
            unit.commit(scrub=True)
        return receipt


def _receipt(unit: UnitOfWork, forgotten: Forgotten, *, receipt_id: str, at: datetime) -> Receipt:
    records = list(unit.audit.records())
    stays = (_lines(records, forgotten.alias), *_backups(records, at))
    told = {
        "statement": RECEIPT,
        "receipt_id": receipt_id,
        "at": at.isoformat(),
        "gone": [asdict(item) for item in forgotten.gone],
        "stays": [asdict(item) for item in stays],
        "audit_sequence": forgotten.record.sequence,
        "audit_digest": forgotten.record.digest,
    }
    return Receipt(
        receipt_id=receipt_id,
        at=at,
        gone=forgotten.gone,
        stays=stays,
        audit_digest=forgotten.record.digest,
        statement=unit.audit.sign(told),
    )


def _lines(records: Sequence[AuditRecord], alias: str) -> ReceiptItem:
    return ReceiptItem(
        what="audit lines that somebody was enrolled and withdrew",
        count=sum(record.alias == alias for record in records),
        until="the site's data folder is deleted",
        why="to show that the site kept the rules; without the destroyed key they cannot be tied to you",
    )


def _backups(records: Sequence[AuditRecord], now: datetime) -> tuple[ReceiptItem, ...]:
    """Backups that can still be opened, by limen's own record of them."""
    ends = [str(record.detail["expires_at"]) for record in records if record.tag is AuditTag.SITE_BACKED_UP]
    alive = sorted(end for end in map(datetime.fromisoformat, ends) if end > now)
    if not alive:
        return ()
    return (
        ReceiptItem(
            what="encrypted backups that limen made before",
            count=len(alive),
            until=f"{alive[-1]:%Y-%m-%d %H:%M} UTC, when the last one's key is destroyed",
            why="to repair the site after a fault; a restore forgets you again before anything can match",
        ),
    )
