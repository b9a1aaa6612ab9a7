"""Who walks up in the benchmark of a door, and among whom they are looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.core.errors import ConfigError
from limen.evaluation.door_cast import cast_of
from limen.evaluation.enrolled import synthetic_embeddings
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import OpenSet
from limen.evaluation.walk_ups import FRAMES_A_KEY, walk_up_frames
from limen.frames.drawn import PERSON, STRANGER, draw_face

_FACE, _OTHER = draw_face(PERSON, side_px=256), draw_face(STRANGER, side_px=256)


def test_synthetic_references_lie_where_real_ones_do() -> None:
    """Drawn after many real ones, they have their mean and spread; after few, no direction is preferred."""
    rng = np.random.default_rng(1)
    real = rng.standard_normal((2000, 16)) * np.linspace(1.0, 3.0, 16)
    real = (real / np.linalg.norm(real, axis=1, keepdims=True)).astype(np.float32)
    drawn = synthetic_embeddings(20_000, like=real, dimensions=16, rng=rng)
    np.testing.assert_allclose(np.linalg.norm(drawn, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(drawn.var(axis=0), real.var(axis=0), atol=0.02)
    few = synthetic_embeddings(20_000, like=real[:3], dimensions=16, rng=rng)
    np.testing.assert_allclose(few.var(axis=0), 1 / 16, atol=0.005)


def test_a_walk_up_shows_every_key_frame_for_a_while() -> None:
    """Frames are 1280x720, 40 ms apart, and leaving some out leaves their times."""
    frames = list(walk_up_frames([(_FACE, _OTHER)], rng=np.random.default_rng(1)))
    assert len(frames) == 2 * FRAMES_A_KEY
    assert {frame.pixels.shape for frame in frames} == {(720, 1280, 3)}
    every = list(walk_up_frames([(_FACE, _OTHER)], rng=np.random.default_rng(1), every=2))
    assert [frame.captured_at for frame in every] == [frame.captured_at for frame in frames[::2]]


def _protocol() -> OpenSet:
    return OpenSet(
        people=("a", "b"),
        gallery=(("a0.png",), ("b0.png",)),
        mated_images=("a1.png", "a2.png", "a3.png", "b1.png"),
        mated_people=np.array([0, 0, 0, 1], dtype=np.intp),
        nonmated_images=("x.png", "y.png"),
    )


def test_who_has_three_pictures_beside_the_reference_walks_up(tmp_path: Path) -> None:
    """People with fewer do not; strangers come with the one they have, and no more than asked for."""
    for name in _protocol().images():
        cv2.imwrite(str(tmp_path / name), _FACE[:32, :32])
    cast = cast_of(_protocol(), PictureSet([tmp_path]), most=1)
    assert [(person.name, len(person.keys)) for person in cast.people] == [("person-0", 3)]
    assert len(cast.strangers) == 1


def test_more_references_come_out_of_the_other_pictures(tmp_path: Path) -> None:
    """No picture is both a reference and a key frame."""
    longer = replace(
        _protocol(), mated_images=("a1.png", "a2.png", "a3.png", "a4.png"), mated_people=np.zeros(4, dtype=np.intp)
    )
    for number, name in enumerate(longer.images()):
        cv2.imwrite(str(tmp_path / name), np.full((32, 32, 3), 10 * number, dtype=np.uint8))
    (person,) = cast_of(longer, PictureSet([tmp_path]), most=1, references=2).people
    shown = [int(picture[0, 0, 0]) for picture in (*person.references, *person.keys)]
    assert (len(person.references), len(person.keys)) == (2, 3)
    assert len(set(shown)) == 5


def test_a_protocol_without_such_people_is_refused(tmp_path: Path) -> None:
    """The error says what is missing."""
    few = replace(_protocol(), mated_images=("b1.png",), mated_people=np.array([1], dtype=np.intp))
    with pytest.raises(ConfigError, match="enrolled with 3 other pictures"):
        cast_of(few, PictureSet([tmp_path]), most=5)
