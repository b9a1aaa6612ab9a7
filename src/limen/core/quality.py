"""Quality of a face picture, after ISO/IEC 29794-5: components with a native and a mapped value, and one unified.

A component is either assessed or it says why not; there is no -1 and no NaN. Mapped values run from 0 (useless) to
100 (nothing to wish for). No component looks at hair, ears, headwear or anything else outside the face itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Assessed", "Assessment", "NotAssessed", "Pose", "Quality", "QualityMeasure"]


_BEST = 100


class QualityMeasure(StrEnum):
    """The components limen computes; names follow ISO/IEC 29794-5 where it has one."""

    INTER_EYE_DISTANCE = "inter_eye_distance"
    SHARPNESS = "sharpness"
    UNDER_EXPOSURE_PREVENTION = "under_exposure_prevention"
    OVER_EXPOSURE_PREVENTION = "over_exposure_prevention"
    ILLUMINATION_UNIFORMITY = "illumination_uniformity"
    HEAD_POSE_YAW = "head_pose_yaw"
    HEAD_POSE_PITCH = "head_pose_pitch"
    HEAD_POSE_ROLL = "head_pose_roll"
    FACE_INSIDE_FRAME = "face_inside_frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A value that was measured: ``native`` in the component's own unit, ``mapped`` 0 to 100."""

    native: float
    mapped: int

    def __post_init__(self) -> None:
        if not 0 <= self.mapped <= _BEST:
            raise ValueError(f"mapped: expected 0 to 100, got {self.mapped}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAssessed:
    """A value that could not be measured, and why."""

    reason: str


Assessment = Assessed | NotAssessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Head pose in degrees, estimated from five landmarks (coarse: a few degrees at best).

    Attributes:
        yaw_deg: positive when the subject turns to the right of the picture.
        pitch_deg: positive when the subject looks up.
        roll_deg: positive when the head leans clockwise in the picture.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """All components of one face, each exactly once, and the unified score.

    Attributes:
        components: pairs of measure and assessment, in the order of QualityMeasure.
        unified: 0 to 100; predicts how well this picture will compare, checked by error-versus-discard.
    """

    components: tuple[tuple[QualityMeasure, Assessment], ...]
    unified: int

    def __post_init__(self) -> None:
        if tuple(measure for measure, _ in self.components) != tuple(QualityMeasure):
            raise ValueError("components: expected every QualityMeasure once, in order")
        if not 0 <= self.unified <= _BEST:
            raise ValueError(f"unified: expected 0 to 100, got {self.unified}")

    def __getitem__(self, measure: QualityMeasure) -> Assessment:
        """The assessment of one measure."""
        return dict(self.components)[measure]
