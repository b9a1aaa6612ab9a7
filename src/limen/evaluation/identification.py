"""The report of one-to-many search among the enrolled and strangers: DESIGN section 6, with counts and intervals.

Probes x people would not fit in memory, so blocks of similarities are boiled down to two numbers per mated probe and
one per non-mated probe. Similarities are those of a probe to a *person* (several references already fused), on a
scale that conditions share, larger = more alike.

1. A mated probe is missed if its person is not rank 1 or is below the threshold; a failed probe is missed.
2. Ties go against the system: a person as similar as the right one ranks before it.
3. A failed non-mated probe raises no false positive and stays in the denominator.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from limen.evaluation.intervals import Interval
from limen.evaluation.rates import Rate, cmc, fnir, fnir_at_fpir, fpir, measurable, threshold_at_fpir
from limen.evaluation.verification import FtaReport, fta_report

__all__ = [
    "FPIR_TARGETS",
    "AppliedThreshold",
    "IdentificationReport",
    "MatedProbes",
    "identification_report",
    "mated_probes",
    "nonmated_probes",
]

FPIR_TARGETS = {"0.1": 0.1, "0.01": 0.01, "0.003": 0.003}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MatedProbes:
    """What the rates need to know of probes of enrolled people.

    Attributes:
        own: float64 (n,), similarity to the probe's own person; minus infinity for a failed probe.
        ranks: intp (n,), that person's rank, from 1; 0 for a failed probe.
    """

    own: NDArray[np.float64] = field(repr=False)
    ranks: NDArray[np.intp] = field(repr=False)

    def __post_init__(self) -> None:
        if self.own.shape != self.ranks.shape or self.own.ndim != 1:
            raise ValueError(f"mated probes: expected equal lengths, got {self.own.shape}, {self.ranks.shape}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedThreshold:
    """A threshold that was fixed before this test set was seen: the operating point of a calibration.

    Attributes:
        fpir_target: the FPIR that was asked for.
        threshold: on the scale of the similarities.
    """

    fpir_target: float
    threshold: float


class OperatingPointReport(TypedDict):
    """What a threshold fixed beforehand does here."""

    fpir_target: float
    threshold: float
    fpir_measured: float | None
    fnir_measured: float | None


class IdentificationReport(TypedDict):
    """What ``limen evaluate identification`` answers; intervals are 95 %, counts are of errors.

    ``fnir_at_fpir`` takes its thresholds from this very test set; its counts also say how many false positives that
    threshold gives. It is None where not even one of the non-mated probes would be allowed.
    """

    n_gallery: int
    n_mated: int
    n_nonmated: int
    fta: FtaReport
    fta_interval: Interval | None
    rank1: float | None
    rank1_counts: dict[str, int]
    rank1_interval: Interval | None
    fnir_at_fpir: dict[str, float | None]
    fnir_at_fpir_counts: dict[str, dict[str, int] | None]
    fnir_at_fpir_interval: dict[str, Interval | None]
    operating_point: NotRequired[OperatingPointReport]
    operating_point_counts: NotRequired[dict[str, dict[str, int]]]
    operating_point_interval: NotRequired[dict[str, Interval | None]]


def mated_probes(blocks: Iterable[tuple[NDArray[np.floating], NDArray[np.intp]]]) -> MatedProbes:
    """Boil blocks of similarities down to own similarity and rank.

    Args:
        blocks: pairs of similarities (b, n_people) and intp (b,), the column of each probe's own person. NaN or minus
            infinity where the probe, or all of a person's references, failed.

    Raises:
        ValueError: a block of another shape, or a column that does not exist.
    """
    own, ranks = [np.empty(0)], [np.empty(0, dtype=np.intp)]
    for similarities, people in blocks:
        block = _block(similarities)
        if people.shape != block.shape[:1] or not bool(((people >= 0) & (people < block.shape[1])).all()):
            raise ValueError(f"own person: expected ({block.shape[0]},) columns below {block.shape[1]}")
        mine = block[np.arange(len(block)), people]
        rank = np.count_nonzero(block >= mine[:, None], axis=1)
        own.append(mine.astype(np.float64))
        ranks.append(np.where(mine == -np.inf, 0, rank).astype(np.intp))
    return MatedProbes(own=np.concatenate(own), ranks=np.concatenate(ranks))


def nonmated_probes(blocks: Iterable[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Boil blocks of similarities (b, n_people) down to float64 (n,): each probe's largest similarity to anybody.

    Raises:
        ValueError: a block of another shape.
    """
    top = [np.empty(0)]
    top.extend(_block(block).max(axis=1, initial=-np.inf).astype(np.float64) for block in blocks)
    return np.concatenate(top)


