"""Drawn masks: they follow the wearer, stay where masks are, and change nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from limen.frames.drawn import PERSON, STRANGER, DrawnFace
from limen.vision.drawn_masks import ENROLMENT_MASKS, MaskKind, Wearing, draw_mask, random_mask
from support.faces import Pixels, drawn, landmarks_of

_WHO = [PERSON, STRANGER]
_SEEDS = range(6)


def _masked(who: DrawnFace, wearing: Wearing, seed: int, *, side_px: int = 512) -> tuple[Pixels, Pixels]:
    """The bare picture, and the one with a mask."""
    bare = drawn(who, side_px=side_px)
    rng = np.random.default_rng(seed)
    mask = random_mask(rng, wearing=wearing)
    return bare, draw_mask(bare, landmarks_of(who, side_px=side_px), mask, rng=rng)


def _changed(bare: Pixels, masked: Pixels) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.asarray((bare != masked).any(axis=2))


@pytest.mark.parametrize("who", _WHO)
@pytest.mark.parametrize("seed", _SEEDS)
def test_a_worn_mask_covers_nose_and_mouth(who: DrawnFace, seed: int) -> None:
    """Nose tip and mouth corners lie under it, the eyes do not."""
    changed = _changed(*_masked(who, Wearing.WORN, seed))
    points = landmarks_of(who).astype(int)
    assert [bool(changed[y, x]) for x, y in points] == [False, False, True, True, True]


@pytest.mark.parametrize("who", _WHO)
@pytest.mark.parametrize("seed", _SEEDS)
def test_below_the_nose_the_nose_tip_is_bare(who: DrawnFace, seed: int) -> None:
    """The nose tip is untouched, the middle of the mouth is covered."""
    changed = _changed(*_masked(who, Wearing.BELOW_NOSE, seed))
    points = landmarks_of(who)
    x, y = points[2].astype(int)
    middle = points[3:].mean(axis=0).astype(int)
    assert (bool(changed[y, x]), bool(changed[middle[1], middle[0]])) == (False, True)


@pytest.mark.parametrize("seed", _SEEDS)
def test_below_the_mouth_nose_and_mouth_are_bare(seed: int) -> None:
    """Nothing at the nose or the middle of the mouth changes, something below does."""
    changed = _changed(*_masked(PERSON, Wearing.BELOW_MOUTH, seed))
    points = landmarks_of(PERSON)
    nose, mouth = points[2].astype(int), points[3:].mean(axis=0).astype(int)
    assert not changed[nose[1], nose[0]]
    assert not changed[mouth[1], mouth[0]]
    assert changed[mouth[1] :].any()


@pytest.mark.parametrize("wearing", list(Wearing))
@pytest.mark.parametrize("seed", _SEEDS)
def test_nothing_above_the_eyes_changes(wearing: Wearing, seed: int) -> None:
    """Rows above the eyes stay as they are; the picture given is not written to."""
    bare, masked = _masked(PERSON, wearing, seed)
    assert np.array_equal(bare, drawn(PERSON))
    top = int(landmarks_of(PERSON)[:2, 1].min()) - 8
    assert np.array_equal(bare[:top], masked[:top])


def test_the_same_seed_draws_the_same() -> None:
    """Twice from one seed: the same picture; from another: another."""
    first, again, other = (_masked(PERSON, Wearing.WORN, seed)[1] for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("side_px", [24, 64, 1600])
def test_any_size_of_face(side_px: int) -> None:
    """Tiny and huge faces get a mask of their size."""
    bare = np.asarray(cv2.resize(drawn(PERSON), (side_px, side_px), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    rng = np.random.default_rng(1)
    masked = draw_mask(bare, landmarks_of(PERSON, side_px=side_px), random_mask(rng), rng=rng)
    share = float(_changed(bare, masked).mean())
    assert 0.03 < share < 0.4


@pytest.mark.parametrize("shift", [(-300.0, 0.0), (300.0, 0.0), (0.0, 400.0), (5000.0, 5000.0)])
def test_a_face_beyond_the_border_is_no_error(shift: tuple[float, float]) -> None:
    """Landmarks partly or wholly outside the picture draw what is inside."""
    bare = drawn(PERSON)
    moved = landmarks_of(PERSON) + np.array(shift, dtype=np.float32)
    assert draw_mask(bare, moved, ENROLMENT_MASKS[0], rng=np.random.default_rng(0)).shape == bare.shape


def test_a_profile_is_no_error() -> None:
    """With both eyes nearly at one place a mask is still drawn."""
    points = landmarks_of(PERSON).copy()
    points[:, 0] = points[:, 0].mean() + 0.05 * (points[:, 0] - points[:, 0].mean())
    bare = drawn(PERSON)
    assert _changed(bare, draw_mask(bare, points, ENROLMENT_MASKS[1], rng=np.random.default_rng(0))).any()


def test_every_kind_comes_up() -> None:
    """Random masks are of every kind, and of at least twenty colours."""
    masks = [random_mask(np.random.default_rng(seed)) for seed in range(60)]
    assert {mask.kind for mask in masks} == set(MaskKind)
    assert len({mask.fabric.colour for mask in masks}) > 20


def test_a_cloth_of_its_own() -> None:
    """A picture of cloth is stretched over the mask instead of the fabric."""
    bare, green = drawn(PERSON), np.full((8, 8, 3), (0, 255, 0), np.uint8)
    masked = draw_mask(bare, landmarks_of(PERSON), ENROLMENT_MASKS[2], rng=np.random.default_rng(0), cloth=green)
    x, y = landmarks_of(PERSON)[3:].mean(axis=0).astype(int)
    assert masked[y, x, 1] > 2 * int(masked[y, x, 0])


@pytest.mark.parametrize(
    ("pixels", "landmarks"),
    [
        (np.zeros((9, 9), np.uint8), np.zeros((5, 2), np.float32)),
        (np.zeros((9, 9, 4), np.uint8), np.zeros((5, 2), np.float32)),
        (np.zeros((9, 9, 3), np.uint8), np.zeros((4, 2), np.float32)),
        (np.zeros((9, 9, 3), np.uint8), np.zeros((5, 2), np.float32)),
    ],
)
def test_wrong_shapes(pixels: Pixels, landmarks: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> None:
    """Anything but a colour picture and five points apart is refused."""
    with pytest.raises(ValueError, match=r"mask: expected|all landmarks"):
        draw_mask(pixels, landmarks, ENROLMENT_MASKS[0], rng=np.random.default_rng(0))
