"""Faces covered so that nothing can bring them back.

1. A face is covered by the ellipse through the corners of its box, a little larger: hair and ears are mostly in it.
2. What is painted there is one colour: the mean of what surrounds it. No pixel of the ellipse, nor of any other covered
   face, has a part in that: two pictures that differ only inside covered places become the same picture.

So there is nothing to undo. Pixelated or blurred faces, which keep a little of each face, are recognised by machines
that were trained on such faces; and a blur of the surroundings, tried, is taken for a face by detectors now and then.

Source: R. McPherson, R. Shokri, V. Shmatikov, "Defeating Image Obfuscation with Deep Learning", 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.face import Box

__all__ = ["FindFaces", "cover", "covered_places"]

_REACH = 0.78
"""Half axes of the ellipse, in sides of the box; 0.71 goes through its corners."""

_LEAST_PX = 4.0
_AROUND = 1.6
_GREY = 128.0


class FindFaces(Protocol):
    """Finds what there is to cover."""

    def __call__(self, pixels: NDArray[np.uint8], *, enlarged_px: int) -> Sequence[Box]:
        """Boxes of all faces of uint8 (H, W, 3) BGR, not enlarged beyond a longer side of ``enlarged_px``."""


def covered_places(shape: tuple[int, int], boxes: Sequence[Box]) -> NDArray[np.bool_]:
    """Which pixels of a picture of (H, W) lie in a covered place; bool (H, W)."""
    mask = np.zeros(shape, dtype=np.uint8)
    for box in boxes:
        (x, y), (across, down) = box.centre, _half_axes(box)
        centre, axes = (round(x), round(y)), (round(across) + 1, round(down) + 1)
        cv2.ellipse(mask, centre, axes, 0.0, 0.0, 360.0, 1, thickness=-1)
    return mask.astype(bool)


def cover(pixels: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """Return the picture with every box covered.

    Args:
        pixels: uint8 (H, W, 3) BGR; not changed.
        boxes: of faces, in its pixels; may reach beyond it.

    Returns:
        uint8 (H, W, 3); outside ``covered_places`` as before.
    """
    result = pixels.copy()
    if not boxes:
        return result
    height, width = pixels.shape[:2]
    covered = covered_places((height, width), boxes)
    for box in boxes:
        (x, y), (across, down) = box.centre, _half_axes(box)
        left, right = max(0, round(x - _AROUND * across)), min(width, round(x + _AROUND * across) + 1)
        top, bottom = max(0, round(y - _AROUND * down)), min(height, round(y + _AROUND * down) + 1)
        if left < right and top < bottom:
            part = np.s_[top:bottom, left:right]
            own = covered_places((height, width), [box])[part]
            result[part][own] = _surroundings(pixels[part], open_=~covered[part])
    return result


def _half_axes(box: Box) -> tuple[float, float]:
    return max(_LEAST_PX, _REACH * box.width_px), max(_LEAST_PX, _REACH * box.height_px)


def _surroundings(pixels: NDArray[np.uint8], *, open_: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The mean colour of the pixels that are ``open_``, (3,); grey where there are none."""
    mean = pixels[open_].mean(axis=0) if open_.any() else np.full(3, _GREY)
    return np.asarray(np.rint(mean), dtype=np.uint8)
