"""A unit vector in one signed byte a component: what fits a QR code, and hardly another angle (docs/results.md).

The largest component becomes 127 or -127. Its size is not kept: the vector is of unit length before and after.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["dequantised", "quantised"]

_TOP = 127


def quantised(vector: NDArray[np.float32]) -> bytes:
    """A unit vector, float32 (d,), as d signed bytes."""
    top = float(np.abs(vector).max())
    return bytes(np.rint(vector.astype(np.float64) * (_TOP / top)).astype(np.int8).tobytes())


def dequantised(raw: bytes) -> NDArray[np.float32] | None:
    """The unit vector, float32 (d,), of d signed bytes; None if all of them are zero, which no vector gives."""
    whole = np.frombuffer(raw, dtype=np.int8).astype(np.float64)
    length = float(np.linalg.norm(whole))
    return np.asarray(whole / length, dtype=np.float32) if length > 0 else None
