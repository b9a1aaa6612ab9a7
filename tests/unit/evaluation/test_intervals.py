"""Intervals agree with scipy and with what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from limen.evaluation.intervals import bootstrap_by_subject, proportion, rule_of_three, wilson


@pytest.mark.parametrize(("errors", "trials"), [(0, 1), (1, 1), (0, 50), (1, 50), (25, 50), (49, 50), (13, 1_000_000)])
def test_wilson_agrees_with_scipy(errors: int, trials: int) -> None:
    """Wilson's interval is scipy's to 1e-9."""
    expected = binomtest(errors, trials).proportion_ci(confidence_level=0.95, method="wilson")
    assert (expected.low, expected.high) == pytest.approx(wilson(errors, trials), abs=1e-9)


@pytest.mark.parametrize(("errors", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(errors: int, trials: int) -> None:
    """Counts that cannot be are misuse."""
    with pytest.raises(ValueError, match="expected 0 <= errors"):
        wilson(errors, trials)


def test_rule_of_three() -> None:
    """300 trials without an error are compatible with 1 %, and two trials with anything."""
    assert (rule_of_three(300), rule_of_three(2)) == (0.01, 1.0)
    with pytest.raises(ValueError, match="at least one trial"):
        rule_of_three(0)


def test_proportion_chooses_the_method() -> None:
    """No trial: nothing; no error or nothing else: rule of three; in between: Wilson."""
    assert proportion(0, 0) is None
    assert proportion(0, 300) == (0.0, 0.01)
    assert proportion(300, 300) == (0.99, 1.0)
    assert proportion(7, 300) == wilson(7, 300)


def share_of_first(weights: NDArray[np.int64]) -> float | None:
    """A statistic: how much of the weight lies on the first comparison; None without weight."""
    return float(weights[0] / weights.sum()) if weights.sum() else None


def test_bootstrap_weighs_comparisons_by_the_draws_of_both_people() -> None:
    """A mated comparison counts as often as its person was drawn, a non-mated one by the product of both."""
    seen: list[tuple[int, ...]] = []

    def note(weights: NDArray[np.int64]) -> float:
        seen.append(tuple(int(w) for w in weights))
        return 0.0

    subjects = np.array([[7, 7], [9, 9], [7, 9]], dtype=np.intp)
    bootstrap_by_subject(note, subjects, rng=np.random.default_rng(1), resamples=50)
    assert {(2, 0, 0), (1, 1, 1), (0, 2, 0)} == set(seen)


def test_bootstrap_repeats_itself() -> None:
    """The same seed gives the same interval, another seed another one."""
    subjects = np.repeat(np.arange(20, dtype=np.intp), 2).reshape(-1, 2)
    one, again, other = (
        bootstrap_by_subject(share_of_first, subjects, rng=np.random.default_rng(seed), resamples=40)
        for seed in (1, 1, 2)
    )
    assert one == again != other


def test_bootstrap_of_a_mean_is_near_the_normal_interval() -> None:
    """For a mean of independent people the bootstrap comes close to mean ± 1.96 standard errors."""
    values = np.random.default_rng(3).normal(size=400)
    subjects = np.repeat(np.arange(400, dtype=np.intp), 2).reshape(-1, 2)
    interval = bootstrap_by_subject(
        lambda weights: float(np.average(values, weights=weights)), subjects, rng=np.random.default_rng(4)
    )
    half = 1.96 * values.std() / 20
    assert interval == pytest.approx((values.mean() - half, values.mean() + half), abs=0.015)


def test_bootstrap_of_one_person_or_of_nothing_measurable_is_none() -> None:
    """One person says nothing about others, and a statistic that cannot be measured has no interval."""
    one, two = np.zeros((3, 2), dtype=np.intp), np.array([[0, 0], [1, 1]], dtype=np.intp)
    assert bootstrap_by_subject(share_of_first, one, rng=np.random.default_rng(1)) is None
    assert bootstrap_by_subject(lambda _: None, two, rng=np.random.default_rng(1), resamples=5) is None
    assert bootstrap_by_subject(share_of_first, one[:0], rng=np.random.default_rng(1)) is None


def test_bootstrap_refuses_another_shape() -> None:
    """Subjects come as left and right."""
    with pytest.raises(ValueError, match="subjects: expected"):
        bootstrap_by_subject(share_of_first, np.zeros(3, dtype=np.intp), rng=np.random.default_rng(1))
