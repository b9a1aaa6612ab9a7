"""Every face of a picture, for covering: rather too many than one too few. Nothing is embedded here, nor could be.

The thorough way of looking (``detect``), at a lower confidence, on the picture itself and enlarged to two and three
times its size: the detector's smallest face has about ten pixels, and a crowd's far faces have fewer. What the looks
agree on becomes one box that holds them all. Measured in docs/results.md, "Crowds".
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.face import Box
from limen.vision.detect import Detector, DetectorOptions

__all__ = ["EVERY_FACE", "EveryFace"]

EVERY_FACE = DetectorOptions(confidence=0.4, tiles=48, second_look=True)

_TIMES = (2, 3)
_SAME = 0.5
_AS_LARGE = 4.0


class EveryFace:
    """Finds all there is to cover.

    Args:
        detector: built with ``EVERY_FACE``.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def __call__(self, pixels: NDArray[np.uint8], *, enlarged_px: int) -> tuple[Box, ...]:
        """Boxes of all faces.

        Args:
            pixels: uint8 (H, W, 3) BGR.
            enlarged_px: the picture is not enlarged beyond this longer side.
        """
        found = self._look(pixels, 1)
        for times in _TIMES:
            if times * max(pixels.shape[:2]) <= enlarged_px:
                found += self._look(pixels, times)
        return _joined(found)

    def _look(self, pixels: NDArray[np.uint8], times: int) -> list[Box]:
        large = pixels if times == 1 else cv2.resize(pixels, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
        faces = self._detector.detect(np.asarray(large, dtype=np.uint8))
        return [face.box.scaled(1 / times) for face in faces]


def _joined(boxes: Iterable[Box]) -> tuple[Box, ...]:
    """One box for all that show the same face; it holds each of them."""
    result: list[Box] = []
    for box in boxes:
        same = next((place for place, other in enumerate(result) if _overlap(box, other) > _SAME), None)
        if same is None:
            result.append(box)
        else:
            result[same] = _around(result[same], box)
    return tuple(result)


def _around(one: Box, other: Box) -> Box:
    left, top = min(one.x_px, other.x_px), min(one.y_px, other.y_px)
    right = max(one.x_px + one.width_px, other.x_px + other.width_px)
    bottom = max(one.y_px + one.height_px, other.y_px + other.height_px)
    return Box(x_px=left, y_px=top, width_px=right - left, height_px=bottom - top)


def _overlap(one: Box, other: Box) -> float:
    """Shared area over that of the smaller of two boxes, if they are about as large; 0 otherwise."""
    smaller, larger = sorted((one.width_px * one.height_px, other.width_px * other.height_px))
    return one.shared_px(other) / smaller if larger <= _AS_LARGE * smaller else 0.0
