"""Error versus discard by hand."""

from __future__ import annotations

import numpy as np
import pytest

from limen.evaluation.discard import DISCARDS, error_versus_discard


def test_discards_run_from_0_to_30_percent() -> None:
    """The default is every percent from none to thirty."""
    assert (len(DISCARDS), DISCARDS[0], DISCARDS[-1]) == (31, 0.0, 0.3)


def test_a_perfect_measure_throws_the_errors_out_first() -> None:
    """Ten comparisons, two errors of lowest quality: 2/10, 1/9, 0/8, 0/7."""
    similarities = np.array([1.0, 0.0, -np.inf, *[1.0] * 7])
    quality = np.array([50, 2, 1, 60, 61, 62, 63, 64, 65, 66])
    curve = error_versus_discard(similarities, quality, threshold=0.5, discards=(0.0, 0.1, 0.2, 0.3))
    assert curve is not None
    assert curve.fnmr.tolist() == pytest.approx([0.2, 1 / 9, 0.0, 0.0], abs=1e-12)
    assert curve.errors.tolist() == [2.0, 1.0, 0.0, 0.0]
    assert curve.trials.tolist() == [10, 9, 8, 7]
    assert curve.area == pytest.approx(0.1 * (0.2 / 2 + 1 / 9), abs=1e-12)
    assert curve.area_random == pytest.approx(0.06, abs=1e-12)


def test_equal_quality_is_discarding_by_lot() -> None:
    """A measure that gives everybody the same number changes nothing, exactly."""
    similarities = np.where(np.arange(100) < 7, 0.0, 1.0)
    curve = error_versus_discard(similarities, np.full(100, 42), threshold=0.5)
    assert curve is not None
    np.testing.assert_allclose(curve.fnmr, 0.07, atol=1e-12)
    assert curve.area == pytest.approx(curve.area_random, abs=1e-12)
    assert curve.trials[29] == 71


def test_nothing_to_discard() -> None:
    """Without comparisons there is no curve."""
    assert error_versus_discard([], [], threshold=0.5) is None


@pytest.mark.parametrize(
    ("quality", "discards"),
    [([1.0], (0.0,)), ([1.0, np.nan], (0.0,)), ([1.0, 2.0], (0.1,)), ([1.0, 2.0], (0.0, 1.0)), ([1.0, 2.0], ())],
)
def test_misuse_is_refused(quality: list[float], discards: tuple[float, ...]) -> None:
    """Another length, NaN, and shares that do not rise from 0 to below 1 are misuse."""
    with pytest.raises(ValueError, match="expected"):
        error_versus_discard([0.0, 1.0], quality, threshold=0.5, discards=discards)
