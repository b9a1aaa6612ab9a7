"""Protection: nothing is lost inside a site, nothing can be compared between sites, and a site can begin anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from limen.gallery.protection import Rotation
from support.vision import alike, unit

_DIMENSIONS = 64  # small enough that no library spreads the work over threads
seeds = st.binary(min_size=32, max_size=64)
people = st.integers(0, 10_000)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, one=people, similarity=st.floats(-1.0, 1.0))
def test_similarities_of_a_site_are_preserved(seed: bytes, one: int, similarity: float) -> None:
    """Two embeddings are as alike protected as bare, to float32, and keep unit length."""
    first = unit(one, dimensions=_DIMENSIONS)
    second = alike(first, similarity, seed=one + 1)
    rotation = Rotation(seed, dimensions=_DIMENSIONS)
    protected = [rotation.protect(vector).astype(np.float64) for vector in (first, second)]
    bare = float(first.astype(np.float64) @ second.astype(np.float64))
    assert abs(float(protected[0] @ protected[1]) - bare) < 1e-6
    assert abs(float(np.linalg.norm(protected[0])) - 1.0) < 1e-6


@settings(max_examples=30, deadline=None)
@given(seed=st.lists(seeds, min_size=2, max_size=2, unique=True), person=people)
def test_templates_of_two_sites_do_not_compare(seed: list[bytes], person: int) -> None:
    """One person's templates under two seeds are as unlike as those of two strangers."""
    here, there = (
        Rotation(value, dimensions=_DIMENSIONS).protect(unit(person, dimensions=_DIMENSIONS)) for value in seed
    )
    assert abs(float(here.astype(np.float64) @ there.astype(np.float64))) < 6 / np.sqrt(_DIMENSIONS)


@settings(max_examples=30, deadline=None)
@given(seed=seeds, person=people)
def test_a_protected_template_does_not_compare_with_a_bare_one(seed: bytes, person: int) -> None:
    """Nor is a template like the embedding it was made from."""
    protected = Rotation(seed, dimensions=_DIMENSIONS).protect(unit(person, dimensions=_DIMENSIONS))
    assert abs(
        float(protected.astype(np.float64) @ unit(person, dimensions=_DIMENSIONS).astype(np.float64))
    ) < 6 / np.sqrt(_DIMENSIONS)


def test_over_many_people_linked_and_unlinked_pairs_look_alike() -> None:
    """Across two sites the similarities of mated pairs have the mean and spread of non-mated ones."""
    here, there = Rotation(b"\1" * 32, dimensions=_DIMENSIONS), Rotation(b"\2" * 32, dimensions=_DIMENSIONS)
    rows = np.stack([unit(person, dimensions=_DIMENSIONS) for person in range(400)])
    cosines = here.protect(rows).astype(np.float64) @ there.protect(rows).astype(np.float64).T
    mated, nonmated = np.diag(cosines), cosines[~np.eye(len(rows), dtype=np.bool_)]
    assert abs(float(mated.mean())) < 4 / np.sqrt(_DIMENSIONS * len(mated))
    assert abs(float(mated.std()) / float(nonmated.std()) - 1.0) < 0.15


@settings(max_examples=20, deadline=None)
@given(seed=seeds, person=people)
def test_the_same_seed_gives_the_same_template(seed: bytes, person: int) -> None:
    """A site that is opened again compares with what it stored before."""
    one, other = (
        Rotation(seed, dimensions=_DIMENSIONS).protect(unit(person, dimensions=_DIMENSIONS)) for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)
