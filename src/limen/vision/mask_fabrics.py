"""What drawn masks are made of: colour, pleats, prints, a seam, and the way light falls on a cushion of cloth.

A fabric is painted on the square frame of an upright face (``vision.align``) and carried onto the picture by its
drawer. Nothing here depends on whose face it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["CORNER", "FRAME", "Fabric", "Print", "paint"]

FRAME = 140.0
"""Side of the painted square, in units of the aligned crop."""

CORNER: NDArray[np.float64] = np.array([14.0, 0.0])
"""Where the aligned crop's corner lies in it, in the same units: the square reaches beyond it, down most."""


class Print(StrEnum):
    """What is printed on it."""

    PLAIN = "plain"
    STRIPES = "stripes"
    DOTS = "dots"
    CHECKS = "checks"
    BLOBS = "blobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """One fabric.

    Attributes:
        colour: BGR, 0 to 255.
        second: BGR of what is printed.
        printed: the print.
        period: of print, frame units.
        pleats: how many; 0 for none.
        seam: a line down the middle.
        relief: strength of folds and of light on the cushion, 0 to 1.
    """

    colour: tuple[float, float, float]
    second: tuple[float, float, float] = (255.0, 255.0, 255.0)
    printed: Print = Print.PLAIN
    period: float = 8.0
    pleats: int = 0
    seam: bool = False
    relief: float = 0.5


def paint(
    fabric: Fabric, outline: NDArray[np.float64], *, pixels_per_unit: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the fabric, painted on the square of FRAME units.

    Args:
        fabric: which.
        outline: float64 (n, 2), of the mask, frame units of the aligned crop.
        pixels_per_unit: resolution of the result.
        rng: of print and folds.

    Returns:
        float32 (s, s, 3) BGR, 0 to 255; not yet cut to the outline.
    """
    side = max(8, round(FRAME * pixels_per_unit))
    grid = ((np.arange(side) + 0.5) / side * FRAME).astype(np.float32)
    x, y = (np.asarray(axis, dtype=np.float32) for axis in np.meshgrid(grid, grid))
    low, high = outline.min(axis=0) + CORNER, outline.max(axis=0) + CORNER
    u = (x - low[0]) / max(1.0, high[0] - low[0])
    v = (y - low[1]) / max(1.0, high[1] - low[1])
    cover = _printed(fabric, (x, y), rng=rng)[..., None]
    colours = np.asarray(fabric.colour, np.float32) * (1 - cover) + np.asarray(fabric.second, np.float32) * cover
    return np.asarray(colours * _light(fabric, (u, v), rng=rng)[..., None], dtype=np.float32)


def _printed(
    fabric: Fabric, place: tuple[NDArray[np.float32], NDArray[np.float32]], *, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Share of the second colour, 0 to 1."""
    x, y = place
    angle, shift = rng.uniform(0, np.pi), rng.uniform(0, fabric.period, 2)
    a = (np.cos(angle) * x + np.sin(angle) * y + shift[0]) / fabric.period * 2 * np.pi
    b = (np.cos(angle) * y - np.sin(angle) * x + shift[1]) / fabric.period * 2 * np.pi
    value: NDArray[Any]
    match fabric.printed:
        case Print.PLAIN:
            value = np.zeros_like(x)
        case Print.STRIPES:
            value = np.sin(a) > rng.uniform(-0.3, 0.6)
        case Print.DOTS:
            value = np.cos(a) + np.cos(b) > rng.uniform(0.6, 1.3)
        case Print.CHECKS:
            value = 0.5 * (np.sin(a) > 0) + 0.5 * (np.sin(b) > 0)
        case Print.BLOBS:
            coarse = rng.normal(0, 1, (24, 24)).astype(np.float32)
            value = cv2.resize(coarse, x.shape[::-1], interpolation=cv2.INTER_CUBIC) > rng.uniform(0.1, 0.8)
        case _:
            assert_never(fabric.printed)
    return np.asarray(value, dtype=np.float32)


def _light(
    fabric: Fabric, place: tuple[NDArray[np.floating], NDArray[np.floating]], *, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Brightness, about 1: a cushion lit from somewhere, pleats, a seam, and creases."""
    u, v = place
    lit_from = rng.uniform(-0.25, 0.25)
    cushion = 1.0 - fabric.relief * (0.5 * (u - 0.5 - lit_from) ** 2 * 2.2 + 0.35 * np.clip(v - 0.55, 0, None))
    if fabric.pleats:
        phase = v * (fabric.pleats + 1)
        edge = np.abs(phase - np.rint(phase)) * (np.rint(phase) >= 1) * (np.rint(phase) <= fabric.pleats)
        on = (np.rint(phase) >= 1) & (np.rint(phase) <= fabric.pleats)
        cushion -= fabric.relief * 0.28 * np.exp(-((edge / 0.1) ** 2)) * on
    if fabric.seam:
        cushion -= fabric.relief * 0.22 * np.exp(-(((u - 0.5) / 0.02) ** 2))
        cushion += fabric.relief * 0.1 * np.sign(u - 0.5) * rng.choice([-1.0, 1.0])
    creases = cv2.resize(rng.normal(0, 1, (9, 9)).astype(np.float32), u.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(cushion + 0.05 * fabric.relief * creases, 0.3, 1.25), dtype=np.float32)
