"""A thermal camera that gives the frames a test hands it, and tells when limen has taken them.

How to use: ``source.give(raw)`` returns when the frame has been dealt with; ``source.fail()`` when the camera has been
let go. No test waits for a time to pass.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.thermal import RawThermal

__all__ = ["HandFedThermal"]

_LONGEST_S = 20.0


class HandFedThermal:
    """A live thermal source of frames that a test gives."""

    def __init__(self) -> None:
        self._frames: queue.SimpleQueue[RawThermal | None] = queue.SimpleQueue()
        self._asked = threading.Semaphore(0)
        self._closed = threading.Event()

    @property
    def kind(self) -> SourceKind:
        """Live."""
        return SourceKind.LIVE_CAMERA

    def frames(self) -> Iterator[RawThermal]:
        """Frames as they are given."""
        while True:
            self._asked.release()
            raw = self._frames.get()
            if raw is None:
                raise CaptureError("thermal camera: gone", advice="check its cable")
            yield raw

    def close(self) -> None:
        """Remember that it was let go, and end a wait for frames."""
        self._closed.set()
        self._frames.put(None)

    def give(self, raw: RawThermal) -> None:
        """Give a frame; returns when the next one is asked for."""
        assert self._asked.acquire(timeout=_LONGEST_S), "nobody asks for frames"
        self._frames.put(raw)
        assert self._asked.acquire(timeout=_LONGEST_S), "the frame was not taken"
        self._asked.release()

    def fail(self) -> None:
        """Let the camera fail; returns when it has been let go."""
        self._frames.put(None)
        assert self._closed.wait(_LONGEST_S), "the camera was not let go"
