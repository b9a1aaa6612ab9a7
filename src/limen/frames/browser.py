"""Frames that a browser sends: untrusted, bounded, the newest wins.

Their kind is BROWSER, never live: whoever holds the other end chooses the pixels, so they confirm nobody. A live data
folder takes them at a door alone, from a paired kiosk, and never there where a face alone opens unattended
(docs/adr/0026).

What arrives is kept as it came, and decoded by whoever takes it, in its turn: a frame that is pushed out by a newer one
has cost nothing.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from PIL import Image

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Clock
from limen.frames.pictures import decode_picture
from limen.frames.slot import STALLED_AFTER_S, Slot

__all__ = ["MAX_BROWSER_BYTES", "MAX_BROWSER_PIXELS", "BrowserFrames"]

MAX_BROWSER_BYTES = 4 * 1024 * 1024
MAX_BROWSER_PIXELS = 1920 * 1080
_FORMATS = ("JPEG", "PNG", "WEBP")
_NAME = "the browser"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrived:
    """A picture file that has passed the gates of its header."""

    content: bytes = field(repr=False)
    at: datetime


class BrowserFrames:
    """Implements the port ``FrameSource``; the web layer feeds it.

    Args:
        clock: stamps frames when they arrive.
        stalled_after_s: how long whoever waits does so in silence.
        turn: held while a frame is decoded and looked at; where many doors share few processors.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        stalled_after_s: float = STALLED_AFTER_S,
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        self._clock = clock
        self._slot = Slot[_Arrived](_NAME, stalled_after_s=stalled_after_s)
        self._turn: AbstractContextManager[object] = nullcontext() if turn is None else turn
        self._arrived = self._shed = 0

    @property
    def kind(self) -> SourceKind:
        """Never live."""
        return SourceKind.BROWSER

    @property
    def arrived(self) -> int:
        """How many pictures were taken in."""
        return self._arrived

    @property
    def shed(self) -> int:
        """How many of them nobody has looked at: a newer one came first, or they could not be decoded."""
        return self._shed

    def offer(self, content: bytes) -> None:
        """Take a picture file (JPEG, PNG, WebP) that has arrived; one not yet taken is dropped for it.

        Raises:
            CaptureError: too large, or no picture; the one before stays. That it decodes is not checked here.
        """
        at = self._clock.now()
        if len(content) > MAX_BROWSER_BYTES:
            raise CaptureError(
                f"{_NAME}: {len(content)} bytes are more than a frame may have ({MAX_BROWSER_BYTES})",
                advice="send smaller pictures",
            )
        _check_header(content)
        self._arrived += 1
        self._shed += self._slot.put(_Arrived(content=content, at=at))

    def frames(self) -> Iterator[Frame]:
        """The newest frame not yet given out, again and again, until it is closed; what does not decode is left out.

        Raises:
            CaptureError: none came for too long; may be asked again.
        """
        while True:
            with self._turn if self._slot.ready() else nullcontext():
                arrived = self._slot.taken()
                if arrived is None:
                    return
                frame = self._decoded(arrived)
                if frame is not None:
                    yield frame

    def close(self) -> None:
        """No further frame is given out."""
        self._slot.clear()
        self._slot.end()

    def _decoded(self, arrived: _Arrived) -> Frame | None:
        try:
            return decode_picture(
                arrived.content, name=_NAME, at=arrived.at, kind=SourceKind.BROWSER, max_pixels=MAX_BROWSER_PIXELS
            )
        except CaptureError:
            self._shed += 1
            return None


def _check_header(content: bytes) -> None:
    """Refuse what is no picture, or asks for too many pixels, without decoding any."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                width, height = image.size
    except Exception as error:  # Pillow's readers raise whatever their format's code does on a broken file
        raise CaptureError(f"{_NAME}: not a picture of a known format", advice=f"use {', '.join(_FORMATS)}") from error
    if width * height > MAX_BROWSER_PIXELS:
        raise CaptureError(
            f"{_NAME}: {width}x{height} pixels are more than limen reads ({MAX_BROWSER_PIXELS})",
            advice="send smaller pictures",
        )
