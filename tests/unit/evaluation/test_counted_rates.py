"""Rates on small cases: by hand, and against scikit-learn and scipy to 1e-9."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_curve

from limen.evaluation.rates import (
    Rate,
    cmc,
    det,
    eer,
    fmr,
    fnir,
    fnir_at_fpir,
    fnmr,
    fnmr_at_fmr,
    fpir,
    fta,
    threshold_at_fmr,
    threshold_at_fpir,
    upper_tail,
)

Similarities = NDArray[np.float64]


def drawn(seed: int = 0, *, n: int = 400) -> tuple[Similarities, Similarities]:
    """Mated and non-mated similarities with many ties."""
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(1.5, 1, n), 1), np.round(rng.normal(0, 1, 2 * n), 1)


def roc(mated: Similarities, nonmated: Similarities) -> tuple[Similarities, Similarities]:
    """FPR and TPR by scikit-learn, all thresholds."""
    truth = np.repeat([1, 0], [mated.size, nonmated.size])
    fpr, tpr, _ = roc_curve(truth, np.concatenate([mated, nonmated]), drop_intermediate=False)
    return fpr, tpr


def test_a_rate_carries_counts_and_interval() -> None:
    """Value, rest, counts and both intervals come from the same two numbers."""
    rate = Rate(errors=0, trials=300)
    assert (rate.value, rate.correct, rate.counts()) == (0.0, 1.0, {"errors": 0, "trials": 300})
    assert (rate.interval(), rate.correct_interval()) == ((0.0, 0.01), (0.99, 1.0))


def test_a_rate_without_trials_has_no_value() -> None:
    """Nothing measured is None everywhere, not zero."""
    rate = Rate(errors=0, trials=0)
    assert (rate.value, rate.correct, rate.interval(), rate.correct_interval()) == (None, None, None, None)


@pytest.mark.parametrize(("errors", "trials"), [(-1, 2), (3, 2)])
def test_a_rate_refuses_impossible_counts(errors: int, trials: int) -> None:
    """There are no more errors than trials."""
    with pytest.raises(ValueError, match="rate: expected"):
        Rate(errors=errors, trials=trials)


def test_at_the_threshold_is_a_match() -> None:
    """A similarity equal to the threshold matches, in both classes."""
    assert fmr([0.4, 0.5, 0.6], threshold=0.5) == Rate(errors=2, trials=3)
    assert fnmr([0.4, 0.5, 0.6], threshold=0.5) == Rate(errors=1, trials=3)


def test_a_failed_capture_never_matches_and_still_counts() -> None:
    """Minus infinity stays in the denominator, and even a threshold of minus infinity does not let it match."""
    for threshold in (-np.inf, 0.0):
        assert fmr([-np.inf, 1.0], threshold=threshold) == Rate(errors=1, trials=2)
        assert fnmr([-np.inf, 1.0], threshold=threshold) == Rate(errors=1, trials=2)


@pytest.mark.parametrize("wrong", [[0.1, np.nan], [[0.1]]])
def test_nan_and_tables_are_refused(wrong: object) -> None:
    """A similarity is a number in a list; a failed capture is minus infinity, not NaN."""
    with pytest.raises(ValueError, match="similarities: expected"):
        fmr(wrong, threshold=0.0)  # type: ignore[arg-type] # that is the point


@pytest.mark.parametrize(
    ("target", "errors"), [(0.0, 0), (0.19, 0), (0.2, 0), (0.39, 0), (0.4, 2), (0.6, 2), (0.8, 4), (1.0, 5)]
)
def test_ties_go_the_strict_way(target: float, errors: int) -> None:
    """Of two equally similar pairs both match or neither, and the FMR asked for is never exceeded."""
    nonmated = [0.9, 0.9, 0.3, 0.3, 0.1]
    threshold = threshold_at_fmr(nonmated, fmr_target=target)
    assert fmr(nonmated, threshold=threshold) == Rate(errors=errors, trials=5)


def test_targets_that_binary_fractions_miss_are_met() -> None:
    """0.29 of 100 comparisons are 29, although 100 x 0.29 is 28.999… in binary."""
    assert fmr(np.arange(100), threshold=threshold_at_fmr(np.arange(100), fmr_target=0.29)).errors == 29


def test_the_largest_numbers_can_be_refused() -> None:
    """Infinitely similar strangers are kept out by a threshold of infinity, never let in."""
    nonmated = [np.inf, 1.0]
    threshold = threshold_at_fmr(nonmated, fmr_target=0.0)
    assert (np.inf, 0) == (threshold, fmr(nonmated, threshold=threshold).errors)


def test_everything_may_match_at_a_target_of_one() -> None:
    """At FMR 1 every picture that could be compared matches, and failed ones still do not."""
    threshold = threshold_at_fmr([0.1, 0.2], fmr_target=1.0)
    assert fnmr([-1e300, -np.inf], threshold=threshold) == Rate(errors=1, trials=2)


@pytest.mark.parametrize(
    ("similarities", "target", "n_trials"), [([], 0.1, None), ([1.0], 1.1, None), ([1.0], -0.1, None), ([1.0], 0.1, 0)]
)
def test_thresholds_refuse_what_has_no_answer(similarities: list[float], target: float, n_trials: int | None) -> None:
    """No comparisons, a rate that is none, or fewer trials than similarities are misuse."""
    with pytest.raises(ValueError, match="expected"):
        threshold_at_fmr(similarities, fmr_target=target, n_trials=n_trials)


@pytest.mark.parametrize("target", [0.1, 0.05, 0.0125])
def test_fnmr_at_fmr_agrees_with_scikit_learn(target: float) -> None:
    """TPR at an FMR is the best TPR of scikit-learn's curve whose FPR does not exceed it."""
    mated, nonmated = drawn()
    fpr, tpr = roc(mated, nonmated)
    rate = fnmr_at_fmr(mated, nonmated, fmr_target=target)
    assert rate is not None
    assert tpr[fpr <= target].max() == pytest.approx(rate.correct, abs=1e-9)


