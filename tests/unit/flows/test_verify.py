"""Verify: two pictures, one answer with its false match rate."""

from __future__ import annotations

import numpy as np
import pytest
from typing_extensions import override

from limen.core.errors import RefusedError
from limen.core.face import Box, Face
from limen.core.frame import Frame
from limen.flows.capture import main_face
from limen.flows.verify import Verify
from limen.gallery.comparer import CalibratedComparer
from support.calibrations import make_calibration
from support.vision import FakeVision, alike, unit


def test_same_and_different() -> None:
    """Like embeddings are one person, unlike ones are not; both probes are wiped."""
    vision = FakeVision()
    verify = Verify(vision=vision, comparer=CalibratedComparer(make_calibration()))
    same = verify(vision.shows(unit(1)), vision.shows(alike(unit(1), 0.9)))
    other = verify(vision.shows(unit(1)), vision.shows(unit(2)))
    assert (same.same, other.same) == (True, False)
    assert same.comparison.fmr <= same.fmr_target < other.comparison.fmr
    assert [np.abs(probe.embedding).max() for probe in vision.given] == [0.0] * 4


@pytest.mark.parametrize(("count", "reason"), [(0, "no_face"), (2, "several_faces")])
def test_no_clear_face(count: int, reason: str) -> None:
    """No face, or two of like size, is a refusal."""
    vision = FakeVision()
    with pytest.raises(RefusedError) as caught:
        main_face(vision, vision.shows(*[unit(seed) for seed in range(count)]))
    assert caught.value.reason == reason


class _Crowd(FakeVision):
    """The first face found is the smallest by far."""

    @override
    def detect(self, frame: Frame) -> tuple[Face, ...]:
        small, *others = super().detect(frame)
        box = Box(x_px=small.box.x_px, y_px=small.box.y_px, width_px=20.0, height_px=26.0)
        return Face(box=box, landmarks=small.landmarks, confidence=0.9), *others


def test_a_small_face_behind_does_not_matter() -> None:
    """A face twice as wide as any other is the one the picture is of."""
    vision = _Crowd()
    probe = main_face(vision, vision.shows(unit(1), unit(2)))
    assert np.array_equal(probe.embedding, unit(2))
