"""Counting in blocks: the same as all at once, whichever way the blocks fall, and no more memory for more rows."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from limen.evaluation import large
from limen.evaluation.large import LargeSet, count_pairs
from limen.evaluation.rates import fmr, fnmr


def drawn(rows: int, *, seed: int, people: int = 7, dimensions: int = 8) -> LargeSet:
    """Random unit rows of a few people."""
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((rows, dimensions))
    return LargeSet(
        embeddings=np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32),
        people=rng.integers(0, people, rows),
    )


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 5 by 16, so that many are needed and the last ones are not full."""
    monkeypatch.setattr(large, "_ROWS", 5)
    monkeypatch.setattr(large, "_COLUMNS", 16)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (5, 16), (23, 41), (41, 7)])
def test_two_sets_are_counted_as_all_at_once(rows: int, columns: int) -> None:
    """Every comparison of the two is in its bin, mated and non-mated ones apart."""
    left, right = drawn(rows, seed=1), drawn(columns, seed=2)
    counts = count_pairs(left, right, bins=50)
    table = left.embeddings.astype(np.float64) @ right.embeddings.T
    same = left.people[:, None] == right.people[None, :]
    np.testing.assert_array_equal(counts.mated.counts, np.histogram(table[same], counts.mated.edges)[0])
    np.testing.assert_array_equal(counts.nonmated.counts, np.histogram(table[~same], counts.mated.edges)[0])


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("rows", [1, 2, 5, 16, 40])
def test_one_set_is_compared_with_itself_once(rows: int) -> None:
    """Each two rows are counted once and no row with itself, whether blocks lie on the diagonal or off it."""
    side = drawn(rows, seed=3)
    counts = count_pairs(side, bins=50)
    upper = np.triu_indices(rows, k=1)
    table = (side.embeddings.astype(np.float64) @ side.embeddings.T)[upper]
    same = side.people[upper[0]] == side.people[upper[1]]
    np.testing.assert_array_equal(counts.mated.counts, np.histogram(table[same], counts.mated.edges)[0])
    np.testing.assert_array_equal(counts.nonmated.counts, np.histogram(table[~same], counts.mated.edges)[0])


@pytest.mark.usefixtures("small_blocks")
def test_order_does_not_matter() -> None:
    """Shuffled rows give the same counts: what is added up is whole numbers."""
    side = drawn(60, seed=4)
    order = np.random.default_rng(0).permutation(60)
    other = LargeSet(embeddings=side.embeddings[order], people=side.people[order])
    one, two = count_pairs(side, bins=40), count_pairs(other, bins=40)
    np.testing.assert_array_equal(one.mated.counts, two.mated.counts)
    np.testing.assert_array_equal(one.nonmated.counts, two.nonmated.counts)


def test_the_det_is_that_of_single_similarities() -> None:
    """At edges that no similarity is near, both rates are exact."""
    left, right = drawn(200, seed=5), drawn(300, seed=6)
    curve = count_pairs(left, right, bins=20).det()
    table = left.embeddings.astype(np.float64) @ right.embeddings.T
    same = left.people[:, None] == right.people[None, :]
    for threshold, false, missed in zip(curve.thresholds, curve.false_matches, curve.false_non_matches, strict=True):
        assert fmr(table[~same], threshold=threshold).errors == false
        assert fnmr(table[same], threshold=threshold).errors == missed


def test_equal_and_opposite_rows_stay_in_the_last_bins() -> None:
    """A similarity of 1 or -1, or a rounding beyond, is counted at the end."""
    row = drawn(1, seed=7)
    both = LargeSet(embeddings=np.concatenate([row.embeddings, -row.embeddings]), people=np.array([0, 1]))
    counts = count_pairs(row, both, bins=10)
    assert (counts.nonmated.counts[0], counts.nonmated.counts[-1] + counts.mated.counts[-1]) in [(1, 1), (2, 0), (0, 2)]
    assert counts.nonmated.total + counts.mated.total == 2


def test_progress_is_told() -> None:
    """Rows done, up to all of them."""
    told: list[int] = []
    count_pairs(drawn(2500, seed=8), drawn(3, seed=9), progress=told.append)
    assert told == [1024, 2048, 2500]


def test_four_times_the_comparisons_need_no_more_memory() -> None:
    """What is allocated beside the embeddings is two copies of them and one block, not the comparisons."""
    peaks = []
    for rows in (1000, 4000):
        side = drawn(rows, seed=10, people=rows)
        tracemalloc.start()
        count_pairs(side, drawn(rows, seed=11, people=rows))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 200 * 2**20
    assert peaks[1] - peaks[0] < 40 * 2**20


@pytest.mark.parametrize(
    ("embeddings", "people"),
    [
        (np.zeros((2, 3)), np.zeros(2, dtype=np.intp)),
        (np.zeros((2, 3), dtype=np.float32), np.zeros(3, dtype=np.intp)),
        (np.zeros(3, dtype=np.float32), np.zeros(3, dtype=np.intp)),
        (np.full((1, 3), np.nan, dtype=np.float32), np.zeros(1, dtype=np.intp)),
    ],
)
def test_a_set_that_does_not_fit_is_misuse(embeddings: np.ndarray, people: np.ndarray) -> None:
    """Other types, lengths, axes or values that are no numbers are refused."""
    with pytest.raises(ValueError, match="large set: expected"):
        LargeSet(embeddings=embeddings, people=people)


def test_sides_fit_together() -> None:
    """Embeddings of different lengths do not compare."""
    with pytest.raises(ValueError, match="equal dimensions"):
        count_pairs(drawn(2, seed=0), drawn(2, seed=0, dimensions=4))
    with pytest.raises(ValueError, match="a bin"):
        count_pairs(drawn(2, seed=0), bins=0)
