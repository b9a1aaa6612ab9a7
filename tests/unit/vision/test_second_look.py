"""Looks count together: what many see at one place is a face, what one suspects is none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.vision.second_look import agreed, like_a_face
from limen.vision.yunet import Detections

SIDE_PX = 200.0
FRONTAL = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
PROFILE = ((0.3, 0.4), (0.38, 0.4), (0.1, 0.6), (0.2, 0.8), (0.3, 0.8))


def _seen(
    confidence: float,
    *,
    corner: float = 10.0,
    width: float = 20.0,
    points: tuple[tuple[float, float], ...] = FRONTAL,
) -> Detections:
    places = np.array(points) * width + corner
    return np.array([[corner, corner, width, width, *places.ravel(), confidence]], dtype=np.float32)


def _faces(*looks: Detections) -> int:
    return len(agreed(list(looks), shorter_side_px=SIDE_PX))


def _nothing() -> Detections:
    return np.zeros((0, 15), dtype=np.float32)


def test_looks_that_see_nothing_agree_on_nothing() -> None:
    """No look, or looks without detections, give an empty array of the usual shape."""
    assert agreed([], shorter_side_px=SIDE_PX).shape == (0, 15)
    assert agreed([_nothing(), _nothing()], shorter_side_px=SIDE_PX).shape == (0, 15)


def test_one_look_that_is_sure_is_enough() -> None:
    """A single detection counts from 0.8 on and not below."""
    assert _faces(_seen(0.81), _nothing()) == 1
    assert _faces(_seen(0.79), _nothing()) == 0


def test_several_looks_that_agree_are_enough() -> None:
    """Four looks, one of them fairly sure, make a face; three do not."""
    assert _faces(*[_seen(0.52)] * 4) == 1
    assert _faces(*[_seen(0.52)] * 3) == 0


def test_many_faint_suspicions_of_a_small_face_are_none() -> None:
    """However many looks agree, a small face needs one that is fairly sure."""
    assert _faces(*[_seen(0.45)] * 8) == 0


def test_a_face_that_fills_the_picture_may_be_faint() -> None:
    """Three faint looks find a large face, two do not: a masked face in a tight cut."""
    assert _faces(*[_seen(0.35, width=150.0)] * 3) == 1
    assert _faces(*[_seen(0.35, width=150.0)] * 2) == 0


def test_a_look_counts_once_however_often_it_sees_a_face() -> None:
    """Doubles inside one look are no agreement."""
    doubles = np.concatenate([_seen(0.52)] * 6)
    assert _faces(doubles) == 0


def test_looks_at_different_places_do_not_agree() -> None:
    """Only boxes that overlap support each other."""
    assert _faces(*[_seen(0.52, corner=30.0 * place) for place in range(6)]) == 0


def test_a_profile_needs_nearly_all_looks() -> None:
    """Landmarks unlike a face from the front are believed when nearly all looks agree, not when one is sure."""
    assert _faces(_seen(0.95, points=PROFILE)) == 0
    assert _faces(*[_seen(0.85, points=PROFILE)] * 5) == 1


def test_faces_come_best_first_as_their_best_look_saw_them() -> None:
    """Each face appears once, with the box and landmarks of its most confident look."""
    first, second = _seen(0.85, corner=12.0), _seen(0.9, corner=100.0)
    found = agreed([_seen(0.6, corner=10.0), np.concatenate([first, second])], shorter_side_px=SIDE_PX)
    np.testing.assert_array_equal(found, np.concatenate([second, first]))


def _moved(point: int, *, x: float = 0.0, y: float = 0.0) -> NDArray[np.float32]:
    landmarks = np.array(FRONTAL, dtype=np.float32)
    landmarks[point] += (x, y)
    return landmarks


@pytest.mark.parametrize("degrees", [-40, -20, 0, 20, 40])
def test_a_tilted_face_is_like_a_face(degrees: float) -> None:
    """The landmarks are judged in the face's own frame, up to 45 degrees."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    assert like_a_face((np.array(FRONTAL) @ turn).astype(np.float32), width_px=1.0)


@pytest.mark.parametrize(
    "landmarks",
    [
        pytest.param(_moved(2, y=-0.3), id="nose above the eyes"),
        pytest.param(_moved(2, y=0.3), id="nose below the mouth"),
        pytest.param(_moved(2, x=0.5), id="nose far aside"),
        pytest.param(np.array(FRONTAL, np.float32)[[1, 0, 2, 4, 3]], id="upside down"),
        pytest.param(_moved(0, x=0.35), id="eyes together"),
        pytest.param(_moved(0, x=0.4), id="eyes at one point"),
        pytest.param(np.array(PROFILE, np.float32), id="profile"),
    ],
)
def test_scattered_landmarks_are_not_like_a_face(landmarks: NDArray[np.float32]) -> None:
    """Each landmark out of its place is noticed."""
    assert like_a_face(np.array(FRONTAL, np.float32), width_px=1.0)
    assert not like_a_face(landmarks, width_px=1.0)
