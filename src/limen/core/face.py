"""Face: where in a frame a face is; nothing about whose it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import owned

__all__ = ["Box", "Face"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright rectangle in frame pixels; (x_px, y_px) is its top left corner, y points down."""

    x_px: float
    y_px: float
    width_px: float
    height_px: float

    def __post_init__(self) -> None:
        if not (self.width_px > 0 and self.height_px > 0):
            raise ValueError(f"box: expected a positive size, got {self.width_px} x {self.height_px}")

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle, in frame pixels."""
        return self.x_px + self.width_px / 2, self.y_px + self.height_px / 2

    def contains(self, x_px: float, y_px: float) -> bool:
        """Whether a point of the frame lies inside, borders included."""
        inside_x = self.x_px <= x_px <= self.x_px + self.width_px
        return inside_x and self.y_px <= y_px <= self.y_px + self.height_px

    def scaled(self, factor: float) -> Box:
        """The same place in a picture ``factor`` times as large."""
        return Box(
            x_px=factor * self.x_px,
            y_px=factor * self.y_px,
            width_px=factor * self.width_px,
            height_px=factor * self.height_px,
        )

    def shared_px(self, other: Box) -> float:
        """Area that two boxes have in common, in square pixels."""
        width = min(self.x_px + self.width_px, other.x_px + other.width_px) - max(self.x_px, other.x_px)
        height = min(self.y_px + self.height_px, other.y_px + other.height_px) - max(self.y_px, other.y_px)
        return max(0.0, width) * max(0.0, height)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """One detected face.

    Attributes:
        box: in frame pixels; may reach beyond the frame's border.
        landmarks: float32 (5, 2), (x, y) in frame pixels: the subject's right eye, left eye, nose tip, right and
            left mouth corner (the right eye is on the left of the picture).
        confidence: the detector's, 0 to 1.
    """

    box: Box
    landmarks: NDArray[np.float32] = field(repr=False)
    confidence: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "landmarks", owned("landmarks", self.landmarks, shape=(5, 2), dtype=np.float32))
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence: expected 0 to 1, got {self.confidence}")

    @property
    def inter_eye_px(self) -> float:
        """Distance between the two eye centres, in pixels (ISO/IEC 29794-5 calls it inter-eye distance)."""
        return float(np.linalg.norm(self.landmarks[0] - self.landmarks[1]))
