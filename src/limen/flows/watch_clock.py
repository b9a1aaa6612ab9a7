"""watch_clock: whether the time of day may be believed. Where not, hours and ends of agreements count as unmet.

The wall clock is compared with one that only counts seconds. If they part by more than a few seconds, or the wall clock
stands before the newest record of the site, it was set or has lost its battery; a minute of agreement makes it good.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

__all__ = ["ClockWatch"]

_APART = 5.0
_STEADY = 60.0
_SLACK = timedelta(seconds=_APART)


class ClockWatch:
    """Watches one clock.

    Args:
        seconds: a clock that only counts, from anywhere, and never jumps.
        newest: time of the newest record; the wall clock cannot stand before it.
    """

    def __init__(self, *, seconds: Callable[[], float], newest: datetime) -> None:
        self._seconds = seconds
        self._newest = newest
        self._began: tuple[datetime, float] | None = None
        self._doubted_at: float | None = None

    def is_trusted(self, at: datetime) -> bool:
        """Whether the wall clock, which reads ``at``, may be believed."""
        now = self._seconds()
        if self._began is None:
            self._began = (at, now)
        wall, counted = (at - self._began[0]).total_seconds(), now - self._began[1]
        if abs(wall - counted) > _APART or at < self._newest - _SLACK:
            self._began, self._doubted_at = (at, now), now
            return False
        if wall > _STEADY:
            self._began = (at, now)
        if self._doubted_at is not None and now - self._doubted_at < _STEADY:
            return False
        self._doubted_at = None
        return True
