"""Error rates as ISO/IEC 19795-1 defines them; a rate never travels without its counts.

1. A similarity at or above the threshold is a match, everywhere.
2. A failed capture has the similarity minus infinity: it never matches, and it stays in the denominator.
3. A threshold asked for by its rate never gives more than that rate: ties go the strict way.
4. Larger means more alike; nothing else is assumed of the scale.

Everything here is pure: arrays in, counts out. Where pairs are too many for one array, ``upper_tail`` keeps the part
that thresholds are read from, and ``det`` takes weights, so that a histogram's bins do as well as single values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf, nextafter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from limen.evaluation.intervals import Interval, proportion

__all__ = [
    "DetCurve",
    "Rate",
    "cmc",
    "det",
    "eer",
    "fmr",
    "fnir",
    "fnir_at_fpir",
    "fnmr",
    "fnmr_at_fmr",
    "fpir",
    "fta",
    "measurable",
    "threshold_at_fmr",
    "threshold_at_fpir",
    "upper_tail",
]

MIN_FALSE_MATCHES = 10
"""An FNMR at an FMR is measurable if that FMR stands for at least so many of the non-mated comparisons."""

_LOWEST, _HIGHEST = float(np.finfo(np.float64).min), float(np.finfo(np.float64).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """An error rate with the counts it comes from.

    Attributes:
        errors: trials that went wrong.
        trials: all trials.
    """

    errors: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.errors <= self.trials:
            raise ValueError(f"rate: expected 0 <= errors <= trials, got {self.errors} of {self.trials}")

    @property
    def value(self) -> float | None:
        """Errors per trial; None without trials."""
        return self.errors / self.trials if self.trials else None

    @property
    def correct(self) -> float | None:
        """The rest of the trials, as a share: of FNMR this is the TPR; None without trials."""
        return (self.trials - self.errors) / self.trials if self.trials else None

    def interval(self) -> Interval | None:
        """95 % interval of ``value``: Wilson's, or the rule of three where no error (or nothing else) was seen."""
        return proportion(self.errors, self.trials)

    def correct_interval(self) -> Interval | None:
        """95 % interval of ``correct``."""
        return proportion(self.trials - self.errors, self.trials)

    def counts(self) -> dict[str, int]:
        """``{"errors", "trials"}``, for reports."""
        return {"errors": self.errors, "trials": self.trials}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DetCurve:
    """Both error counts at every threshold where one of them changes, from the strictest threshold to the loosest.

    Attributes:
        thresholds: float64 (k,), falling; the first is infinity, at which nothing matches.
        false_matches: int64 (k,), rising: non-mated comparisons at or above the threshold.
        false_non_matches: int64 (k,), falling: mated comparisons below it.
        n_nonmated: all non-mated comparisons.
        n_mated: all mated comparisons.
    """

    thresholds: NDArray[np.float64] = field(repr=False)
    false_matches: NDArray[np.int64] = field(repr=False)
    false_non_matches: NDArray[np.int64] = field(repr=False)
    n_nonmated: int
    n_mated: int

    @property
    def fmr(self) -> NDArray[np.float64]:
        """float64 (k,): false match rate at each threshold; zeros without non-mated comparisons."""
        return self.false_matches / max(self.n_nonmated, 1)

    @property
    def fnmr(self) -> NDArray[np.float64]:
        """float64 (k,): false non-match rate at each threshold; zeros without mated comparisons."""
        return self.false_non_matches / max(self.n_mated, 1)


def fmr(nonmated: ArrayLike, *, threshold: float) -> Rate:
    """False match rate: non-mated comparisons at or above a threshold."""
    similarities = measurable(nonmated)
    return Rate(errors=int(np.count_nonzero(_matches(similarities, threshold))), trials=similarities.size)


def fnmr(mated: ArrayLike, *, threshold: float) -> Rate:
    """False non-match rate: mated comparisons below a threshold."""
    similarities = measurable(mated)
    return Rate(errors=int(np.count_nonzero(~_matches(similarities, threshold))), trials=similarities.size)


