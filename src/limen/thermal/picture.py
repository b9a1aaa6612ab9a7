"""Temperatures -> a picture with a colour bar, for people."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["thermal_picture"]

_LEAST_HEIGHT = 360
_BAR, _LABEL = 18, 84
_LINES = 5
_SIZE = 0.42
_INK, _CROSS = (235, 235, 235), (255, 220, 120)


def thermal_picture(temperature_c: NDArray[np.float32], *, mark: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Draw a map of temperatures, enlarged to be seen, with a bar that leaves out its half per cent at either end.

    The hottest pixel has a cross.

    Args:
        temperature_c: float32 (H, W); NaN is drawn black.
        mark: (x, y) of a point to ring and to write the temperature of.

    Returns:
        uint8 (h, w, 3) BGR.
    """
    known = np.isfinite(temperature_c)
    low, high = (float(value) for value in np.percentile(temperature_c[known], [0.5, 99.5])) if known.any() else (0, 1)
    high = max(high, low + 0.1)
    larger = max(1, -(-_LEAST_HEIGHT // temperature_c.shape[0]))
    colours = _coloured((np.where(known, temperature_c, low) - low) / (high - low))
    colours[~known] = 0
    colours = np.repeat(np.repeat(colours, larger, axis=0), larger, axis=1)
    if known.any():
        row, column = np.unravel_index(int(np.nanargmax(temperature_c)), temperature_c.shape)
        cv2.drawMarker(colours, _middle((int(column), int(row)), larger), _CROSS, cv2.MARKER_CROSS, 11, 1, cv2.LINE_AA)
    if mark is not None:
        _ring(colours, _middle(mark, larger), float(temperature_c[mark[1], mark[0]]))
    height = colours.shape[0]
    side = np.full((height, _BAR + _LABEL, 3), 24, dtype=np.uint8)
    side[8 : height - 8, 6 : 6 + _BAR] = _coloured(np.linspace(1.0, 0.0, height - 16)[:, None])
    for step in range(_LINES):
        share = step / (_LINES - 1)
        where = (12 + _BAR, round(8 + share * (height - 16)) + 5)
        _write(side, high - share * (high - low), where)
    return np.hstack([colours, side])


def _middle(pixel: tuple[int, int], larger: int) -> tuple[int, int]:
    return round((pixel[0] + 0.5) * larger), round((pixel[1] + 0.5) * larger)


def _ring(colours: NDArray[np.uint8], at: tuple[int, int], value_c: float) -> None:
    """A ring, dark within light so that it shows on everything, and the temperature on the side with more room."""
    cv2.circle(colours, at, 7, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.circle(colours, at, 7, _INK, 1, cv2.LINE_AA)
    if np.isfinite(value_c):
        left = at[0] > colours.shape[1] // 2
        _write(colours, value_c, (at[0] - 66 if left else at[0] + 12, min(max(at[1] + 5, 12), colours.shape[0] - 4)))


def _write(canvas: NDArray[np.uint8], value_c: float, at: tuple[int, int]) -> None:
    """A temperature; the font has no sign for degrees, so it is drawn."""
    text = f"{value_c:.1f}"
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, _SIZE, 1)
    for ink, thick in (((0, 0, 0), 3), (_INK, 1)):
        cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, _SIZE, ink, thick, cv2.LINE_AA)
        cv2.circle(canvas, (at[0] + width + 4, at[1] - height + 1), 2, ink, thick, cv2.LINE_AA)
        cv2.putText(canvas, "C", (at[0] + width + 8, at[1]), cv2.FONT_HERSHEY_SIMPLEX, _SIZE, ink, thick, cv2.LINE_AA)


def _coloured(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    levels = np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), dtype=np.uint8)
