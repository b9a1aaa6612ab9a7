"""Walkthrough -> one self-contained HTML page: pictures, decisions, rates and timings; nothing comes from outside."""

from __future__ import annotations

import base64
from importlib.metadata import version
from typing import Any

import cv2
import jinja2
import numpy as np
from numpy.typing import NDArray

from limen.core.decision import Grant
from limen.core.match import Recognised
from limen.core.probe import MaskSeen
from limen.core.thermal import SkinMeasured
from limen.evaluation.door_walk import DoorVisit
from limen.evaluation.rarity import per, strangers
from limen.evaluation.temperature_walk import TemperatureVisit, temperature_walk
from limen.evaluation.walkthrough import Attempt, Walkthrough
from limen.gallery.calibration import Calibration

__all__ = ["demo_report"]

_PICTURE_PX = 260
_STAGES = ("align_ms", "quality_ms", "embed_ms", "search_ms")


def demo_report(walk: Walkthrough, calibration: Calibration) -> str:
    """Render the report; safe to open from a file, without network."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("limen.evaluation"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template("demo.html").render(
        walk=walk,
        attempts=[_attempt(item) for item in walk.attempts],
        walk_ups=[_walk_up(visit) for visit in walk.visits],
        calibration=calibration,
        rates=next(iter(calibration.conditions.values())),
        ladder=[_rung(calibration, people) for people in (1, 50, 500, 5000)],
        visits=[_visit(visit) for visit in temperature_walk()],
        per=per,
        version=version("limen"),
    )


def _attempt(item: Attempt) -> dict[str, Any]:
    match = None if item.recognition is None else item.recognition.match
    known = isinstance(match, Recognised)
    return {
        "title": item.title,
        "picture": _picture(item),
        "grant": isinstance(item.decision, Grant),
        "expected": isinstance(item.decision, Grant) == item.expected_known,
        "decision": type(item.decision).__name__,
        "reasons": ", ".join(reason.value.replace("_", " ") for reason in item.decision.reasons),
        "similarity": f"{match.comparison.similarity:.2f}" if isinstance(match, Recognised) else None,
        "risk": None if match is None or match.fpir is None else strangers(match.fpir),
        "known": known,
        "mask": _mask_state(item),
        "quality": None if item.recognition is None else item.recognition.probe.quality.unified,
        "stages": [
            (name.removesuffix("_ms"), value) for name in _STAGES if (value := getattr(item.times, name)) is not None
        ],
        "total_ms": item.total_ms,
    }


def _walk_up(visit: DoorVisit) -> dict[str, Any]:
    return {
        "title": visit.title,
        "opened": visit.opened,
        "expected": visit.opened == visit.expected,
        "said": visit.said,
        "frames": visit.frames,
        "waited_ms": visit.waited_ms,
        "pictures": [_embedded(_small(picture)) for picture in visit.pictures],
    }


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = _PICTURE_PX / max(picture.shape[:2])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _mask_state(item: Attempt) -> str | None:
    mask = None if item.recognition is None else item.recognition.probe.mask
    return mask.state.value if isinstance(mask, MaskSeen) else None


def _visit(visit: TemperatureVisit) -> dict[str, Any]:
    reading = visit.reading
    return {
        "title": visit.title,
        "oral_c": visit.oral_c,
        "reading": f"{reading.canthus_c:.1f} ± {reading.uncertainty_k:.1f} °C"
        if isinstance(reading, SkinMeasured)
        else None,
        "outcome": visit.seen.outcome.value.replace("_", " "),
        "reason": None if visit.seen.reason is None else visit.seen.reason.value.replace("_", " "),
        "told": visit.told,
        "picture": _embedded(visit.picture),
    }


def _rung(calibration: Calibration, people: int) -> dict[str, Any]:
    """What one stranger in 1,000 costs at a size of site."""
    condition = next(iter(calibration.conditions))
    point = calibration.operating_point(fpir_target=0.001, n_references=people, condition=condition)
    return {"people": people, "threshold": point.threshold, "fmr": point.fmr, "fnir": point.fnir_expected}


def _picture(item: Attempt) -> str:
    """The picture with the face marked, as a data address."""
    scale = _PICTURE_PX / max(item.picture.shape[:2])
    shown = np.asarray(cv2.resize(item.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    if item.recognition is not None:
        box = item.recognition.probe.face.box
        corner = (round(box.x_px * scale), round(box.y_px * scale))
        opposite = (round((box.x_px + box.width_px) * scale), round((box.y_px + box.height_px) * scale))
        colour = (60, 160, 40) if isinstance(item.decision, Grant) else (40, 60, 200)
        cv2.rectangle(shown, corner, opposite, colour, 2)
    return _embedded(np.asarray(shown, dtype=np.uint8))


def _embedded(picture: NDArray[np.uint8]) -> str:
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")
