"""Whether anything has changed since nobody was found: a wall need not be searched for faces five times a second.

The picture is compared with the last one that was searched in vain, never with the one before, so that nothing creeps
in unseen; and it is searched again after a second in any case. A face that is near enough to take part covers one in
25 of the places that are compared, at least; one in 200 counts as a change.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from limen.core.frame import Frame

__all__ = ["Still"]

_EVERY_PX = 8
_CHANGED, _MOST_CHANGED = 12, 1 / 200
_LONGEST = timedelta(seconds=1)


class Still:
    """Remembers one coarse picture in which nobody was, and forgets it when somebody is."""

    def __init__(self) -> None:
        self._empty: NDArray[np.float32] | None = None
        self._at: datetime | None = None

    def is_still(self, frame: Frame) -> bool:
        """Whether nothing has changed since nobody was found, less than a second ago."""
        if self._empty is None or self._at is None or not self._at <= frame.captured_at < self._at + _LONGEST:
            return False
        now = _coarse(frame)
        if now.shape != self._empty.shape:
            return False
        return bool((np.abs(now - self._empty) > _CHANGED).mean() < _MOST_CHANGED)

    def searched(self, frame: Frame, *, found: bool) -> None:
        """A frame was searched for faces."""
        self._empty, self._at = (None, None) if found else (_coarse(frame), frame.captured_at)


def _coarse(frame: Frame) -> NDArray[np.float32]:
    """One pixel of 64, grey: float32 (h, w); of a wall, as nobody was found."""
    places = slice(_EVERY_PX // 2, None, _EVERY_PX)
    grey: NDArray[np.float32] = frame.pixels[places, places].mean(axis=2, dtype=np.float32)
    return grey
