"""Frames with drawn faces: nobody's, and yet the detector finds them and the embedding tells them apart.

How to use: ``drawn_frame(PERSON)`` is a frame; ``scene((1280, 720), (PERSON, 320, (40, 200)))`` lays faces on a wall;
``light``, ``blurred`` and the rest spoil pixels in one way each.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.frame import Frame, SourceKind
from limen.frames.drawn import DrawnFace, draw_face
from support.vision import make_frame

__all__ = [
    "Pixels",
    "blurred",
    "drawn",
    "drawn_frame",
    "landmarks_of",
    "light",
    "rotated",
    "scene",
]

Pixels = NDArray[np.uint8]

_WALL = (210, 205, 200)
_FULL_PX = 512


def drawn(face: DrawnFace, *, side_px: int = _FULL_PX) -> Pixels:
    """The face at a size: drawn once, then scaled (drawing anew is slow and no sharper); a writable copy."""
    full = _full(face)
    if side_px == _FULL_PX:
        return full.copy()
    how = cv2.INTER_AREA if side_px < _FULL_PX else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(full, (side_px, side_px), interpolation=how), dtype=np.uint8)


def drawn_frame(face: DrawnFace, *, side_px: int = _FULL_PX, kind: SourceKind = SourceKind.BUNDLED) -> Frame:
    """A frame with one face."""
    return make_frame(drawn(face, side_px=side_px), source="drawn.png", kind=kind)


def scene(size: tuple[int, int], *faces: tuple[DrawnFace, int, tuple[int, int]]) -> Pixels:
    """A wall of ``size`` (width, height) with faces: who, side in pixels, top left corner (x, y)."""
    pixels = np.empty((size[1], size[0], 3), dtype=np.uint8)
    pixels[...] = _WALL
    for face, side_px, (x, y) in faces:
        pixels[y : y + side_px, x : x + side_px] = drawn(face, side_px=side_px)
    return pixels


def landmarks_of(face: DrawnFace, *, side_px: int = _FULL_PX) -> NDArray[np.float32]:
    """Where the eyes, the nose tip and the mouth corners were drawn: float32 (5, 2), pixels."""
    tip = face.eye_line + face.nose_length
    mouth = tip + face.mouth_drop
    shares = [
        (0.5 - face.eye_gap, face.eye_line),
        (0.5 + face.eye_gap, face.eye_line),
        (0.5, tip),
        (0.5 - face.mouth_width, mouth),
        (0.5 + face.mouth_width, mouth),
    ]
    return np.array(shares, dtype=np.float32) * np.float32(side_px)


def light(pixels: Pixels, gain: float) -> Pixels:
    """Brighter or darker."""
    return np.asarray(np.clip(pixels.astype(np.float32) * gain, 0, 255), dtype=np.uint8)


def blurred(pixels: Pixels, sigma_px: float) -> Pixels:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma_px), dtype=np.uint8)


def rotated(pixels: Pixels, angle_deg: float) -> Pixels:
    """Turned about its middle; positive is clockwise in the picture."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -angle_deg, 1.0)
    return np.asarray(cv2.warpAffine(pixels, matrix, (width, height), borderValue=_WALL), dtype=np.uint8)


@cache
def _full(face: DrawnFace) -> Pixels:
    return draw_face(face, side_px=_FULL_PX)
