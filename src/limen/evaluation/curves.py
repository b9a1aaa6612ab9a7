"""Similarities -> the curves of a report, as plain numbers: DET, CMC, distributions, operating points.

1. Every point of a curve is one that ``limen.evaluation.rates`` counted; thinning drops points and makes none up.
2. A DET keeps its corners: a point between two others on one level or upright line tells nothing and goes first.
3. FNIR against FPIR is a DET too: a mated probe that is not rank 1 counts as missed at every threshold.
4. A histogram's lower edges are thresholds: what is counted from an edge upwards is exactly what matches at it.
A curves document holds counts only: no name, no picture, and no similarity of any one comparison unless a bin has only
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from limen.evaluation.identification import MatedProbes, mated_probes
from limen.evaluation.rates import DetCurve, Rate, cmc, det, measurable

__all__ = [
    "DetPoints",
    "Histogram",
    "cmc_of",
    "det_of",
    "det_points",
    "histogram",
    "identification_curves",
    "open_set_det",
    "probit",
    "verification_curves",
]

_AT_MOST = 400
_BINS = 80
_RANKS = 20
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DetPoints:
    """Points of a detection error trade-off, from the strictest threshold to the loosest.

    Attributes:
        thresholds: float64 (k,), falling; the first is infinity.
        fmr: float64 (k,), rising.
        fnmr: float64 (k,), falling.
        n_nonmated: trials behind ``fmr``.
        n_mated: trials behind ``fnmr``.
    """

    thresholds: NDArray[np.float64] = field(repr=False)
    fmr: NDArray[np.float64] = field(repr=False)
    fnmr: NDArray[np.float64] = field(repr=False)
    n_nonmated: int
    n_mated: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Histogram:
    """Counts of similarities.

    Attributes:
        edges: float64 (k + 1,), rising. Bin i holds edges[i] <= s < edges[i + 1]; the last one its upper edge too.
        counts: int64 (k,).
        failed: comparisons without a similarity (minus infinity), in no bin.
    """

    edges: NDArray[np.float64] = field(repr=False)
    counts: NDArray[np.int64] = field(repr=False)
    failed: int = 0

    def __post_init__(self) -> None:
        if self.edges.shape != (self.counts.size + 1,) or bool((np.diff(self.edges) <= 0).any()):
            raise ValueError(f"histogram: expected {self.counts.size + 1} rising edges, got {self.edges.shape}")

    @property
    def total(self) -> int:
        """All comparisons, failed ones included."""
        return int(self.counts.sum()) + self.failed


def probit(rate: float) -> float:
    """The normal deviate of a rate: the scale on which normal distributions give a straight DET.

    Raises:
        ValueError: not above 0 and below 1.
    """
    if not 0.0 < rate < 1.0:
        raise ValueError(f"probit: expected a rate above 0 and below 1, got {rate}")
    return _NORMAL.inv_cdf(rate)


def det_points(curve: DetCurve, *, at_most: int = _AT_MOST) -> DetPoints:
    """The points of a DET worth drawing.

    Args:
        curve: from ``limen.evaluation.rates.det``.
        at_most: how many, at least 2; corners are thinned evenly by the counts of both errors on a logarithmic scale.

    Raises:
        ValueError: fewer than two points asked for.
    """
    if at_most < 2:  # noqa: PLR2004 - both ends
        raise ValueError(f"det points: expected at least 2, got {at_most}")
    x, y = curve.false_matches, curve.false_non_matches
    corner = np.ones(x.size, dtype=np.bool_)
    corner[1:-1] = ~((x[:-2] == x[2:]) | (y[:-2] == y[2:]))
    kept = np.flatnonzero(corner)
    if kept.size > at_most:
        way = np.log1p(x[kept]) - np.log1p(y[kept])  # rises along the whole curve
        wanted = np.linspace(way[0], way[-1], at_most)
        kept = kept[np.unique(np.clip(np.searchsorted(way, wanted), 0, kept.size - 1))]
    return DetPoints(
        thresholds=curve.thresholds[kept],
        fmr=curve.fmr[kept],
        fnmr=curve.fnmr[kept],
        n_nonmated=curve.n_nonmated,
        n_mated=curve.n_mated,
    )


def open_set_det(mated: MatedProbes, top: ArrayLike) -> DetCurve:
    """FNIR (as ``fnmr``) against FPIR (as ``fmr``) at every threshold.

    Args:
        mated: own similarity and rank of the enrolled people's probes.
        top: (n,), the strangers' largest similarities; minus infinity for a failed probe.
    """
    return det(np.where(mated.ranks == 1, mated.own, -np.inf), top)


def det_of(mated: Histogram, nonmated: Histogram) -> DetCurve:
    """The DET of two histograms: exact at the lower edges of their bins.

    Args:
        mated: of mated comparisons.
        nonmated: of non-mated ones; the edges may differ.
    """
    values, weights = zip(*(_weighted(side) for side in (mated, nonmated)), strict=True)
    return det(values[0], values[1], mated_weights=weights[0], nonmated_weights=weights[1])


def cmc_of(
    blocks: Iterable[tuple[NDArray[np.floating], NDArray[np.intp]]], *, n_ranks: int = _RANKS
) -> tuple[Rate, ...]:
    """Cumulative match characteristic of similarity matrices.

    Args:
        blocks: similarities (b, n_people) and intp (b,), the column of each probe's own person; NaN or minus infinity
            where a probe or a person's references failed. Ties go against the system.
        n_ranks: how many ranks.

    Returns:
        Entry [r - 1] counts the probes not found among the first r people.
    """
    return cmc(mated_probes(blocks).ranks, n_ranks=n_ranks)


def histogram(similarities: ArrayLike, *, low: float, high: float, bins: int = _BINS) -> Histogram:
    """Count similarities in bins of equal width; what lies beyond an end is counted in the bin at that end.

    Raises:
        ValueError: NaN, no bin, or ends in the wrong order.
    """
    values = measurable(similarities)
    if bins < 1 or not low < high:
        raise ValueError(f"histogram: expected a bin and low < high, got {bins}, {low}, {high}")
    usable = values[values > -np.inf]
    edges = np.linspace(low, high, bins + 1)
    places = np.clip(np.searchsorted(edges, usable, side="right") - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins).astype(np.int64)
    return Histogram(edges=edges, counts=counts, failed=int(values.size - usable.size))


def verification_curves(
    mated: ArrayLike, nonmated: ArrayLike, *, points: Mapping[str, float], scale: str
) -> dict[str, Any]:
    """The curves document of one-to-one comparisons.

    Args:
        mated: (n,), larger = more alike; minus infinity for failed comparisons.
        nonmated: the same, (m,).
        points: name -> threshold of each operating point.
        scale: what the similarity is, for the axis.
    """
    return _curves(det(mated, nonmated), mated, nonmated, points=points, scale=scale, rates=("FMR", "FNMR"))


def identification_curves(
    mated: MatedProbes, top: ArrayLike, *, points: Mapping[str, float], scale: str, n_ranks: int = _RANKS
) -> dict[str, Any]:
    """The curves document of an open-set search: FNIR against FPIR, CMC, and the distributions behind them.

    Args:
        mated: own similarity and rank of the enrolled people's probes.
        top: (n,), the strangers' largest similarities; minus infinity for a failed probe.
        points: name -> threshold of each operating point.
        scale: what the similarity is, for the axis.
        n_ranks: how far the CMC goes.
    """
    curve = open_set_det(mated, top)
    document = _curves(curve, mated.own, top, points=points, scale=scale, rates=("FPIR", "FNIR"))
    rates = cmc(mated.ranks, n_ranks=n_ranks)
    return {**document, "cmc": {"errors": [rate.errors for rate in rates], "trials": int(mated.ranks.size)}}


def _curves(
    curve: DetCurve,
    mated: ArrayLike,
    nonmated: ArrayLike,
    *,
    points: Mapping[str, float],
    scale: str,
    rates: tuple[str, str],
) -> dict[str, Any]:
    drawn = det_points(curve)
    both = np.concatenate([measurable(mated), measurable(nonmated)])
    usable = both[both > -np.inf]
    low, high = (float(usable.min()), float(usable.max())) if usable.size else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    same, other = (histogram(side, low=low, high=high) for side in (mated, nonmated))
    return {
        "det": {
            "rates": list(rates),
            "fmr": drawn.fmr.tolist(),
            "fnmr": drawn.fnmr.tolist(),
            "n_mated": drawn.n_mated,
            "n_nonmated": drawn.n_nonmated,
        },
        "distributions": {
            "scale": scale,
            "edges": same.edges.tolist(),
            "mated": same.counts.tolist(),
            "nonmated": other.counts.tolist(),
            "mated_failed": same.failed,
            "nonmated_failed": other.failed,
        },
        "operating_points": {name: _reached(curve, threshold) for name, threshold in points.items()},
    }


def _reached(curve: DetCurve, threshold: float) -> dict[str, float]:
    """Both rates at a threshold: those of the lowest threshold of the curve that is not below it."""
    place = int(np.searchsorted(-curve.thresholds, -threshold, side="right")) - 1
    return {"threshold": threshold, "fmr": float(curve.fmr[place]), "fnmr": float(curve.fnmr[place])}


def _weighted(side: Histogram) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.append(side.edges[:-1], -np.inf), np.append(side.counts, side.failed)
