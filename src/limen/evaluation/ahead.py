"""Pictures looked at by several threads, a few ahead of the answers: however large a set is, few are in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["looked_at"]

_AHEAD = 4

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def looked_at(
    items: Iterable[Item],
    look: Callable[[Item], Answer],
    *,
    threads: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Answer]:
    """``look(item)`` for each item, in order.

    Args:
        items: read one by one, at most four per thread before their answers are taken.
        look: called from several threads at once.
        threads: how many.
        progress: told how many answers have been given.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Answer]] = deque()
        done = 0
        for item in items:
            waiting.append(pool.submit(look, item))
            if len(waiting) > _AHEAD * threads:
                yield waiting.popleft().result()
                progress(done := done + 1)
        while waiting:
            yield waiting.popleft().result()
            progress(done := done + 1)
