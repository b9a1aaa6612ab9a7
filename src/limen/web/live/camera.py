"""A kiosk's camera: frames of one connection at a time, bounded in size and rate; what is not taken is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from limen.bootstrap.together import BrowserFrames
from limen.core.errors import CaptureError

__all__ = ["MOST_BYTES", "KioskCamera", "Offered"]

MOST_BYTES = 512 * 1024
_MOST_A_SECOND = 10.0


class Offered(StrEnum):
    """What became of a frame on arrival."""

    TAKEN = "taken"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NO_PICTURE = "no_picture"
    REPLACED = "replaced"


class KioskCamera:
    """Lets one connection feed a door's frames: the one that came last, so that no two cameras mix.

    Args:
        frames: of the door.
        elapsed: seconds on a clock that never jumps.
    """

    def __init__(self, frames: BrowserFrames, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        self.frames = frames
        self._elapsed = elapsed
        self._holder = 0
        self._allowed, self._counted_at = _MOST_A_SECOND, elapsed()
        self._too_many = 0

    @property
    def arrived(self) -> int:
        """How many frames came."""
        return self.frames.arrived + self._too_many

    @property
    def shed(self) -> int:
        """How many of them nobody has looked at."""
        return self.frames.shed + self._too_many

    def take_over(self) -> int:
        """Become the connection that feeds the door; its number."""
        self._holder += 1
        return self._holder

    def is_held_by(self, holder: int) -> bool:
        """Whether no other connection has taken over."""
        return self._holder == holder

    def offer(self, content: bytes, *, holder: int) -> Offered:
        """Take a frame that has arrived; nothing of it is decoded here."""
        if not self.is_held_by(holder):
            return Offered.REPLACED
        if len(content) > MOST_BYTES:
            return Offered.TOO_LARGE
        now = self._elapsed()
        self._allowed = min(_MOST_A_SECOND, self._allowed + (now - self._counted_at) * _MOST_A_SECOND)
        self._counted_at = now
        if self._allowed < 1.0:
            self._too_many += 1
            return Offered.TOO_MANY
        self._allowed -= 1.0
        try:
            self.frames.offer(content)
        except CaptureError:
            return Offered.NO_PICTURE
        return Offered.TAKEN

    def close(self) -> None:
        """No further frame is given to the door."""
        self.frames.close()
