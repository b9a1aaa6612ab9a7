"""The detector finds drawn faces at every size and place, and none where there is none."""

from __future__ import annotations

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from limen.frames.drawn import PERSON, STRANGER, DrawnFace
from limen.vision.detect import DOOR, PICTURES, Detector, DetectorOptions
from limen.vision.runtime import OrtNetwork, Workers
from limen.vision.second_look import LOOKS
from support.faces import Pixels, drawn, landmarks_of, light, scene

_WHO = {"person": PERSON, "stranger": STRANGER}


@pytest.mark.parametrize("side_px", [60, 64, 90, 128, 250, 512, 640, 641, 959, 1000])
@pytest.mark.parametrize("who", _WHO)
def test_a_face_that_fills_the_picture_is_found_at_any_size(door_detector: Detector, who: str, side_px: int) -> None:
    """One look finds exactly one face whose landmarks lie near where they were drawn."""
    (face,) = door_detector.detect(drawn(_WHO[who], side_px=side_px))
    expected = landmarks_of(_WHO[who], side_px=side_px)
    eyes_px = float(np.linalg.norm(expected[0] - expected[1]))
    assert float(np.linalg.norm(face.landmarks - expected, axis=1).max()) < 0.6 * eyes_px
    assert face.box.contains(side_px / 2, side_px / 2)


@pytest.mark.parametrize("side_px", [960, 1200, 2000, 3000])
@pytest.mark.parametrize("who", _WHO)
def test_tiles_do_not_take_parts_of_a_large_face_for_faces(detector: Detector, who: str, side_px: int) -> None:
    """A face that fills a large picture is one face, although the tiles show eyes, mouths and chins alone."""
    (face,) = detector.detect(drawn(_WHO[who], side_px=side_px))
    assert face.box.width_px > 0.25 * side_px


@pytest.mark.parametrize("size", [(32, 200), (200, 32), (33, 500), (8, 8), (1, 1), (1, 700), (31, 31), (2000, 40)])
def test_any_shape_of_picture_is_looked_at(detector: Detector, size: tuple[int, int]) -> None:
    """Pictures smaller than the network's step, or very long ones, are no error and hold no face."""
    assert detector.detect(np.full((*size, 3), 127, np.uint8)) == ()


