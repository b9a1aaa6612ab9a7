"""A webcam (V4L2, through OpenCV)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Clock
from limen.frames.held import Held
from limen.frames.v4l2 import Capture, open_v4l2

__all__ = ["Camera"]

_WIDTH, _HEIGHT = 1280, 720


class Camera:
    """Implements the port ``FrameSource``.

    Asks for 1280x720 in Motion JPEG: uncompressed, USB carries that size at about ten frames a second only.

    Args:
        device: such as /dev/video0, or its number.
        clock: stamps a frame when it has arrived, before it is decoded.
        opened: opens a device; another one in tests, which have no camera.

    Raises:
        CaptureError: there is none, or it cannot be opened.
    """

    def __init__(self, device: str, *, clock: Clock, opened: Callable[[str], Capture] = open_v4l2) -> None:
        self._name, self._clock = f"camera {device}", clock
        self._capture = opened(device)
        self._held = Held(self._capture.release)
        if not self._capture.isOpened():
            self.close()
            raise CaptureError(
                f"{self._name}: there is none, or it cannot be opened",
                advice="close other programs that use it, check permissions; `limen doctor` lists cameras",
            )
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)

    @property
    def kind(self) -> SourceKind:
        """Live."""
        return SourceKind.LIVE_CAMERA

    def frames(self) -> Iterator[Frame]:
        """Frames as they come, until it is closed.

        Raises:
            CaptureError: the camera gives no more pictures.
        """
        while (taken := self._held.use(self._take)) is not None:
            pixels, at = taken
            yield Frame(pixels=pixels, captured_at=at, source=self._name, kind=SourceKind.LIVE_CAMERA)

    def close(self) -> None:
        """Let the device go."""
        self._held.close()

    def _take(self) -> tuple[NDArray[np.uint8], datetime]:
        arrived = self._capture.grab()
        at = self._clock.now()
        decoded, pixels = self._capture.retrieve() if arrived else (False, np.zeros(0, np.uint8))
        if not decoded:
            raise CaptureError(f"{self._name}: stopped giving pictures", advice="check its cable")
        if pixels.dtype != np.uint8 or pixels.shape[2:] != (3,):
            raise CaptureError(f"{self._name}: sends no colour pictures", advice="name the device of the colour camera")
        return np.array(pixels, dtype=np.uint8), at
