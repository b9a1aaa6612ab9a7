"""Cameras that do what a test tells them.

How to use: ``camera = FakeCamera()``; from the test ``camera.shows(frame)`` gives a frame, ``camera.breaks()`` makes it
fail, ``camera.ends()`` end. ``FakeDevice`` stands in for a webcam under OpenCV.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from support.clock import NOON

__all__ = ["PATIENCE_S", "FakeCamera", "FakeDevice", "grey_frame"]

PATIENCE_S = 20.0
"""How long a test waits for what must happen before it gives up."""


def grey_frame(level: int, *, kind: SourceKind = SourceKind.LIVE_CAMERA) -> Frame:
    """A frame of one grey."""
    return Frame(pixels=np.full((48, 64, 3), level, np.uint8), captured_at=NOON, source="fake", kind=kind)


class FakeCamera:
    """Implements the port ``FrameSource``; blocks until the test says what happens next."""

    def __init__(self, *, kind: SourceKind = SourceKind.LIVE_CAMERA) -> None:
        self._kind = kind
        self._next: queue.SimpleQueue[Frame | Exception | None] = queue.SimpleQueue()
        self.taken = threading.Semaphore(0)
        self.closed = threading.Event()

    @property
    def kind(self) -> SourceKind:
        """As it was made."""
        return self._kind

    def shows(self, frame: Frame) -> None:
        """Give a frame, and wait until the one before it has been dealt with."""
        self._next.put(frame)
        assert self.taken.acquire(timeout=PATIENCE_S)

    def breaks(self, error: Exception | None = None) -> None:
        """Fail."""
        self._next.put(error or CaptureError("camera fake: unplugged", advice="plug it in"))

    def ends(self) -> None:
        """End without an error."""
        self._next.put(None)

    def frames(self) -> Iterator[Frame]:
        """What the test gives; ``taken`` counts frames that have been handed on and dealt with."""
        while (item := self._next.get()) is not None and not self.closed.is_set():
            if isinstance(item, Exception):
                raise item
            yield item
            self.taken.release()

    def close(self) -> None:
        """Let go; a blocked reader is released."""
        self.closed.set()
        self._next.put(None)


class FakeDevice:
    """Stands in for OpenCV's capture: gives the pictures it was made with, then nothing."""

    def __init__(self, *pictures: NDArray[np.uint8], opens: bool = True) -> None:
        self._pictures, self._opens = list(pictures), opens
        self.settings: list[float] = []
        self.released = 0

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
        """As it was made."""
        return self._opens

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803  OpenCV's name
        """Remember what was asked for."""
        self.settings += [propId, value]
        return True

    def grab(self) -> bool:
        """Whether a picture is left."""
        return bool(self._pictures)

    def retrieve(self) -> tuple[bool, NDArray[np.uint8]]:
        """The next picture."""
        return True, self._pictures.pop(0)

    def release(self) -> None:
        """Count how often it was let go."""
        self.released += 1
