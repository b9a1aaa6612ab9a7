"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["NOON", "FakeClock"]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class FakeClock:
    """Implements `limen.core.ports.Clock`.

    How to use: ``clock = FakeClock()``, hand it over, then ``clock.advance(timedelta(days=1))``.
    """

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move on; a negative step moves back, as a wrong clock does."""
        self._now += by
