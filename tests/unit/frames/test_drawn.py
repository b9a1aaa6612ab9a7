"""Drawn faces are the same every time, of any size, and differ from each other."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from limen.frames.drawn import PERSON, STRANGER, DrawnFace, draw_face


@pytest.mark.parametrize("face", [PERSON, STRANGER], ids=["person", "stranger"])
def test_drawing_repeats_itself(face: DrawnFace) -> None:
    """The same face, size and seed give the same pixels."""
    np.testing.assert_array_equal(draw_face(face, side_px=96, seed=3), draw_face(face, side_px=96, seed=3))


@pytest.mark.parametrize("side_px", [64, 100, 257])
def test_the_size_is_the_one_asked_for(side_px: int) -> None:
    """Pictures are square, colour, eight bits, and writable for whoever wants to spoil them."""
    pixels = draw_face(PERSON, side_px=side_px)
    assert (pixels.shape, pixels.dtype.name, pixels.flags.writeable) == ((side_px, side_px, 3), "uint8", True)


def test_the_seed_changes_the_noise_and_nothing_else() -> None:
    """Two seeds differ by camera noise of about three levels."""
    difference = draw_face(PERSON, seed=1).astype(int) - draw_face(PERSON, seed=2).astype(int)
    assert 3.0 < difference.std() < 5.5
    assert np.abs(difference).max() < 40


def test_two_people_are_two_pictures() -> None:
    """The two faces that ship differ visibly."""
    difference = np.abs(draw_face(PERSON).astype(int) - draw_face(STRANGER).astype(int))
    assert difference.max() > 150


def test_the_middle_is_skin_and_the_corner_is_wall() -> None:
    """The face is where it is said to be."""
    pixels = draw_face(PERSON, side_px=512)
    cheek = pixels[290:300, 195:205].reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(cheek, np.array(PERSON.skin), atol=25)
    np.testing.assert_allclose(pixels[:20, :20].reshape(-1, 3).mean(axis=0), (210, 205, 200), atol=3)


def test_glasses_and_beard_show() -> None:
    """The extras darken the places where they are worn."""
    bare = draw_face(replace(STRANGER, glasses=False, beard=False))
    full = draw_face(STRANGER)
    assert full[360:380, 240:272].mean() < bare[360:380, 240:272].mean() - 20
    assert hashlib.sha256(bare.tobytes()).digest() != hashlib.sha256(full.tobytes()).digest()
