"""Each component of quality moves with what it is named after, and none looks beyond the face."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from limen.core.face import Box, Face
from limen.core.probe import Probe
from limen.core.quality import Assessed, NotAssessed, Pose, Quality, QualityMeasure
from limen.frames.drawn import PERSON, STRANGER, DrawnFace
from limen.vision.align import CROP_PX, LANDMARK_PLACES, align
from limen.vision.quality import assess_quality
from support.faces import Pixels, blurred, drawn, landmarks_of, light
from support.vision import make_face

_STRAIGHT = Pose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0)
_FRAME = (512, 512)
_POSES = {
    QualityMeasure.HEAD_POSE_YAW: "yaw_deg",
    QualityMeasure.HEAD_POSE_PITCH: "pitch_deg",
    QualityMeasure.HEAD_POSE_ROLL: "roll_deg",
}


def _quality(crop: Pixels, *, face: Face | None = None, pose: Pose = _STRAIGHT) -> Quality:
    return assess_quality(make_face() if face is None else face, pose, crop, frame_px=_FRAME)


def _crop(face: DrawnFace = PERSON, *, spoil: Callable[[Pixels], Pixels] = lambda pixels: pixels) -> Pixels:
    return align(spoil(drawn(face)), landmarks_of(face))


def _mapped(quality: Quality, measure: QualityMeasure) -> int:
    assessment = quality[measure]
    assert isinstance(assessment, Assessed)
    return assessment.mapped


def _worse_and_worse(qualities: list[Quality], measure: QualityMeasure) -> None:
    """The component falls, or stays at its end, from one to the next, and falls in all; unified follows."""
    mapped = [_mapped(quality, measure) for quality in qualities]
    assert mapped == sorted(mapped, reverse=True)
    assert mapped[-1] < mapped[0] - 20
    assert qualities[-1].unified < qualities[0].unified


@pytest.mark.parametrize("who", [PERSON, STRANGER], ids=["person", "stranger"])
def test_a_good_picture_is_good_in_everything(who: DrawnFace) -> None:
    """A sharp, evenly lit, frontal face has 75 or more in every component and 90 in all."""
    quality = _quality(_crop(who))
    assert all(_mapped(quality, measure) >= 75 for measure in QualityMeasure)
    assert quality.unified >= 90


def test_blur_lowers_sharpness() -> None:
    """The more out of focus, the less sharp."""
    spoilt = [_quality(_crop(spoil=lambda pixels, s=sigma: blurred(pixels, s))) for sigma in (0.1, 1, 2, 5, 9)]  # type: ignore[misc]
    _worse_and_worse(spoilt, QualityMeasure.SHARPNESS)


def test_darkness_alone_is_not_called_blur() -> None:
    """At a third of the light the sharpness stays within ten points."""
    bright, dark = _quality(_crop()), _quality(light(_crop(), 0.33))
    assert abs(_mapped(bright, QualityMeasure.SHARPNESS) - _mapped(dark, QualityMeasure.SHARPNESS)) <= 10


def test_darkening_lowers_under_exposure_prevention() -> None:
    """The darker, the more of the face is lost in black; nothing is over-exposed."""
    spoilt = [_quality(light(_crop(), gain)) for gain in (1.0, 0.4, 0.2, 0.1)]
    _worse_and_worse(spoilt, QualityMeasure.UNDER_EXPOSURE_PREVENTION)
    assert {_mapped(quality, QualityMeasure.OVER_EXPOSURE_PREVENTION) for quality in spoilt} == {100}


def test_brightening_lowers_over_exposure_prevention() -> None:
    """The brighter, the more of the face is lost in white."""
    spoilt = [_quality(light(_crop(), gain)) for gain in (1.0, 1.6, 2.0, 3.0)]
    _worse_and_worse(spoilt, QualityMeasure.OVER_EXPOSURE_PREVENTION)


def test_a_shadow_over_one_half_lowers_uniformity() -> None:
    """The deeper the shadow on one side, the less uniform; it does not matter which side."""
    spoilt = []
    for gain in (1.0, 0.8, 0.6, 0.3):
        crop = _crop()
        crop[:, : CROP_PX // 2] = light(crop[:, : CROP_PX // 2], gain)
        spoilt.append(_quality(crop))
        other = np.ascontiguousarray(crop[:, ::-1])
        assert _mapped(_quality(other), QualityMeasure.ILLUMINATION_UNIFORMITY) == pytest.approx(
            _mapped(spoilt[-1], QualityMeasure.ILLUMINATION_UNIFORMITY), abs=1
        )
    _worse_and_worse(spoilt, QualityMeasure.ILLUMINATION_UNIFORMITY)


def test_a_small_face_lowers_the_eye_distance() -> None:
    """The native value is the distance in pixels; the mapped one falls with it to zero."""
    faces = [make_face(eyes_px=eyes_px) for eyes_px in (60.0, 40.0, 20.0, 8.0, 4.0)]
    spoilt = [_quality(_crop(), face=face) for face in faces]
    _worse_and_worse(spoilt, QualityMeasure.INTER_EYE_DISTANCE)
    natives = [quality[QualityMeasure.INTER_EYE_DISTANCE] for quality in spoilt]
    assert [n.native for n in natives if isinstance(n, Assessed)] == pytest.approx([60.0, 40.0, 20.0, 8.0, 4.0])
    assert _mapped(spoilt[-1], QualityMeasure.INTER_EYE_DISTANCE) == 0


@pytest.mark.parametrize("measure", _POSES)
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_turning_away_lowers_the_pose(measure: QualityMeasure, sign: float) -> None:
    """The farther the head turns, to either side, the lower; the native value is the size of the angle."""
    poses = [
        Pose(**{"yaw_deg": 0.0, "pitch_deg": 0.0, "roll_deg": 0.0, _POSES[measure]: sign * a}) for a in (0, 20, 45, 80)
    ]
    spoilt = [_quality(_crop(), pose=pose) for pose in poses]
    _worse_and_worse(spoilt, measure)
    last = spoilt[-1][measure]
    assert isinstance(last, Assessed)
    assert last.native == 80.0


@pytest.mark.parametrize("direction", [(-1, 0), (1, 0), (0, -1), (0, 1)], ids=["left", "right", "top", "bottom"])
def test_leaving_the_frame_lowers_face_inside_frame(direction: tuple[int, int]) -> None:
    """The native value is the share of the box inside the frame, on every side."""
    spoilt = []
    for share in (1.0, 0.9, 0.75, 0.5, 0.0):
        side = 100.0
        x, y = (
            256 - side / 2 if step == 0 else (-(1 - share) * side if step < 0 else 512 - share * side)
            for step in direction
        )
        face = Face(
            box=Box(x_px=x, y_px=y, width_px=side, height_px=side),
            landmarks=make_face().landmarks,
            confidence=0.9,
        )
        quality = _quality(_crop(), face=face)
        inside = quality[QualityMeasure.FACE_INSIDE_FRAME]
        assert isinstance(inside, Assessed)
        assert inside.native == pytest.approx(share, abs=1e-9)
        spoilt.append(quality)
    _worse_and_worse(spoilt, QualityMeasure.FACE_INSIDE_FRAME)


def test_a_face_without_contrast_has_no_sharpness_to_assess() -> None:
    """On a plain crop sharpness says why it was not assessed, and the unified score does without it."""
    quality = _quality(np.full((CROP_PX, CROP_PX, 3), 120, np.uint8))
    assert quality[QualityMeasure.SHARPNESS] == NotAssessed(reason="no contrast in the face")
    assert 0 <= quality.unified <= 100


@pytest.mark.parametrize("level", [0, 255])
def test_black_and_white_crops_are_poor(level: int) -> None:
    """A face lost in black or white scores at least thirty points less than the same face well lit."""
    quality = _quality(np.full((CROP_PX, CROP_PX, 3), level, np.uint8))
    assert quality.unified <= _quality(_crop()).unified - 30


def test_noise_is_assessed_without_error(noise: Pixels) -> None:
    """Any crop gives every component."""
    assert len(_quality(np.ascontiguousarray(noise[:CROP_PX, :CROP_PX])).components) == len(QualityMeasure)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 30)], ids=["black", "white", "blue"])
@pytest.mark.parametrize("who", [PERSON, STRANGER], ids=["person", "stranger"])
def test_covered_hair_and_ears_do_not_lower_the_crop_quality(who: DrawnFace, colour: tuple[int, int, int]) -> None:
    """Painting everything beyond brows, cheeks and chin changes no component of the same landmarks at all."""
    crop = _crop(who)
    covered = np.empty_like(crop)
    covered[...] = colour
    covered[28:104, 24:88] = crop[28:104, 24:88]
    assert _quality(covered) == _quality(crop)


@pytest.mark.parametrize("colour", [(15, 15, 15), (235, 235, 235), (140, 60, 40)], ids=["black", "white", "blue"])
def test_a_headscarf_does_not_lower_the_unified_score(
    probe_of: Callable[[Pixels], Probe], colour: tuple[int, int, int]
) -> None:
    """Cloth over hair, ears and neck, through the whole pipeline, costs at most two points."""
    bare = drawn(PERSON)
    height, width = bare.shape[:2]
    face = np.zeros((height, width), np.uint8)
    middle, axes = (width // 2, round(0.51 * height)), (round(0.165 * width), round(0.27 * height))
    cv2.ellipse(face, middle, axes, 0, 0, 360, 255, -1)
    cloth = np.empty_like(bare)
    cloth[...] = colour
    outline = np.zeros_like(face)
    cv2.ellipse(
        outline, (width // 2, round(0.52 * height)), (round(0.25 * width), round(0.42 * height)), 0, 0, 360, 255, -1
    )
    covered = np.where(((outline > 0) & (face == 0))[..., None], cloth, bare)
    assert probe_of(covered).quality.unified >= probe_of(bare).quality.unified - 2


def test_covering_leaves_eyes_nose_and_mouth_free() -> None:
    """What the tests above leave uncovered holds all five landmarks: a headscarf, not a veil."""
    assert bool((LANDMARK_PLACES > [24, 28]).all())
    assert bool((LANDMARK_PLACES < [88, 104]).all())
