"""Arrays are checked on their way into a value, owned by it, and read-only from then on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.arrays import UNIT_NORM_TOLERANCE, owned, unit_rows, unit_vector, wipe


@pytest.mark.parametrize(
    ("array", "shape", "message"),
    [
        (np.zeros((0, 2), np.float32), (None, 2), "thing: expected (*, 2) float32, got (0, 2) float32"),
        (np.zeros(2, np.float32), (None, 2), "thing: expected (*, 2) float32, got (2,) float32"),
        (np.zeros((3, 3), np.float32), (None, 2), "thing: expected (*, 2) float32, got (3, 3) float32"),
        (np.zeros((1, 3, 2), np.float32), (None, 2), "thing: expected (*, 2) float32, got (1, 3, 2) float32"),
        (np.zeros((3, 2), np.float64), (None, 2), "thing: expected (*, 2) float32, got (3, 2) float64"),
        (np.zeros((3, 2), np.dtype(">f4")), (None, 2), "thing: expected (*, 2) float32, got (3, 2) float32"),
        (np.zeros((3, 2), object), (None, 2), "thing: expected (*, 2) float32, got (3, 2) object"),
        (np.array(1.0, np.float32), (None,), "thing: expected (*) float32, got () float32"),
        (np.array([np.nan], np.float32), (1,), "thing: expected finite values, got NaN or infinity"),
        (np.array([-np.inf], np.float32), (1,), "thing: expected finite values, got NaN or infinity"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(array: NDArray[Any], shape: tuple[int | None, ...], message: str) -> None:
    """Another shape, dtype, byte order or a value that is not finite is a ValueError that says expected and got."""
    with pytest.raises(ValueError, match=re.escape(message)):
        owned("thing", array, shape=shape, dtype=np.float32)


@pytest.mark.parametrize("given", [None, 1.0, [1.0, 2.0], "1.0", memoryview(b"abcd")])
def test_what_is_no_array_is_a_type_error(given: Any) -> None:
    """A list, a number or a buffer is not taken for an array."""
    with pytest.raises(TypeError, match="thing: expected a numpy array, got"):
        owned("thing", given, shape=(None,), dtype=np.float32)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(1, 7, dtype=np.uint8).reshape(2, 3),
        np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3)),
        np.arange(24, dtype=np.uint8).reshape(4, 6)[::2, ::2],
    ],
    ids=["contiguous", "fortran", "strided"],
)
def test_a_value_owns_a_copy(array: NDArray[np.uint8]) -> None:
    """The result equals the array, is contiguous and read-only, and does not follow the caller's array."""
    before = array.copy()
    result = owned("thing", array, shape=(None, 3), dtype=np.uint8)
    array[...] = 99
    np.testing.assert_array_equal(before, result)
    assert result.flags.c_contiguous
    assert not result.flags.writeable
    assert not np.shares_memory(result, array)


def test_the_caller_stays_able_to_write_what_was_copied() -> None:
    """A copy leaves the caller's array writable."""
    array = np.zeros(3, np.float32)
    owned("thing", array, shape=(3,), dtype=np.float32)
    assert array.flags.writeable


def test_what_is_taken_over_is_not_copied_and_locked_for_everybody() -> None:
    """Taking over keeps the buffer and makes the giver's own array read-only."""
    array = np.zeros((2, 2, 3), np.uint8)
    result = owned("thing", array, shape=(None, None, 3), dtype=np.uint8, take_over=True)
    assert np.shares_memory(array, result)
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0, 0] = 1


@pytest.mark.parametrize("size", [1, 2, 128, 512])
def test_a_vector_of_length_one_is_taken(size: int) -> None:
    """Any dimension will do as long as the norm is one."""
    vector = np.full(size, 1.0 / np.sqrt(size), np.float32)
    np.testing.assert_array_equal(vector, unit_vector("embedding", vector))


@pytest.mark.parametrize("norm", [0.0, 1.0 - 2 * UNIT_NORM_TOLERANCE, 1.0 + 2 * UNIT_NORM_TOLERANCE, 2.0, 1e30])
def test_a_vector_of_another_length_is_refused(norm: float) -> None:
    """Zero, short, long and huge vectors are ValueErrors that tell the norm."""
    with pytest.raises(ValueError, match=r"embedding: expected unit norm, got \d"):
        unit_vector("embedding", np.array([norm, 0.0], np.float32))


def test_the_norm_is_taken_in_float64() -> None:
    """A vector of many small components, whose float32 sum of squares could drift, is measured exactly."""
    vector = np.full(2**20, 2.0**-10, np.float32)
    assert len(unit_vector("embedding", vector)) == 2**20


def test_wipe_leaves_zeros_and_the_lock() -> None:
    """After wiping, the very buffer holds zeros, every view shows them, and it is read-only again."""
    vector = unit_vector("embedding", np.array([0.6, 0.8], np.float32))
    view = vector[:1]
    wipe(vector)
    assert not vector.any()
    assert not view.any()
    assert not vector.flags.writeable


def test_rows_of_unit_length_are_taken_over_read_only() -> None:
    """A matrix of unit rows keeps its buffer, and nobody writes to it any more."""
    given = np.eye(3, 4, dtype=np.float32)
    rows = unit_rows("thing", given, count=3)
    assert np.shares_memory(rows, given)
    assert not rows.flags.writeable


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.eye(2, 4, dtype=np.float32), "thing: expected (3, *) float32, got (2, 4) float32"),
        (np.eye(3, 4), "thing: expected (3, *) float32, got (3, 4) float64"),
        (np.diag([1, 1.01, 1]).astype(np.float32), "thing: expected unit norm, got 1.0100"),
        (np.diag([1, 0, 1]).astype(np.float32), "thing: expected unit norm, got 0.0000"),
    ],
)
def test_rows_that_do_not_fit_are_refused(array: NDArray[Any], message: str) -> None:
    """Another number of rows, dtype or length of any one row is a ValueError that says expected and got."""
    with pytest.raises(ValueError, match=re.escape(message)):
        unit_rows("thing", array, count=3)
