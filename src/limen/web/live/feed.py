"""What one thread tells and any number of requests follow: the newest only, so that nobody who is slow holds it up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

__all__ = ["Feed"]

Value = TypeVar("Value")
_Follower = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class Feed(Generic[Value]):
    """Holds the newest value and wakes whoever follows.

    Args:
        first: told to whoever comes before anything else was.
    """

    def __init__(self, first: Value) -> None:
        self._lock = threading.Lock()
        self._newest, self._number, self._over = first, 0, False
        self._followers: set[_Follower] = set()

    @property
    def newest(self) -> Value:
        """What was told last."""
        return self._newest

    def change(self, made: Callable[[Value], Value]) -> None:
        """Tell what is made of the newest; from any thread, one after the other."""
        with self._lock:
            self._newest, self._number = made(self._newest), self._number + 1
        self._wake()

    def end(self) -> None:
        """Nothing more is told; whoever follows comes to the end."""
        with self._lock:
            self._over = True
        self._wake()

    async def follow(self, *, idle_s: float | None = None) -> AsyncIterator[Value | None]:
        """The newest value, now and whenever there is another one; None after ``idle_s`` without one."""
        follower = (asyncio.get_running_loop(), asyncio.Event())
        seen = -1
        self._followers.add(follower)
        try:
            while not self._over:
                follower[1].clear()
                with self._lock:
                    value, number = self._newest, self._number
                if number != seen:
                    seen = number
                    yield value
                    continue
                try:
                    await asyncio.wait_for(follower[1].wait(), idle_s)
                except TimeoutError:
                    yield None
        finally:
            self._followers.discard(follower)

    def _wake(self) -> None:
        for loop, event in tuple(self._followers):
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)
