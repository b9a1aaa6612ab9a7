"""Colour image -> thermal image: where the same point of a face is seen by a camera a hand's breadth away.

Two cameras see a near face shifted by their distance, and the shift depends on how far the face is. That is taken from
the distance between the eyes, which is 63 mm in nearly everybody (SD 3.6, Dodgson 2004), so six per cent wrong for one
person in three; what that leaves is taken out by looking where in the thermal image the two warm corners really are.

Frames: right-handed, x right, y down, z forward, metres; pixels from the middle of the top left one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import owned

__all__ = ["EYES_M", "Refinement", "Rig", "depth_from_eyes", "inner_corners", "mm_per_px", "refined", "to_thermal"]

EYES_M = 0.063
"""Distance between the pupils, mean of adults."""

_CORNERS_M = 0.032
_CORNER_DROP_M = 0.0015
_SEARCH_MM, _LEAST_SEARCH_PX = (10.0, 6.0), 2
_CORE_M, _RING_M = 0.0035, 0.010
_LEAST_CONTRAST_K = 0.08
_HALF = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rig:
    """Two cameras fixed to each other.

    Attributes:
        visible_matrix: float64 (3, 3), pinhole matrix of the colour camera, pixels.
        thermal_matrix: float64 (3, 3), the same of the thermal camera.
        rotation: float64 (3, 3), turns colour coordinates into thermal ones.
        translation_m: float64 (3,), the colour camera's origin in thermal coordinates.
        visible_size_px: (width, height).
        thermal_size_px: (width, height).
    """

    visible_matrix: NDArray[np.float64] = field(repr=False)
    thermal_matrix: NDArray[np.float64] = field(repr=False)
    rotation: NDArray[np.float64] = field(repr=False)
    translation_m: NDArray[np.float64]
    visible_size_px: tuple[int, int]
    thermal_size_px: tuple[int, int]

    def __post_init__(self) -> None:
        shapes = {"visible_matrix": (3, 3), "thermal_matrix": (3, 3), "rotation": (3, 3), "translation_m": (3,)}
        for name, shape in shapes.items():
            object.__setattr__(self, name, owned(name, getattr(self, name), shape=shape, dtype=np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """How far the corners of the eyes lie from where they were expected.

    Attributes:
        shift_px: (x, y) to add.
        contrast_k: by how much they stand out from their surroundings, in degrees.
        trusted: whether they stand out enough, and not just at the border of what was searched.
    """

    shift_px: tuple[float, float]
    contrast_k: float
    trusted: bool


def depth_from_eyes(landmarks: NDArray[np.float32], *, rig: Rig, yaw_deg: float) -> float:
    """How far a face is from the colour camera, metres.

    Args:
        landmarks: float32 (5, 2), colour pixels; the first two are the pupils.
        rig: the cameras.
        yaw_deg: how far the head is turned, which brings the pupils together in the image.
    """
    apart = float(np.linalg.norm(landmarks[0] - landmarks[1])) / max(0.5, float(np.cos(np.radians(yaw_deg))))
    return float(rig.visible_matrix[0, 0]) * EYES_M / max(apart, 1e-6)


def to_thermal(points: NDArray[np.float32], *, rig: Rig, depth_m: float) -> NDArray[np.float64]:
    """Points of the colour image in the thermal one, as if all were at one depth.

    Args:
        points: float32 (n, 2), colour pixels.
        rig: the cameras.
        depth_m: from the colour camera.

    Returns:
        float64 (n, 2), thermal pixels.
    """
    rays = np.linalg.solve(rig.visible_matrix, np.c_[points.astype(np.float64), np.ones(len(points))].T)
    seen = rig.thermal_matrix @ (rig.rotation @ (rays * depth_m) + rig.translation_m[:, None])
    return np.asarray((seen[:2] / seen[2]).T)


def mm_per_px(eyes: NDArray[np.float64], *, yaw_deg: float) -> float:
    """Millimetres on the face per pixel.

    Args:
        eyes: float64 (2, 2) or more, pupils first.
        yaw_deg: how far the head is turned.
    """
    apart = float(np.linalg.norm(eyes[0] - eyes[1])) / max(0.5, float(np.cos(np.radians(yaw_deg))))
    return 1000.0 * EYES_M / max(apart, 1e-6)


def inner_corners(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inner corners of the eyes: float64 (2, 2), in the order of the pupils they belong to.

    Args:
        landmarks: float64 (5, 2), pupils first, any image.
    """
    middle, along = (landmarks[0] + landmarks[1]) / 2.0, landmarks[1] - landmarks[0]
    down = np.array([-along[1], along[0]])
    share, drop = _CORNERS_M / EYES_M / 2.0, _CORNER_DROP_M / EYES_M
    return np.stack([middle - share * along, middle + share * along]) + drop * down


def refined(temperature_c: NDArray[np.float32], corners: NDArray[np.float64], *, scale_mm_per_px: float) -> Refinement:
    """Look for the two warm corners around where they are expected, both moved together.

    A wrong depth moves them sideways, so the search is wider there. One warm spot may be a vein or a lamp; two of them,
    as far apart as the corners are, are the eyes.

    Args:
        temperature_c: float32 (H, W).
        corners: float64 (2, 2), where they are expected.
        scale_mm_per_px: on the face.
    """
    reach_x, reach_y = (max(_LEAST_SEARCH_PX, round(reach / scale_mm_per_px)) for reach in _SEARCH_MM)
    core, ring = 1000.0 * _CORE_M / scale_mm_per_px, 1000.0 * _RING_M / scale_mm_per_px
    half_x, half_y = int(np.ceil(reach_x + ring)), int(np.ceil(reach_y + ring))
    size = (2 * half_x + 1, 2 * half_y + 1)
    both = np.stack([cv2.getRectSubPix(temperature_c, size, (float(x), float(y))) for x, y in corners])
    patch = both.mean(axis=0).astype(np.float32)
    spots = cv2.GaussianBlur(patch, (0, 0), max(0.6, core / _HALF))
    warm = np.subtract(spots, cv2.blur(patch, (2 * int(ring) + 1,) * 2), dtype=np.float32)
    window = warm[half_y - reach_y : half_y + reach_y + 1, half_x - reach_x : half_x + reach_x + 1]
    row, column = divmod(int(np.argmax(window)), window.shape[1])
    contrast = float(window[row, column])
    inside = 0 < row < 2 * reach_y and 0 < column < 2 * reach_x
    if not np.isfinite(contrast) or contrast < _LEAST_CONTRAST_K or not inside:
        return Refinement(shift_px=(0.0, 0.0), contrast_k=contrast, trusted=False)
    shift = (column - reach_x + _vertex(window[row], column), row - reach_y + _vertex(window[:, column], row))
    return Refinement(shift_px=shift, contrast_k=contrast, trusted=True)


def _vertex(values: NDArray[np.floating], at: int) -> float:
    """Where between the neighbours of a maximum a parabola through them has its vertex, -0.5 to 0.5."""
    before, here, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2.0 * here + after
    return 0.0 if bend >= 0.0 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
