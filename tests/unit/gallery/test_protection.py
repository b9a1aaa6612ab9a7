"""The rotation of a site is the same everywhere and keeps what matters inside the site."""

from __future__ import annotations

import numpy as np
import pytest

from limen.gallery.protection import SCHEME, Rotation
from support.vectors import load_vectors
from support.vision import unit

_VECTORS = load_vectors("rotation")


@pytest.mark.parametrize("case", _VECTORS["cases"], ids=lambda case: case["name"])
def test_a_seed_gives_the_rotation_of_the_scheme(case: dict[str, object]) -> None:
    """Protected vectors are those that another implementation of the scheme gives."""
    embedding = np.array(case["embedding"], np.float32)
    rotation = Rotation(bytes.fromhex(str(case["seed_hex"])), dimensions=len(embedding))
    np.testing.assert_allclose(rotation.protect(embedding), np.array(case["protected"]), atol=_VECTORS["tolerance"])


def test_the_scheme_has_a_name_of_its_own() -> None:
    """Whoever changes the construction must change the name."""
    assert SCHEME == "rotation-1"


@pytest.mark.parametrize("seed", [b"", b"short", bytes(31)])
def test_a_short_seed_is_refused(seed: bytes) -> None:
    """Fewer than 256 secret bits are misuse."""
    with pytest.raises(ValueError, match="a seed of at least 32 bytes"):
        Rotation(seed, dimensions=8)


@pytest.mark.parametrize("dimensions", [1, 2, 16, 128])
def test_the_rotation_is_orthogonal(dimensions: int) -> None:
    """Rows and columns are of length one and stand upright on each other."""
    matrix = Rotation(bytes(32), dimensions=dimensions)._matrix
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(dimensions), atol=1e-12)


def test_several_embeddings_at_once_are_each_alone() -> None:
    """A stack of embeddings is rotated row by row."""
    rotation = Rotation(bytes(32), dimensions=128)
    rows = np.stack([unit(1), unit(2), unit(3)])
    np.testing.assert_allclose(rotation.protect(rows), np.stack([rotation.protect(row) for row in rows]), atol=1e-7)


def test_protecting_leaves_the_embedding_as_it_was() -> None:
    """The given array is not written to, and the result is another array."""
    embedding = unit(1)
    before = embedding.copy()
    protected = Rotation(bytes(32), dimensions=128).protect(embedding)
    np.testing.assert_array_equal(before, embedding)
    assert not np.shares_memory(protected, embedding)
    assert protected.dtype == np.float32


def test_one_bit_of_the_seed_changes_everything() -> None:
    """Seeds that differ in one bit give rotations that have nothing in common."""
    one, other = (Rotation(bytes([first]) + bytes(31), dimensions=128).protect(unit(1)) for first in (0, 1))
    assert abs(float(one @ other)) < 0.4
