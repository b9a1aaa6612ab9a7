"""Temperatures -> a picture with a colour bar, for people."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["thermal_picture"]

_LEAST_HEIGHT = 360
_BAR, _LABEL = 18, 74
_LINES = 5
_INK = (235, 235, 235)


def thermal_picture(temperature_c: NDArray[np.float32], *, mark: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Draw a map of temperatures, enlarged to be seen, with a bar from its lowest to its highest hundredth.

    Args:
        temperature_c: float32 (H, W); NaN is drawn black.
        mark: (x, y) of a point to ring.

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
    if mark is not None:
        cv2.circle(colours, (round((mark[0] + 0.5) * larger), round((mark[1] + 0.5) * larger)), 6, (255, 255, 255), 1)
    height = colours.shape[0]
    side = np.full((height, _BAR + _LABEL, 3), 24, dtype=np.uint8)
    side[8 : height - 8, 6 : 6 + _BAR] = _coloured(np.linspace(1.0, 0.0, height - 16)[:, None])
    for step in range(_LINES):
        share = step / (_LINES - 1)
        where = (12 + _BAR, round(8 + share * (height - 16)) + 5)
        text = f"{high - share * (high - low):.1f} C"
        cv2.putText(side, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    return np.hstack([colours, side])


def _coloured(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    levels = np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), dtype=np.uint8)
