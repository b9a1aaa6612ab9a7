"""A place for one frame between two threads: a new one pushes out the old, so nothing queues and nothing grows old.

What lies here is a frame, or what one is made of later, such as the bytes of a picture that has arrived.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from limen.core.errors import CaptureError

__all__ = ["STALLED_AFTER_S", "Slot"]

STALLED_AFTER_S = 5.0
"""How long a live source may give no frame before whoever waits is told."""


Item = TypeVar("Item")


class Slot(Generic[Item]):
    """Holds the newest frame until it is taken.

    Args:
        name: of the source, for errors.
        stalled_after_s: how long to wait for a frame; one that has lain here for longer is not given out.
        elapsed: seconds on a clock that never jumps.
    """

    def __init__(self, name: str, *, stalled_after_s: float, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._name, self._stalled_after_s, self._elapsed = name, stalled_after_s, elapsed
        self._changed = threading.Condition()
        self._frame: tuple[Item, float] | None = None
        self._failure: Exception | None = None
        self._last_words = ""
        self._ended = False

    def put(self, frame: Item) -> bool:
        """Lay a frame down; whether one that lay here was pushed out."""
        with self._changed:
            before = self._frame
            self._frame, self._failure, self._last_words = (frame, self._elapsed()), None, ""
            self._changed.notify_all()
        return before is not None

    def fail(self, error: Exception) -> None:
        """Say why none comes; told once, and after that as the cause of the silence."""
        with self._changed:
            self._frame, self._failure, self._last_words = None, error, f" ({error})"
            self._changed.notify_all()

    def end(self) -> None:
        """Say that none comes any more. One that lies here is still given out."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def clear(self) -> None:
        """Throw away what lies here."""
        with self._changed:
            self._frame = None

    def take(self) -> Item | None:
        """Wait for the newest frame; None if none comes any more.

        Raises:
            CaptureError: the source failed, or gave nothing for ``stalled_after_s``.
        """
        self.ready()
        return self.taken()

    def ready(self) -> bool:
        """Wait for something to take; whether it came in time."""
        with self._changed:
            return self._changed.wait_for(self._something, timeout=self._stalled_after_s)

    def taken(self) -> Item | None:
        """What lies here now, without waiting; see ``take``."""
        with self._changed:
            taken, self._frame = self._frame, None
            if taken is not None and self._elapsed() - taken[1] <= self._stalled_after_s:
                return taken[0]
            failure, self._failure = self._failure, None
            if failure is not None:
                raise failure
            if self._ended:
                return None
            raise CaptureError(
                f"{self._name}: no picture for {self._stalled_after_s:g} s{self._last_words}",
                advice="check that it has power and network and is not in use by another program",
            )

    def _something(self) -> bool:
        return self._frame is not None or self._failure is not None or self._ended
