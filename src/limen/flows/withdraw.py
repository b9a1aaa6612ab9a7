"""withdraw: a person stops, and everything that could recognise the person is destroyed at once.

In one transaction: the person's key, references, name and agreement record go, and an audit record says that somebody
withdrew. Before the answer, the store scrubs what it deleted from all its files. The receipt lists what is gone, what
stays, until when and why. Not covered: copies somebody else made of the folder (docs/limits.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag, Detail, Receipt, ReceiptItem
from limen.core.people import SubjectId, new_id
from limen.core.ports import Clock, Store

__all__ = ["Withdraw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Destroys what is held about one person."""

    store: Store
    clock: Clock

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
            subject = unit.subjects.get(subject_id)
            if subject is None:
                raise RefusedError(
                    f"there is nobody {subject_id} here", advice="see `limen people list`", reason="no_such_person"
                )
            alias = unit.subjects.alias(subject_id)
            destroyed = unit.subjects.destroy(subject_id)
            unit.agreements.destroy(subject.agreement.agreement_id)
            detail: Detail = {"receipt": receipt_id, "references": destroyed}
            record = unit.audit.append(AuditTag.SUBJECT_WITHDRAWN, at=now, alias=alias, detail=detail)
            unit.commit(scrub=True)
        return Receipt(
            receipt_id=receipt_id,
            at=now,
            gone=(
                ReceiptItem(what="key that unlocked the templates and the name", count=1),
                ReceiptItem(what="face templates", count=destroyed),
                ReceiptItem(what="name and enrolment", count=1),
                ReceiptItem(what="agreement record", count=1),
            ),
            stays=(
                ReceiptItem(
                    what="audit lines that somebody was enrolled and withdrew",
                    count=self._count_lines(alias),
                    until="the site's data folder is deleted",
                    why="to show that the site kept the rules; without the destroyed key they cannot be tied to you",
                ),
            ),
            audit_digest=record.digest,
        )

    def _count_lines(self, alias: str) -> int:
        with self.store.read() as unit:
            return sum(record.alias == alias for record in unit.audit.records())
