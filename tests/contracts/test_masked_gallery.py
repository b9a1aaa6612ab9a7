"""What a gallery promises of masked faces: their own condition, and that who leaves is not found masked either."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.match import Condition, Match, Recognised, Unknown
from limen.core.people import SubjectId
from limen.core.ports import Gallery, Store
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import Rotation
from support.calibrations import make_masked_calibration
from support.clock import NOON
from support.vision import alike, make_mask, make_probe, unit

Embedding = NDArray[np.float32]
Enroller = Callable[..., SubjectId]

_FPIR = 0.001


def _who(match: Match) -> SubjectId:
    assert isinstance(match, Recognised)
    return match.subject_id


@pytest.fixture
def masked_gallery(store: Store) -> Gallery:
    """One whose model is calibrated for masks too."""
    rotation = Rotation(bytes(range(32)), dimensions=128)
    return MemoryGallery(store, calibration=make_masked_calibration(), rotation=rotation)


def test_a_masked_probe_is_searched_in_its_own_condition(masked_gallery: Gallery, enrolled: Enroller) -> None:
    """One bare reference serves bare and masked faces, each at the threshold of its own condition."""
    subject_id = enrolled(unit(1))
    enrolled(unit(2))
    calibration = make_masked_calibration()
    for state, condition in (("none", Condition.BARE_BARE), ("worn", Condition.BARE_MASKED)):
        probe = make_probe(alike(unit(1), 0.9), mask=make_mask(state))
        match = masked_gallery.search(probe, at=NOON, fpir_target=_FPIR)
        assert _who(match) == subject_id
        assert isinstance(match, Recognised)
        expected = calibration.operating_point(fpir_target=_FPIR, n_references=2, condition=condition)
        assert match.operating_point == expected
        assert match.comparison.condition is condition


def test_a_masked_match_is_what_the_comparer_says(masked_gallery: Gallery, enrolled: Enroller) -> None:
    """Searching protected references through the rotated map gives the similarity of the plain ones."""
    enrolled(unit(1))
    probe = make_probe(alike(unit(1), 0.8), mask=make_mask("worn"))
    match = masked_gallery.search(probe, at=NOON, fpir_target=_FPIR)
    assert isinstance(match, Recognised)
    plain = masked_gallery.compare(make_probe(unit(1), mask=make_mask("none")), probe)
    assert match.comparison.similarity == pytest.approx(plain.similarity, abs=1e-5)


def test_who_leaves_is_not_found_masked_either(masked_gallery: Gallery, enrolled: Enroller, store: Store) -> None:
    """Withdrawal takes the mapped reference with it."""
    subject_id = enrolled(unit(1))
    stays = enrolled(unit(3))
    probe = make_probe(unit(1), mask=make_mask("worn"))
    assert _who(masked_gallery.search(probe, at=NOON, fpir_target=_FPIR)) == subject_id
    with store.begin() as unit_of_work:
        unit_of_work.subjects.destroy(subject_id)
        unit_of_work.commit()
    assert isinstance(masked_gallery.search(probe, at=NOON, fpir_target=_FPIR), Unknown)
    other = make_probe(unit(3), mask=make_mask("worn"))
    assert _who(masked_gallery.search(other, at=NOON, fpir_target=_FPIR)) == stays
