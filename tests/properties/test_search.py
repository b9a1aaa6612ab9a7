"""Whatever the rows are, the search agrees with float64 brute force."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from limen.gallery.exact import ExactIndex

Rows = NDArray[np.float32]

_KINDS = ("random", "clustered", "duplicated", "clipped", "opposite")


def _rows(kind: str, *, count: int, dimensions: int, rng: np.random.Generator) -> Rows:
    rows = rng.standard_normal((count, dimensions))
    match kind:
        case "clustered":
            rows = rng.standard_normal(dimensions) + rows * 10.0 ** rng.uniform(-6, -1)
        case "duplicated":
            rows = rows[rng.integers(0, max(1, count // 3), count)]
        case "clipped":
            rows = rows * 10.0 ** rng.uniform(-3, 1, dimensions)
        case "opposite":
            rows[count // 2 :] = -rows[: count - count // 2]
        case _:
            pass
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), np.float32)


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from(_KINDS),
    count=st.integers(1, 300),
    dimensions=st.sampled_from([1, 2, 5, 16, 128]),
    usable_share=st.sampled_from([0.0, 0.1, 0.9, 1.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_search_equals_brute_force(*, kind: str, count: int, dimensions: int, usable_share: float, seed: int) -> None:
    """The row found is usable, no usable row has a larger float64 cosine, and the cosine told is float64's."""
    rng = np.random.default_rng(seed)
    rows = _rows(kind, count=count, dimensions=dimensions, rng=rng)
    usable = rng.random(count) < usable_share
    near = rows[rng.integers(count)] + rng.standard_normal(dimensions) * 10.0 ** rng.uniform(-8, 1)
    query = np.asarray(near / np.linalg.norm(near), np.float32)
    index = ExactIndex(dimensions)
    index.add(rows)
    found = index.best(query, usable=usable)
    cosines = rows.astype(np.float64) @ query.astype(np.float64)
    if not usable.any():
        assert found is None
        return
    assert found is not None
    place, cosine = found
    assert usable[place]
    assert abs(cosines[place] - cosines[usable].max()) <= 1e-12
    assert abs(cosine - cosines[place]) <= 1e-12


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), steps=st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_adding_and_dropping_is_like_having_begun_anew(seed: int, steps: list[int]) -> None:
    """After any sequence of adding and dropping, the index answers as one that was filled with what is left."""
    rng = np.random.default_rng(seed)
    index, left = ExactIndex(8), np.zeros((0, 8), np.float32)
    for count in steps:
        rows = _rows("random", count=count, dimensions=8, rng=rng)
        index.add(rows)
        left = np.concatenate([left, rows])
        kept = rng.random(len(left)) < 0.7
        index.keep(kept)
        left = left[kept]
    assert len(index) == len(left)
    query = _rows("random", count=1, dimensions=8, rng=rng)[0]
    found = index.best(query, usable=np.ones(len(left), np.bool_))
    assert (found is None) == (len(left) == 0)
    if found is not None:
        cosines = left.astype(np.float64) @ query.astype(np.float64)
        assert abs(found[1] - cosines.max()) <= 1e-12
    assert not index._rows[len(index) :].any()
