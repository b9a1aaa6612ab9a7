"""Frames that a browser sends: untrusted, bounded, the newest wins.

Their kind is BROWSER, never live: whoever holds the other end chooses the pixels, so they confirm nobody, and a live
data folder recognises nobody on them.
"""

from __future__ import annotations

from collections.abc import Iterator

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Clock
from limen.frames.pictures import decode_picture
from limen.frames.slot import STALLED_AFTER_S, Slot

__all__ = ["MAX_BROWSER_BYTES", "MAX_BROWSER_PIXELS", "BrowserFrames"]

MAX_BROWSER_BYTES = 4 * 1024 * 1024
MAX_BROWSER_PIXELS = 1920 * 1080
_NAME = "the browser"


class BrowserFrames:
    """Implements the port ``FrameSource``; the web layer feeds it.

    Args:
        clock: stamps frames when they arrive.
        stalled_after_s: how long whoever waits does so in silence.
    """

    def __init__(self, *, clock: Clock, stalled_after_s: float = STALLED_AFTER_S) -> None:
        self._clock = clock
        self._slot = Slot(_NAME, stalled_after_s=stalled_after_s)

    @property
    def kind(self) -> SourceKind:
        """Never live."""
        return SourceKind.BROWSER

    def offer(self, content: bytes) -> None:
        """Take a picture file (JPEG, PNG, WebP) that has arrived; one not yet taken is dropped for it.

        Raises:
            CaptureError: too large, or no picture; the one before stays.
        """
        at = self._clock.now()
        if len(content) > MAX_BROWSER_BYTES:
            raise CaptureError(
                f"{_NAME}: {len(content)} bytes are more than a frame may have ({MAX_BROWSER_BYTES})",
                advice="send smaller pictures",
            )
        self._slot.put(
            decode_picture(content, name=_NAME, at=at, kind=SourceKind.BROWSER, max_pixels=MAX_BROWSER_PIXELS)
        )

    def frames(self) -> Iterator[Frame]:
        """The newest frame not yet given out, again and again, until it is closed.

        Raises:
            CaptureError: none came for too long; may be asked again.
        """
        while (frame := self._slot.take()) is not None:
            yield frame

    def close(self) -> None:
        """No further frame is given out."""
        self._slot.clear()
        self._slot.end()
