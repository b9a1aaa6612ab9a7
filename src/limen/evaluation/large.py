"""More comparisons than fit in memory: counted in bins as they are made, block by block, and forgotten.

1. Nothing grows with the number of comparisons: two histograms, and a few copies of one block.
2. A comparison is counted as mated or non-mated by the same number that the matrix product gave, so that no rounding
   moves one across the edge of a bin.
3. Edges are 1e-4 apart by default, and a threshold is found to within one bin; for finer ones there is
   ``limen.evaluation.rates.upper_tail``. Similarities are float32: one within 3e-7 of an edge may be on either side.

30,000 x 30,000 embeddings are 9e8 comparisons (benchmarks/large_pairs.py measures time and memory).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from limen.evaluation.curves import Histogram, det_of
from limen.evaluation.rates import DetCurve

__all__ = ["LargeSet", "PairCounts", "count_pairs"]

_BINS = 20_000
_ROWS, _COLUMNS = 1024, 8192


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LargeSet:
    """Embeddings and whose they are.

    Attributes:
        embeddings: float32 (n, d), unit rows.
        people: intp (n,), equal number, equal person.
    """

    embeddings: NDArray[np.float32] = field(repr=False)
    people: NDArray[np.intp] = field(repr=False)

    def __post_init__(self) -> None:
        shape = self.embeddings.shape
        if len(shape) != 2 or self.embeddings.dtype != np.float32 or self.people.shape != shape[:1]:  # noqa: PLR2004
            raise ValueError(f"large set: expected float32 (n, d) and (n,), got {shape} and {self.people.shape}")
        if not bool(np.isfinite(self.embeddings).all()):
            raise ValueError("large set: expected finite embeddings")

    def sorted(self) -> LargeSet:
        """The same, each person's rows side by side."""
        order = np.argsort(self.people, kind="stable")
        return LargeSet(embeddings=self.embeddings[order], people=self.people[order])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairCounts:
    """What became of all comparisons.

    Attributes:
        mated: of one person.
        nonmated: of two people.
    """

    mated: Histogram
    nonmated: Histogram

    def det(self) -> DetCurve:
        """The detection error trade-off, exact at the edges of the bins."""
        return det_of(self.mated, self.nonmated)


def count_pairs(
    left: LargeSet,
    right: LargeSet | None = None,
    *,
    bins: int = _BINS,
    progress: Callable[[int], None] = lambda _: None,
) -> PairCounts:
    """Compare everybody with everybody and count.

    Args:
        left: one side.
        right: the other side, every left row being compared with every right one; None compares each two rows of
            ``left`` once, and none with itself.
        bins: of equal width from -1 to 1.
        progress: told how many left rows are done.

    Raises:
        ValueError: the sides have embeddings of different lengths, or there is no bin.
    """
    rows = left.sorted()
    columns = rows if right is None else right.sorted()
    if rows.embeddings.shape[1] != columns.embeddings.shape[1] or bins < 1:
        raise ValueError(f"large set: expected equal dimensions and a bin, got {bins} bins")
    counts = _Counts(bins)
    for top in range(0, len(rows.people), _ROWS):
        block = slice(top, top + _ROWS)
        for start in range(0 if right is not None else top, len(columns.people), _COLUMNS):
            other = slice(start, start + _COLUMNS)
            places = counts.places(rows.embeddings[block], columns.embeddings[other])
            mated = _mated(rows.people[block], columns.people[other])
            if right is None and start == top:  # the diagonal lies in the first block of a row of blocks
                once = np.arange(places.shape[1]) > np.arange(places.shape[0])[:, None]
                counts.add(places[once], None if mated is None else places[mated & once])
            else:
                counts.add(places.ravel(), None if mated is None else places[mated])
        progress(min(top + _ROWS, len(rows.people)))
    return counts.result()


def _mated(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.bool_] | None:
    """Which comparisons of a block are of one person, bool (a, b); None where none can be (both sides are sorted)."""
    if rows[-1] < columns[0] or columns[-1] < rows[0]:
        return None
    return np.asarray(rows[:, None] == columns[None, :])


class _Counts:
    """The two histograms, and a block's worth of memory that is used again and again."""

    def __init__(self, bins: int) -> None:
        self._bins = bins
        self._all = np.zeros(bins, dtype=np.int64)
        self._mated = np.zeros(bins, dtype=np.int64)
        self._products = np.empty(_ROWS * _COLUMNS, dtype=np.float32)
        self._places = np.empty(_ROWS * _COLUMNS, dtype=np.intp)

    def places(self, rows: NDArray[np.float32], columns: NDArray[np.float32]) -> NDArray[np.intp]:
        """The bin of every comparison of a block, intp (a, b); a view that holds until the next call."""
        shape = (len(rows), len(columns))
        products = self._products[: shape[0] * shape[1]].reshape(shape)
        places = self._places[: shape[0] * shape[1]].reshape(shape)
        np.matmul(rows, columns.T, out=products)
        products += np.float32(1.0)
        products *= np.float32(self._bins / 2)
        np.clip(products, 0, self._bins - 1, out=products)
        np.copyto(places, products, casting="unsafe")
        return places

    def add(self, places: NDArray[np.intp], mated: NDArray[np.intp] | None) -> None:
        """Count bins of all comparisons of a block, and of the mated ones among them."""
        self._all += np.bincount(places, minlength=self._bins)
        if mated is not None:
            self._mated += np.bincount(mated, minlength=self._bins)

    def result(self) -> PairCounts:
        edges = np.linspace(-1.0, 1.0, self._bins + 1)
        return PairCounts(
            mated=Histogram(edges=edges, counts=self._mated),
            nonmated=Histogram(edges=edges, counts=self._all - self._mated),
        )
