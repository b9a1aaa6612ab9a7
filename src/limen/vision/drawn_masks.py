"""Masks drawn onto pictures of bare faces: to train and measure the mask state, and for masked views at enrolment.

A drawn mask follows the wearer's own landmarks and the light on the face, and touches nothing above the bridge of the
nose. It is a stand-in: real masks vary more (docs/results.md says how much that matters). Only medical, dust and
everyday cloth masks are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.vision.align import LANDMARK_PLACES, similarity_transform
from limen.vision.mask_fabrics import CORNER, FRAME, Fabric, Print, paint
from limen.vision.mask_shapes import FaceFrame, MaskKind, Outline, Wearing, outline_of

__all__ = ["ENROLMENT_MASKS", "DrawnMask", "MaskKind", "Wearing", "draw_mask", "random_mask"]

_USUAL_LIGHT = 140.0
_FINEST, _COARSEST = 3.0, 0.4
_COMMON: tuple[tuple[float, float, float], ...] = (
    (235, 235, 235),
    (228, 190, 140),
    (215, 205, 120),
    (200, 215, 180),
    (38, 36, 36),
    (95, 92, 90),
    (190, 180, 232),
    (110, 60, 40),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnMask:
    """One mask and how it sits.

    Attributes:
        kind, wearing, outline: its form.
        fabric: what it is made of.
        straps: whether straps to the ears are seen.
        soft_px: blur of the drawing, in pixels of the picture.
    """

    kind: MaskKind
    wearing: Wearing
    outline: Outline
    fabric: Fabric
    straps: bool = True
    soft_px: float = 0.6


def _usual(kind: MaskKind, fabric: Fabric, *, upper: float) -> DrawnMask:
    shape = Outline(upper=upper, rise=0.4, half_width=0.5, lower=0.5, slip=0.0, wobble=0.0)
    return DrawnMask(kind=kind, wearing=Wearing.WORN, outline=shape, fabric=fabric)


ENROLMENT_MASKS: tuple[DrawnMask, ...] = (
    _usual(MaskKind.SURGICAL, Fabric(colour=(228, 190, 140), pleats=3), upper=0.4),
    _usual(MaskKind.FOLDED, Fabric(colour=(235, 235, 235), seam=True), upper=0.3),
    _usual(MaskKind.CLOTH, Fabric(colour=(38, 36, 36), seam=True), upper=0.6),
    _usual(MaskKind.CLOTH, Fabric(colour=(120, 90, 60), second=(220, 225, 230), printed=Print.DOTS), upper=0.5),
)
"""Four masks as they are mostly worn, for views at enrolment."""


def random_mask(rng: np.random.Generator, *, wearing: Wearing = Wearing.WORN) -> DrawnMask:
    """A mask of any shape, colour and print.

    Args:
        rng: decides.
        wearing: how it is worn.
    """
    kind = list(MaskKind)[int(rng.integers(len(MaskKind)))]
    common = rng.random() < 0.65  # noqa: PLR2004  most masks are of a few colours
    colour = np.asarray(_COMMON[int(rng.integers(len(_COMMON)))]) if common else rng.uniform(15, 245, 3)
    colour = np.clip(colour + rng.normal(0, 10, 3), 5, 250)
    plain = kind is not MaskKind.CLOTH or rng.random() < 0.5  # noqa: PLR2004  half of the cloth is printed
    printed = Print.PLAIN if plain else list(Print)[int(rng.integers(1, len(Print)))]
    fabric = Fabric(
        colour=_triple(colour),
        second=_triple(rng.uniform(10, 250, 3)),
        printed=printed,
        period=float(rng.uniform(4, 18)),
        pleats=int(rng.integers(2, 5)) if kind is MaskKind.SURGICAL else 0,
        seam=kind in (MaskKind.FOLDED, MaskKind.CLOTH) and bool(rng.random() < 0.7),  # noqa: PLR2004  most have one
        relief=float(rng.uniform(0.25, 1.0)),
    )
    shape = Outline(
        upper=float(rng.beta(1.6, 1.8)),
        rise=float(rng.random()),
        half_width=float(rng.random()),
        lower=float(rng.random()),
        slip=float(rng.normal(0, 0.5)),
        wobble=float(rng.uniform(0, 1.4)),
    )
    straps, soft = bool(rng.random() < 0.7), float(rng.uniform(0.4, 1.1))  # noqa: PLR2004  hair hides the others
    return DrawnMask(kind=kind, wearing=wearing, outline=shape, fabric=fabric, straps=straps, soft_px=soft)


def draw_mask(
    pixels: NDArray[np.uint8],
    landmarks: NDArray[np.float32],
    mask: DrawnMask,
    *,
    rng: np.random.Generator,
    cloth: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Return the picture with a mask on the face.

    Args:
        pixels: uint8 (H, W, 3) BGR; not changed.
        landmarks: float32 (5, 2), pixels of the picture, of the bare face.
        mask: what to draw.
        rng: folds, print and camera noise; the same seed gives the same picture.
        cloth: uint8 (h, w, 3) BGR, a picture of cloth to be stretched over the mask instead of ``mask.fabric``.

    Raises:
        ValueError: arrays of another shape, or landmarks at one point.
    """
    if pixels.ndim != 3 or pixels.shape[2] != 3 or landmarks.shape != (5, 2):  # noqa: PLR2004  colour picture
        raise ValueError(f"mask: expected (H, W, 3) and (5, 2), got {pixels.shape} and {landmarks.shape}")
    to_frame = similarity_transform(landmarks, LANDMARK_PLACES)
    seen = landmarks @ to_frame[:, :2].T + to_frame[:, 2]
    face = FaceFrame(
        turn=float(np.clip(seen[2, 0] - seen[:2, 0].mean(), -16, 16)),
        nose_y=float(np.clip(seen[2, 1], 62, 82)),
        mouth_y=float(np.clip(seen[3:, 1].mean(), 84, 100)),
    )
    outline = outline_of(mask.kind, mask.wearing, mask.outline, face=face, rng=rng)
    per_unit = float(np.clip(1.0 / np.hypot(to_frame[0, 0], to_frame[1, 0]), _COARSEST, _FINEST))
    fabric = paint(mask.fabric, outline, pixels_per_unit=per_unit, rng=rng)
    if cloth is not None:
        low, high = ((edge + CORNER) * per_unit for edge in (outline.min(axis=0), outline.max(axis=0)))
        _stretch(cloth, fabric, low=np.floor(low).astype(int), high=np.ceil(high).astype(int))
    cover = _cover(outline, mask, per_unit)
    # Painted square -> frame -> picture.
    from_square = np.array([[1 / per_unit, 0, -CORNER[0]], [0, 1 / per_unit, -CORNER[1]], [0, 0, 1]])
    back = np.vstack([cv2.invertAffineTransform(to_frame), [0, 0, 1]]) @ from_square
    return _laid_on(pixels, fabric, cover=cover, back=back[:2], soft_px=mask.soft_px, rng=rng)


