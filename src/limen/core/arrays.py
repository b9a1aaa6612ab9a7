"""Checks that every array in a value passes: shape, dtype, range, ownership.

A value owns its buffer (copied here, or taken over where the caller says so) and the buffer is read-only, so that
nobody changes a value behind another's back. mypy does not see shapes and dtypes; these checks do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNIT_NORM_TOLERANCE", "owned", "unit_rows", "unit_vector", "wipe"]

UNIT_NORM_TOLERANCE = 1e-3


def owned(
    name: str,
    array: NDArray[Any],
    *,
    shape: tuple[int | None, ...],
    dtype: type[np.generic],
    take_over: bool = False,
) -> NDArray[Any]:
    """Return ``array`` as a read-only buffer of its own, after checking what it is.

    Args:
        name: what to call the array in the error.
        array: any numpy array.
        shape: the expected shape; None stands for any length of at least one.
        dtype: the expected dtype, exactly.
        take_over: do not copy; the caller promises to keep no reference (frames, which are large).

    Returns:
        A C-contiguous, read-only array with the given shape and dtype.

    Raises:
        TypeError: not a numpy array.
        ValueError: another shape or dtype, or a value that is not finite; the text gives expected and got.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name}: expected a numpy array, got {type(array).__name__}")
    fits = len(shape) == array.ndim and all(
        got >= 1 if want is None else got == want for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype != dtype:
        wanted = "(" + ", ".join("*" if n is None else str(n) for n in shape) + ")"
        raise ValueError(f"{name}: expected {wanted} {np.dtype(dtype).name}, got {array.shape} {array.dtype.name}")
    if np.issubdtype(dtype, np.floating) and not bool(np.isfinite(array).all()):
        raise ValueError(f"{name}: expected finite values, got NaN or infinity")
    result = np.ascontiguousarray(array) if take_over else np.array(array, order="C", copy=True)
    result.setflags(write=False)
    return result


def unit_vector(name: str, array: NDArray[Any]) -> NDArray[np.float32]:
    """Return a read-only copy of a (d,) float32 vector after checking that its norm is one.

    Raises:
        ValueError: another shape, dtype or norm.
    """
    vector = owned(name, array, shape=(None,), dtype=np.float32)
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if abs(norm - 1.0) > UNIT_NORM_TOLERANCE:
        raise ValueError(f"{name}: expected unit norm, got {norm:.4f}")
    return vector


def unit_rows(name: str, array: NDArray[Any], *, count: int) -> NDArray[np.float32]:
    """Take over a (count, d) float32 matrix, read-only, after checking that the norm of every row is one.

    Raises:
        ValueError: another shape or dtype, or a row of another norm.
    """
    rows = owned(name, array, shape=(count, None), dtype=np.float32, take_over=True)
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    far = np.abs(norms - 1.0) > UNIT_NORM_TOLERANCE
    if far.any():
        raise ValueError(f"{name}: expected unit norm, got {norms[far][0]:.4f}")
    return rows


def wipe(array: NDArray[Any]) -> None:
    """Overwrite an array that a value owns with zeros; afterwards nothing of it is left in this buffer.

    Not checked: copies made elsewhere. Callers wipe what they own when an attempt ends (DESIGN promise 2).
    """
    array.setflags(write=True)
    array.fill(0)
    array.setflags(write=False)
