"""Curves of a report: by hand on small cases, and against scikit-learn and scipy to 1e-9."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import det_curve, top_k_accuracy_score

from limen.evaluation.curves import (
    Histogram,
    cmc_of,
    det_of,
    det_points,
    histogram,
    identification_curves,
    open_set_det,
    probit,
    verification_curves,
)
from limen.evaluation.identification import MatedProbes, mated_probes
from limen.evaluation.rates import det, fmr, fnir, fnmr, fpir

Similarities = NDArray[np.float64]


def drawn(seed: int = 0, *, n: int = 300) -> tuple[Similarities, Similarities]:
    """Mated and non-mated similarities with many ties."""
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(1.5, 1, n), 1), np.round(rng.normal(0, 1, 2 * n), 1)


def test_det_agrees_with_scikit_learn() -> None:
    """Every point scikit-learn draws lies on the curve, to 1e-9, and so do the thresholds."""
    mated, nonmated = drawn()
    truth = np.repeat([1, 0], [mated.size, nonmated.size])
    false, missed, thresholds = det_curve(truth, np.concatenate([mated, nonmated]))
    curve = det(mated, nonmated)
    place = {threshold: row for row, threshold in enumerate(curve.thresholds.tolist())}
    rows = [place[threshold] for threshold in thresholds.tolist()]
    np.testing.assert_allclose(curve.fmr[rows], false, atol=1e-9)
    np.testing.assert_allclose(curve.fnmr[rows], missed, atol=1e-9)


@pytest.mark.parametrize("rate", [1e-9, 1e-6, 0.01, 0.3, 0.5, 0.97])
def test_probit_agrees_with_scipy(rate: float) -> None:
    """The normal deviate is scipy's to 1e-9."""
    assert probit(rate) == pytest.approx(norm.ppf(rate), abs=1e-9)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1])
def test_probit_needs_a_rate_inside(rate: float) -> None:
    """Never and always have no place on a probit axis."""
    with pytest.raises(ValueError, match="above 0 and below 1"):
        probit(rate)


def test_cmc_agrees_with_scikit_learn() -> None:
    """The share found within r ranks is scikit-learn's top-r accuracy, to 1e-9, at every rank."""
    rng = np.random.default_rng(3)
    table = rng.normal(size=(200, 30))
    whose = rng.integers(0, 30, 200)
    table[np.arange(200), whose] += 1.5
    blocks = ((table[start : start + 64], whose[start : start + 64]) for start in range(0, 200, 64))
    for rank, rate in enumerate(cmc_of(blocks, n_ranks=29), start=1):
        expected = top_k_accuracy_score(whose, table, k=rank, labels=np.arange(30))
        assert rate.correct == pytest.approx(expected, abs=1e-9)


def test_cmc_by_hand() -> None:
    """One first, one second, one behind a tie and so third, one failed: 1, 2, 3 of 4."""
    table = np.array([[9.0, 1, 2], [5, 4, 0], [3, 3, 3], [np.nan, 8, 8]])
    rates = cmc_of([(table, np.array([0, 1, 2, 0]))], n_ranks=3)
    assert [rate.trials - rate.errors for rate in rates] == [1, 2, 3]
    assert [rate.trials for rate in rates] == [4, 4, 4]


def test_thinned_points_are_points_of_the_curve() -> None:
    """Whatever is left was counted, both ends are there, and there are no more than asked for."""
    mated, nonmated = drawn(n=3000)
    curve = det(mated + np.arange(3000) * 1e-6, nonmated + np.arange(6000) * 1e-7)
    points = det_points(curve, at_most=50)
    whole = set(zip(curve.thresholds, curve.fmr, curve.fnmr, strict=True))
    assert set(zip(points.thresholds, points.fmr, points.fnmr, strict=True)) <= whole
    assert 40 <= points.fmr.size <= 50
    assert (points.fnmr[0], points.fmr[-1]) == (1.0, 1.0)


def test_points_on_one_line_go_first() -> None:
    """Ten non-mated similarities between two mated ones are one level line: only its two ends are drawn."""
    points = det_points(det([0.0, 1.0], np.linspace(0.1, 0.9, 10)))
    assert points.fmr.tolist() == [0.0, 0.0, 1.0, 1.0]
    assert points.fnmr.tolist() == [1.0, 0.5, 0.5, 0.0]


