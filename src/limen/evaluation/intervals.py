"""How sure a measured rate is: intervals at 95 %, by three methods, each for the case it is right for.

1. Independent trials: Wilson's interval (E. B. Wilson, 1927), which stays inside 0 to 1.
2. No error was seen, or nothing but errors: the rule of three; n trials without an error are compatible with 3/n.
3. Trials that share people: bootstrap by subject, since a person who is hard to recognise is so in every trial.

Source: ISO/IEC 19795-1 (uncertainty of estimates, rule of 3). Not covered: how the test set was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "bootstrap_by_subject", "proportion", "rule_of_three", "wilson"]

Interval = tuple[float, float]
"""Lower and upper end, both inclusive."""

_Z = 1.959963984540054  # 97.5 % point of the normal distribution: two-sided 95 %
_TAIL_PERCENT = 2.5


def proportion(errors: int, trials: int) -> Interval | None:
    """The 95 % interval of ``errors / trials``: rule of three at either end, Wilson's between; None without trials."""
    if trials == 0:
        return None
    if errors == 0:
        return 0.0, rule_of_three(trials)
    if errors == trials:
        return 1.0 - rule_of_three(trials), 1.0
    return wilson(errors, trials)


def wilson(errors: int, trials: int) -> Interval:
    """Wilson's 95 % interval of a proportion, without continuity correction.

    Raises:
        ValueError: no trial, or errors outside 0 to trials.
    """
    if not (trials > 0 and 0 <= errors <= trials):
        raise ValueError(f"wilson: expected 0 <= errors <= trials and a trial, got {errors} of {trials}")
    share = errors / trials
    shrink = 1.0 + _Z**2 / trials
    centre = (share + _Z**2 / (2 * trials)) / shrink
    half = _Z / shrink * sqrt(share * (1.0 - share) / trials + _Z**2 / (4.0 * trials**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def rule_of_three(trials: int) -> float:
    """The largest rate that ``trials`` trials without an error are compatible with: 3/n, at most 1.

    Raises:
        ValueError: no trial.
    """
    if trials <= 0:
        raise ValueError(f"rule of three: expected at least one trial, got {trials}")
    return min(1.0, 3.0 / trials)


def bootstrap_by_subject(
    statistic: Callable[[NDArray[np.int64]], float | None],
    subjects: NDArray[np.intp],
    *,
    rng: np.random.Generator,
    resamples: int = 1000,
) -> Interval | None:
    """The 95 % percentile interval of a statistic when people, not trials, are drawn again with replacement.

    A comparison of one subject with itself counts as often as the subject was drawn; one of two subjects as often as
    the product of both draws (the vertex bootstrap of Snijders and Borgatti, 1999).

    Args:
        statistic: given int64 (n,), how often each comparison counts; None where it cannot be measured.
        subjects: intp (n, 2), any numbering: the two subjects of each comparison, alike for a mated one.
        rng: seeded by the caller, so that a report can be made again to the last digit.
        resamples: how often people are drawn.

    Returns:
        The interval; None when fewer than two subjects, or half of the draws or more, give no value.

    Raises:
        ValueError: ``subjects`` has another shape.
    """
    if subjects.ndim != 2 or subjects.shape[1] != 2:  # noqa: PLR2004 - left and right
        raise ValueError(f"subjects: expected (n, 2), got {subjects.shape}")
    distinct, numbers = np.unique(subjects, return_inverse=True)
    left, right = numbers.reshape(subjects.shape).T
    people = len(distinct)
    if people <= 1:
        return None
    values: list[float] = []
    for _ in range(resamples):
        drawn = np.bincount(rng.integers(people, size=people), minlength=people)
        value = statistic(np.where(left == right, drawn[left], drawn[left] * drawn[right]))
        if value is not None:
            values.append(value)
    if 2 * len(values) <= resamples:
        return None
    low, high = np.percentile(values, [_TAIL_PERCENT, 100.0 - _TAIL_PERCENT])
    return float(low), float(high)
