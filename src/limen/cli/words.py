"""Values as JSON documents and as table cells; one function a value, so that every command says it the same way."""

from __future__ import annotations

from typing import Any, assert_never

from limen.core.face import Face
from limen.core.match import Comparison, Match, OperatingPoint, Recognised, Unknown
from limen.core.probe import MaskSeen
from limen.core.quality import Assessed, NotAssessed, Pose, Quality
from limen.evaluation.rarity import strangers

__all__ = [
    "comparison_document",
    "face_document",
    "mask_words",
    "match_document",
    "match_words",
    "quality_document",
]


def face_document(face: Face) -> dict[str, Any]:
    """A face, in pixels of the picture."""
    box = face.box
    return {
        "box": [round(v, 1) for v in (box.x_px, box.y_px, box.width_px, box.height_px)],
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in face.landmarks],
        "confidence": round(face.confidence, 4),
    }


def quality_document(quality: Quality, pose: Pose, mask: MaskSeen | NotAssessed) -> dict[str, Any]:
    """Quality, pose and mask state of a face."""
    components: dict[str, Any] = {}
    for measure, assessment in quality.components:
        match assessment:
            case Assessed():
                components[measure.value] = {"native": round(assessment.native, 4), "mapped": assessment.mapped}
            case NotAssessed():
                components[measure.value] = {"not_assessed": assessment.reason}
            case _:
                assert_never(assessment)
    return {
        "quality": {"unified": quality.unified, "components": components},
        "pose": {
            "yaw_deg": round(pose.yaw_deg, 1),
            "pitch_deg": round(pose.pitch_deg, 1),
            "roll_deg": round(pose.roll_deg, 1),
        },
        **_mask_document(mask),
    }


def _mask_document(mask: MaskSeen | NotAssessed) -> dict[str, Any]:
    """The mask state and how likely each is."""
    if isinstance(mask, NotAssessed):
        return {"mask_state": {"not_assessed": mask.reason}}
    shares = {"none": mask.none, "incorrect": mask.incorrect, "worn": mask.worn}
    return {"mask_state": mask.state.value, "mask_probability": {key: round(v, 4) for key, v in shares.items()}}


def mask_words(mask: MaskSeen | NotAssessed) -> str:
    """The mask state, for people."""
    return mask.state.value if isinstance(mask, MaskSeen) else "not assessed"


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """A comparison, never without its false match rate."""
    return {
        "similarity": comparison.similarity,
        "fmr": comparison.fmr,
        "log_likelihood_ratio": comparison.log_likelihood_ratio,
        "condition": comparison.condition.value,
    }


def match_document(match: Match, *, name: str | None) -> dict[str, Any]:
    """The answer of the gallery."""
    match match:
        case Recognised():
            return {
                "outcome": "recognised",
                "subject_id": match.subject_id,
                "name": name,
                **comparison_document(match.comparison),
                "fpir": match.fpir,
                "operating_point": _point_document(match.operating_point),
            }
        case Unknown():
            point = match.operating_point
            return {
                "outcome": "unknown",
                "reason": match.reason.value,
                "fpir": match.fpir,
                "operating_point": None if point is None else _point_document(point),
            }
        case _:
            assert_never(match)


def match_words(match: Match, *, name: str | None) -> str:
    """The answer of the gallery, for people."""
    match match:
        case Recognised():
            return f"{name or match.subject_id} ({strangers(match.fpir)} would come as near to somebody here)"
        case Unknown():
            nearest = "" if match.fpir is None else f"; {strangers(match.fpir)} come as near to somebody here"
            return f"unknown ({match.reason.value.replace('_', ' ')}{nearest})"
        case _:
            assert_never(match)


def _point_document(point: OperatingPoint) -> dict[str, Any]:
    return {
        "fpir_target": point.fpir_target,
        "n_references": point.n_references,
        "fmr": point.fmr,
        "threshold": point.threshold,
        "fnir_expected": point.fnir_expected,
        "model_id": point.model_id,
        "condition": point.condition.value,
        "calibrated_on": point.calibrated_on.isoformat(),
    }
