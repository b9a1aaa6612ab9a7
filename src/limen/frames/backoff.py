"""How long to wait before trying again: twice as long each time, up to a limit, and never in step with others.

Source: exponential back-off with equal jitter (M. Brooker, "Exponential Backoff and Jitter", 2015): after a power cut
twenty doors do not ask one recorder in the same instant.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

__all__ = ["Backoff"]

_CHANCE = secrets.SystemRandom().random


class Backoff:
    """Waiting times.

    Args:
        first_s: the first wait at its longest, seconds.
        most_s: no wait is longer.
        chance: gives numbers from 0 to 1.
    """

    def __init__(
        self,
        *,
        first_s: float = 0.5,
        most_s: float = 10.0,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        self._first_s, self._most_s, self._chance = first_s, most_s, chance
        self._next_s = first_s

    def next_s(self) -> float:
        """The next wait: between half of the present length and all of it."""
        length, self._next_s = self._next_s, min(self._most_s, 2 * self._next_s)
        return length * (0.5 + 0.5 * self._chance())

    def reset(self) -> None:
        """It worked: begin again."""
        self._next_s = self._first_s
