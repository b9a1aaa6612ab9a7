"""Quality components of one face (ISO/IEC 29794-5 names) and the unified score.

Everything is measured on the face between forehead and chin, on the aligned crop or the landmarks: covered hair or ears
never lower it. That is also why the length of the embedding, which foretells errors best, has no part in it: it falls
when hair is covered (docs/adr/0011). Mapped values are straight lines between two native ones; the unified score is a
weighted geometric mean, its weights chosen by the error-versus-discard curve in docs/results.md.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.face import Face
from limen.core.quality import Assessed, Assessment, NotAssessed, Pose, Quality, QualityMeasure
from limen.vision.align import CROP_PX

__all__ = ["assess_quality"]


def _oval() -> NDArray[np.bool_]:
    """The inner face on the aligned crop, from brows to chin and inside the cheeks: bool (112, 112)."""
    y, x = np.mgrid[0:CROP_PX, 0:CROP_PX]
    inside: NDArray[np.bool_] = ((x - 55.5) / 24.0) ** 2 + ((y - 64.0) / 36.0) ** 2 <= 1.0
    return inside


_FACE = _oval()
_HALVES = tuple(_FACE & side for side in (np.arange(CROP_PX) < CROP_PX // 2, np.arange(CROP_PX) >= CROP_PX // 2))

_DARK, _BRIGHT = 25, 247
_BINS = 32

_RAMPS: dict[QualityMeasure, tuple[float, float]] = {
    # native value that maps to 0, native value that maps to 100
    QualityMeasure.INTER_EYE_DISTANCE: (10.0, 60.0),
    QualityMeasure.SHARPNESS: (2.5, 4.3),
    QualityMeasure.UNDER_EXPOSURE_PREVENTION: (0.2, 0.0),
    QualityMeasure.OVER_EXPOSURE_PREVENTION: (0.1, 0.0),
    QualityMeasure.ILLUMINATION_UNIFORMITY: (0.0, 0.9),
    QualityMeasure.HEAD_POSE_YAW: (60.0, 10.0),
    QualityMeasure.HEAD_POSE_PITCH: (50.0, 15.0),
    QualityMeasure.HEAD_POSE_ROLL: (30.0, 0.0),
    QualityMeasure.FACE_INSIDE_FRAME: (0.5, 0.98),
}
_WEIGHTS: dict[QualityMeasure, float] = {
    QualityMeasure.INTER_EYE_DISTANCE: 1.0,
    QualityMeasure.SHARPNESS: 1.0,
    QualityMeasure.UNDER_EXPOSURE_PREVENTION: 1.0,
    QualityMeasure.OVER_EXPOSURE_PREVENTION: 1.0,
    QualityMeasure.ILLUMINATION_UNIFORMITY: 1.0,
    QualityMeasure.HEAD_POSE_YAW: 0.25,
    QualityMeasure.HEAD_POSE_PITCH: 0.25,
    QualityMeasure.HEAD_POSE_ROLL: 1.0,
    QualityMeasure.FACE_INSIDE_FRAME: 0.5,
}
_FLOOR = 1.0


def assess_quality(face: Face, pose: Pose, crop: NDArray[np.uint8], *, frame_px: tuple[int, int]) -> Quality:
    """Assess one face.

    Args:
        face: where it is, in frame pixels.
        pose: its head pose.
        crop: uint8 (112, 112, 3) BGR, aligned.
        frame_px: (width, height) of the frame.

    Returns:
        All components and the unified score.
    """
    luma = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    face_luma = luma[_FACE]
    native: dict[QualityMeasure, float | str] = {
        QualityMeasure.INTER_EYE_DISTANCE: face.inter_eye_px,
        QualityMeasure.SHARPNESS: _sharpness(luma),
        QualityMeasure.UNDER_EXPOSURE_PREVENTION: float(np.mean(face_luma < _DARK)),
        QualityMeasure.OVER_EXPOSURE_PREVENTION: float(np.mean(face_luma > _BRIGHT)),
        QualityMeasure.ILLUMINATION_UNIFORMITY: _uniformity(luma),
        QualityMeasure.HEAD_POSE_YAW: abs(pose.yaw_deg),
        QualityMeasure.HEAD_POSE_PITCH: abs(pose.pitch_deg),
        QualityMeasure.HEAD_POSE_ROLL: abs(pose.roll_deg),
        QualityMeasure.FACE_INSIDE_FRAME: _inside(face, frame_px),
    }
    components = tuple((measure, _mapped(measure, native[measure])) for measure in QualityMeasure)
    return Quality(components=components, unified=_unified(components))


def _mapped(measure: QualityMeasure, native: float | str) -> Assessment:
    if isinstance(native, str):
        return NotAssessed(reason=native)
    worst, best = _RAMPS[measure]
    share = (native - worst) / (best - worst)
    return Assessed(native=native, mapped=round(100 * min(1.0, max(0.0, share))))


def _unified(components: tuple[tuple[QualityMeasure, Assessment], ...]) -> int:
    total = weight = 0.0
    for measure, assessment in components:
        if isinstance(assessment, Assessed):
            total += _WEIGHTS[measure] * math.log(max(_FLOOR, assessment.mapped))
            weight += _WEIGHTS[measure]
    return round(math.exp(total / weight)) if weight else 0


def _sharpness(luma: NDArray[np.uint8]) -> float | str:
    """Natural log of the Laplacian's spread, relative to the contrast, so that dark faces are not called blurred."""
    contrast = float(luma[_FACE].std())
    if contrast < 1.0:
        return "no contrast in the face"
    edges = float(np.asarray(cv2.Laplacian(luma, cv2.CV_32F))[_FACE].std())
    return math.log(max(1e-6, 100.0 * edges / contrast)) if edges > 0 else 0.0


def _uniformity(luma: NDArray[np.uint8]) -> float:
    """Overlap of the brightness histograms of the two halves of the face, 0 to 1 (ISO/IEC 29794-5, 7.3.5)."""
    halves = [np.histogram(luma[half], bins=_BINS, range=(0, 256))[0] / half.sum() for half in _HALVES]
    return float(np.minimum(*halves).sum())


def _inside(face: Face, frame_px: tuple[int, int]) -> float:
    """Share of the face's box that lies inside the frame."""
    box = face.box
    width = min(box.x_px + box.width_px, frame_px[0]) - max(box.x_px, 0.0)
    height = min(box.y_px + box.height_px, frame_px[1]) - max(box.y_px, 0.0)
    return max(0.0, width) * max(0.0, height) / (box.width_px * box.height_px)
