"""The whole pipeline: a frame in, one checked probe per face out, and drawn people told apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.bootstrap import build_vision
from limen.core.errors import ModelError
from limen.core.match import Condition
from limen.core.ports import Vision
from limen.core.probe import Probe, Undetermined
from limen.core.quality import QualityMeasure
from limen.frames.bundled import ASTRONAUT, GRACE_HOPPER, BundledPicture
from limen.frames.drawn import PERSON, STRANGER, DrawnFace
from limen.frames.pictures import read_picture
from limen.gallery.calibration import Calibration
from limen.settings import Settings
from limen.vision.recogniser import Recogniser
from support.calibrations import make_calibration
from support.faces import Pixels, blurred, drawn, light, rotated, scene
from support.vectors import load_vectors
from support.vision import make_frame

ProbeOf = Callable[[Pixels], Probe]


def _similarity(one: Probe, other: Probe) -> float:
    return float(one.embedding.astype(np.float64) @ other.embedding.astype(np.float64))


@pytest.fixture(scope="session")
def threshold(calibration: Calibration) -> float:
    """Where the door's default would draw the line with a thousand references."""
    point = calibration.operating_point(fpir_target=0.001, n_references=1000, condition=Condition.BARE_BARE)
    return point.threshold


def _package_picture(picture: BundledPicture) -> Pixels:
    path = picture.locate()
    if path is None:
        pytest.skip(f"the package {picture.package}, which carries the picture, is not installed")
    pixels: Pixels = read_picture(path, at=datetime(2026, 11, 22, tzinfo=UTC)).pixels.copy()
    return pixels


def test_it_is_a_vision(recogniser: Recogniser) -> None:
    """The pipeline is what flows ask for."""
    vision: Vision = recogniser
    assert vision.model_id.startswith("sface-2021dec:")


def test_it_uses_the_model_it_was_calibrated_for(recogniser: Recogniser, calibration: Calibration) -> None:
    """Its model id is that of the bundled calibration."""
    assert recogniser.model_id == calibration.model_id


def test_a_calibration_of_another_model_is_refused(settings: Settings) -> None:
    """A calibration that belongs to another preparation is a ModelError: its rates would mean nothing."""
    with pytest.raises(ModelError, match="the calibration is for test-model@0"):
        build_vision(settings, make_calibration())


def test_an_empty_frame_gives_nothing(recogniser: Recogniser) -> None:
    """No faces, no probes, and times all the same."""
    frame = make_frame()
    assert recogniser.detect(frame) == ()
    probes, times = recogniser.assess(frame, ())
    assert probes == ()
    assert times.embed_ms is not None


def test_there_is_one_probe_per_face_in_the_order_asked(recogniser: Recogniser) -> None:
    """Asking in another order gives the probes in that order."""
    frame = make_frame(scene((900, 320), (PERSON, 300, (0, 10)), (STRANGER, 300, (300, 10)), (PERSON, 300, (600, 10))))
    faces = recogniser.detect(frame)
    assert len(faces) == 3
    probes, times = recogniser.assess(frame, faces)
    backwards, _ = recogniser.assess(frame, faces[::-1])
    for one, other, face in zip(probes, backwards[::-1], faces, strict=True):
        np.testing.assert_allclose(one.embedding, other.embedding, atol=1e-5)
        assert one.face.box == face.box
    assert all(stage is not None and stage >= 0 for stage in (times.align_ms, times.quality_ms, times.embed_ms))


def test_what_is_not_measured_says_so(probe_of: ProbeOf) -> None:
    """This version does not judge liveness, and its probes say why."""
    probe = probe_of(drawn(PERSON))
    assert isinstance(probe.liveness, Undetermined)
    assert len(probe.quality.components) == len(QualityMeasure)


def test_quality_can_be_had_without_any_embedding(recogniser: Recogniser, probe_of: ProbeOf) -> None:
    """Quality alone is that of the probe."""
    frame = make_frame(drawn(PERSON))
    ((quality, pose, _),) = recogniser.assess_quality(frame, recogniser.detect(frame))
    probe = probe_of(drawn(PERSON))
    assert (quality, pose) == (probe.quality, probe.pose)


def test_the_same_picture_gives_the_same_probe(probe_of: ProbeOf) -> None:
    """Nothing is left to chance."""
    assert _similarity(probe_of(drawn(PERSON)), probe_of(drawn(PERSON))) == pytest.approx(1.0, abs=1e-6)


