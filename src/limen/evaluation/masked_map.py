"""Fits the masked map: the shift a mask adds to every embedding, and a matrix that weighs down what varies in a person.

 (1) The shift is the mean embedding of masked faces, every person weighing the same.
 (2) The scatter is what bare and masked pictures of one person differ by, over all people.
 (3) The matrix is that scatter, shrunk towards a multiple of the identity, to a negative power. Full whitening of
     nothing but the (bare - masked) differences was tried and makes things worse (docs/results.md).
It is 128 numbers and a symmetric 128 x 128 matrix; no picture, person or template can be had from them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limen.gallery.masked import MaskedMap

__all__ = ["POWER", "SHRINKAGE", "fit_masked_map"]

SHRINKAGE = 1.0
"""Weight of the identity, in units of the scatter's mean variance."""

POWER = 0.5
"""0 leaves the scatter alone, 0.5 whitens it."""


def fit_masked_map(bare: NDArray[np.float32], masked: NDArray[np.float32], people: NDArray[np.intp]) -> MaskedMap:
    """Return the map.

    Args:
        bare: float32 (n, d), centred unit embeddings.
        masked: float32 (n, d), of the same pictures with a mask.
        people: intp (n,), 0 to the number of people less one.
    """
    counts = np.bincount(people)
    shift = (_sums(masked.astype(np.float64), people) / counts[:, None]).mean(axis=0)
    moved = masked.astype(np.float64) - shift
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    rows = np.concatenate([bare.astype(np.float64), moved])
    twice = np.concatenate([people, people])
    means = _sums(rows, twice) / (2 * counts)[:, None]
    residual = rows - means[twice]
    scatter = residual.T @ residual / len(residual)
    dimensions = scatter.shape[0]
    shrunk = scatter + SHRINKAGE * np.trace(scatter) / dimensions * np.eye(dimensions)
    values, vectors = np.linalg.eigh(shrunk)
    matrix = (vectors * (values / values.mean()) ** -POWER) @ vectors.T
    return MaskedMap(shift=shift.astype(np.float32), matrix=matrix.astype(np.float32))


def _sums(rows: NDArray[np.float64], people: NDArray[np.intp]) -> NDArray[np.float64]:
    sums = np.zeros((int(people.max()) + 1, rows.shape[1]))
    np.add.at(sums, people, rows)
    return sums
