"""What several frames of one track show together."""

from __future__ import annotations

import numpy as np
import pytest

from limen.door.gathering import Gathered
from support.vision import alike, make_mask, make_probe, unit


def test_the_sum_of_frames_is_of_unit_length_and_weighs_by_quality() -> None:
    """A good picture pulls more than a poor one."""
    one, other = unit(1), alike(unit(1), 0.5)
    gathered = Gathered()
    gathered.add(make_probe(one, unified=90))
    gathered.add(make_probe(other, unified=10))
    fused = gathered.fused()
    assert np.linalg.norm(fused.embedding) == pytest.approx(1.0)
    expected = 0.9 * one + 0.1 * other
    np.testing.assert_allclose(fused.embedding, expected / np.linalg.norm(expected), atol=1e-6)
    assert (gathered.frames, fused.quality.unified) == (2, 90)


def test_likelihood_ratios_add_at_the_discount_of_how_alike_the_frames_are() -> None:
    """The fused similarity is the mean of all over the length of the mean: copies of a frame add nothing."""
    reference, frames = unit(1), [alike(unit(1), 0.6, seed=seed) for seed in (2, 3, 4)]
    copies, several = Gathered(), Gathered()
    for frame in frames:
        copies.add(make_probe(frames[0]))
        several.add(make_probe(frame))
    single = float(frames[0] @ reference)
    assert float(copies.fused().embedding @ reference) == pytest.approx(single, abs=1e-5)
    mean = np.mean(frames, axis=0)
    assert float(several.fused().embedding @ reference) == pytest.approx(single / float(np.linalg.norm(mean)), abs=1e-5)


def test_somebody_else_in_the_same_place_begins_anew() -> None:
    """Two people who swap places do not lend each other evidence."""
    gathered = Gathered()
    other = alike(unit(1), 0.1)
    for embedding in (unit(1), unit(1), other):
        gathered.add(make_probe(embedding))
    assert gathered.frames == 1
    np.testing.assert_allclose(gathered.fused().embedding, other, atol=1e-6)


def test_bare_and_masked_frames_are_kept_apart() -> None:
    """They are compared in different conditions; the one with more behind it counts."""
    gathered = Gathered()
    gathered.add(make_probe(unit(1), mask=make_mask("worn")))
    gathered.add(make_probe(alike(unit(1), 0.9), mask=make_mask("worn")))
    gathered.add(make_probe(alike(unit(1), 0.8), mask=make_mask("none")))
    assert (gathered.frames, gathered.fused().masked) == (2, True)


def test_wiping_overwrites_the_sum() -> None:
    """Promise 2: nothing of an attempt outlives it, in the very memory it was in."""
    gathered = Gathered()
    gathered.add(make_probe(unit(1)))
    (total,) = gathered._sums.values()
    gathered.wipe()
    assert not total.any()
    with pytest.raises(ValueError, match="nothing was gathered"):
        gathered.fused()
