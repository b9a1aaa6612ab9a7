"""Faces found against boxes drawn by hand, by the width of the face: precision and recall in crowds.

1. A detection finds a box if they overlap by at least 0.4 (shared over joint area; boxes are drawn loosely). Each box
   is found once and each detection finds one box: the surest detection chooses first, the free box it overlaps most.
2. Recall is by the width of the box, precision by the width of the detection, both in pixels of the picture.
3. Faces that nobody boxed count as false detections, so precision is a lower bound where far faces are unboxed.
4. A picture that cannot be read finds nothing: its boxes stay in the denominator of recall.

Boxes: CSV with the columns file,xmin,ymin,xmax,ymax or file,x,y,w,h (pixels), and label (any word, may be missing);
further columns ignored. Pictures without a row are not looked at. Source: the PASCAL VOC protocol (Everingham et al.,
2010), with another overlap.
"""

from __future__ import annotations

import csv
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from limen.core.errors import CaptureError, ConfigError
from limen.core.face import Box
from limen.core.ports import Vision
from limen.evaluation.ahead import looked_at
from limen.evaluation.pictures import PictureSet, picture_name
from limen.evaluation.rates import Rate
from limen.frames.pictures import decode_picture

__all__ = ["OVERLAP", "Looked", "TrueBox", "crowd_report", "matched", "overlap", "read_boxes", "run_crowd"]

