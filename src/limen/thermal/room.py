"""A thermometer for the room: a file of the kernel (hwmon, 1-Wire) that holds thousandths of a degree Celsius.

Such sensors are slow, and rooms are slower: the file is read once in half a minute. What cannot be read, or is no
temperature of a room, is nothing; a guess would move the limit that people are held against.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from limen.core.ports import Clock

__all__ = ["RoomSensor"]

_EVERY = timedelta(seconds=30)
_PER_DEGREE = 1000.0
_ROOMS_C = (-20.0, 60.0)


class RoomSensor:
    """Called, it gives the temperature of the room in °C, or None.

    Args:
        path: such as /sys/class/hwmon/hwmon3/temp1_input.
        clock: says when to read again.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path, self._clock = path, clock
        self._read_at: datetime | None = None
        self._value: float | None = None

    def __call__(self) -> float | None:
        """The temperature of the room, °C, at most half a minute old; None when it cannot be read."""
        now = self._clock.now()
        if self._read_at is None or abs(now - self._read_at) >= _EVERY:
            self._read_at, self._value = now, self._read()
        return self._value

    def _read(self) -> float | None:
        try:
            value = int(self._path.read_text("ascii")) / _PER_DEGREE
        except (OSError, ValueError):
            return None
        low, high = _ROOMS_C
        return value if low <= value <= high else None
