"""Exact search answers as float64 would, keeps to who may be found, and wipes what is dropped."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.gallery.exact import ExactIndex


def _units(seed: int, count: int, *, dimensions: int = 32) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).standard_normal((count, dimensions))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _filled(rows: NDArray[np.float32], *, workers: int = 1) -> ExactIndex:
    index = ExactIndex(rows.shape[1], workers=workers)
    index.add(rows)
    return index


def _all(index: ExactIndex) -> NDArray[np.bool_]:
    return np.ones(len(index), np.bool_)


def test_an_empty_index_finds_nobody() -> None:
    """Without rows the answer is None."""
    index = ExactIndex(32)
    assert index.best(_units(1, 1)[0], usable=_all(index)) is None
    assert len(index) == 0


def test_no_rows_can_be_added() -> None:
    """Adding nothing changes nothing."""
    index = _filled(_units(1, 3))
    index.add(_units(1, 1)[:0])
    assert len(index) == 3


@pytest.mark.parametrize("place", [0, 1, 499])
def test_a_row_finds_itself(place: int) -> None:
    """The row itself is the most alike, with cosine one."""
    rows = _units(2, 500)
    found = _filled(rows).best(rows[place], usable=np.ones(500, np.bool_))
    assert found is not None
    assert found[0] == place
    assert found[1] == pytest.approx(1.0, abs=1e-6)


def test_the_opposite_of_all_rows_still_has_a_best() -> None:
    """A query unlike everybody gets the least unlike, with a negative cosine."""
    rows = _units(3, 1)
    found = _filled(rows).best(-rows[0], usable=np.ones(1, np.bool_))
    assert found is not None
    assert found[1] == pytest.approx(-1.0, abs=1e-6)


def test_only_usable_rows_are_found() -> None:
    """A row that may not be found is passed over for the best of the others, and with none usable there is nobody."""
    rows = _units(4, 200)
    index = _filled(rows)
    usable = _all(index)
    usable[17] = False
    found = index.best(rows[17], usable=usable)
    assert found is not None
    cosines = rows.astype(np.float64) @ rows[17].astype(np.float64)
    cosines[17] = -2
    assert found[0] == int(cosines.argmax())
    assert index.best(rows[17], usable=np.zeros(200, np.bool_)) is None


@pytest.mark.parametrize("step", [3e-7, 1e-6, 1e-5, 1e-3])
def test_the_smallest_difference_counts(step: float) -> None:
    """Of rows that differ by less than the coarse pass can see, the nearest is found."""
    base = _units(5, 1)[0].astype(np.float64)
    across = _units(6, 1)[0].astype(np.float64)
    across -= base * (base @ across)
    across /= np.linalg.norm(across)
    angles = np.sqrt(2 * step) * np.arange(40, 0, -1)
    rows = np.asarray(np.cos(angles)[:, None] * base + np.sin(angles)[:, None] * across, np.float32)
    expected = int((rows.astype(np.float64) @ base.astype(np.float32).astype(np.float64)).argmax())
    found = _filled(rows).best(base.astype(np.float32), usable=np.ones(40, np.bool_))
    assert found is not None
    assert found[0] == expected


def test_components_cut_by_the_coarse_pass_are_still_found() -> None:
    """Vectors along an axis, far beyond the eight bits, are told apart."""
    rows = np.eye(16, dtype=np.float32)
    index = _filled(rows)
    for place in range(16):
        assert index.best(rows[place], usable=_all(index)) == (place, 1.0)


@pytest.mark.parametrize("workers", [1, 2])
def test_more_rows_than_a_block_are_searched(workers: int) -> None:
    """The best is found in whichever block it lies, with one thread or two."""
    rows = _units(7, 70_000, dimensions=16)
    index = _filled(rows, workers=workers)
    for place in (3, 65_535, 65_536, 69_999):
        found = index.best(rows[place], usable=_all(index))
        assert found is not None
        assert found[0] == place
    usable = np.zeros(70_000, np.bool_)
    usable[69_000] = True
    found = index.best(rows[3], usable=usable)
    assert found is not None
    assert found[0] == 69_000


def test_rows_added_in_pieces_are_one_index() -> None:
    """Growing keeps every row and its place."""
    rows = _units(8, 333)
    index = ExactIndex(32)
    for start in range(0, 333, 10):
        index.add(rows[start : start + 10])
    assert len(index) == 333
    for place in (0, 150, 332):
        found = index.best(rows[place], usable=_all(index))
        assert found is not None
        assert found[0] == place


def test_dropping_keeps_the_order_of_the_others() -> None:
    """After dropping every third row the others have moved together and are found at their new places."""
    rows = _units(9, 100)
    index = _filled(rows)
    kept = np.arange(100) % 3 != 0
    index.keep(kept)
    assert len(index) == int(kept.sum())
    for place, row in enumerate(rows[kept]):
        found = index.best(row, usable=_all(index))
        assert found is not None
        assert found[0] == place


@pytest.mark.parametrize("stays", [0, 1, 4])
def test_dropped_rows_are_wiped(stays: int) -> None:
    """Beyond the rows that stay, every buffer of the index holds zeros."""
    index = _filled(_units(10, 9))
    kept = np.zeros(9, np.bool_)
    kept[:stays] = True
    index.keep(kept)
    for buffer in (index._rows, index._small, index._errors):
        assert not buffer[stays:].any()
    found = index.best(_units(10, 9)[8], usable=_all(index))
    assert (found is None) == (stays == 0)


def test_growing_wipes_the_buffer_left_behind() -> None:
    """The old buffer, which the index lets go of, holds zeros."""
    index = _filled(_units(11, 4))
    old = index._rows
    index.add(_units(12, 4))
    assert index._rows is not old
    assert not old.any()


def test_the_index_does_not_follow_the_rows_it_was_given() -> None:
    """Changing the caller's array changes no row."""
    rows = _units(13, 5)
    index = _filled(rows)
    query = rows[2].copy()
    rows[...] = 0
    found = index.best(query, usable=_all(index))
    assert found is not None
    assert found[0] == 2


def test_memory_is_counted() -> None:
    """A row of 32 costs four bytes a component, one for the coarse pass and eight for the error."""
    assert _filled(_units(14, 1000)).nbytes == 1000 * (32 * 4 + 32 + 8)


def test_room_made_beforehand_is_used_as_it_is() -> None:
    """An index that was told how many rows will come neither grows nor holds more, and finds what it was given."""
    rows = _units(15, 50)
    index = ExactIndex(32)
    index.reserve(50)
    buffer, held = index._rows, index.nbytes
    for start in range(0, 50, 7):
        index.add(rows[start : start + 7])
    index.reserve(10)
    assert (buffer is index._rows, index.nbytes) == (True, held)
    found = index.best(rows[49], usable=_all(index))
    assert found is not None
    assert found[0] == 49