@pytest.mark.parametrize("size", [(640, 384), (1280, 720), (1279, 717), (333, 257), (257, 333)])
def test_a_face_is_found_in_pictures_of_many_shapes(door_detector: Detector, size: tuple[int, int]) -> None:
    """Letterboxing to a multiple of 32 moves nothing: the face is where it was put."""
    side_px = min(size) * 3 // 4
    corner = (size[0] - side_px - 5, size[1] - side_px - 5)
    (face,) = door_detector.detect(scene(size, (PERSON, side_px, corner)))
    expected = landmarks_of(PERSON, side_px=side_px) + np.array(corner, np.float32)
    assert float(np.abs(face.landmarks - expected).max()) < 0.1 * side_px


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_several_people_side_by_side_are_several_faces(detector: Detector, count: int) -> None:
    """Each of the faces in a row is found once, at its place."""
    side_px = 200
    faces = [(PERSON if i % 2 else STRANGER, side_px, (i * side_px, 40)) for i in range(count)]
    found = detector.detect(scene((count * side_px, 280), *faces))
    places = sorted(int(face.box.centre[0] // side_px) for face in found)
    assert places == list(range(count))


def test_faces_come_most_confident_first(detector: Detector) -> None:
    """The order is that of confidence."""
    pixels = scene((900, 300), (PERSON, 90, (0, 40)), (STRANGER, 260, (250, 20)), (PERSON, 200, (600, 40)))
    confidences = [face.confidence for face in detector.detect(pixels)]
    assert len(confidences) == 3
    assert confidences == sorted(confidences, reverse=True)
    assert all(0.6 <= confidence <= 1.0 for confidence in confidences)


@pytest.mark.parametrize("corner", [(20, 30), (1850, 900), (2350, 1580), (1020, 1580)])
def test_a_small_face_in_a_large_picture_is_found_through_tiles(
    detector: Detector, detector_network: OrtNetwork, corner: tuple[int, int]
) -> None:
    """A face too small for one look is found wherever it is; without tiles and second looks it is not."""
    pixels = scene((2480, 1700), (PERSON, 64, corner))
    (face,) = detector.detect(pixels)
    expected = landmarks_of(PERSON, side_px=64) + np.array(corner, np.float32)
    assert float(np.abs(face.landmarks - expected).max()) < 10.0
    once = Detector(detector_network, workers=Workers(1), options=DOOR)
    assert once.detect(pixels) == ()


def test_small_and_large_faces_of_one_large_picture_are_found_together(detector: Detector) -> None:
    """Tiles add what is small without losing or doubling what is large."""
    faces = (
        (PERSON, 1200, (100, 200)),
        (STRANGER, 90, (1500, 300)),
        (STRANGER, 400, (1700, 900)),
        (PERSON, 90, (2300, 90)),
    )
    found = detector.detect(scene((2480, 1700), *faces))
    widths = sorted(round(face.box.width_px) for face in found)
    assert len(widths) == 4
    assert widths[-1] > 300
    assert widths[1] < 50


def test_more_tiles_than_allowed_are_never_looked_at(detector_network: OrtNetwork) -> None:
    """The bound on tiles holds for a picture that would need many: the looks are counted."""
    looks = 0

    class Counting:
        def run(self, batch: np.ndarray[tuple[int, ...], np.dtype[np.float32]], /) -> list[Pixels]:
            nonlocal looks
            looks += 1
            return detector_network.run(batch)  # type: ignore[return-value]

    options = replace(PICTURES, tiles=6, second_look=False, long_side_px=160)
    Detector(Counting(), workers=Workers(1), options=options).detect(np.zeros((1500, 2000, 3), np.uint8))  # type: ignore[arg-type]
    assert 2 <= looks <= 1 + 12


@pytest.mark.parametrize("level", [0, 127, 255], ids=["black", "grey", "white"])
@pytest.mark.parametrize("size", [(64, 64), (480, 640), (1400, 2000)])
def test_an_empty_picture_holds_no_face(detector: Detector, level: int, size: tuple[int, int]) -> None:
    """Black, grey and white pictures of any size hold none, however hard one looks."""
    assert detector.detect(np.full((*size, 3), level, np.uint8)) == ()


@pytest.mark.parametrize("seed", range(3))
def test_noise_holds_no_face(detector: Detector, seed: int) -> None:
    """White noise and soft blobs hold none."""
    noise = np.random.default_rng(seed).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    blobs = np.asarray(cv2.resize(noise[:30, :40], (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert detector.detect(noise) == ()
    assert detector.detect(blobs) == ()


@pytest.mark.parametrize("share", [0.62, 0.7])
def test_a_second_look_finds_a_face_that_fills_more_than_the_picture(
    detector_network: OrtNetwork, share: float
) -> None:
    """A crop tighter than the face is found with a border around it, at the least in the second look."""
    side_px = 640
    cut = round(side_px * share / 2)
    middle = side_px // 2
    pixels = np.ascontiguousarray(
        drawn(PERSON, side_px=side_px)[middle - cut : middle + cut, middle - cut : middle + cut]
    )
    looks_again = Detector(detector_network, workers=Workers(1), options=PICTURES)
    assert len(looks_again.detect(pixels)) == 1


class _Counting:
    """The detector's network, counting its runs."""

    def __init__(self, network: OrtNetwork) -> None:
        self.looks = 0
        self._network = network

    def run(self, batch: NDArray[np.float32], /) -> list[NDArray[np.float32]]:
        self.looks += 1
        return self._network.run(batch)


@pytest.mark.parametrize("options", [DOOR, PICTURES], ids=["door", "pictures"])
def test_what_the_first_look_finds_stands(detector_network: OrtNetwork, options: DetectorOptions) -> None:
    """Where the first look finds a face there is no further look, and the face is the one a single look gives."""
    counting = _Counting(detector_network)
    (face,) = Detector(counting, workers=Workers(1), options=options).detect(drawn(PERSON))
    (plain,) = Detector(detector_network, workers=Workers(1), options=DetectorOptions()).detect(drawn(PERSON))
    assert counting.looks == 1
    assert face.box == plain.box
    np.testing.assert_array_equal(face.landmarks, plain.landmarks)


def test_a_door_looks_twice_at_most(detector_network: OrtNetwork) -> None:
    """An empty frame costs a door two looks."""
    counting = _Counting(detector_network)
    Detector(counting, workers=Workers(1), options=DOOR).detect(np.full((720, 1280, 3), 127, np.uint8))
    assert counting.looks == 2


def test_an_empty_picture_is_looked_at_at_every_scale(detector_network: OrtNetwork) -> None:
    """A picture without a face costs the first look and all second looks."""
    counting = _Counting(detector_network)
    Detector(counting, workers=Workers(1), options=PICTURES).detect(np.full((480, 640, 3), 127, np.uint8))
    assert counting.looks == 1 + len(LOOKS)


def test_the_number_of_threads_does_not_change_second_looks(detector_network: OrtNetwork) -> None:
    """Second looks share the workers and keep their order."""
    pixels = np.ascontiguousarray(drawn(PERSON, side_px=640)[200:440, 200:440])
    one, two = (Detector(detector_network, workers=Workers(count), options=PICTURES).detect(pixels) for count in (1, 2))
    assert [face.box for face in one] == [face.box for face in two]


def test_without_confidence_nothing_is_a_face(detector_network: OrtNetwork) -> None:
    """A detector that wants certainty finds nobody."""
    strict = Detector(detector_network, workers=Workers(1), options=DetectorOptions(confidence=0.999))
    assert strict.detect(drawn(PERSON)) == ()


@pytest.mark.parametrize("gain", [0.25, 0.5, 1.2])
def test_light_and_dark_faces_are_found(door_detector: Detector, gain: float) -> None:
    """A quarter of the light is enough to see that there is a face."""
    assert len(door_detector.detect(light(drawn(PERSON), gain))) == 1


def test_the_same_picture_gives_the_same_faces(detector: Detector) -> None:
    """Looking twice, with threads, changes nothing."""
    pixels = scene((1400, 1000), (PERSON, 300, (10, 20)), (STRANGER, 100, (1200, 800)))
    first, second = detector.detect(pixels), detector.detect(pixels)
    assert len(first) == len(second) == 2
    for one, other in itertools.zip_longest(first, second):
        assert one.box == other.box
        np.testing.assert_array_equal(one.landmarks, other.landmarks)


def test_detection_does_not_write_into_the_frame(detector: Detector) -> None:
    """A read-only picture can be looked at."""
    pixels = drawn(PERSON)
    pixels.setflags(write=False)
    assert len(detector.detect(pixels)) == 1


@pytest.mark.parametrize("who", _WHO)
def test_an_upside_down_picture_is_no_error(detector: Detector, who: str) -> None:
    """Whatever is seen in a picture on its head, the answer is a tuple of checked faces."""
    face: DrawnFace = _WHO[who]
    assert isinstance(detector.detect(np.ascontiguousarray(drawn(face)[::-1])), tuple)
