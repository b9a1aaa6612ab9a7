"""passage: what a door's contacts tell becomes a count, or a record where something is wrong.

Occupancy and anti-passback count passages, not grants. A passage belongs to the first person let in who has not gone
through yet; one that nobody was let in for changes the count and raises a total, and nobody is looked for. A door
forced, held open or tampered with is recorded without a person. Exit requests are never recorded: leaving is free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from limen.core.door import Counted, Direction, DoorId, DoorSignal, SignalKind
from limen.core.ledger import AuditTag
from limen.core.people import SubjectId
from limen.core.ports import Store

__all__ = ["ALARMS", "Passage"]

ALARMS = {
    SignalKind.FORCED_OPEN: AuditTag.DOOR_FORCED,
    SignalKind.HELD_OPEN: AuditTag.DOOR_HELD,
    SignalKind.TAMPERED: AuditTag.DOOR_TAMPERED,
}
"""Signals that somebody has to look after, and how they are recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Follows the contacts of one door.

    Attributes:
        store: of the site.
        door: which.
        leads: which way the door lets people whom it recognises.
        next_to_pass: who was let in and has not gone through yet.
    """

    store: Store
    door: DoorId
    leads: Direction
    next_to_pass: Callable[[datetime], SubjectId | None]

    def __call__(self, signal: DoorSignal) -> None:
        """Write down what follows from a signal.

        Raises:
            StorageError: it cannot be written.
        """
        if signal.kind is SignalKind.PASSED:
            self._passed(signal)
        elif signal.kind in ALARMS:
            with self.store.begin() as unit:
                unit.audit.append(ALARMS[signal.kind], at=signal.at, alias=None, detail={"door": self.door})
                unit.commit()

    def _passed(self, signal: DoorSignal) -> None:
        who = self.next_to_pass(signal.at) if signal.direction is self.leads else None
        inward = signal.direction is Direction.IN
        with self.store.begin() as unit:
            if who is not None and unit.subjects.get(who) is None:
                who = None
            unit.doors.passed(signal.direction, subject_id=who)
            unit.doors.count(self.door, Counted.PASSED_IN if inward else Counted.PASSED_OUT, at=signal.at)
            if who is None and signal.direction is self.leads:
                unit.doors.count(self.door, Counted.PASSED_UNGRANTED, at=signal.at)
            unit.commit()