OVERLAP = 0.4
_WIDTHS_PX = (12, 20, 40, 80)
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_SIZED = ("x", "y", "w", "h")
_ADVICE = "expected a CSV file whose first line names the columns file,xmin,ymin,xmax,ymax or file,x,y,w,h, in pixels"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueBox:
    """A face as a person marked it.

    Attributes:
        box: in pixels of the picture.
        label: of the marking person; any word.
    """

    box: Box
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one picture holds and what was found in it.

    Attributes:
        truth: the marked faces.
        found: the detections, surest first.
        failed: whether the picture could not be read.
    """

    truth: tuple[TrueBox, ...]
    found: tuple[Box, ...]
    failed: bool = False


def read_boxes(path: Path) -> dict[str, tuple[TrueBox, ...]]:
    """Read marked faces: picture name -> boxes, in the order of the file.

    Raises:
        ConfigError: the file cannot be read as described above; says which line and why.
    """
    boxes: dict[str, list[TrueBox]] = defaultdict(list)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            columns = set(rows.fieldnames or ())
            drawn = _SIZED if columns >= set(_SIZED) else _CORNERS
            missing = {"file", *drawn} - columns
            if missing:
                raise ConfigError(f"{path}: line 1: no column {', '.join(sorted(missing))}", advice=_ADVICE)
            for row in rows:
                name, box = picture_name((row["file"] or "").strip()), _box(row, drawn)
                if not name or box is None:
                    raise ConfigError(f"{path}: line {rows.line_num}: no picture, or not a box", advice=_ADVICE)
                boxes[name].append(TrueBox(box=box, label=(row.get("label") or "").strip()))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice=_ADVICE) from error
    if not boxes:
        raise ConfigError(f"{path}: no boxes", advice=_ADVICE)
    return {name: tuple(marked) for name, marked in boxes.items()}


def run_crowd(
    truth: Mapping[str, Sequence[TrueBox]],
    pictures: PictureSet,
    *,
    vision: Vision,
    threads: int,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Look at every picture with boxes and report; nobody is embedded.

    Args:
        truth: from ``read_boxes``.
        pictures: where they are.
        vision: the pipeline, built for one thread a call.
        threads: how many pictures at once.
        progress: told how many pictures are done.

    Raises:
        ConfigError: pictures are missing.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    looked = looked_at(
        pictures.read(truth),
        lambda one: _look(*one, (tuple(truth[one[0]]), vision)),
        threads=threads,
        progress=progress,
    )
    return {**crowd_report(looked), "seconds": round(time.perf_counter() - started, 1)}


def crowd_report(looked: Iterable[Looked]) -> dict[str, Any]:
    """Count.

    Returns:
        ``recall`` and ``precision`` over all faces, and by width; recall also by label. Counts are of errors: faces
        missed, and detections that are none.
    """
    bands = [_band(width) for width in (0, *_WIDTHS_PX)]
    tables: dict[str, dict[str, list[bool]]] = {
        "recall_by_width": {band: [] for band in bands},
        "precision_by_width": {band: [] for band in bands},
        "recall_by_label": defaultdict(list),
    }
    pictures = list(looked)
    for item in pictures:
        pairs = matched(item.found, [marked.box for marked in item.truth])
        hits = set(pairs.values())
        for place, marked in enumerate(item.truth):
            tables["recall_by_width"][_band(marked.box.width_px)].append(place in hits)
            tables["recall_by_label"][marked.label].append(place in hits)
        for place, box in enumerate(item.found):
            tables["precision_by_width"][_band(box.width_px)].append(place in pairs)
    report: dict[str, Any] = {"n": len(pictures), "n_failed": sum(item.failed for item in pictures), "overlap": OVERLAP}
    for name in ("recall", "precision"):
        rate = _missed(hit for hits_of in tables[f"{name}_by_width"].values() for hit in hits_of)
        report |= {name: rate.correct, f"{name}_counts": rate.counts(), f"{name}_interval": rate.correct_interval()}
    for name, table in tables.items():
        rates = {key: _missed(table[key]) for key in (sorted(table) if name == "recall_by_label" else table)}
        report[name] = {key: rate.correct for key, rate in rates.items()}
        report[f"{name}_counts"] = {key: rate.counts() for key, rate in rates.items()}
        report[f"{name}_interval"] = {key: rate.correct_interval() for key, rate in rates.items()}
    return report


def matched(found: Sequence[Box], truth: Sequence[Box], *, least: float = OVERLAP) -> dict[int, int]:
    """Which detection found which face (1).

    Args:
        found: detections, surest first.
        truth: marked faces.
        least: overlap that is enough.

    Returns:
        Place in ``found`` -> place in ``truth``, each at most once.
    """
    free = set(range(len(truth)))
    pairs: dict[int, int] = {}
    for place, box in enumerate(found):
        best = max(free, key=lambda other: (overlap(box, truth[other]), -other), default=None)
        if best is not None and overlap(box, truth[best]) >= least:
            pairs[place] = best
            free.remove(best)
    return pairs


def overlap(one: Box, other: Box) -> float:
    """Shared over joint area of two boxes, 0 to 1."""
    width = min(one.x_px + one.width_px, other.x_px + other.width_px) - max(one.x_px, other.x_px)
    height = min(one.y_px + one.height_px, other.y_px + other.height_px) - max(one.y_px, other.y_px)
    shared = max(0.0, width) * max(0.0, height)
    return shared / (one.width_px * one.height_px + other.width_px * other.height_px - shared)


def _look(name: str, content: bytes, what: tuple[tuple[TrueBox, ...], Vision]) -> Looked:
    truth, vision = what
    try:
        frame = decode_picture(content, name=name, at=_EPOCH)
    except CaptureError:
        return Looked(truth=truth, found=(), failed=True)
    return Looked(truth=truth, found=tuple(face.box for face in vision.detect(frame)))


def _box(row: Mapping[str, str | None], drawn: Sequence[str]) -> Box | None:
    try:
        left, top, third, fourth = (float(row[name] or "") for name in drawn)
    except ValueError:
        return None
    width, height = (third, fourth) if drawn is _SIZED else (third - left, fourth - top)
    if not all(map(math.isfinite, (left, top, width, height))) or width <= 0 or height <= 0:
        return None
    return Box(x_px=left, y_px=top, width_px=width, height_px=height)


def _band(width_px: float) -> str:
    above = next((edge for edge in _WIDTHS_PX if width_px < edge), None)
    if above is None:
        return f"{_WIDTHS_PX[-1]} px and more"
    below = max(edge for edge in (0, *_WIDTHS_PX) if edge < above)
    return f"{below} to {above} px" if below else f"under {above} px"


def _missed(hits: Iterable[bool]) -> Rate:
    listed = list(hits)
    return Rate(errors=listed.count(False), trials=len(listed))
