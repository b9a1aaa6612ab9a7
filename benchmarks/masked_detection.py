"""How many masked faces the detector misses, by label and by size, and how many faces it finds that are none.

Caveats first: boxes are drawn by hand and loosely, and far faces are sometimes unboxed (they count as false faces
here). What lies below all boxes of a street photo (clothes, hands, legs) serves as pictures without a face, although a
few show a child or a reflection. The pictures come from the web.

    python benchmarks/masked_detection.py --images boxes-dev.tar --boxes boxes.csv \
        --labelled masks-dev.tar --labels labels.csv --faceless PICTURES-WITHOUT-PEOPLE
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import DOOR, PICTURES, build_vision
from limen.core.face import Box
from limen.core.frame import Frame, SourceKind
from limen.evaluation.intervals import wilson
from limen.evaluation.pictures import PictureSet
from limen.frames.pictures import decode_picture
from limen.settings import load_settings
from limen.vision.detect import DetectorOptions
from limen.vision.recogniser import Recogniser

AT = datetime(1970, 1, 1, tzinfo=UTC)
SIZES = (12, 20, 40, 80, 10_000)
OVERLAP = 0.4
NO_BOX = 0.1
LEAST_BELOW_PX = 90
OPTIONS = {"pictures": PICTURES, "door": DOOR}
Truth = dict[str, list[tuple[list[float], str]]]


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--boxes", type=Path, required=True)
    parser.add_argument("--labelled", type=Path, action="append", default=[])
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--faceless", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    print(json.dumps({name: _report(arguments, options) for name, options in OPTIONS.items()}, indent=1))


def _report(arguments: argparse.Namespace, options: DetectorOptions) -> dict[str, Any]:
    vision = build_vision(load_settings(), None, options=options)
    truth: Truth = defaultdict(list)
    for row in _rows(arguments.boxes):
        truth[row["file"]].append(([float(row[key]) for key in ("xmin", "ymin", "xmax", "ymax")], row["label"]))
    street = PictureSet(arguments.images)
    report = _by_size(vision, truth, street)
    report["below_all_boxes"] = _false_faces(vision, _below(truth, street))
    if arguments.faceless:
        pictures = PictureSet(arguments.faceless)
        report["faceless"] = _false_faces(vision, (_frame(*item) for item in pictures.read(pictures.names())))
    if arguments.labelled and arguments.labels:
        labels = {row["file"]: row["label"] for row in _rows(arguments.labels)}
        report["fta"] = _fta(vision, labels, PictureSet(arguments.labelled))
    return report


def _by_size(vision: Recogniser, truth: Truth, pictures: PictureSet) -> dict[str, Any]:
    found: dict[str, list[bool]] = defaultdict(list)
    boxed: dict[str, list[bool]] = defaultdict(list)
    for name, content in pictures.read(list(truth)):
        boxes = [face.box for face in vision.detect(_frame(name, content))]
        for box in boxes:
            boxed[_size(box.width_px)].append(max(_iou(box, corners) for corners, _ in truth[name]) >= NO_BOX)
        for corners, label in truth[name]:
            found[f"{label}, {_size(corners[2] - corners[0])}"].append(
                any(_iou(box, corners) >= OVERLAP for box in boxes)
            )
    return {
        "faces": sum(map(len, boxed.values())),
        "without_a_box": sum(hits.count(False) for hits in boxed.values()),
        "recall": {key: _share(hits) for key, hits in sorted(found.items())},
        "precision": {key: _share(hits) for key, hits in sorted(boxed.items())},
    }


def _fta(vision: Recogniser, labels: dict[str, str], pictures: PictureSet) -> dict[str, Any]:
    """Pictures without any face, by label."""
    found: dict[str, list[bool]] = defaultdict(list)
    for name, content in pictures.read(list(labels)):
        found[labels[name]].append(len(vision.detect(_frame(name, content))) > 0)
    return {label: _share(hits) for label, hits in sorted(found.items())}


def _false_faces(vision: Recogniser, frames: Iterable[Frame]) -> dict[str, Any]:
    """Faces in pictures that should hold none, and the time a picture takes where none is found."""
    counts: list[int] = []
    empty_ms: list[float] = []
    for frame in frames:
        start = time.perf_counter()
        counts.append(len(vision.detect(frame)))
        if counts[-1] == 0:
            empty_ms.append(1000.0 * (time.perf_counter() - start))
    with_one = sum(count > 0 for count in counts)
    return {
        "pictures": len(counts),
        "with_a_face": with_one,
        "faces": sum(counts),
        "interval": [round(edge, 4) for edge in wilson(with_one, len(counts))],
        "empty_ms_p50": round(float(np.median(empty_ms)), 1) if empty_ms else None,
    }


def _below(truth: Truth, pictures: PictureSet) -> Iterator[Frame]:
    """What lies below all boxed faces, by a third of their height, where enough is left."""
    for name, content in pictures.read(list(truth)):
        whole = _frame(name, content)
        top = int(max(y1 + (y1 - y0) / 3 for (_, y0, _, y1), _ in truth[name]))
        if whole.height_px - top >= LEAST_BELOW_PX:
            yield _of_pixels(np.ascontiguousarray(whole.pixels[top:]))


def _frame(name: str, content: bytes) -> Frame:
    return decode_picture(content, name=name, at=AT)


def _of_pixels(pixels: NDArray[np.uint8]) -> Frame:
    return Frame(pixels=pixels, captured_at=AT, source="part of a picture", kind=SourceKind.FILE)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _size(width: float) -> str:
    below = next(size for size in SIZES if width < size)
    return f"under {below} px" if below < SIZES[-1] else f"{SIZES[-2]} px and more"


def _share(hits: list[bool]) -> dict[str, Any]:
    missed = hits.count(False)
    return {
        "n": len(hits),
        "missed": missed,
        "share": round(float(np.mean(hits)), 4),
        "missed_interval": [round(edge, 4) for edge in wilson(missed, len(hits))],
    }


def _iou(box: Box, corners: list[float]) -> float:
    x0, y0 = max(box.x_px, corners[0]), max(box.y_px, corners[1])
    x1, y1 = min(box.x_px + box.width_px, corners[2]), min(box.y_px + box.height_px, corners[3])
    shared = max(0.0, x1 - x0) * max(0.0, y1 - y0)
    full = box.width_px * box.height_px + (corners[2] - corners[0]) * (corners[3] - corners[1])
    return shared / (full - shared)


if __name__ == "__main__":
    main()
