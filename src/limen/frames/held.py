"""A native handle that one thread reads and another may let go: never released in the middle of a call into it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["Held"]

_T = TypeVar("_T")
_PATIENCE_S = 1.0


class Held:
    """Guards a device or file of a C library, which two threads may not enter at once.

    Args:
        release: lets the handle go; called once.
    """

    def __init__(self, release: Callable[[], object]) -> None:
        self._release = release
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._released = False

    @property
    def closing(self) -> threading.Event:
        """Set when the handle is to be let go; what waits, waits on this."""
        return self._closing

    def use(self, step: Callable[[], _T]) -> _T | None:
        """The result of one call into the library; None once the handle is to be let go."""
        with self._lock:
            result = None if self._closing.is_set() else step()
            if self._closing.is_set():
                self._let_go()
                return None
            return result

    def close(self) -> None:
        """Let it go now, or, if a call hangs in it, when that call returns."""
        self._closing.set()
        if self._lock.acquire(timeout=_PATIENCE_S):
            try:
                self._let_go()
            finally:
                self._lock.release()

    def _let_go(self) -> None:
        if not self._released:
            self._released = True
            self._release()