def test_fnmr_at_fmr_needs_ten_false_matches() -> None:
    """1,000 non-mated pairs can show an FMR of 1 %, 999 cannot; without mated pairs there is nothing to show."""
    nonmated = np.arange(1000)
    assert fnmr_at_fmr([5.0], nonmated, fmr_target=0.01) == Rate(errors=1, trials=1)
    assert fnmr_at_fmr([5.0], nonmated[1:], fmr_target=0.01) is None
    assert fnmr_at_fmr([], nonmated, fmr_target=0.01) is None
    assert fnmr_at_fmr([5.0], [], fmr_target=0.01) is None


def test_det_agrees_with_scikit_learn() -> None:
    """All operating points are those of scikit-learn's ROC curve."""
    mated, nonmated = drawn()
    fpr, tpr = roc(mated, nonmated)
    curve = det(mated, nonmated)
    np.testing.assert_allclose(curve.fmr, fpr, atol=1e-9)
    np.testing.assert_allclose(1 - curve.fnmr, tpr, atol=1e-9)


def test_det_of_nothing_has_one_point() -> None:
    """Without comparisons there is only the threshold at which nothing matches."""
    curve = det([], [])
    assert ([np.inf], [0.0], [0.0]) == (list(curve.thresholds), list(curve.fmr), list(curve.fnmr))
    assert eer(curve) is None


def test_weights_count_like_repetitions() -> None:
    """A similarity of weight three is three similarities: histogram bins and bootstrap draws need no copies."""
    mated, nonmated = np.array([0.5, 0.7, 0.2]), np.array([0.1, 0.5])
    times, others = np.array([3, 0, 2]), np.array([1, 4])
    weighted = det(mated, nonmated, mated_weights=times, nonmated_weights=others)
    repeated = det(np.repeat(mated, times), np.repeat(nonmated, others))
    assert eer(repeated) == eer(weighted)
    assert (repeated.n_mated, repeated.n_nonmated) == (weighted.n_mated, weighted.n_nonmated)


@pytest.mark.parametrize("seed", range(5))
def test_eer_agrees_with_the_interpolated_roc(seed: int) -> None:
    """EER is where the straight-line ROC of scikit-learn meets the line from (0, 1) to (1, 0)."""
    mated, nonmated = drawn(seed)
    fpr, tpr = roc(mated, nonmated)
    expected = brentq(lambda x: 1.0 - x - interp1d(fpr, tpr)(x), 0.0, 1.0, xtol=1e-13)
    assert expected == pytest.approx(eer(det(mated, nonmated)), abs=1e-9)


