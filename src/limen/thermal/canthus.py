"""The inner corners of the eyes in one thermal frame, and patches around them that can be averaged over frames.

A single pixel on the corner reads half a degree too low and a single hottest pixel follows the noise. So the patches of
several frames are laid over each other first, each where its own corner is, and the four hottest pixels within six
millimetres of the corner are averaged then (study, sections 1d and 4, step 7).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.thermal.registration import inner_corners, mm_per_px, refined

__all__ = ["EyePatches", "hottest", "look"]

_RADIUS_MM = 6.0
_RING_MM = (8.0, 14.0)
_HOTTEST = 4
_HALF_PX = 15
_PUPIL_MM, _FOREHEAD_UP = 7.0, 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EyePatches:
    """What one frame shows around the eyes.

    Attributes:
        right, left: float32 (31, 31), °C, the inner corner of the subject's right and left eye in the middle.
        mm_per_px: on the face.
        eyes_px: distance between the pupils.
        pupils_c: mean temperature on the two pupils.
        forehead_c: median on the middle of the forehead.
        face_max_c: highest between forehead and chin; kept apart, as a mouth may be it.
        contrast_k: how much the corners stand out.
        found: whether the two corners were found where they may be.
        corners_px: float64 (2, 2), where they were found.
        edge_px: width of the face's edge, 10 to 90 %; NaN if none is in the picture.
    """

    right: NDArray[np.float32] = field(repr=False)
    left: NDArray[np.float32] = field(repr=False)
    mm_per_px: float
    eyes_px: float
    pupils_c: float
    forehead_c: float
    face_max_c: float
    contrast_k: float
    found: bool
    corners_px: NDArray[np.float64] = field(repr=False)
    edge_px: float


def look(
    temperature_c: NDArray[np.float32], landmarks: NDArray[np.float64], *, yaw_deg: float, room_c: float
) -> EyePatches | None:
    """Look at the eyes in one frame.

    Args:
        temperature_c: float32 (H, W).
        landmarks: float64 (5, 2), thermal pixels: pupils, nose, corners of the mouth.
        yaw_deg: how far the head is turned.
        room_c: of the room, °C.

    Returns:
        None when the eyes are not wholly in the picture.
    """
    height, width = temperature_c.shape
    corners, scale = inner_corners(landmarks), mm_per_px(landmarks, yaw_deg=yaw_deg)
    pupils = landmarks[:2]
    room = 12.0 / scale
    if not np.isfinite(landmarks).all() or (pupils < room).any() or (pupils >= [width - room, height - room]).any():
        return None
    refinement = refined(temperature_c, corners, scale_mm_per_px=scale)
    corners = corners + refinement.shift_px
    pupils = pupils + refinement.shift_px
    along = landmarks[1] - landmarks[0]
    up = np.array([along[1], -along[0]])
    right, left = (_patch(temperature_c, corner, _HALF_PX) for corner in corners)
    forehead = pupils.mean(axis=0) + _FOREHEAD_UP * up
    return EyePatches(
        right=right,
        left=left,
        mm_per_px=scale,
        eyes_px=float(np.linalg.norm(along)),
        pupils_c=float(np.mean([_disc_mean(temperature_c, pupil, _PUPIL_MM / scale) for pupil in pupils])),
        forehead_c=_disc_mean(temperature_c, forehead, _PUPIL_MM / scale),
        face_max_c=_face_max(temperature_c, landmarks),
        contrast_k=refinement.contrast_k,
        found=refinement.trusted,
        corners_px=corners,
        edge_px=_edge_width(temperature_c, pupils, along=along, room_c=room_c),
    )


def hottest(patch: NDArray[np.float32], *, scale_mm_per_px: float, room_c: float) -> tuple[float, float]:
    """(mean of the four hottest pixels on skin within six millimetres of the middle, mean of the ring around), °C.

    Args:
        patch: float32 (31, 31).
        scale_mm_per_px: on the face.
        room_c: of the room; what is not five degrees warmer is no skin.
    """
    side = np.arange(-_HALF_PX, _HALF_PX + 1)
    away = np.hypot(side[:, None], side[None, :]) * scale_mm_per_px
    disc = patch[(away <= max(_RADIUS_MM, 1.2 * scale_mm_per_px)) & (patch > room_c + 5.0)]
    low, high = _RING_MM
    ring = patch[(away >= low) & (away <= high)]
    if len(disc) < _HOTTEST or not len(ring):
        return float("nan"), float("nan")
    return float(np.sort(disc)[-_HOTTEST:].mean()), float(ring.mean())


def _patch(temperature_c: NDArray[np.float32], middle: NDArray[np.float64], half: int) -> NDArray[np.float32]:
    size = (2 * half + 1, 2 * half + 1)
    return np.asarray(cv2.getRectSubPix(temperature_c, size, (float(middle[0]), float(middle[1]))), dtype=np.float32)


def _disc_mean(temperature_c: NDArray[np.float32], middle: NDArray[np.float64], radius_px: float) -> float:
    half = max(1, round(radius_px))
    side = np.arange(-half, half + 1)
    disc = np.hypot(side[:, None], side[None, :]) <= half
    return float(_patch(temperature_c, middle, half)[disc].mean())


def _face_max(temperature_c: NDArray[np.float32], landmarks: NDArray[np.float64]) -> float:
    eyes = float(np.linalg.norm(landmarks[0] - landmarks[1]))
    low = np.maximum(landmarks.min(axis=0) - 0.6 * eyes, 0).astype(int)
    high = np.maximum(landmarks.max(axis=0) + 0.5 * eyes, 1).astype(int)
    part = temperature_c[low[1] : high[1], low[0] : high[0]]
    return float(part.max()) if part.size else float("nan")


def _edge_width(
    temperature_c: NDArray[np.float32], pupils: NDArray[np.float64], *, along: NDArray[np.float64], room_c: float
) -> float:
    """Width in pixels over which skin gives way to the room beside the eyes; the sharper side counts."""
    widths = []
    middle, reach = pupils.mean(axis=0), 2.2
    for side in (-1.0, 1.0):
        steps = np.arange(0.5, reach, 0.25 / max(1.0, float(np.linalg.norm(along))))
        points = (middle + side * steps[:, None] * along).astype(np.float32)
        line = cv2.remap(
            temperature_c, points[None, :, 0], points[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )[0]
        inside = (points[:, 0] >= 0) & (points[:, 0] <= temperature_c.shape[1] - 1)
        width = _ten_to_ninety(line[inside], room_c)
        if width is not None:
            widths.append(width * 0.25)
    return min(widths) if widths else float("nan")


def _ten_to_ninety(line: NDArray[np.float32], room_c: float) -> float | None:
    """Samples from nine tenths of the step to one, skin outwards; None if the line does not leave the face."""
    if len(line) < 8:  # noqa: PLR2004 - too short to hold an edge
        return None
    skin, beyond = float(np.median(line[: len(line) // 4])), float(np.percentile(line, 5))
    if skin - beyond < 4.0 or beyond > room_c + 4.0:  # noqa: PLR2004 - degrees; no step down to the room
        return None
    share = (line - beyond) / (skin - beyond)
    end = int(np.argmax(share < 0.1))  # noqa: PLR2004 - a tenth
    above = np.nonzero(share[:end] > 0.9)[0]  # noqa: PLR2004 - nine tenths
    return float(end - above[-1]) if len(above) else None
