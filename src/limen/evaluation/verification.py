"""The report of one-to-one comparisons: DESIGN section 6, to the letter, with counts and intervals beside each value.

A comparison whose picture failed is never a match and stays in every denominator; in the ten folds it counts as
wrong, whichever class it is of. Values that the test set is too small for are None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from limen.evaluation.intervals import Interval, bootstrap_by_subject
from limen.evaluation.rates import DetCurve, Rate, det, eer, fmr, fnmr_at_fmr, measurable, threshold_at_fmr

__all__ = [
    "FMR_TARGETS",
    "FoldAccuracy",
    "FtaReport",
    "VerificationReport",
    "accuracy_10fold",
    "fta_report",
    "verification_report",
]

FMR_TARGETS = {"1e-2": 1e-2, "1e-3": 1e-3, "1e-4": 1e-4}
N_FOLDS = 10
_SEED = 20260101


class FtaReport(TypedDict):
    """Failure to acquire: pictures, those that gave nothing to compare, and their share."""

    images: int
    failed: int
    rate: float | None


class VerificationReport(TypedDict):
    """What ``limen evaluate verification`` answers; intervals are 95 %, counts are of errors unless named otherwise.

    The interval of a TPR takes the threshold as given; ``false_matches`` of ``nonmated_trials`` in its counts say how
    firmly the threshold itself stands. The interval of the EER is a bootstrap by subject, None if subjects are unknown.
    """

    n_mated: int
    n_nonmated: int
    fta: FtaReport
    fta_interval: Interval | None
    accuracy_10fold: dict[str, float | None]
    accuracy_10fold_counts: dict[str, int] | None
    accuracy_10fold_interval: Interval | None
    eer: float | None
    eer_counts: dict[str, int]
    eer_interval: Interval | None
    tpr_at_fmr: dict[str, float | None]
    tpr_at_fmr_counts: dict[str, dict[str, int] | None]
    tpr_at_fmr_interval: dict[str, Interval | None]
    model_id: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldAccuracy:
    """Share of right answers in ten folds, each at the threshold that is best for the other nine.

    Attributes:
        mean: over the folds.
        std: over the folds (population standard deviation, as papers on LFW print it).
        answers: wrong ones and all, over all folds.
    """

    mean: float
    std: float
    answers: Rate


def verification_report(
    similarities: ArrayLike,
    same: NDArray[np.bool_],
    *,
    failed: NDArray[np.bool_],
    acquisition: Rate,
    model_id: str,
    seconds: float,
    subjects: NDArray[np.intp] | None = None,
    resamples: int = 1000,
) -> VerificationReport:
    """Report on a list of comparisons.

    Args:
        similarities: (n,), larger = more alike, any scale; ignored where ``failed``.
        same: bool (n,), True where both pictures show one person.
        failed: bool (n,), True where either picture gave nothing to compare.
        acquisition: FTA over the distinct pictures of the list.
        model_id: what made the similarities.
        seconds: how long it took.
        subjects: intp (n, 2), the people of each comparison (``Pairs.subjects``), for the bootstrap.
        resamples: of the bootstrap.

    Raises:
        ValueError: lengths differ, or NaN where nothing failed.
    """
    values = _with_failures(similarities, same, failed)
    mated, nonmated = values[same], values[~same]
    folds = accuracy_10fold(values, same)
    targets = {name: (fnmr_at_fmr(mated, nonmated, fmr_target=fmr), fmr) for name, fmr in FMR_TARGETS.items()}
    return {
        "n_mated": mated.size,
        "n_nonmated": nonmated.size,
        "fta": fta_report(acquisition),
        "fta_interval": acquisition.interval(),
        "accuracy_10fold": {"mean": folds.mean if folds else None, "std": folds.std if folds else None},
        "accuracy_10fold_counts": folds.answers.counts() if folds else None,
        "accuracy_10fold_interval": folds.answers.correct_interval() if folds else None,
        "eer": eer(det(mated, nonmated)),
        "eer_counts": {"n_mated": mated.size, "n_nonmated": nonmated.size},
        "eer_interval": None if subjects is None else _eer_interval(values, same, subjects, resamples=resamples),
        "tpr_at_fmr": {name: rate.correct if rate else None for name, (rate, _) in targets.items()},
        "tpr_at_fmr_counts": {name: _tpr_counts(rate, nonmated, fmr) for name, (rate, fmr) in targets.items()},
        "tpr_at_fmr_interval": {name: rate.correct_interval() if rate else None for name, (rate, _) in targets.items()},
        "model_id": model_id,
        "seconds": seconds,
    }


def fta_report(acquisition: Rate) -> FtaReport:
    """FTA as reports print it."""
    return {"images": acquisition.trials, "failed": acquisition.errors, "rate": acquisition.value}


def accuracy_10fold(similarities: ArrayLike, same: NDArray[np.bool_]) -> FoldAccuracy | None:
    """Ten-fold accuracy: the k-th row of each class goes to fold k mod 10.

    Each fold's threshold is the one with the fewest errors on the other nine, halfway to the next similarity below;
    of several equally good ones the middle one. A failed comparison (minus infinity) counts as wrong in its fold and
    takes no part in finding thresholds.

    Args:
        similarities: (n,) in the order of the list; minus infinity for failed captures.
        same: bool (n,).

    Returns:
        The accuracy; None if either class has fewer rows than folds.
    """
    values = measurable(similarities)
    folds = np.empty(values.size, dtype=np.intp)
    for kind in (same, ~same):
        n_rows = int(np.count_nonzero(kind))
        if n_rows < N_FOLDS:
            return None
        folds[kind] = np.arange(n_rows) % N_FOLDS
    usable = values > -np.inf
    right = np.zeros(values.size, dtype=np.bool_)
    for fold in range(N_FOLDS):
        rest = usable & (folds != fold)
        threshold = _best_threshold(det(values[rest & same], values[rest & ~same]))
        inside = usable & (folds == fold)
        right[inside] = (values[inside] >= threshold) == same[inside]
    shares = np.bincount(folds, weights=right) / np.bincount(folds)
    answers = Rate(errors=int(np.count_nonzero(~right)), trials=values.size)
    return FoldAccuracy(mean=float(shares.mean()), std=float(shares.std()), answers=answers)


def _best_threshold(curve: DetCurve) -> float:
    wrong = curve.false_matches + curve.false_non_matches
    best = np.flatnonzero(wrong == wrong.min())
    place = int(best[(best.size - 1) // 2])
    threshold = float(curve.thresholds[place])
    if place + 1 == curve.thresholds.size or threshold == np.inf:
        return threshold
    below = float(curve.thresholds[place + 1])
    halfway = threshold / 2 + below / 2
    return halfway if below < halfway <= threshold else threshold


def _with_failures(similarities: ArrayLike, same: NDArray[np.bool_], failed: NDArray[np.bool_]) -> NDArray[np.float64]:
    values = np.asarray(similarities, dtype=np.float64)
    if not values.shape == same.shape == failed.shape:
        raise ValueError(f"comparisons: expected equal lengths, got {values.shape}, {same.shape}, {failed.shape}")
    return measurable(np.where(failed, -np.inf, values))


def _tpr_counts(rate: Rate | None, nonmated: NDArray[np.float64], fmr_target: float) -> dict[str, int] | None:
    if rate is None:
        return None
    reached = fmr(nonmated, threshold=threshold_at_fmr(nonmated, fmr_target=fmr_target))
    return {**rate.counts(), "false_matches": reached.errors, "nonmated_trials": reached.trials}


def _eer_interval(
    values: NDArray[np.float64], same: NDArray[np.bool_], subjects: NDArray[np.intp], *, resamples: int
) -> Interval | None:
    order = np.argsort(-values, kind="stable")  # once, so that every resample merges two sorted runs
    values, same, subjects = values[order], same[order], subjects[order]
    mated, nonmated = values[same], values[~same]

    def statistic(weights: NDArray[np.int64]) -> float | None:
        return eer(det(mated, nonmated, mated_weights=weights[same], nonmated_weights=weights[~same]))

    rng = np.random.default_rng(_SEED)
    return bootstrap_by_subject(statistic, subjects, rng=rng, resamples=resamples)
