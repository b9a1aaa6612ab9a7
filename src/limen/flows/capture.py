"""capture: frames -> one usable probe each, or a refusal in words; used by enrol, confirm and verify."""

from __future__ import annotations

from collections.abc import Iterable

from limen.core.errors import RefusedError
from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.ports import Vision
from limen.core.probe import Probe
from limen.core.quality import Assessed, Quality, QualityMeasure

__all__ = [
    "MIN_INTER_EYE_PX",
    "MIN_QUALITY",
    "found_faces",
    "hint_for",
    "main_face",
    "only_face",
    "worst_measure",
]

MIN_QUALITY = 25
"""Least unified quality of a reference, 0 to 100."""

MIN_INTER_EYE_PX = 20.0
"""Least distance between the eyes for a reference."""

_CLEARLY_LARGER = 2.0
_COUNTS_FROM = 0.25
"""A face less wide than this share of the widest is far behind, or none, and is not looked into."""

_HINTS: dict[QualityMeasure, str] = {
    QualityMeasure.INTER_EYE_DISTANCE: "come closer",
    QualityMeasure.SHARPNESS: "hold still, and clean or focus the camera",
    QualityMeasure.UNDER_EXPOSURE_PREVENTION: "the face is too dark: more light from the front",
    QualityMeasure.OVER_EXPOSURE_PREVENTION: "the face is too bright: less light",
    QualityMeasure.ILLUMINATION_UNIFORMITY: "light comes from one side: turn towards it",
    QualityMeasure.HEAD_POSE_YAW: "look straight at the camera",
    QualityMeasure.HEAD_POSE_PITCH: "hold the head level",
    QualityMeasure.HEAD_POSE_ROLL: "hold the head upright",
    QualityMeasure.FACE_INSIDE_FRAME: "move so that the whole face is in the picture",
}


def only_face(vision: Vision, frame: Frame, *, at_least: int = MIN_QUALITY) -> Probe:
    """The probe of a frame that shows exactly one face (none other a quarter as wide), good enough.

    Args:
        vision: detector and embedder.
        frame: the picture.
        at_least: least unified quality; 0 takes any.

    Raises:
        RefusedError: no face, several faces, or too poor a picture; the text says which picture and what to do.
    """
    faces = found_faces(vision, frame)
    widest = max(face.box.width_px for face in faces)
    faces = tuple(face for face in faces if face.box.width_px >= _COUNTS_FROM * widest)
    if len(faces) > 1:
        raise RefusedError(
            f"{frame.source}: {len(faces)} faces found, expected one",
            advice="cut the picture so that one person is on it",
            reason="several_faces",
        )
    (probe,), _ = vision.assess(frame, faces)
    close_enough = probe.face.inter_eye_px >= MIN_INTER_EYE_PX or at_least == 0
    if probe.quality.unified < at_least or not close_enough:
        hint = hint_for([probe.quality])
        probe.wipe()
        raise RefusedError(
            f"{frame.source}: the picture is too poor to be recognised by (quality {probe.quality.unified} of 100)",
            advice=hint,
            reason="quality_too_low",
        )
    return probe


def main_face(vision: Vision, frame: Frame) -> Probe:
    """The probe of the one face a picture is clearly of: alone, or twice as wide as any other.

    Raises:
        RefusedError: no face, or several of like size.
    """
    faces = sorted(found_faces(vision, frame), key=lambda face: -face.box.width_px)
    if len(faces) > 1 and faces[0].box.width_px < _CLEARLY_LARGER * faces[1].box.width_px:
        raise RefusedError(
            f"{frame.source}: {len(faces)} faces of like size found, expected one",
            advice="cut the picture so that one person is on it",
            reason="several_faces",
        )
    (probe,), _ = vision.assess(frame, faces[:1])
    return probe


def found_faces(vision: Vision, frame: Frame) -> tuple[Face, ...]:
    """All faces of a frame, at least one.

    Raises:
        RefusedError: there is none.
    """
    faces = vision.detect(frame)
    if not faces:
        raise RefusedError(
            f"{frame.source}: no face found", advice="use a picture of one person, facing the camera", reason="no_face"
        )
    return faces


def hint_for(qualities: Iterable[Quality]) -> str:
    """What would improve the picture most, in words for the person in front of the camera."""
    return _HINTS[worst_measure(qualities)]


def worst_measure(qualities: Iterable[Quality]) -> QualityMeasure:
    """What would improve the picture most."""
    worst, measure = 101, QualityMeasure.INTER_EYE_DISTANCE
    for quality in qualities:
        for name, assessment in quality.components:
            if isinstance(assessment, Assessed) and assessment.mapped < worst:
                worst, measure = assessment.mapped, name
    return measure
