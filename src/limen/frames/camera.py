"""A camera, or a video file standing in for one, through OpenCV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Clock

__all__ = ["Camera"]

_WIDTH, _HEIGHT = 1280, 720
_MOST_DIGITS = 4


class Camera:
    """Implements the port ``FrameSource``.

    Args:
        source: a number (0 is the first camera), a device such as /dev/video0, or a video file. Only the first two
            are live.
        clock: stamps frames when they arrive.

    Raises:
        CaptureError: there is no such camera or file, or it cannot be opened.
    """

    def __init__(self, source: str, *, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        path = Path(source)
        numbered = source.isdecimal() and len(source) <= _MOST_DIGITS
        live = numbered or (path.exists() and path.is_char_device())
        self._kind = SourceKind.LIVE_CAMERA if live else SourceKind.FILE
        if not live and not path.is_file():
            raise CaptureError(f"camera {source}: there is none", advice="see `limen doctor` for cameras found")
        self._capture = cv2.VideoCapture(int(source) if numbered else source)
        if not self._capture.isOpened():
            self._capture.release()
            raise CaptureError(
                f"camera {source}: cannot be opened", advice="close other programs that use it, and check permissions"
            )
        if live:
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)

    @property
    def kind(self) -> SourceKind:
        """Live, or a file."""
        return self._kind

    def frames(self) -> Iterator[Frame]:
        """Frames as they come; ends with a file, raises when a live camera stops.

        Raises:
            CaptureError: a live camera gives no more pictures.
        """
        while True:
            arrived, pixels = self._capture.read()
            if not arrived:
                break
            yield Frame(
                pixels=np.asarray(pixels, dtype=np.uint8),
                captured_at=self._clock.now(),
                source=f"camera {self._source}",
                kind=self._kind,
            )
        if self._kind is SourceKind.LIVE_CAMERA:
            raise CaptureError(f"camera {self._source}: stopped giving pictures", advice="check its cable")

    def close(self) -> None:
        """Let the device go."""
        self._capture.release()
