"""Outlines of drawn masks, in the frame of an upright face: the aligned crop of 112 x 112 units (``vision.align``).

Lengths are in units of that frame (the eyes are 35 apart). A turned head shifts the middle line towards the nose tip
and narrows the far side. Where the edge runs follows the wearer's own nose and mouth.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

__all__ = ["FaceFrame", "MaskKind", "Outline", "Wearing", "outline_of"]

_MIDDLE = 56.0
_STEPS = 12


class MaskKind(StrEnum):
    """Shapes that are sold."""

    SURGICAL = "surgical"
    FOLDED = "folded"
    CUP = "cup"
    CLOTH = "cloth"


class Wearing(StrEnum):
    """Where the upper edge runs."""

    WORN = "worn"
    BELOW_NOSE = "below_nose"
    BELOW_MOUTH = "below_mouth"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceFrame:
    """What a face's own landmarks say about where its nose and mouth are, in frame units.

    Attributes:
        turn: how far the nose tip is off the middle between the eyes, to the right positive.
        nose_y, mouth_y: heights of nose tip and mouth.
    """

    turn: float
    nose_y: float
    mouth_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """How one mask's outline differs from the next.

    Attributes:
        upper: where the upper edge crosses the middle line, 0 (as high as this wearing allows) to 1 (as low).
        rise: how much higher the edge is at the nose than at its ends, 0 to 1.
        half_width: 0 (narrow) to 1 (wide).
        lower: how far it reaches beyond the mouth, 0 to 1.
        slip: sideways, -1 to 1.
        wobble: of the control points, frame units.
    """

    upper: float
    rise: float
    half_width: float
    lower: float
    slip: float
    wobble: float


def outline_of(
    kind: MaskKind, wearing: Wearing, shape: Outline, *, face: FaceFrame, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the closed outline of a mask on a face.

    Args:
        kind: which mask.
        wearing: how it is worn.
        shape: this mask's own proportions.
        face: the wearer's nose and mouth.
        rng: of the wobble.

    Returns:
        float64 (n, 2), points in frame units; the first half runs along the upper edge, from the wearer's right.
    """
    top, ends = _upper_edge(wearing, shape, face)
    bottom = max(face.mouth_y + 15.0 + 13.0 * shape.lower, top + 22.0)
    wide = 32.5 + 8.5 * shape.half_width
    narrow = {MaskKind.SURGICAL: 0.78, MaskKind.FOLDED: 0.6, MaskKind.CUP: 0.7, MaskKind.CLOTH: 0.72}[kind] * wide
    centre = _MIDDLE + 0.8 * face.turn + 2.5 * shape.slip
    left, right = wide - 0.5 * face.turn, wide + 0.5 * face.turn
    low_side = bottom - (0.3 if kind is MaskKind.SURGICAL else 0.42) * (bottom - ends)
    chin = 0.55 * narrow if kind is MaskKind.SURGICAL else 0.3 * narrow
    base = np.array(
        [
            [_MIDDLE - left, ends],
            [centre - 0.45 * left, 0.6 * top + 0.4 * ends],
            [centre - 5.0, top + 0.6],
            [centre, top],
            [centre + 5.0, top + 0.6],
            [centre + 0.45 * right, 0.6 * top + 0.4 * ends],
            [_MIDDLE + right, ends],
            [_MIDDLE + right * narrow / wide * 1.12, low_side],
            [centre + chin, bottom - 1.5],
            [centre - chin, bottom - 1.5],
            [_MIDDLE - left * narrow / wide * 1.12, low_side],
        ]
    )
    wobble = rng.normal(0.0, 1.0, base.shape) * shape.wobble
    wobble[1:6, 1] = np.minimum(wobble[1:6, 1], 1.0) if wearing is Wearing.WORN else np.abs(wobble[1:6, 1])
    return _smooth(base + wobble)


def _upper_edge(wearing: Wearing, shape: Outline, face: FaceFrame) -> tuple[float, float]:
    """Heights of the upper edge at the middle line and at its ends."""
    if wearing is Wearing.WORN:
        highest, lowest = 54.5, max(face.nose_y - 4.0, 58.0)
        top = highest + (lowest - highest) * shape.upper
        return top, top + 2.0 + 12.0 * shape.rise
    if wearing is Wearing.BELOW_NOSE:
        highest, lowest = face.nose_y + 5.5, max(face.mouth_y - 5.0, face.nose_y + 8.0)
        top = highest + (lowest - highest) * shape.upper
        return top, top + 2.0 - 14.0 * shape.rise
    top = face.mouth_y + 6.5 + 6.0 * shape.upper
    return top, top - 12.0 * shape.rise


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A closed Catmull-Rom curve through points."""
    t = np.linspace(0.0, 1.0, _STEPS, endpoint=False)[:, None]
    parts = []
    count = len(points)
    for i in range(count):
        a, b, c, d = (points[(i + k - 1) % count] for k in range(4))
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(parts)
