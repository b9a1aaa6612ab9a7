"""Comparisons on the calibrated scale: each in its own condition, the same one by one and all at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limen.core.match import Condition
from limen.evaluation.comparing import Comparable, crosswise, pairwise
from limen.evaluation.embedding import Embedded
from limen.gallery.calibration import Calibration
from limen.gallery.comparer import CalibratedComparer
from support.calibrations import make_masked_calibration
from support.vision import alike, make_mask, make_probe, unit

BASE = unit(1)
VECTORS = [BASE, alike(BASE, 0.7, seed=2), alike(BASE, 0.5, seed=3), unit(9)]
MASKED = [False, True, True, False]


@pytest.fixture
def calibration() -> Calibration:
    """With a masked map, and another tail for every condition."""
    return make_masked_calibration()


def _comparable(calibration: Calibration) -> Comparable:
    names = tuple(f"{place}.jpg" for place in range(4))
    embedded = Embedded(
        names=names,
        embeddings=np.stack(VECTORS),
        quality=np.full(4, 80),
        masked=np.array(MASKED),
        failed=("gone.jpg",),
    )
    return Comparable(embedded, calibration)


def test_every_pair_is_what_the_comparer_says(calibration: Calibration) -> None:
    """Bare with bare, bare with masked, masked with masked: the false match rate of each condition."""
    side = _comparable(calibration)
    comparer = CalibratedComparer(calibration)
    probes = [
        make_probe(vector, mask=make_mask("worn" if masked else "none"), model_id=calibration.model_id)
        for vector, masked in zip(VECTORS, MASKED, strict=True)
    ]
    rows = np.arange(4)
    table = crosswise((side, rows), (side, rows), calibration)
    for i, first in enumerate(probes):
        for j, second in enumerate(probes):
            expected = -np.log10(comparer.compare(first, second).fmr)
            assert table[i, j] == pytest.approx(expected, rel=1e-4, abs=1e-4)
    listed = pairwise((side, np.repeat(rows, 4)), (side, np.tile(rows, 4)), calibration)
    np.testing.assert_allclose(listed.reshape(4, 4), table, rtol=1e-6)


def test_conditions_are_told_apart(calibration: Calibration) -> None:
    """The comparer names the condition of either side."""
    comparer = CalibratedComparer(calibration)
    bare, masked = make_probe(BASE, mask=make_mask("none")), make_probe(BASE, mask=make_mask("worn"))
    assert comparer.compare(bare, bare).condition is Condition.BARE_BARE
    assert comparer.compare(bare, masked).condition is Condition.BARE_MASKED
    assert comparer.compare(masked, bare).condition is Condition.BARE_MASKED
    assert comparer.compare(masked, masked).condition is Condition.MASKED_MASKED


def test_failed_pictures_are_infinitely_unlike(calibration: Calibration) -> None:
    """A name that failed is row -1, and nothing is like it."""
    side = _comparable(calibration)
    rows = side.rows(("gone.jpg", "0.jpg"))
    assert rows.tolist() == [-1, 0]
    assert pairwise((side, rows), (side, np.array([0, 0])), calibration)[0] == -np.inf
    assert (crosswise((side, rows), (side, np.arange(4)), calibration)[0] == -np.inf).all()


def test_without_a_masked_map_all_faces_count_as_bare(calibration: Calibration) -> None:
    """A model whose masks were not calibrated compares everything as bare."""
    bare_only = replace(
        calibration, masked_map=None, conditions={Condition.BARE_BARE: calibration.rates(Condition.BARE_BARE)}
    )
    assert not _comparable(bare_only).masked.any()
