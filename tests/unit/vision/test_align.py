"""Alignment finds the similarity transform between landmarks and shows the face without aliasing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from limen.vision.align import CROP_PX, LANDMARK_PLACES, align, similarity_transform, warp
from support.vectors import load_vectors

_angles = st.floats(-np.pi, np.pi)
_scales = st.floats(0.01, 100.0)
_shifts = st.floats(-5000, 5000)


def _matrix(angle: float, scale: float, shift: tuple[float, float]) -> NDArray[np.float64]:
    a, b = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[a, -b, shift[0]], [b, a, shift[1]]])


def _moved(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _checkerboard(side_px: int, cell_px: int = 1) -> NDArray[np.uint8]:
    cells = np.indices((side_px, side_px)).sum(axis=0) // cell_px % 2
    return np.repeat((cells * 255).astype(np.uint8)[..., None], 3, axis=2)


@given(angle=_angles, scale=_scales, x=_shifts, y=_shifts)
def test_a_known_transform_is_recovered(*, angle: float, scale: float, x: float, y: float) -> None:
    """Rotation, scale and shift of five points are found again to nine digits."""
    expected = _matrix(angle, scale, (x, y))
    found = similarity_transform(LANDMARK_PLACES, _moved(LANDMARK_PLACES, expected))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-8 * max(1.0, abs(x), abs(y), scale))


@given(angle=_angles, scale=_scales, seed=st.integers(0, 1000))
def test_no_other_similarity_comes_nearer(angle: float, scale: float, seed: int) -> None:
    """With noisy points, turning, scaling or shifting the answer a little never lessens the squared distance."""
    rng = np.random.default_rng(seed)
    target = _moved(LANDMARK_PLACES, _matrix(angle, scale, (3.0, -4.0))) + rng.normal(0, scale, (5, 2))
    found = similarity_transform(LANDMARK_PLACES, target)

    def distance(matrix: NDArray[np.float64]) -> float:
        return float(((_moved(LANDMARK_PLACES, matrix) - target) ** 2).sum())

    for step in (_matrix(1e-3, 1.0, (0, 0)), _matrix(-1e-3, 1.0, (0, 0)), _matrix(0, 1.001, (0, 0))):
        nudged = found.copy()
        nudged[:, :2] = step[:, :2] @ found[:, :2]
        nudged[:, 2] += _moved(LANDMARK_PLACES, found).mean(axis=0) - _moved(LANDMARK_PLACES, nudged).mean(axis=0)
        assert distance(found) <= distance(nudged)


def test_a_mirrored_face_is_not_reflected() -> None:
    """Landmarks of the wrong order still give a rotation and no reflection."""
    mirrored = LANDMARK_PLACES * [-1, 1]
    found = similarity_transform(mirrored, LANDMARK_PLACES)
    assert np.linalg.det(found[:, :2]) > 0


@pytest.mark.parametrize("case", load_vectors("alignment")["cases"], ids=lambda case: case["name"])
def test_it_is_what_scikit_image_finds(case: dict[str, list[list[float]]]) -> None:
    """The matrix equals that of another implementation."""
    expected = np.array(case["matrix"])
    found = similarity_transform(np.array(case["landmarks"]), LANDMARK_PLACES)
    np.testing.assert_allclose(found, expected, rtol=0, atol=load_vectors("alignment")["tolerance"])


@pytest.mark.parametrize("point", [(0.0, 0.0), (17.0, -4.0)])
def test_landmarks_at_one_point_are_refused(point: tuple[float, float]) -> None:
    """Where all five landmarks coincide there is no transform, and saying so is better than a division by zero."""
    with pytest.raises(ValueError, match="all landmarks are at one point"):
        similarity_transform(np.tile(np.array(point, np.float32), (5, 1)), LANDMARK_PLACES)


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.9, 2.5, 7.0])
@pytest.mark.parametrize("angle", [0.0, 0.3, -2.0])
def test_what_is_drawn_at_a_landmark_arrives_at_its_place(scale: float, angle: float) -> None:
    """A bright spot on each landmark of the frame is found on its place of the crop, at any size and turn."""
    middle = np.array([CROP_PX / 2, CROP_PX / 2])
    radius = 100 * scale
    matrix = _matrix(angle, scale, (0, 0))
    matrix[:, 2] = radius - matrix[:, :2] @ middle
    landmarks = _moved(LANDMARK_PLACES, matrix)
    rows, columns = np.indices((round(2 * radius), round(2 * radius)))
    for place, (x, y) in zip(LANDMARK_PLACES, landmarks, strict=True):
        spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * (3 * scale) ** 2))
        picture = np.repeat((spot * 255).astype(np.uint8)[..., None], 3, axis=2)
        crop = align(picture, landmarks.astype(np.float32))[..., 0].astype(np.float64)
        y_grid, x_grid = np.indices(crop.shape)
        centre = np.array([(crop * x_grid).sum(), (crop * y_grid).sum()]) / crop.sum()
        np.testing.assert_allclose(centre, place, atol=0.15)


@pytest.mark.parametrize("factor", [3, 5, 8, 20])
def test_a_large_face_does_not_alias(factor: int) -> None:
    """A one-pixel checkerboard shrunk to the crop is plain grey, not a pattern of its own."""
    landmarks = (LANDMARK_PLACES * factor + 0.37 * factor).astype(np.float32)
    crop = align(_checkerboard(CROP_PX * factor + factor), landmarks)
    assert crop.std() < 16
    assert abs(float(crop.mean()) - 127.5) < 8


def test_a_small_face_is_not_blurred_by_shrinking() -> None:
    """A face that is no larger in the frame than on the crop is taken over pixel by pixel."""
    picture = _checkerboard(CROP_PX, cell_px=4)
    np.testing.assert_array_equal(picture, align(picture, LANDMARK_PLACES.astype(np.float32)))


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0])
@pytest.mark.parametrize("shift", [(-400.0, 0.0), (0.0, 900.0), (1e5, 1e5)])
def test_what_lies_outside_the_frame_is_black(scale: float, shift: tuple[float, float]) -> None:
    """A face beside the frame gives a black crop of the right shape and no error."""
    white = np.full((120, 120, 3), 255, np.uint8)
    landmarks = (LANDMARK_PLACES * scale + np.array(shift) * scale).astype(np.float32)
    crop = align(white, landmarks)
    assert (crop.shape, crop.dtype.name, int(crop.max())) == ((CROP_PX, CROP_PX, 3), "uint8", 0)


@pytest.mark.parametrize("side_px", [1, 64, 128])
def test_warp_makes_the_canvas_asked_for(side_px: int) -> None:
    """The canvas is square with the side given."""
    canvas = warp(_checkerboard(300), _matrix(0.0, 0.2, (0, 0)), side_px=side_px)
    assert canvas.shape == (side_px, side_px, 3)


def test_align_does_not_write_into_the_frame() -> None:
    """A read-only frame can be aligned and stays as it was."""
    picture = _checkerboard(500)
    before = picture.copy()
    picture.setflags(write=False)
    align(picture, (LANDMARK_PLACES * 4).astype(np.float32))
    np.testing.assert_array_equal(before, picture)
