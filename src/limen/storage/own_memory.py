"""Keeps the memory of a process that holds keys out of core dumps and out of other processes' reach.

Source: setrlimit(2), prctl(2) PR_SET_DUMPABLE. Not covered: root, swap and hibernation (docs/limits.md).
"""

from __future__ import annotations

import ctypes
import resource
from contextlib import suppress

__all__ = ["keep_to_itself"]

_PR_SET_DUMPABLE = 4


def keep_to_itself() -> None:
    """No core dump of this process, nor of those it starts; and no other process of the same user attaches to it.

    Where the system offers less than that, what it offers is done.
    """
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, AttributeError):  # not Linux
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
