"""What fails at a door, until it works again. A fault is an alarm, and nothing opens for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import structlog

from limen.core.door import DoorId
from limen.core.errors import LimenError
from limen.core.people import new_id

__all__ = ["Alarm", "Alarms"]

_LOG = structlog.get_logger("limen.door")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that somebody has to look after.

    Attributes:
        what: fails: camera, thermal, vision, store, actuator or sensor.
        message: what happened.
        advice: what to do.
        alarm_id: random; the same until it works again, so that whoever looks after it can say so once.
    """

    alarm_id: str
    what: str
    message: str
    advice: str


class Alarms:
    """The alarms of one door, told once when they begin and once when they end.

    Args:
        door: which.
    """

    def __init__(self, door: DoorId) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._standing: dict[str, Alarm] = {}

    def fails(self, what: str, error: BaseException) -> None:
        """Something fails."""
        if isinstance(error, LimenError):
            message, advice = str(error), error.advice()
        else:
            message = f"unexpected {type(error).__name__}"
            advice = "this is a mistake in limen; please report it. The door stays shut"
        with self._lock:
            before = self._standing.get(what)
            alarm_id = new_id("f") if before is None else before.alarm_id
            alarm = self._standing[what] = Alarm(alarm_id=alarm_id, what=what, message=message, advice=advice)
        if before != alarm:
            _LOG.warning("alarm", door=self._door, what=what, message=alarm.message)

    def works(self, what: str) -> None:
        """It works again, or still."""
        with self._lock:
            ended = self._standing.pop(what, None)
        if ended is not None:
            _LOG.info("alarm_over", door=self._door, what=what)

    def standing(self) -> tuple[Alarm, ...]:
        """Those that stand now."""
        with self._lock:
            return tuple(self._standing.values())
