"""Turns at a few processors: a second look follows the first at once, and nobody waits for ever.

1. As many turns are held at once as there are processors; one that is given back goes straight to whoever is next.
2. Next is who asked first, after those who have just looked at a visitor for the first time: a decision takes two
   frames, and where many wait, a track is lost before its turn comes round again. After two looks a door queues like
   all others.
"""

from __future__ import annotations

import itertools
import threading
from heapq import heappop, heappush
from types import TracebackType

__all__ = ["Turn", "Turns"]


class Turns:
    """Hands out turns.

    Args:
        at_once: how many are held at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._lock = threading.Lock()
        self._free = at_once
        self._numbers = itertools.count()
        self._waiting: list[tuple[bool, int, threading.Event]] = []

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._waiting)

    def take(self, *, urgent: bool) -> None:
        """Wait for a turn."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Event()
            heappush(self._waiting, (not urgent, next(self._numbers), mine))
        mine.wait()

    def give_back(self) -> None:
        """Let the next one have it."""
        with self._lock:
            if self._waiting:
                heappop(self._waiting)[2].set()
            else:
                self._free += 1


class Turn:
    """One door's turn, as a context manager; not to be entered twice at once.

    Args:
        turns: shared by all doors.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns, self._urgent = turns, False

    def used(self, *, undecided: bool) -> None:
        """Say whether the look that this turn was for has left a visitor undecided."""
        self._urgent = undecided and not self._urgent

    def __enter__(self) -> None:
        self._turns.take(urgent=self._urgent)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turns.give_back()
