"""A second blackbody held where faces will be: is the setup good enough to be used (study, section 6)?

The second source is set to several temperatures in turn, and what the corrected camera reads on it is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_ERROR_K", "MOST_SPREAD_K", "STEPS_C", "Checked", "check_spot", "passed"]

MOST_ERROR_K = 0.5
MOST_SPREAD_K = 0.2
STEPS_C = (34.0, 36.0, 37.0, 38.0, 39.0)
"""Settings that an acceptance test goes through."""

_NEAR_K = 0.25
_LEAST_PIXELS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one setting showed.

    Attributes:
        set_c: of the second source.
        read_c: median over it.
        spread_k: 5th to 95th percentile over it.
        n_pixels: it covers.
    """

    set_c: float
    read_c: float
    spread_k: float
    n_pixels: int

    @property
    def error_k(self) -> float:
        """Read less set."""
        return self.read_c - self.set_c

    @property
    def good(self) -> bool:
        """Whether error and evenness are within what is asked."""
        return abs(self.error_k) <= MOST_ERROR_K and self.spread_k <= MOST_SPREAD_K and self.n_pixels >= _LEAST_PIXELS


def check_spot(
    temperature_c: NDArray[np.float32], *, centre_px: tuple[float, float], radius_px: float, set_c: float
) -> Checked:
    """Compare one setting.

    Args:
        temperature_c: float32 (H, W), corrected as readings will be.
        centre_px: (x, y) of the second source.
        radius_px: of its surface.
        set_c: what it is set to.

    Raises:
        ValueError: the circle is not in the picture.
    """
    height, width = temperature_c.shape
    rows, columns = np.mgrid[0:height, 0:width]
    spot = temperature_c[np.hypot(columns - centre_px[0], rows - centre_px[1]) <= radius_px]
    if not spot.size or not np.isfinite(spot).all():
        raise ValueError(f"no circle of radius {radius_px:g} at {centre_px[0]:g},{centre_px[1]:g} in {width}x{height}")
    low, high = np.percentile(spot, [5, 95])
    return Checked(set_c=set_c, read_c=float(np.median(spot)), spread_k=float(high - low), n_pixels=int(spot.size))


def passed(checks: Sequence[Checked]) -> bool:
    """Whether all settings of an acceptance test were tried, and all are good."""
    tried = all(any(abs(check.set_c - step) <= _NEAR_K for check in checks) for step in STEPS_C)
    return tried and all(check.good for check in checks)