@pytest.mark.parametrize(("mated", "nonmated"), [([], []), ([1.0], []), ([], [1.0]), ([-np.inf], [-np.inf])])
def test_hardly_anything_is_a_curve_too(mated: list[float], nonmated: list[float]) -> None:
    """No comparison, one, or failed ones only give points and a document without an exception."""
    assert det_points(det(mated, nonmated)).fmr.size >= 1
    document = verification_curves(mated, nonmated, points={"x": 0.5}, scale="made up")
    assert sum(document["distributions"]["mated"]) == sum(value > -np.inf for value in mated)


def test_two_points_at_least() -> None:
    """A curve of one point is refused."""
    with pytest.raises(ValueError, match="at least 2"):
        det_points(det([1.0], [0.0]), at_most=1)


def test_histogram_agrees_with_numpy() -> None:
    """Counts are numpy's, failed comparisons stand apart, and what lies beyond an end is counted at it."""
    values = np.random.default_rng(0).normal(size=1000)
    ours = histogram(np.append(values, -np.inf), low=-1.0, high=1.0, bins=20)
    np.testing.assert_array_equal(ours.counts, np.histogram(np.clip(values, -1, 1), np.linspace(-1, 1, 21))[0])
    assert (ours.failed, ours.total) == (1, 1001)


@pytest.mark.parametrize(("low", "high", "bins"), [(0.0, 1.0, 0), (1.0, 1.0, 3), (2.0, 1.0, 3)])
def test_a_histogram_needs_bins(low: float, high: float, bins: int) -> None:
    """No bin, or ends in the wrong order, are misuse."""
    with pytest.raises(ValueError, match="expected a bin"):
        histogram([0.5], low=low, high=high, bins=bins)


def test_a_histogram_needs_an_edge_more_than_counts() -> None:
    """Edges and counts fit together."""
    with pytest.raises(ValueError, match="expected 3 rising edges"):
        Histogram(edges=np.array([0.0, 1.0]), counts=np.array([1, 2]))


def test_a_det_of_histograms_is_exact_at_the_edges() -> None:
    """At each lower edge both rates are those of the single similarities, failed ones included."""
    rng = np.random.default_rng(5)
    mated, nonmated = np.append(rng.uniform(0.2, 1, 300), -np.inf), rng.uniform(0, 0.6, 900)
    curve = det_of(*(histogram(side, low=0.0, high=1.0, bins=50) for side in (mated, nonmated)))
    assert curve.thresholds.size == 51
    for threshold, false, missed in zip(curve.thresholds, curve.false_matches, curve.false_non_matches, strict=True):
        assert fmr(nonmated, threshold=threshold).errors == false
        assert fnmr(mated, threshold=threshold).errors == missed


def test_an_open_set_det_counts_what_the_rates_count() -> None:
    """FPIR and FNIR of the curve are those of the functions at every threshold, wrong ranks included."""
    rng = np.random.default_rng(1)
    table, whose = np.round(rng.normal(size=(80, 6)), 1), rng.integers(0, 6, 80)
    table[np.arange(80), whose] += 1.0
    mated, top = mated_probes([(table, whose)]), np.round(rng.normal(1, 1, 90), 1)
    curve = open_set_det(mated, top)
    for threshold, false, missed in zip(curve.thresholds, curve.false_matches, curve.false_non_matches, strict=True):
        assert fpir(top, threshold=threshold).errors == false
        assert fnir(mated.own, mated.ranks, threshold=threshold).errors == missed


def test_a_document_says_what_an_operating_point_reaches() -> None:
    """Both rates at a threshold between, on and above all similarities are counted ones."""
    mated, nonmated = np.array([1.0, 2, 3, 4]), np.array([0.0, 1, 2])
    points = verification_curves(mated, nonmated, points={"on": 2.0, "between": 1.5, "above": 9.0}, scale="made up")
    assert points["operating_points"] == {
        "on": {"threshold": 2.0, "fmr": 1 / 3, "fnmr": 0.25},
        "between": {"threshold": 1.5, "fmr": 1 / 3, "fnmr": 0.25},
        "above": {"threshold": 9.0, "fmr": 0.0, "fnmr": 1.0},
    }


def test_an_identification_document_has_all_curves() -> None:
    """DET named after its rates, CMC with counts, and both distributions."""
    mated = MatedProbes(own=np.array([3.0, 2.0, -np.inf]), ranks=np.array([1, 2, 0]))
    document = identification_curves(mated, np.array([1.0]), points={}, scale="made up", n_ranks=2)
    assert document["det"]["rates"] == ["FPIR", "FNIR"]
    assert document["cmc"] == {"errors": [2, 1], "trials": 3}
    assert (document["distributions"]["mated_failed"], sum(document["distributions"]["mated"])) == (1, 2)
