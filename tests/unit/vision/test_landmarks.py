"""Landmarks become steadier when the detector looks again, and stay as they are where it sees nothing."""

from __future__ import annotations

import numpy as np
import pytest

from limen.frames.drawn import PERSON, STRANGER
from limen.vision.landmarks import refine_landmarks
from limen.vision.runtime import OrtNetwork
from support.faces import Pixels, drawn, landmarks_of, rotated

_WHO = {"person": PERSON, "stranger": STRANGER}


@pytest.mark.parametrize("side_px", [80, 160, 512, 1500])
@pytest.mark.parametrize("who", _WHO)
def test_landmarks_stay_on_the_face(detector_network: OrtNetwork, who: str, side_px: int) -> None:
    """Starting from where the face was drawn, no point moves by more than half an eye distance."""
    first = landmarks_of(_WHO[who], side_px=side_px)
    steady = refine_landmarks(detector_network, drawn(_WHO[who], side_px=side_px), first)
    eyes_px = float(np.linalg.norm(first[0] - first[1]))
    assert steady.dtype == np.float32
    assert float(np.linalg.norm(steady - first, axis=1).max()) < 0.5 * eyes_px


@pytest.mark.parametrize("who", _WHO)
def test_different_first_guesses_lead_to_nearly_one_answer(detector_network: OrtNetwork, who: str) -> None:
    """Guesses that are off by up to 6 px in every point (eyes 105 px apart) lead to answers nearer to each other."""
    pixels = drawn(_WHO[who])
    rng = np.random.default_rng(3)
    guesses = [landmarks_of(_WHO[who]) + rng.uniform(-6, 6, (5, 2)).astype(np.float32) for _ in range(6)]
    answers = np.stack([refine_landmarks(detector_network, pixels, guess) for guess in guesses])
    assert answers.std(axis=0).mean() < 0.62 * np.stack(guesses).std(axis=0).mean()


def test_a_mirrored_picture_has_mirrored_landmarks(detector_network: OrtNetwork) -> None:
    """The views come mirrored and as they are, so the mirror image gives the mirrored answer to 6 px of 105."""
    pixels, first = drawn(PERSON), landmarks_of(PERSON)
    mirrored = first[[1, 0, 2, 4, 3]] * np.array([-1, 1], np.float32) + np.array([511, 0], np.float32)
    expected = refine_landmarks(detector_network, pixels, first)[[1, 0, 2, 4, 3]]
    expected = expected * np.array([-1, 1], np.float32) + np.array([511, 0], np.float32)
    found = refine_landmarks(detector_network, np.ascontiguousarray(pixels[:, ::-1]), mirrored)
    np.testing.assert_allclose(found, expected, atol=6.0)


@pytest.mark.parametrize("angle", [-60.0, 45.0, 120.0, 180.0])
def test_a_leaning_face_is_put_upright_first(detector_network: OrtNetwork, angle: float) -> None:
    """Landmarks of a face turned by any angle are found where the turn has carried them, to 0.3 eye distances."""
    upright = landmarks_of(PERSON) - 255.5
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    expected = (upright @ matrix.T + 255.5).astype(np.float32)
    found = refine_landmarks(detector_network, rotated(drawn(PERSON), angle), expected)
    assert float(np.linalg.norm(found - expected, axis=1).max()) < 0.3 * 105


@pytest.mark.parametrize("level", [0, 127, 255])
def test_on_a_blank_picture_the_first_guess_stays(detector_network: OrtNetwork, level: int) -> None:
    """Where no face is seen again, the first guess is returned unchanged."""
    first = landmarks_of(PERSON)
    found = refine_landmarks(detector_network, np.full((512, 512, 3), level, np.uint8), first)
    np.testing.assert_array_equal(first, found)


def test_in_noise_the_first_guess_stays(detector_network: OrtNetwork, noise: Pixels) -> None:
    """The same holds in noise."""
    first = landmarks_of(PERSON, side_px=300)
    np.testing.assert_array_equal(first, refine_landmarks(detector_network, noise, first))


def test_landmarks_outside_the_picture_are_no_error(detector_network: OrtNetwork) -> None:
    """A first guess far outside the frame comes back."""
    first = landmarks_of(PERSON) + np.float32(10_000)
    np.testing.assert_array_equal(first, refine_landmarks(detector_network, drawn(PERSON), first))
