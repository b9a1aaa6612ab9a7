"""How uncertain a reading is: the budget of the study as code (section 4), components in degrees, one standard each.

It is the uncertainty of the skin's temperature. What the body's is adds 0.31 degrees of physiology, which no camera
takes away.
"""

from __future__ import annotations

import math

__all__ = ["COVERAGE", "PHYSIOLOGY_K", "expanded_k"]

COVERAGE = 2.0
"""An expanded uncertainty is twice the standard one: about 95 %."""

PHYSIOLOGY_K = 0.31
"""Standard deviation of oral temperature given that of the canthus."""

_BLACKBODY_K, _BLACKBODY_SURFACE_K, _DRIFT_K = 0.10, 0.05, 0.02
_UNIFORMITY_K, _EMISSIVITY_K, _REFLECTED_K, _AIR_K, _REGISTRATION_K = 0.10, 0.08, 0.05, 0.01, 0.02
_SCATTER_AT_1_MM_K = 0.05
_NOISE_K, _PIXELS = 0.05, 4
_CAMERA_ALONE_K = 1.0


def expanded_k(*, n_frames: int, mm_per_px: float, blackbody: bool) -> float:
    """Expanded uncertainty (k = 2) of a skin temperature, degrees.

    Args:
        n_frames: averaged.
        mm_per_px: on the face; a larger pixel sees more of the cooler skin around.
        blackbody: whether a reference source corrects the camera; without one it is good to a degree at best.

    Raises:
        ValueError: no frame.
    """
    if n_frames < 1:
        raise ValueError(f"n_frames: expected at least one, got {n_frames}")
    reference = (_BLACKBODY_K, _BLACKBODY_SURFACE_K, _DRIFT_K) if blackbody else (_CAMERA_ALONE_K,)
    scene = (_UNIFORMITY_K, _EMISSIVITY_K, _REFLECTED_K, _AIR_K, _REGISTRATION_K)
    spot = _SCATTER_AT_1_MM_K * max(1.0, mm_per_px) ** 2
    noise = _NOISE_K / math.sqrt(_PIXELS * n_frames)
    return COVERAGE * math.sqrt(sum(part**2 for part in (*reference, *scene, spot, noise)))