def threshold_at_fmr(nonmated: ArrayLike, *, fmr_target: float, n_trials: int | None = None) -> float:
    """The lowest threshold whose FMR does not exceed a target: just above the largest similarity that must not match.

    Args:
        nonmated: similarities, any order; all of them, or an upper tail (see ``upper_tail``).
        fmr_target: 0 to 1. At 0 the threshold lies above every similarity.
        n_trials: how many comparisons the tail was taken from; None if ``nonmated`` holds all.

    Returns:
        The threshold; infinity if the largest similarity is infinite and may not match.

    Raises:
        ValueError: no comparison, a target outside 0 to 1, NaN, or a tail too short for the target.
    """
    similarities = measurable(nonmated)
    trials = similarities.size if n_trials is None else n_trials
    if trials < max(similarities.size, 1):
        raise ValueError(f"threshold: expected at least one trial and no fewer than similarities, got {trials}")
    allowed = _allowed(trials, fmr_target)
    if allowed >= trials:
        return _LOWEST
    if allowed >= similarities.size:
        raise ValueError(f"threshold: expected a tail of {allowed + 1} similarities or more, got {similarities.size}")
    place = similarities.size - 1 - allowed
    return nextafter(float(np.partition(similarities, place)[place]), inf)


def fnmr_at_fmr(mated: ArrayLike, nonmated: ArrayLike, *, fmr_target: float) -> Rate | None:
    """FNMR at the threshold of an FMR; its ``correct`` is the TPR at that FMR.

    Returns:
        The rate; None (not measurable) without mated comparisons, or if n_nonmated x FMR is below 10.
    """
    misses, others = measurable(mated), measurable(nonmated)
    if misses.size == 0 or others.size == 0 or _allowed(others.size, fmr_target) < MIN_FALSE_MATCHES:
        return None
    return fnmr(misses, threshold=threshold_at_fmr(others, fmr_target=fmr_target))


def det(
    mated: ArrayLike,
    nonmated: ArrayLike,
    *,
    mated_weights: NDArray[np.int64] | None = None,
    nonmated_weights: NDArray[np.int64] | None = None,
) -> DetCurve:
    """Detection error trade-off: both error counts at every distinct similarity.

    Args:
        mated: similarities (n,), any order; minus infinity for failed captures.
        nonmated: the same, (m,).
        mated_weights: int64 (n,), how often each counts (bins of a histogram, draws of a bootstrap); None: once.
        nonmated_weights: the same, (m,).
    """
    same, other = measurable(mated), measurable(nonmated)
    values = np.concatenate([same, other])
    hits, false = np.zeros(values.size, np.int64), np.zeros(values.size, np.int64)
    hits[: same.size] = 1 if mated_weights is None else mated_weights
    false[same.size :] = 1 if nonmated_weights is None else nonmated_weights
    n_mated, n_nonmated = int(hits.sum()), int(false.sum())
    order = np.argsort(-values, kind="stable")  # merging two sorted runs, as the bootstrap hands them in, is linear
    order = order[: np.count_nonzero(values > -np.inf)]
    falling = values[order]
    last = np.append(falling[1:] != falling[:-1], True)[: falling.size]
    return DetCurve(
        thresholds=np.append(np.inf, falling[last]),
        false_matches=np.append(0, np.cumsum(false[order])[last]),
        false_non_matches=n_mated - np.append(0, np.cumsum(hits[order])[last]),
        n_nonmated=n_nonmated,
        n_mated=n_mated,
    )


def eer(curve: DetCurve) -> float | None:
    """Equal error rate: where FMR and FNMR cross, straight lines drawn between neighbouring thresholds of the curve.

    Returns:
        The rate; None without mated or non-mated comparisons, or when so many captures failed that they never cross.
    """
    if curve.n_mated == 0 or curve.n_nonmated == 0:
        return None
    x, y = curve.fmr, curve.fnmr
    crossed = np.flatnonzero(x >= y)
    if crossed.size == 0:
        return None
    after = int(crossed[0])  # never 0: at infinity nothing matches
    before = after - 1
    gap = y[before] - x[before]
    step = gap / (gap + x[after] - y[after])
    return float(x[before] + step * (x[after] - x[before]))


def fpir(top: ArrayLike, *, threshold: float) -> Rate:
    """False positive identification rate: non-mated probes with any candidate at or above a threshold.

    Args:
        top: (n,), each non-mated probe's largest similarity to anybody; minus infinity for a failed one.
        threshold: on the same scale.
    """
    return fmr(top, threshold=threshold)


def fnir(own: ArrayLike, ranks: NDArray[np.intp], *, threshold: float) -> Rate:
    """False negative identification rate: mated probes whose own person is not rank 1, or below a threshold.

    Args:
        own: (n,), each mated probe's similarity to its own person; minus infinity for a failed one.
        ranks: intp (n,), that person's rank, from 1; 0 for a failed probe.
        threshold: on the scale of ``own``.
    """
    similarities = measurable(own)
    hits = _matches(similarities, threshold) & (ranks == 1)
    return Rate(errors=int(np.count_nonzero(~hits)), trials=similarities.size)