def identification_report(
    mated: MatedProbes,
    nonmated: NDArray[np.float64],
    *,
    n_gallery: int,
    acquisition: Rate,
    applied: AppliedThreshold | None = None,
) -> IdentificationReport:
    """Report on an open-set search.

    Args:
        mated: the enrolled people's probes.
        nonmated: float64 (n,), the strangers' largest similarities; minus infinity for a failed probe.
        n_gallery: enrolled people.
        acquisition: FTA over the distinct pictures of gallery and probes.
        applied: also report what this threshold does.

    Raises:
        ValueError: NaN.
    """
    top = measurable(nonmated)
    rank1 = cmc(mated.ranks, n_ranks=1)[0]
    targets = {
        name: (fnir_at_fpir(mated.own, mated.ranks, top, fpir_target=target), target)
        for name, target in FPIR_TARGETS.items()
    }
    report: IdentificationReport = {
        "n_gallery": n_gallery,
        "n_mated": rank1.trials,
        "n_nonmated": top.size,
        "fta": fta_report(acquisition),
        "fta_interval": acquisition.interval(),
        "rank1": rank1.correct,
        "rank1_counts": rank1.counts(),
        "rank1_interval": rank1.correct_interval(),
        "fnir_at_fpir": {name: rate.value if rate else None for name, (rate, _) in targets.items()},
        "fnir_at_fpir_counts": {name: _fnir_counts(rate, top, target) for name, (rate, target) in targets.items()},
        "fnir_at_fpir_interval": {name: rate.interval() if rate else None for name, (rate, _) in targets.items()},
    }
    if applied is not None:
        _add_operating_point(report, mated, top, applied=applied)
    return report


def _add_operating_point(
    report: IdentificationReport, mated: MatedProbes, top: NDArray[np.float64], *, applied: AppliedThreshold
) -> None:
    strangers = fpir(top, threshold=applied.threshold)
    misses = fnir(mated.own, mated.ranks, threshold=applied.threshold)
    report["operating_point"] = {
        "fpir_target": applied.fpir_target,
        "threshold": applied.threshold,
        "fpir_measured": strangers.value,
        "fnir_measured": misses.value,
    }
    report["operating_point_counts"] = {"fpir_measured": strangers.counts(), "fnir_measured": misses.counts()}
    report["operating_point_interval"] = {"fpir_measured": strangers.interval(), "fnir_measured": misses.interval()}


def _fnir_counts(rate: Rate | None, top: NDArray[np.float64], fpir_target: float) -> dict[str, int] | None:
    if rate is None:
        return None
    reached = fpir(top, threshold=threshold_at_fpir(top, fpir_target=fpir_target))
    return {**rate.counts(), "false_positives": reached.errors, "nonmated_trials": reached.trials}


def _block(similarities: NDArray[np.floating]) -> NDArray[np.floating]:
    if similarities.ndim != 2:  # noqa: PLR2004 - probes by people
        raise ValueError(f"similarities: expected (probes, people), got {similarities.shape}")
    return np.where(np.isnan(similarities), -np.inf, similarities)
