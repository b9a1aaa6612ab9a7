"""Error versus discard: does throwing out the worst pictures lower FNMR? A quality measure that works makes it fall.

The threshold stays what it was before anything was thrown out. Comparisons of equal quality have no order among
themselves: while part of such a group is discarded, its errors leave evenly (the mean over all orders), so that the
curve depends on nothing but the data.

Source: ISO/IEC 29794-1 (error versus discard characteristic); Grother and Tabassi, 2007.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from limen.evaluation.rates import fnmr, measurable

__all__ = ["DISCARDS", "DiscardCurve", "error_versus_discard"]

DISCARDS = tuple(percent / 100 for percent in range(31))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DiscardCurve:
    """FNMR of what is left, by the share thrown out.

    Attributes:
        discards: float64 (k,), rising shares of the mated comparisons that were asked to go, from 0.
        fnmr: float64 (k,), of the comparisons left.
        errors: float64 (k,), false non-matches left (means, so not always whole).
        trials: int64 (k,), comparisons left.
        area: under ``fnmr``, from the first to the last discard.
        area_random: the same if discarding were by lot; a measure that works stays below.
    """

    discards: NDArray[np.float64] = field(repr=False)
    fnmr: NDArray[np.float64] = field(repr=False)
    errors: NDArray[np.float64] = field(repr=False)
    trials: NDArray[np.int64] = field(repr=False)
    area: float
    area_random: float


def error_versus_discard(
    mated: ArrayLike, quality: ArrayLike, *, threshold: float, discards: tuple[float, ...] = DISCARDS
) -> DiscardCurve | None:
    """The error-versus-discard curve of one quality measure at one threshold.

    Args:
        mated: similarities (n,) of mated comparisons; minus infinity for failed captures.
        quality: (n,), of each comparison: the lower of its two pictures'. Larger is better, any scale.
        threshold: on the scale of ``mated``, usually that of an FMR, found before anything was thrown out.
        discards: rising shares from 0 to below 1; of n comparisons floor(share x n) go.

    Returns:
        The curve; None without comparisons.

    Raises:
        ValueError: lengths differ, NaN, or discards that do not rise from 0 to below 1.
    """
    similarities, qualities = measurable(mated), measurable(quality)
    shares = np.asarray(discards, dtype=np.float64)
    if similarities.shape != qualities.shape:
        raise ValueError(f"quality: expected {similarities.shape}, got {qualities.shape}")
    if shares.size == 0 or shares[0] != 0.0 or shares[-1] >= 1.0 or bool((np.diff(shares) <= 0).any()):
        raise ValueError("discards: expected shares that rise from 0 to below 1")
    if similarities.size == 0:
        return None
    wrong = (similarities < threshold) | (similarities == -np.inf)
    gone = np.floor(shares * similarities.size + 1e-9).astype(np.int64)  # 0.29 x 100 is 28.999… in binary
    errors = np.count_nonzero(wrong) - _errors_discarded(wrong, qualities, gone)
    trials = similarities.size - gone
    rates = errors / trials
    before = fnmr(similarities, threshold=threshold).value or 0.0
    return DiscardCurve(
        discards=shares,
        fnmr=rates,
        errors=errors,
        trials=trials,
        area=float(np.trapezoid(rates, shares)),
        area_random=before * float(shares[-1]),
    )


def _errors_discarded(
    wrong: NDArray[np.bool_], quality: NDArray[np.float64], gone: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Errors among the worst ``gone`` comparisons: exact at the ends of groups of equal quality, even in between."""
    _, groups = np.unique(quality, return_inverse=True)
    sizes = np.append(0, np.cumsum(np.bincount(groups)))
    errors = np.append(0, np.cumsum(np.bincount(groups, weights=wrong)))
    left: NDArray[np.float64] = np.interp(gone, sizes, errors)
    return left