def threshold_at_fpir(top: ArrayLike, *, fpir_target: float) -> float:
    """The lowest threshold whose FPIR does not exceed a target; see ``threshold_at_fmr``."""
    return threshold_at_fmr(top, fmr_target=fpir_target)


def fnir_at_fpir(own: ArrayLike, ranks: NDArray[np.intp], top: ArrayLike, *, fpir_target: float) -> Rate | None:
    """FNIR at the threshold that this very test set gives for an FPIR.

    Returns:
        The rate; None (not measurable) without mated probes, or if n_nonmated x FPIR is below 1.
    """
    mated, nonmated = measurable(own), measurable(top)
    if mated.size == 0 or nonmated.size == 0 or _allowed(nonmated.size, fpir_target) < 1:
        return None
    return fnir(mated, ranks, threshold=threshold_at_fpir(nonmated, fpir_target=fpir_target))


def cmc(ranks: NDArray[np.intp], *, n_ranks: int) -> tuple[Rate, ...]:
    """Cumulative match characteristic: entry [r - 1] counts the mated probes not found among the first r people.

    Its first entry is rank 1, no threshold applied; its ``correct`` is the rank-1 identification rate.
    """
    found = ranks[(ranks >= 1) & (ranks <= n_ranks)]
    within = np.cumsum(np.bincount(found, minlength=n_ranks + 1)[1:])
    return tuple(Rate(errors=ranks.size - int(n), trials=ranks.size) for n in within)


def fta(failed: NDArray[np.bool_]) -> Rate:
    """Failure-to-acquire rate: pictures that gave nothing to compare, each picture counted once."""
    return Rate(errors=int(np.count_nonzero(failed)), trials=failed.size)


def upper_tail(blocks: Iterable[ArrayLike], *, keep: int) -> tuple[NDArray[np.float64], int]:
    """The largest similarities of any number of comparisons, and how many comparisons there were.

    Enough for ``threshold_at_fmr`` and a tail fit. Memory stays below about 40 bytes x ``keep`` plus a few copies of
    one block.

    Args:
        blocks: arrays of any shape, read one after another.
        keep: how many to keep; more than n x FMR of the largest FMR to be asked.

    Returns:
        float64 (at most keep,), falling, and the number of all comparisons.

    Raises:
        ValueError: nothing to keep, or NaN.
    """
    if keep < 1:
        raise ValueError(f"keep: expected at least 1, got {keep}")
    best, pending = np.empty(0), list[NDArray[np.float64]]()
    trials, waiting, floor = 0, 0, -np.inf
    for block in blocks:
        values = np.ravel(block)
        trials += values.size
        if best.size == keep:
            values = values[~(values <= floor)]  # lets NaN through, for measurable to refuse
        pending.append(measurable(values))
        waiting += pending[-1].size
        if waiting >= keep:
            best = _largest([best, *pending], keep)
            pending, waiting = [], 0
            floor = float(best.min())
    best = _largest([best, *pending], keep)
    return np.sort(best)[::-1], trials


def measurable(similarities: ArrayLike) -> NDArray[np.float64]:
    """Similarities as float64 (n,), plus infinity drawn in to the largest finite number.

    Raises:
        ValueError: more than one axis, or NaN.
    """
    values = np.asarray(similarities, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"similarities: expected (n,), got {values.shape}")
    if bool(np.isnan(values).any()):
        raise ValueError("similarities: expected numbers (minus infinity for failed captures), got NaN")
    return np.minimum(values, _HIGHEST)


def _matches(similarities: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    matches: NDArray[np.bool_] = (similarities >= threshold) & (similarities > -np.inf)
    return matches


def _allowed(trials: int, target: float) -> int:
    """The largest number of errors whose share, in floating point, does not exceed a target."""
    if not 0.0 <= target <= 1.0:
        raise ValueError(f"target: expected 0 to 1, got {target}")
    errors = min(int(trials * target) + 1, trials)
    while errors / trials > target:
        errors -= 1
    return errors


def _largest(parts: list[NDArray[np.float64]], keep: int) -> NDArray[np.float64]:
    values = np.concatenate(parts)
    if values.size <= keep:
        return values
    cut = values.size - keep
    values.partition(cut)
    return values[cut:].copy()
