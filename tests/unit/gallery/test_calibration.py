"""A similarity means a rate, and a threshold keeps the rate that was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from limen.core.match import Condition
from limen.gallery.calibration import FMR_CEILING, Calibration
from support.calibrations import TAIL, make_calibration, make_rates

BARE = Condition.BARE_BARE


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    """The one that can be worked out by hand."""
    return make_calibration()


@pytest.mark.parametrize(
    ("similarity", "fmr"), [(0.3, 1e-3), (0.34, 1e-3 / np.e), (0.5, 1e-3 * np.exp(-5)), (-0.5, 1.0), (-1.0, 1.0)]
)
def test_fmr_is_what_was_written_down(calibration: Calibration, similarity: float, fmr: float) -> None:
    """The false match rate at a similarity is that of the made-up distribution."""
    assert calibration.compare(similarity, BARE).fmr == pytest.approx(fmr, rel=1e-9)


@pytest.mark.parametrize("similarity", [-2.0, -1.0, 0.0, 0.99, 1.0, 1.0000001, 50.0])
def test_no_rate_is_ever_zero(calibration: Calibration, similarity: float) -> None:
    """However alike, there is always somebody as alike: rates lie in (0, 1]."""
    assert 0.0 < calibration.compare(similarity, BARE).fmr <= 1.0


def test_a_comparison_tells_everything_at_once(calibration: Calibration) -> None:
    """Similarity, rate, log-likelihood ratio and condition stand together."""
    comparison = calibration.compare(0.5, BARE)
    assert (comparison.similarity, comparison.condition) == (0.5, BARE)
    assert comparison.log_likelihood_ratio == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("n_references", "fpir"), [(1, 0.00001), (100, 0.001), (1000, 0.01), (100_000, 0.1), (10, 0.0005)]
)
def test_the_threshold_keeps_the_promise(calibration: Calibration, n_references: int, fpir: float) -> None:
    """Where the ceiling does not bind, the FPIR at the threshold is the one asked for, to nine digits."""
    point = calibration.operating_point(fpir_target=fpir, n_references=n_references, condition=BARE)
    assert point.fmr < FMR_CEILING
    assert calibration.fpir(point.threshold, n_references=n_references, condition=BARE) == pytest.approx(fpir, rel=1e-9)


@pytest.mark.parametrize(("n_references", "fpir"), [(1, 0.001), (5, 0.01), (1, 0.9), (999, 0.1)])
def test_in_a_small_gallery_the_ceiling_binds(calibration: Calibration, n_references: int, fpir: float) -> None:
    """However few are enrolled, no comparison is accepted at a rate above the ceiling; the FPIR is then lower."""
    point = calibration.operating_point(fpir_target=fpir, n_references=n_references, condition=BARE)
    assert point.fmr == FMR_CEILING
    assert calibration.compare(point.threshold, BARE).fmr == pytest.approx(FMR_CEILING, rel=1e-9)
    assert calibration.fpir(point.threshold, n_references=n_references, condition=BARE) < fpir


def test_the_ceiling_can_be_chosen(calibration: Calibration) -> None:
    """A door that asks for a stricter ceiling gets it."""
    point = calibration.operating_point(fpir_target=0.1, n_references=1, condition=BARE, fmr_ceiling=1e-6)
    assert point.fmr == 1e-6


def test_a_larger_gallery_needs_a_higher_threshold(calibration: Calibration) -> None:
    """The threshold, and with it the cost in refusals, rises with the number of references."""
    points = [
        calibration.operating_point(fpir_target=0.001, n_references=n, condition=BARE)
        for n in (1, 10, 11, 100, 5_000, 100_000, 10_000_000)
    ]
    thresholds, costs = [p.threshold for p in points], [p.fnir_expected for p in points]
    assert thresholds == sorted(thresholds)
    assert costs == sorted(costs)
    assert thresholds[-1] > thresholds[2] > thresholds[1] == thresholds[0]


def test_an_operating_point_says_where_it_is_from(calibration: Calibration) -> None:
    """Model, condition, target, count, rate, cost and date stand in it."""
    point = calibration.operating_point(fpir_target=0.01, n_references=1000, condition=BARE)
    assert (point.model_id, point.condition, point.n_references) == (calibration.model_id, BARE, 1000)
    assert (point.fpir_target, point.calibrated_on) == (0.01, calibration.made_on)
    assert point.fnir_expected == pytest.approx((point.threshold - 0.2) / 0.8, abs=1e-6)


@pytest.mark.parametrize(
    ("fpir", "n_references"),
    [(0.0, 1), (1.0, 1), (-0.1, 1), (1.5, 1), (float("nan"), 1), (0.01, 0), (0.01, -5)],
)
def test_impossible_questions_are_misuse(calibration: Calibration, fpir: float, n_references: int) -> None:
    """A target that is no rate, or an empty gallery, has no threshold."""
    with pytest.raises(ValueError, match="operating point: expected"):
        calibration.operating_point(fpir_target=fpir, n_references=n_references, condition=BARE)


@pytest.mark.parametrize("condition", [Condition.BARE_MASKED, Condition.MASKED_MASKED])
def test_no_condition_is_guessed_from_another(calibration: Calibration, condition: Condition) -> None:
    """A condition that was not measured has no rates."""
    with pytest.raises(KeyError):
        calibration.compare(0.5, condition)


def test_bare_faces_must_be_calibrated(calibration: Calibration) -> None:
    """A calibration without the condition bare/bare, or with a masked one and no masked map, is refused."""
    for conditions in ({Condition.BARE_MASKED: make_rates()}, dict.fromkeys(Condition, make_rates())):
        with pytest.raises(ValueError, match="expected bare/bare, and both masked conditions with a masked map"):
            replace(calibration, conditions=conditions)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"grid": np.linspace(1, -0.5, 151)}, "rising grid"),
        ({"grid": np.zeros(151)}, "rising grid"),
        ({"grid": np.linspace(-0.5, 1, 150)}, "same length"),
        ({"nonmated": np.linspace(0, 1, 151)}, "falling non-mated"),
        ({"mated": np.zeros(3)}, "same length"),
        ({"nonmated": np.full(151, np.nan)}, "finite"),
        ({"grid": np.zeros((0,))}, "grid: expected"),
        ({"grid": np.linspace(-0.5, 1, 151).astype(np.float32)}, "grid: expected"),
        ({"llr_slope": float("nan")}, "finite log-likelihood"),
        ({"llr_intercept": float("inf")}, "finite log-likelihood"),
    ],
)
def test_inconsistent_rates_are_refused(changes: dict[str, Any], message: str) -> None:
    """Tables that do not rise, fall, fit together or end are ValueErrors."""
    with pytest.raises(ValueError, match=message):
        replace(make_rates(), **changes)


def test_a_calibration_shows_no_centre_in_its_repr(calibration: Calibration) -> None:
    """The mean embedding and the tables are not printed."""
    assert "array" not in repr(calibration)


@pytest.mark.parametrize("fmr", [0.5, 0.1, 2e-3, 1e-3, 9e-4, 1e-7])
def test_the_threshold_is_the_inverse_of_the_rate(fmr: float) -> None:
    """Body and tail alike, to nine digits."""
    rates = make_rates(replace(TAIL, shape=0.1))
    assert float(rates.fmr(np.array([rates.threshold(fmr)]))[0]) == pytest.approx(fmr, rel=1e-9)
