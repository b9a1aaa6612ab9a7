"""The keyed orthogonal rotation: templates of two sites do not compare, and one site's can be made anew.

A rotation keeps every similarity inside a site and destroys all of them between sites. It hides nothing from somebody
who holds the site key, or some 128 pairs of plain and rotated vectors (docs/adr/0002); at rest each template is
encrypted besides.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCHEME", "Rotation"]

SCHEME = "rotation-1"


class Rotation:
    """A secret rotation of d-dimensional space.

    Args:
        seed: at least 32 secret bytes; the same seed gives the same rotation on every machine and numpy.
        dimensions: d.
    """

    def __init__(self, seed: bytes, *, dimensions: int) -> None:
        if len(seed) < 32:  # noqa: PLR2004  256 bits
            raise ValueError(f"rotation: expected a seed of at least 32 bytes, got {len(seed)}")
        normal = _normal(seed, dimensions * dimensions).reshape(dimensions, dimensions)
        orthogonal, upper = np.linalg.qr(normal)
        self._matrix: NDArray[np.float64] = orthogonal * np.sign(np.diag(upper))

    @property
    def matrix(self) -> NDArray[np.float64]:
        """float64 (d, d), orthogonal; as secret as the seed."""
        return self._matrix

    def protect(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rotated embedding: float32, same shape (..., d), unit length kept."""
        rotated = embedding.astype(np.float64) @ self._matrix
        rotated /= np.linalg.norm(rotated, axis=-1, keepdims=True)
        return np.asarray(rotated, dtype=np.float32)


def _normal(seed: bytes, count: int) -> NDArray[np.float64]:
    """Standard normal numbers from SHAKE-256 by Box and Muller; no generator whose stream may change."""
    raw = hashlib.shake_256(b"limen rotation 1" + seed).digest(16 * count)
    uniform = (np.frombuffer(raw, dtype="<u8") >> np.uint64(11)).astype(np.float64) / 2**53
    first, second = 1.0 - uniform[:count], uniform[count:]
    return np.asarray(np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second), dtype=np.float64)
