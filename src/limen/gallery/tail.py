"""The far tail of non-mated similarities, fitted so that rates rarer than the data can show may be read off.

Above a high threshold excesses follow a generalised Pareto distribution (Pickands 1975, Balkema and de Haan 1974).
The shape is the maximum-likelihood one but never below zero: a negative shape would promise that beyond some
similarity no stranger ever is, and no sample proves that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Tail", "fit_tail"]

_LEAST_EXCESSES = 50
_EXPONENTIAL_BELOW = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Survival beyond ``start``: share * (1 + shape * (s - start) / scale) ** (-1 / shape).

    Attributes:
        start: similarity where the tail begins.
        share: share of non-mated comparisons above it.
        shape: 0 (exponential) or larger.
        scale: in units of similarity, positive.
    """

    start: float
    share: float
    shape: float
    scale: float

    def __post_init__(self) -> None:
        finite = all(math.isfinite(value) for value in (self.start, self.shape, self.scale))
        if not (finite and self.scale > 0.0 and self.shape >= 0.0 and 0.0 < self.share < 1.0):
            raise ValueError(f"tail: expected finite values, scale > 0, shape >= 0, 0 < share < 1, got {self}")

    def survival(self, similarity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of non-mated comparisons at or above each similarity (each at or above ``start``)."""
        excess = np.maximum(similarity - self.start, 0.0) / self.scale
        if self.shape < _EXPONENTIAL_BELOW:
            return np.asarray(self.share * np.exp(-excess))
        return np.asarray(self.share * np.exp(-np.log1p(self.shape * excess) / self.shape))

    def similarity(self, survival: float) -> float:
        """The similarity with a given survival, at most ``share``."""
        ratio = np.log(self.share / survival)
        if self.shape < _EXPONENTIAL_BELOW:
            return float(self.start + self.scale * ratio)
        return float(self.start + self.scale * np.expm1(self.shape * ratio) / self.shape)


def fit_tail(similarities: NDArray[np.float64], *, share: float) -> Tail:
    """Fit the tail of the largest ``share`` of similarities.

    Args:
        similarities: float64 (n,), non-mated comparisons, any order.
        share: how much of them is tail, for instance 0.001.

    Raises:
        ValueError: fewer than 50 of them lie in the tail.
    """
    start = float(np.quantile(similarities, 1.0 - share))
    excess = similarities[similarities > start] - start
    if len(excess) < _LEAST_EXCESSES:
        raise ValueError(f"tail: expected at least {_LEAST_EXCESSES} similarities above {start:.3f}, got {len(excess)}")
    shape, scale = _maximum_likelihood(excess)
    if shape <= 0.0:
        shape, scale = 0.0, float(excess.mean())
    return Tail(start=start, share=len(excess) / len(similarities), shape=shape, scale=scale)


def _maximum_likelihood(excess: NDArray[np.float64]) -> tuple[float, float]:
    """Profile likelihood over one parameter, shape/scale (Davison and Smith 1990, Grimshaw 1993)."""
    mean = float(excess.mean())
    candidates = np.concatenate(
        [-np.geomspace(1e-4, 0.999 / float(excess.max()), 400), np.geomspace(1e-4, 100 / mean, 800)]
    )
    best, best_shape, best_scale = -np.inf, 0.0, mean
    for theta in candidates:
        shape = float(np.mean(np.log1p(theta * excess)))
        if shape == 0.0 or shape / theta <= 0.0:
            continue
        likelihood = -np.log(shape / theta) - shape - 1.0
        if likelihood > best:
            best, best_shape, best_scale = likelihood, shape, shape / theta
    return best_shape, best_scale
