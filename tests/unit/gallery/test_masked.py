"""The masked map: unit length, at home in rotated space, and refused in the wrong shape."""

from __future__ import annotations

import numpy as np
import pytest

from limen.gallery.masked import MaskedMap
from limen.gallery.protection import Rotation
from support.vision import unit


def _map(seed: int = 0) -> MaskedMap:
    rng = np.random.default_rng(seed)
    half = rng.normal(0, 0.05, (128, 128)) + np.eye(128)
    return MaskedMap(shift=unit(seed) * np.float32(0.3), matrix=(half @ half.T).astype(np.float32))


def test_both_forms_have_unit_length() -> None:
    """Bare and masked embeddings come out float32 and of length one."""
    rows = np.stack([unit(1), unit(2)])
    for form in (_map().bare(rows), _map().masked(rows)):
        assert form.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(form, axis=1), 1.0, atol=1e-6)


def test_the_identity_changes_bare_embeddings_not_at_all() -> None:
    """With no shift and the identity the map is none."""
    nothing = MaskedMap(shift=np.zeros(128, np.float32), matrix=np.eye(128, dtype=np.float32))
    np.testing.assert_allclose(nothing.bare(unit(3)), unit(3), atol=1e-6)
    np.testing.assert_allclose(nothing.masked(unit(3)), unit(3), atol=1e-6)


def test_rotated_vectors_compare_as_plain_ones() -> None:
    """Mapping protected vectors gives the similarities that mapping plain ones gives."""
    rotation = Rotation(bytes(range(32)), dimensions=128)
    plain, turned = _map(), _map().rotated(rotation.matrix)
    reference, probe = unit(4), unit(5)
    expected = float(plain.bare(reference) @ plain.masked(probe))
    found = float(turned.bare(rotation.protect(reference)) @ turned.masked(rotation.protect(probe)))
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_matrix_of_another_size_is_refused() -> None:
    """Shift and matrix must fit each other."""
    with pytest.raises(ValueError, match="matrix"):
        MaskedMap(shift=np.zeros(128, np.float32), matrix=np.eye(64, dtype=np.float32))