_SPOILT: dict[str, Callable[[Pixels], Pixels]] = {
    "third of the size": lambda p: np.asarray(
        cv2.resize(p, None, fx=0.33, fy=0.33, interpolation=cv2.INTER_AREA), np.uint8
    ),
    "twice the size": lambda p: np.asarray(cv2.resize(p, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8),
    "half the light": lambda p: light(p, 0.5),
    "more light": lambda p: light(p, 1.1),
    "soft": lambda p: blurred(p, 1.5),
    "leaning left": lambda p: rotated(p, -25),
    "leaning right": lambda p: rotated(p, 25),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
}


@pytest.mark.parametrize("spoil", _SPOILT.values(), ids=_SPOILT)
@pytest.mark.parametrize("who", [PERSON, STRANGER], ids=["person", "stranger"])
def test_a_drawn_face_stays_itself(
    *, probe_of: ProbeOf, threshold: float, who: DrawnFace, spoil: Callable[[Pixels], Pixels]
) -> None:
    """Size, light, blur, leaning and mirroring leave a drawn face far above the threshold of its own reference."""
    assert _similarity(probe_of(drawn(who)), probe_of(spoil(drawn(who)))) > threshold + 0.2


@pytest.mark.parametrize("spoil", _SPOILT.values(), ids=_SPOILT)
def test_two_drawn_faces_stay_apart(probe_of: ProbeOf, threshold: float, spoil: Callable[[Pixels], Pixels]) -> None:
    """However the stranger's picture is taken, it stays below the threshold of the person's reference."""
    assert _similarity(probe_of(drawn(PERSON)), probe_of(spoil(drawn(STRANGER)))) < threshold - 0.1


@pytest.mark.parametrize("case", load_vectors("drawn_similarities")["cases"], ids=lambda case: case["name"])
def test_similarities_of_drawn_faces_are_those_on_record(probe_of: ProbeOf, case: dict[str, float]) -> None:
    """A change of model, alignment or preparation shows here, whatever machine it runs on."""
    who = {"person": PERSON, "stranger": STRANGER}
    left, right = (drawn(who[str(case[side])], side_px=int(case[f"{side}_px"])) for side in ("left", "right"))
    tolerance = load_vectors("drawn_similarities")["tolerance"]
    assert _similarity(probe_of(left), probe_of(right)) == pytest.approx(case["similarity"], abs=tolerance)


@pytest.mark.parametrize("picture", [ASTRONAUT, GRACE_HOPPER], ids=["astronaut", "Grace Hopper"])
@pytest.mark.parametrize(
    "spoil",
    [_SPOILT[name] for name in ("third of the size", "twice the size", "half the light", "mirrored", "leaning left")],
    ids=["third of the size", "twice the size", "half the light", "mirrored", "leaning left"],
)
def test_a_person_stays_herself(
    *, probe_of: ProbeOf, threshold: float, picture: BundledPicture, spoil: Callable[[Pixels], Pixels]
) -> None:
    """A real face at other sizes, in other light and leaning is above the threshold of its own reference."""
    pixels = _package_picture(picture)
    assert _similarity(probe_of(pixels), probe_of(spoil(pixels))) > threshold


def test_two_people_stay_apart(probe_of: ProbeOf, threshold: float) -> None:
    """The astronaut and Grace Hopper are below the threshold, by far, and so are drawn faces and real ones."""
    astronaut, hopper = probe_of(_package_picture(ASTRONAUT)), probe_of(_package_picture(GRACE_HOPPER))
    assert _similarity(astronaut, hopper) < threshold - 0.1
    for who in (PERSON, STRANGER):
        assert _similarity(astronaut, probe_of(drawn(who))) < threshold - 0.1
        assert _similarity(hopper, probe_of(drawn(who))) < threshold - 0.1


def test_faces_of_one_frame_are_recognised_each(recogniser: Recogniser, probe_of: ProbeOf) -> None:
    """In a frame with both, each face is most alike to its own picture."""
    frame = make_frame(scene((820, 400), (STRANGER, 400, (0, 0)), (PERSON, 400, (410, 0))))
    faces = sorted(recogniser.detect(frame), key=lambda face: face.box.x_px)
    (stranger, person), _ = recogniser.assess(frame, faces)
    assert _similarity(stranger, probe_of(drawn(STRANGER))) > 0.9
    assert _similarity(person, probe_of(drawn(PERSON))) > 0.9


def test_the_models_of_a_run_are_cached_beside_each_other(recogniser: Recogniser, cache: Path) -> None:
    """Both folded graphs lie in the cache with their digests, and nothing of a face does."""
    assert recogniser.model_id
    assert {path.suffix for path in cache.iterdir()} == {".onnx", ".sha256"}