def _stretch(
    cloth: NDArray[np.uint8], fabric: NDArray[np.float32], *, low: NDArray[np.intp], high: NDArray[np.intp]
) -> None:
    """Put a picture of cloth where the mask will be cut out of the painted square."""
    low, high = np.clip(low, 0, len(fabric) - 1), np.clip(high, 1, len(fabric))
    width, height = (int(value) for value in np.maximum(high - low, 1))
    fabric[low[1] : high[1], low[0] : high[0]] = cv2.resize(cloth, (width, height), interpolation=cv2.INTER_AREA)


def _cover(outline: NDArray[np.float64], mask: DrawnMask, per_unit: float) -> NDArray[np.float32]:
    """Coverage 0 to 1 on the painted square, straps included."""
    side = max(8, round(FRAME * per_unit))
    cover = np.zeros((side, side), dtype=np.uint8)
    points = (outline + CORNER) * per_unit
    cv2.fillPoly(cover, [np.rint(points * 16).astype(np.int32)], 255, lineType=cv2.LINE_AA, shift=4)
    if mask.straps:
        ends = points[[0, len(points) * 6 // 11]]
        for end, ear_x in zip(ends, (3.0, FRAME - 3.0), strict=True):
            ear = np.array([ear_x, max(58.0, float(end[1]) / per_unit - 14.0)]) * per_unit
            line = np.rint(np.stack([end, ear]) * 16).astype(np.int32)
            cv2.polylines(cover, [line], isClosed=False, color=190, thickness=max(1, round(per_unit)), shift=4)
    return np.asarray(cover, dtype=np.float32) / np.float32(255)


def _laid_on(
    pixels: NDArray[np.uint8],
    fabric: NDArray[np.float32],
    *,
    cover: NDArray[np.float32],
    back: NDArray[np.float64],
    soft_px: float,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Lay a painted square over a picture, in the light that falls on what it covers."""
    side = len(cover)
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]]) @ back[:, :2].T + back[:, 2]
    low = np.clip(np.floor(corners.min(axis=0)).astype(int) - 2, 0, pixels.shape[1::-1])
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int) + 2, 0, pixels.shape[1::-1])
    result = pixels.copy()
    if (high - low).min() < 2:  # noqa: PLR2004  nothing of it is inside the picture
        return result
    part = result[low[1] : high[1], low[0] : high[0]]
    shifted = back.copy()
    shifted[:, 2] -= low
    size = (part.shape[1], part.shape[0])
    alpha = cv2.warpAffine(cover, shifted, size, flags=cv2.INTER_LINEAR)
    drawn = cv2.warpAffine(fabric, shifted, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = _light_on(part, np.asarray(alpha, dtype=np.float32))
    alpha = cv2.GaussianBlur(alpha, (0, 0), soft_px)[..., None]
    alpha[alpha < 0.01] = 0.0  # noqa: PLR2004  the blur's far end must not touch the picture
    noisy = cv2.GaussianBlur(drawn, (0, 0), soft_px) * light + rng.normal(0, 2.5, drawn.shape)
    part[...] = np.clip(part * (1 - alpha) + noisy * alpha, 0, 255).astype(np.uint8)
    return result


def _light_on(part: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """How bright the light is at every pixel, relative to the usual: float32 (h, w, 1)."""
    grey = part.astype(np.float32).mean(axis=2)
    spread = max(1.0, 0.12 * min(part.shape[:2]))
    weight = cv2.GaussianBlur(alpha, (0, 0), spread) + np.float32(1e-3)
    smooth = cv2.GaussianBlur(grey * alpha, (0, 0), spread) / weight
    overall = float((grey * alpha).sum() / max(1e-3, float(alpha.sum())))
    level = np.clip(0.55 + 0.45 * overall / _USUAL_LIGHT, 0.4, 1.15)
    return np.asarray((np.clip(smooth / max(overall, 1.0), 0.65, 1.3) * level)[..., None], dtype=np.float32)


def _triple(colour: NDArray[np.float64]) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in colour)
    return first, second, third
