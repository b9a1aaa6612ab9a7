"""looks: who looked at a person's data, for that person alone: what, when, in which role, for what reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from limen.core.ledger import AuditTag
from limen.core.people import SubjectId
from limen.core.ports import Store

__all__ = ["Look", "Looks"]

_LOOKS = frozenset(
    {AuditTag.EVENT_OPENED, AuditTag.SUBJECT_EXPORTED, AuditTag.CODE_ISSUED, AuditTag.AGREEMENT_EXPORTED}
)
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look.

    Attributes:
        at: UTC.
        what: the tag of its record.
        role: of whoever looked; empty where the record says none.
        approved_role: of whoever agreed; empty as before.
        reason: as it was given; empty as before.
        event: whose identity was told; empty as before.
    """

    at: datetime
    what: AuditTag
    role: str = ""
    approved_role: str = ""
    reason: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """Reads the chain for one person."""

    store: Store

    def __call__(self, subject_id: SubjectId) -> tuple[Look, ...]:
        """Every look, newest first.

        Raises:
            StorageError: nobody of that id is enrolled.
        """
        with self.store.read() as unit:
            alias = unit.subjects.alias(subject_id)
            found = unit.audit.latest(_LOOKS, most=_MOST, alias=alias)
        return tuple(
            Look(
                at=record.at,
                what=record.tag,
                role=str(record.detail.get("role", "")),
                approved_role=str(record.detail.get("approved_role", "")),
                reason=str(record.detail.get("reason", "")),
                event=str(record.detail.get("event", "")),
            )
            for record in found
        )
