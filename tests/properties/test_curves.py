"""What must hold of curves whatever the similarities are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from limen.evaluation.curves import cmc_of, det_points, histogram, probit
from limen.evaluation.rates import det

Similarities = NDArray[np.float64]

coarse = st.one_of(st.integers(-4, 4).map(float), st.just(-np.inf))
similarities = arrays(np.float64, st.integers(1, 60), elements=st.one_of(coarse, st.floats(-9, 9)))


@given(mated=similarities, nonmated=similarities, at_most=st.integers(2, 40))
def test_a_drawn_det_is_monotone_and_no_longer_than_asked(
    *, mated: Similarities, nonmated: Similarities, at_most: int
) -> None:
    """FMR never falls and FNMR never rises along the points, of which both ends of the curve are two."""
    curve = det(mated, nonmated)
    points = det_points(curve, at_most=at_most)
    assert bool((np.diff(points.thresholds) < 0).all())
    assert bool((np.diff(points.fmr) >= 0).all())
    assert bool((np.diff(points.fnmr) <= 0).all())
    assert points.fmr.size <= at_most
    assert (points.fmr[0], points.fnmr[0]) == (curve.fmr[0], curve.fnmr[0])
    assert (points.fmr[-1], points.fnmr[-1]) == (curve.fmr[-1], curve.fnmr[-1])


@given(mated=similarities, nonmated=similarities, seed=st.integers(0, 9))
def test_order_does_not_show_in_a_drawn_det(mated: Similarities, nonmated: Similarities, seed: int) -> None:
    """Shuffled lists give the same points."""
    rng = np.random.default_rng(seed)
    one, other = det_points(det(mated, nonmated)), det_points(det(rng.permutation(mated), rng.permutation(nonmated)))
    np.testing.assert_array_equal(one.fmr, other.fmr)
    np.testing.assert_array_equal(one.fnmr, other.fnmr)


@given(
    mated=arrays(np.float64, st.integers(1, 30), elements=st.integers(-4, 4).map(float)),
    nonmated=arrays(np.float64, st.integers(1, 30), elements=st.integers(-4, 4).map(float)),
)
def test_the_complement_mirrors_a_drawn_det(mated: Similarities, nonmated: Similarities) -> None:
    """With similarity turned into distance and the classes exchanged, both errors change places, corner by corner."""
    one, turned = det_points(det(mated, nonmated)), det_points(det(-nonmated, -mated))
    corners = set(zip(one.fmr.tolist(), one.fnmr.tolist(), strict=True))
    assert corners == set(zip(turned.fnmr.tolist(), turned.fmr.tolist(), strict=True))


@given(data=st.data(), people=st.integers(2, 8), probes=st.integers(1, 12), seed=st.integers(0, 9))
def test_a_cmc_rises_and_knows_no_order(*, data: st.DataObject, people: int, probes: int, seed: int) -> None:
    """More ranks never find fewer; neither the order of probes nor that of people, nor blocks, show."""
    table = data.draw(arrays(np.float64, (probes, people), elements=coarse))
    whose = data.draw(arrays(np.intp, probes, elements=st.integers(0, people - 1)))
    rates = cmc_of([(table, whose)], n_ranks=people)
    assert all(later.errors <= rate.errors for rate, later in pairwise(rates))
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(probes), rng.permutation(people)
    shuffled, owners = table[rows][:, columns], np.argsort(columns)[whose[rows]]
    half = probes // 2
    blocks = [(shuffled[:half], owners[:half]), (shuffled[half:], owners[half:])]
    assert cmc_of(blocks, n_ranks=people) == rates


@given(values=similarities, bins=st.integers(1, 30))
def test_a_histogram_loses_nothing(values: Similarities, bins: int) -> None:
    """Every comparison is in one bin, or failed."""
    counted = histogram(values, low=-2.0, high=3.0, bins=bins)
    assert counted.total == values.size
    assert counted.failed == np.count_nonzero(values == -np.inf)


@given(rate=st.floats(1e-9, 0.5))
def test_probit_is_odd(rate: float) -> None:
    """A rate and its complement lie at the same distance from one half."""
    np.testing.assert_allclose(probit(rate), -probit(1.0 - rate), rtol=1e-6, atol=1e-9)
