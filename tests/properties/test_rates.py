"""What must hold of rates whatever the similarities are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from limen.evaluation.discard import error_versus_discard
from limen.evaluation.intervals import proportion
from limen.evaluation.rates import det, eer, fmr, fnir_at_fpir, fnmr, threshold_at_fmr
from limen.evaluation.verification import accuracy_10fold

Similarities = NDArray[np.float64]

coarse = st.integers(-4, 4).map(float)  # ties are the rule
anything = st.floats(allow_nan=False, allow_infinity=True, width=64)
similarities = arrays(np.float64, st.integers(1, 40), elements=st.one_of(coarse, anything))
shares = st.one_of(st.sampled_from([0.0, 0.003, 0.01, 0.1, 0.29, 0.5, 1.0]), st.floats(0, 1))


@given(mated=similarities, nonmated=similarities)
def test_det_is_monotone(mated: Similarities, nonmated: Similarities) -> None:
    """As the threshold falls, FMR never falls and FNMR never rises, and every point is what counting gives."""
    curve = det(mated, nonmated)
    assert bool((np.diff(curve.thresholds) < 0).all())
    assert bool((np.diff(curve.false_matches) >= 0).all())
    assert bool((np.diff(curve.false_non_matches) <= 0).all())
    for threshold, false, missed in zip(curve.thresholds, curve.false_matches, curve.false_non_matches, strict=True):
        assert fmr(nonmated, threshold=threshold).errors == false
        assert fnmr(mated, threshold=threshold).errors == missed


@given(nonmated=similarities, target=shares)
def test_the_asked_fmr_is_never_exceeded_nor_wasted(nonmated: Similarities, target: float) -> None:
    """The threshold keeps the target, and letting the next similarity in would break it."""
    threshold = threshold_at_fmr(nonmated, fmr_target=target)
    reached = fmr(nonmated, threshold=threshold)
    assert reached.value is not None
    assert reached.value <= target
    below = nonmated[(nonmated < threshold) & (nonmated > -np.inf)]
    if below.size:
        assert (fmr(nonmated, threshold=float(below.max())).value or 0.0) > target


@given(nonmated=similarities, threshold=st.one_of(coarse, st.floats(allow_nan=False, allow_infinity=False)))
def test_fmr_and_its_complement_make_the_whole(nonmated: Similarities, threshold: float) -> None:
    """Matches counted and non-matches counted add up to the trials: FMR is 1 - FNMR of the same list."""
    assert fmr(nonmated, threshold=threshold).errors + fnmr(nonmated, threshold=threshold).errors == nonmated.size


@given(mated=similarities, nonmated=similarities, target=shares, seed=st.integers(0, 9))
def test_order_does_not_matter(*, mated: Similarities, nonmated: Similarities, target: float, seed: int) -> None:
    """Shuffled lists give the same threshold, the same curve and the same EER."""
    rng = np.random.default_rng(seed)
    other = rng.permutation(nonmated)
    assert threshold_at_fmr(nonmated, fmr_target=target) == threshold_at_fmr(other, fmr_target=target)
    assert eer(det(mated, nonmated)) == eer(det(rng.permutation(mated), other))


@given(mated=similarities, nonmated=similarities)
def test_eer_is_the_same_from_the_other_side(mated: Similarities, nonmated: Similarities) -> None:
    """With similarity turned into distance and the classes exchanged the crossing stays where it is."""
    same, other = (np.clip(np.round(values), -9, 9) for values in (mated, nonmated))
    one, turned = eer(det(same, other)), eer(det(-other, -same))
    assert one is not None
    assert turned is not None
    np.testing.assert_allclose(one, turned, atol=1e-12)


@given(
    own=similarities,
    top=similarities,
    targets=st.lists(shares, min_size=2, max_size=5),
    seed=st.integers(0, 9),
)
def test_more_allowed_false_positives_never_cost_misses(
    *, own: Similarities, top: Similarities, targets: list[float], seed: int
) -> None:
    """FNIR does not rise with the FPIR that is allowed."""
    ranks = np.random.default_rng(seed).integers(0, 3, own.size)
    rates = [fnir_at_fpir(own, ranks, top, fpir_target=target) for target in sorted(targets)]
    errors = [rate.errors for rate in rates if rate is not None]
    assert sorted(errors, reverse=True) == errors


@given(trials=st.integers(1, 10_000), data=st.data())
def test_intervals_hold_the_rate_and_mirror(trials: int, data: st.DataObject) -> None:
    """An interval lies within 0 to 1, holds the rate, and is that of the complement mirrored."""
    errors = data.draw(st.integers(0, trials))
    interval, mirrored = proportion(errors, trials), proportion(trials - errors, trials)
    assert interval is not None
    assert mirrored is not None
    assert 0.0 <= interval[0] <= errors / trials <= interval[1] <= 1.0
    np.testing.assert_allclose(interval, (1 - mirrored[1], 1 - mirrored[0]), atol=1e-12)


@given(data=st.data(), n=st.integers(1, 40), seed=st.integers(0, 9))
def test_discarding_takes_away_in_one_order(data: st.DataObject, n: int, seed: int) -> None:
    """Whoever is gone stays gone when more go, and the order of the list does not show, ties or not."""
    mated = data.draw(arrays(np.float64, n, elements=coarse))
    quality = data.draw(arrays(np.float64, n, elements=coarse))
    curve = error_versus_discard(mated, quality, threshold=0.0)
    assert curve is not None
    assert bool((np.diff(curve.errors) <= 1e-12).all())
    assert bool((np.diff(curve.trials) <= 0).all())
    assert bool((curve.errors <= curve.trials + 1e-12).all())
    order = np.random.default_rng(seed).permutation(n)
    shuffled = error_versus_discard(mated[order], quality[order], threshold=0.0)
    assert shuffled is not None
    np.testing.assert_array_equal(curve.fnmr, shuffled.fnmr)


@given(mated=arrays(np.float64, st.integers(10, 30), elements=st.one_of(coarse, st.just(-np.inf))), other=coarse)
def test_a_failed_comparison_is_never_right(mated: Similarities, other: float) -> None:
    """Over ten folds there are at least as many wrong answers as failed comparisons, and the mean is a share."""
    values = np.concatenate([mated, np.full(20, other)])
    result = accuracy_10fold(values, np.arange(values.size) < mated.size)
    assert result is not None
    assert result.answers.errors >= np.count_nonzero(mated == -np.inf)
    assert 0.0 <= result.mean <= 1.0
