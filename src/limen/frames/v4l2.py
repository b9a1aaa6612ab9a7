"""Linux video devices through OpenCV: what webcams and USB infrared cameras share."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Capture", "open_v4l2"]


class Capture(Protocol):
    """What is used of ``cv2.VideoCapture``."""

    def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
        """Whether there is a device."""

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803  OpenCV's name
        """Ask for a property; whether it could be had."""

    def grab(self) -> bool:
        """Wait for a frame; whether one came."""

    def retrieve(self) -> tuple[bool, NDArray[np.generic]]:
        """Decode the frame that came; whether that worked, and its pixels or counts."""

    def release(self) -> None:
        """Let the device go."""


def open_v4l2(device: str) -> Capture:
    """A device such as /dev/video0, or its number; whether there is one, ``isOpened`` tells."""
    capture: Capture = cv2.VideoCapture(int(device) if device.isdecimal() else device, cv2.CAP_V4L2)
    return capture
