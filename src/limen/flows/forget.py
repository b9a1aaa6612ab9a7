"""forget: what every end of an enrolment does to a person's data, within the caller's transaction.

Withdrawal, the end of an agreement, an enrolment nobody came back to and an erasure replayed on a restored backup
differ in who asks; what is destroyed is the same, and stands here once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from limen.core.ledger import AuditRecord, AuditTag, Detail, ReceiptItem
from limen.core.people import SubjectId
from limen.core.ports import UnitOfWork

__all__ = ["Also", "Forgotten", "forget"]

Also = Callable[[UnitOfWork, SubjectId, datetime], ReceiptItem | None]
"""What else ends with a person, in the same transaction (passes are revoked); what it was, for the receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was destroyed.

    Attributes:
        alias: the person's in the audit chain; nobody can make it again.
        gone: for the receipt.
        record: of the audit chain.
    """

    alias: str
    gone: tuple[ReceiptItem, ...]
    record: AuditRecord


def forget(
    unit: UnitOfWork,
    subject_id: SubjectId,
    *,
    tag: AuditTag,
    at: datetime,
    detail: Detail,
    also: Sequence[Also] = (),
) -> Forgotten | None:
    """Destroy one person's key, references, name and agreement; None if there is no such person.

    The caller commits, with a scrub.

    Raises:
        StorageError: the store cannot be written.
    """
    subject = unit.subjects.get(subject_id)
    if subject is None:
        return None
    alias = unit.subjects.alias(subject_id)
    more = [item for item in (step(unit, subject_id, at) for step in also) if item is not None]
    n_passes = len(unit.passes.of(subject_id))
    unit.service.sessions.remove_of(subject_id)
    unit.service.answers.remove_of(subject_id)
    unit.links.destroy(subject_id)
    count = unit.subjects.destroy(subject_id)
    unit.agreements.destroy(subject.agreement.agreement_id)
    record = unit.audit.append(tag, at=at, alias=alias, detail={**detail, "references": count})
    gone = (
        ReceiptItem(what="key that unlocked the templates and the name", count=1),
        ReceiptItem(what="face templates", count=count),
        ReceiptItem(what="name and enrolment", count=1),
        ReceiptItem(what="agreement record", count=1),
        *((ReceiptItem(what="face passes, which no door takes any more", count=n_passes),) if n_passes else ()),
        *more,
    )
    return Forgotten(alias=alias, gone=gone, record=record)
