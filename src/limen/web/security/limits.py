"""How often one caller may ask: so many at once, and then as many again as time passes.

In memory, bounded, and forgotten with the process; the lock-out of an account has to outlive it and is in the store.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from threading import Lock

from starlette.requests import HTTPConnection

from limen.core.ports import Clock
from limen.web.problems import ProblemError

__all__ = ["RateLimit", "address_of", "too_many"]

_MOST = 10_000
"""Callers remembered; the one who has been silent for longest is forgotten first."""


@dataclass(slots=True, kw_only=True)
class _Bucket:
    left: float
    at: datetime


class RateLimit:
    """A bucket for each caller.

    Args:
        clock: tells when.
        at_once: how many in a row.
        per_minute: how many after that.
    """

    def __init__(self, *, clock: Clock, at_once: int, per_minute: float) -> None:
        self._clock = clock
        self._at_once = at_once
        self._per_second = per_minute / 60
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = Lock()

    def ask(self, who: str) -> None:
        """One more of a caller.

        Raises:
            ProblemError: 429, with how long to wait.
        """
        now = self._clock.now()
        with self._lock:
            bucket = self._buckets.pop(who, None) or _Bucket(left=self._at_once, at=now)
            passed = max(0.0, (now - bucket.at).total_seconds())
            bucket.left = min(self._at_once, bucket.left + passed * self._per_second)
            bucket.at = now
            allowed = bucket.left >= 1
            bucket.left -= allowed
            self._buckets[who] = bucket
            if len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        if not allowed:
            wait = ceil((1 - bucket.left) / self._per_second)
            raise too_many(wait)


def too_many(wait_s: int) -> ProblemError:
    """The answer to somebody who asks too often."""
    return ProblemError(
        429,
        "too_many",
        title="Too many requests",
        advice=f"wait {wait_s} seconds",
        headers={"Retry-After": str(wait_s)},
    )


def address_of(connection: HTTPConnection) -> str:
    """From where somebody asks."""
    return connection.client.host if connection.client else ""
