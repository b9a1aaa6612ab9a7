"""acknowledge: somebody has seen an alarm and looks after it: who, when, with a note, in the audit chain.

What stands in the chain is read back from there and kept nowhere else. An alarm that ends and comes again is another
one and wants another word.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from limen.core.door import DoorId
from limen.core.errors import RefusedError
from limen.core.ledger import AuditRecord, AuditTag
from limen.core.ports import Clock, Store
from limen.flows.alarms import Alarm
from limen.flows.desk import stated

__all__ = ["Acknowledge", "Acknowledged", "ContactAlarm"]

_CONTACT = frozenset({AuditTag.DOOR_FORCED, AuditTag.DOOR_HELD, AuditTag.DOOR_TAMPERED, AuditTag.BADGE_PIN_LOCKED})
_MOST_OPEN, _MOST_READ = 50, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """That somebody looks after an alarm.

    Attributes:
        at: UTC.
        by: id of the account.
        note: a few words.
    """

    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAlarm:
    """What a door's contacts, or PINs typed there, have told, as it stands in the chain.

    Attributes:
        alarm_id: its number in the chain, as ``r-12``.
        door: which.
        what: the tag of its record.
        at: UTC.
    """

    alarm_id: str
    door: DoorId
    what: AuditTag
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """Records that alarms were seen.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def __call__(self, alarm: Alarm | ContactAlarm, *, door: DoorId, note: str, by: str) -> Acknowledged:
        """Acknowledge one alarm.

        Raises:
            RefusedError: no words, or somebody did already.
            StorageError: the store cannot be written.
        """
        told, now = stated(note), self.clock.now()
        if alarm.alarm_id in self.known():
            raise RefusedError(
                "this alarm was acknowledged already", advice="see who looks after it", reason="acknowledged"
            )
        detail = {"door": door, "alarm": alarm.alarm_id, "what": str(alarm.what), "note": told, "by": by}
        with self.store.begin() as unit:
            unit.audit.append(AuditTag.ALARM_ACKNOWLEDGED, at=now, alias=None, detail=detail)
            unit.commit()
        return Acknowledged(at=now, by=by, note=told)

    def known(self) -> dict[str, Acknowledged]:
        """By alarm id, of the newest thousand."""
        with self.store.read() as unit:
            found = unit.audit.latest(frozenset({AuditTag.ALARM_ACKNOWLEDGED}), most=_MOST_READ)
        return {str(record.detail["alarm"]): _of(record) for record in found}

    def contacts(self, *, since: datetime, doors: Iterable[DoorId]) -> tuple[ContactAlarm, ...]:
        """What contacts told since a moment, newest first."""
        with self.store.read() as unit:
            found = unit.audit.latest(_CONTACT, most=_MOST_OPEN)
        return tuple(
            ContactAlarm(
                alarm_id=f"r-{record.sequence}",
                door=DoorId(str(record.detail["door"])),
                what=record.tag,
                at=record.at,
            )
            for record in found
            if record.at >= since and record.detail.get("door") in set(doors)
        )


def _of(record: AuditRecord) -> Acknowledged:
    return Acknowledged(at=record.at, by=str(record.detail["by"]), note=str(record.detail["note"]))
