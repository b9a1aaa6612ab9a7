"""Errors by quality and by condition: counted by hand, and nothing is lost between the kinds."""

from __future__ import annotations

import numpy as np
import pytest

from limen.core.match import Condition
from limen.evaluation.breakdown import QUARTERS, breakdown

BARE, MASKED = Condition.BARE_BARE, Condition.BARE_MASKED


def test_a_small_set_counted_by_hand() -> None:
    """Eight mated comparisons, two a quarter; the two worst pictures and one masked one miss."""
    similarities = np.array([1.0, 1.0, 3.0, 5.0, 5.0, 5.0, 5.0, 2.0, 4.0, 1.0])
    same = np.array([True] * 8 + [False] * 2)
    quality = np.array([10, 20, 30, 40, 50, 60, 70, 80, 5, 99])
    conditions = np.array([BARE] * 6 + [MASKED] * 2 + [BARE, MASKED], dtype=np.object_)
    report = breakdown(similarities, same, quality=quality, conditions=conditions, threshold=3.0)
    assert report["fnmr_by_quality"] == dict(zip(QUARTERS, (1.0, 0.0, 0.0, 0.5), strict=True))
    assert report["fnmr_by_quality_counts"][QUARTERS[0]] == {"errors": 2, "trials": 2}
    assert report["fnmr_by_condition_counts"] == {
        "bare/bare": {"errors": 2, "trials": 6},
        "bare/masked": {"errors": 1, "trials": 2},
    }
    assert report["fmr_by_condition"] == {"bare/bare": 1.0, "bare/masked": 0.0}


@pytest.mark.parametrize("kinds", [1, 3, 1000])
def test_nothing_is_lost_between_the_kinds(kinds: int) -> None:
    """However many comparisons share a quality, the quarters and the conditions each hold all mated ones."""
    rng = np.random.default_rng(kinds)
    same = rng.random(500) < 0.4
    report = breakdown(
        rng.normal(3, 1, 500),
        same,
        quality=rng.integers(0, kinds, 500),
        conditions=rng.choice(np.array(list(Condition), dtype=np.object_), 500),
        threshold=3.0,
    )
    for key in ("fnmr_by_quality_counts", "fnmr_by_condition_counts"):
        assert sum(counts["trials"] for counts in report[key].values()) == np.count_nonzero(same)
    assert report["fnmr_by_quality_counts"].keys() <= set(QUARTERS)


def test_without_comparisons_there_are_no_kinds() -> None:
    """An empty list gives empty tables."""
    empty = np.zeros(0)
    report = breakdown(
        empty,
        empty.astype(np.bool_),
        quality=empty.astype(np.int64),
        conditions=empty.astype(np.object_),
        threshold=3.0,
    )
    assert all(table == {} for table in report.values())