@pytest.mark.parametrize(
    ("mated", "nonmated", "expected"),
    [
        ([2.0, 3.0], [0.0, 1.0], 0.0),
        ([0.0, 1.0], [2.0, 3.0], 1.0),
        ([1.0], [1.0], 0.5),
        ([0.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 3.0], 0.25),
        ([-np.inf, 3.0], [1.0, 1.0], 0.5),
        ([-np.inf], [-np.inf], None),
        ([1.0], [], None),
        ([], [1.0], None),
    ],
)
def test_eer_by_hand(mated: list[float], nonmated: list[float], expected: float | None) -> None:
    """Apart: 0; upside down: 1; indistinguishable: one half; all failed or a class missing: not measurable."""
    assert expected == eer(det(mated, nonmated))


def test_open_set_rates_by_hand() -> None:
    """FNIR counts wrong ranks, low similarities and failed probes; FPIR keeps failed strangers in the denominator."""
    own, ranks = np.array([3.0, 3.0, 1.0, -np.inf]), np.array([1, 2, 1, 0])
    top = np.array([2.5, 0.5, -np.inf, 1.5])
    assert fnir(own, ranks, threshold=2.0) == Rate(errors=3, trials=4)
    assert fnir(own, ranks, threshold=-np.inf) == Rate(errors=2, trials=4)
    assert fpir(top, threshold=2.5) == Rate(errors=1, trials=4)
    assert fpir(top, threshold=-np.inf) == Rate(errors=3, trials=4)
    assert np.nextafter(1.5, 2) == threshold_at_fpir(top, fpir_target=0.25)
    assert fnir_at_fpir(own, ranks, top, fpir_target=0.25) == Rate(errors=3, trials=4)
    assert fnir_at_fpir(own, ranks, top, fpir_target=0.75) == Rate(errors=2, trials=4)


def test_fnir_at_fpir_needs_one_false_positive() -> None:
    """With four strangers an FPIR of one in five cannot be shown, nor any without strangers or mated probes."""
    own, ranks, top = np.array([1.0]), np.array([1]), np.arange(4.0)
    assert fnir_at_fpir(own, ranks, top, fpir_target=0.25) is not None
    assert fnir_at_fpir(own, ranks, top, fpir_target=0.2) is None
    assert fnir_at_fpir(own, ranks, top[:0], fpir_target=0.25) is None
    assert fnir_at_fpir(own[:0], ranks[:0], top, fpir_target=0.25) is None


def test_cmc_by_hand() -> None:
    """Entry r - 1 counts who is not among the first r; failed probes and far ranks never are."""
    ranks = np.array([1, 1, 2, 3, 9, 0])
    assert [rate.errors for rate in cmc(ranks, n_ranks=4)] == [4, 3, 2, 2]
    assert [Rate(errors=0, trials=0)] == list(cmc(ranks[:0], n_ranks=1))


def test_fta_counts_pictures() -> None:
    """FTA is failed pictures of all pictures."""
    assert fta(np.array([True, False, False])) == Rate(errors=1, trials=3)


@pytest.mark.parametrize("keep", [1, 7, 100, 250, 5000])
def test_upper_tail_is_the_end_of_the_sorted_whole(keep: int) -> None:
    """However the comparisons come in blocks, the largest are kept, ties and failures included."""
    values = np.append(np.round(np.random.default_rng(5).normal(size=995), 1), [-np.inf] * 5)
    blocks = [*np.split(values, [3, 3, 250, 900]), np.empty((0, 4))]
    tail, trials = upper_tail(blocks, keep=keep)
    np.testing.assert_array_equal(np.sort(values)[::-1][:keep], tail)
    assert trials == 1000


def test_a_threshold_from_the_tail_is_that_of_the_whole() -> None:
    """The tail gives the very threshold as long as it is long enough, and says so when it is not."""
    values = drawn(n=500)[1]
    tail, trials = upper_tail([values[:300], values[300:]], keep=51)
    assert threshold_at_fmr(values, fmr_target=0.05) == threshold_at_fmr(tail, fmr_target=0.05, n_trials=trials)
    with pytest.raises(ValueError, match="tail of 52"):
        threshold_at_fmr(tail, fmr_target=0.051, n_trials=trials)


def test_a_tail_keeps_something() -> None:
    """Keeping nothing is misuse."""
    with pytest.raises(ValueError, match="keep"):
        upper_tail([], keep=0)


def test_a_tail_refuses_nan_in_any_block() -> None:
    """NaN is refused in the first block and also when the tail is already full."""
    for blocks in ([[np.nan]], [[3.0, 2.0], [np.nan]]):
        with pytest.raises(ValueError, match="NaN"):
            upper_tail(blocks, keep=1)
