"""The masked map: embeddings of a bare and a masked face of one person, brought onto common ground.

A mask moves every embedding the same way (the shift) and adds scatter along a few directions (the matrix weighs them
down). Both are calibration, and both act on the stored bare template alone, so one template serves bare and masked
faces; the map would make bare faces worse, so each condition keeps its own (docs/adr/0013).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import owned

__all__ = ["MaskedMap"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskedMap:
    """How embeddings are prepared when a mask is on at least one side.

    Attributes:
        shift: float32 (d,), subtracted from the embedding of a masked face.
        matrix: float32 (d, d), applied to both sides from the right.
    """

    shift: NDArray[np.float32] = field(repr=False)
    matrix: NDArray[np.float32] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shift", owned("shift", self.shift, shape=(None,), dtype=np.float32))
        d = len(self.shift)
        object.__setattr__(self, "matrix", owned("matrix", self.matrix, shape=(d, d), dtype=np.float32))

    def bare(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings of bare faces, float32 (..., d), as they are compared with masked ones; unit length."""
        return _unit(embeddings.astype(np.float64) @ self.matrix.astype(np.float64))

    def masked(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embeddings of masked faces, float32 (..., d), as they are compared; unit length."""
        return _unit((embeddings.astype(np.float64) - self.shift) @ self.matrix.astype(np.float64))

    def rotated(self, rotation: NDArray[np.float64]) -> MaskedMap:
        """The same map for embeddings that an orthogonal (d, d) matrix has been applied to from the right."""
        return MaskedMap(
            shift=(self.shift.astype(np.float64) @ rotation).astype(np.float32),
            matrix=(rotation.T @ self.matrix.astype(np.float64) @ rotation).astype(np.float32),
        )


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    lengths = np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), np.finfo(np.float64).tiny)
    return np.asarray(rows / lengths, dtype=np.float32)
