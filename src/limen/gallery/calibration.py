"""What a similarity means: rates measured on people who were not each other, and thresholds derived from them.

A calibration belongs to one model with one preparation. It holds, per condition, the non-mated distribution (its body
as a table, its far tail fitted), the mated distribution, and a log-likelihood ratio; and the mean embedding that is
subtracted before comparing. How it was made stands inside. Nobody's template or picture does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import owned
from limen.core.match import Comparison, Condition, OperatingPoint
from limen.core.probe import ModelId
from limen.gallery.masked import MaskedMap
from limen.gallery.tail import Tail

__all__ = ["FMR_CEILING", "Calibration", "ConditionRates"]

FMR_CEILING = 1e-4
"""However small the gallery, no comparison is accepted at a false match rate above this (docs/adr/0006)."""

_LEAST_RATE = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConditionRates:
    """The distributions of one condition.

    Attributes:
        grid: float64 (k,), increasing similarities.
        nonmated: float64 (k,), share of non-mated comparisons at or above each, falling; used below the tail.
        mated: float64 (k,), share of mated comparisons below each, rising.
        tail: the non-mated tail.
        llr_slope, llr_intercept: natural-log likelihood ratio = intercept + slope * similarity.
        n_nonmated, n_mated: comparisons behind them.
        n_people: people behind them.
    """

    grid: NDArray[np.float64] = field(repr=False)
    nonmated: NDArray[np.float64] = field(repr=False)
    mated: NDArray[np.float64] = field(repr=False)
    tail: Tail
    llr_slope: float
    llr_intercept: float
    n_nonmated: int
    n_mated: int
    n_people: int

    def __post_init__(self) -> None:
        for name in ("grid", "nonmated", "mated"):
            array = owned(name, getattr(self, name), shape=(None,), dtype=np.float64)
            object.__setattr__(self, name, array)
        rising, falling = np.diff(self.grid), np.diff(self.nonmated)
        if not (len(self.grid) == len(self.nonmated) == len(self.mated)) or (rising <= 0).any() or (falling > 0).any():
            raise ValueError("calibration: expected a rising grid and a falling non-mated table of the same length")
        if not (math.isfinite(self.llr_slope) and math.isfinite(self.llr_intercept)):
            raise ValueError("calibration: expected a finite log-likelihood ratio")

    def fmr(self, similarity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of non-mated comparisons at or above each similarity; never zero."""
        body = np.maximum(np.interp(similarity, self.grid, self.nonmated), self.tail.share)
        rates = np.where(similarity >= self.tail.start, self.tail.survival(similarity), body)
        return np.asarray(np.clip(rates, _LEAST_RATE, 1.0))

    def fnmr(self, threshold: float) -> float:
        """Share of mated comparisons of two single pictures below a threshold."""
        return float(np.interp(threshold, self.grid, self.mated))

    def threshold(self, fmr: float) -> float:
        """The similarity whose false match rate is ``fmr``."""
        if fmr <= self.tail.share:
            return self.tail.similarity(max(fmr, _LEAST_RATE))
        return float(np.interp(-fmr, -self.nonmated, self.grid))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """The calibration of one model.

    Attributes:
        model_id: the model and preparation it belongs to.
        model: the manifest name of the model.
        centre: float32 (d,), the mean unit embedding.
        made_on: when.
        made_from: on what, in a sentence.
        method: how, in a sentence.
        conditions: what is known per condition.
        masked_map: what embeddings go through when a mask is on either side; None when masks were not calibrated,
            and masked faces then count as bare ones.
    """

    model_id: ModelId
    model: str
    centre: NDArray[np.float32] = field(repr=False)
    made_on: date
    made_from: str
    method: str
    conditions: Mapping[Condition, ConditionRates] = field(repr=False)
    masked_map: MaskedMap | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", owned("centre", self.centre, shape=(None,), dtype=np.float32))
        expected = {Condition.BARE_BARE} if self.masked_map is None else set(Condition)
        if set(self.conditions) != expected:
            raise ValueError("calibration: expected bare/bare, and both masked conditions with a masked map only")

    def rates(self, condition: Condition) -> ConditionRates:
        """The distributions of a condition.

        Raises:
            KeyError: it has not been calibrated; there is no guessing from another condition.
        """
        return self.conditions[condition]

    def compare(self, similarity: float, condition: Condition) -> Comparison:
        """What a similarity stands for."""
        rates = self.rates(condition)
        return Comparison(
            similarity=similarity,
            fmr=float(rates.fmr(np.array([similarity]))[0]),
            log_likelihood_ratio=rates.llr_intercept + rates.llr_slope * similarity,
            condition=condition,
        )

    def fpir(self, similarity: float, *, n_references: int, condition: Condition) -> float:
        """Share of strangers with at least one of ``n_references`` at or above a similarity.

        Comparisons of one probe are taken as independent. They are not quite, and the true rate is then lower
        (measured in docs/results.md).
        """
        fmr = float(self.rates(condition).fmr(np.array([similarity]))[0])
        return -float(np.expm1(n_references * np.log1p(-min(fmr, 1.0 - 1e-12))))

    def operating_point(
        self, *, fpir_target: float, n_references: int, condition: Condition, fmr_ceiling: float = FMR_CEILING
    ) -> OperatingPoint:
        """The threshold that keeps a promise.

        Args:
            fpir_target: share of walk-ups by strangers that may be taken for somebody, above 0 and below 1.
            n_references: references searched per walk-up, at least 1.
            condition: bare or masked.
            fmr_ceiling: least strict false match rate per comparison, whatever the size of the gallery.

        Raises:
            ValueError: a target or count outside its range.
        """
        if not 0.0 < fpir_target < 1.0 or n_references < 1:
            raise ValueError(f"operating point: expected 0 < FPIR < 1 and n >= 1, got {fpir_target} and {n_references}")
        rates = self.rates(condition)
        fmr = min(fmr_ceiling, -float(np.expm1(np.log1p(-fpir_target) / n_references)))
        threshold = rates.threshold(fmr)
        return OperatingPoint(
            model_id=self.model_id,
            condition=condition,
            fpir_target=fpir_target,
            n_references=n_references,
            fmr=fmr,
            threshold=threshold,
            fnir_expected=rates.fnmr(threshold),
            calibrated_on=self.made_on,
        )
