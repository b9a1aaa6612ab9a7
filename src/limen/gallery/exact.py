"""Exact 1:N search in memory: an int8 pass over everything, then float64 over the few that could be best.

The int8 pass errs by a bounded amount. With q the query, g a row, ^ their int8 forms and e the length of what rounding
took away, |q.g - q^.g^| <= e_g + e_q (1 + e_g). Whoever lies within twice that bound of the best int8 value is compared
again in float64, so the answer is always float64's. Rows are visited in blocks, one per worker at a time: memory
beyond the rows themselves stays at eight bytes a row.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import simsimd
from numpy.typing import NDArray

__all__ = ["ExactIndex"]

_SCALE = 270.0
"""int8 units per unit of component; components above 0.47 are cut and show up in the error bound."""

_BLOCK_ROWS = 32_768
_GROWTH = 1.125


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Block:
    """Rough values of some rows: the first row's number, int8 dot products, the largest of them."""

    start: int
    values: NDArray[np.float64]
    top: float


class ExactIndex:
    """Rows of unit vectors that can be searched, added and dropped.

    Args:
        dimensions: length of a row.
        workers: threads of the search.
    """

    def __init__(self, dimensions: int, *, workers: int = 1) -> None:
        self._rows = np.zeros((0, dimensions), dtype=np.float32)
        self._small = np.zeros((0, dimensions), dtype=np.int8)
        self._errors = np.zeros(0, dtype=np.float64)
        self._worst_error = 0.0
        self._count = 0
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="limen-search") if workers > 1 else None

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Memory of the rows."""
        return self._rows.nbytes + self._small.nbytes + self._errors.nbytes

    def add(self, rows: NDArray[np.float32]) -> None:
        """Append rows, float32 (n, d), unit length."""
        needed = self._count + len(rows)
        if needed > len(self._rows):
            self.reserve(max(needed, int(len(self._rows) * _GROWTH)))
        small, error = _quantised(rows)
        place = slice(self._count, self._count + len(rows))
        self._rows[place], self._small[place], self._errors[place] = rows, small, error
        self._count += len(rows)
        self._worst_error = float(self._errors[: self._count].max(initial=0.0))

    def reserve(self, count: int) -> None:
        """Have room for ``count`` rows in all; buffers left behind are wiped."""
        if count <= len(self._rows):
            return
        for name in ("_rows", "_small", "_errors"):
            old = getattr(self, name)
            new = np.zeros((count, *old.shape[1:]), dtype=old.dtype)
            new[: self._count] = old[: self._count]
            old.fill(0)
            setattr(self, name, new)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop all rows not marked and wipe what they leave behind; the order of the others stays.

        Args:
            kept: bool (n,), one per row.
        """
        count = int(kept.sum())
        for array in (self._rows, self._small, self._errors):
            array[:count] = array[: self._count][kept]
            array[count : self._count] = 0
        self._count = count
        self._worst_error = float(self._errors[:count].max(initial=0.0))

    def best(self, query: NDArray[np.float32], *, usable: NDArray[np.bool_]) -> tuple[int, float] | None:
        """The row most alike among the usable ones: (row, cosine in float64), or None.

        Args:
            query: float32 (d,), unit length.
            usable: bool (n,).
        """
        if self._count == 0 or not usable.any():
            return None
        small, query_error = _quantised(query[None])
        rough = self._rough(small, usable)
        top = max(block.top for block in rough)
        row_error = self._worst_error
        bound = row_error + float(query_error[0]) * (1.0 + row_error)
        cut = top - 2.0 * bound * _SCALE**2
        near = [block.start + np.flatnonzero(block.values >= cut) for block in rough if block.top >= cut]
        places = np.concatenate(near)
        exact = self._rows[places].astype(np.float64) @ query.astype(np.float64)
        winner = int(exact.argmax())
        return int(places[winner]), float(exact[winner])

    def _rough(self, small: NDArray[np.int8], usable: NDArray[np.bool_]) -> list[_Block]:
        """Integer dot products of the query with every row, by block; unusable rows are out of reach."""

        def block(start: int) -> _Block:
            end = min(start + _BLOCK_ROWS, self._count)
            values = np.asarray(simsimd.cdist(small, self._small[start:end], "dot"), dtype=np.float64).reshape(-1)
            here = usable[start:end]
            if not here.all():
                values[~here] = -np.inf
            return _Block(start=start, values=values, top=float(values.max()))

        starts = range(0, self._count, _BLOCK_ROWS)
        if self._workers is None or len(starts) < 2:  # noqa: PLR2004  one block needs no pool
            return [block(start) for start in starts]
        return list(self._workers.map(block, starts))


def _quantised(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    small = np.clip(np.rint(rows * np.float32(_SCALE)), -127, 127).astype(np.int8)
    error = np.linalg.norm(rows.astype(np.float64) - small / _SCALE, axis=1)
    return small, np.asarray(error, dtype=np.float64)
