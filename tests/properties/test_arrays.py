"""Whatever array comes, a value either refuses it or owns a locked copy of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from limen.core.arrays import owned, unit_vector, wipe

_dtypes = st.sampled_from([np.uint8, np.int32, np.float32, np.float64])
_any_array = _dtypes.flatmap(lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)))


@given(array=_any_array, rank=st.integers(0, 4), dtype=_dtypes)
def test_owned_refuses_or_copies(array: NDArray[Any], rank: int, dtype: type[np.generic]) -> None:
    """The result has the asked rank and dtype, equals the array, shares nothing with it and is read-only."""
    fits = array.ndim == rank and array.dtype == dtype and 0 not in array.shape and bool(np.isfinite(array).all())
    try:
        result = owned("thing", array, shape=(None,) * rank, dtype=dtype)
    except ValueError:
        assert not fits
        return
    assert fits
    np.testing.assert_array_equal(array, result)
    assert not np.shares_memory(array, result)
    assert not result.flags.writeable


@given(array=arrays(np.float32, st.integers(1, 64), elements=st.floats(-1, 1, width=32)), scale=st.floats(0.5, 2.0))
def test_only_vectors_of_length_one_are_embeddings(array: NDArray[np.float32], scale: float) -> None:
    """A vector passes exactly if its length is one to a thousandth."""
    norm = float(np.linalg.norm(array.astype(np.float64)))
    if norm < 1e-3:
        array = np.eye(1, len(array), dtype=np.float32)[0]
        norm = 1.0
    scaled = (array * np.float32(scale / norm)).astype(np.float32)
    length = float(np.linalg.norm(scaled.astype(np.float64)))
    try:
        vector = unit_vector("embedding", scaled)
    except ValueError:
        assert abs(length - 1.0) > 1e-3
        return
    assert abs(length - 1.0) <= 1e-3
    wipe(vector)
    assert not vector.any()
