"""After `limen anonymise`: do the project's own detectors still find a face where one was?

    python benchmarks/anonymise.py --images TAR --boxes CSV [--least 8] [--pictures FOLDER]
    python benchmarks/anonymise.py --video FILE

Old places are the boxes drawn by hand and everything any of the detectors finds before (the door's way and the
pictures' way, at the picture's own size and enlarged twice). A place counts as covered where at least 60 % of a drawn
box is; a face as found again where a detection after covering overlaps an old place by 0.3 (shared over joint area).
Boxes: file,xmin,ymin,xmax,ymax,label or file,x,y,w,h,truth; only pictures with at least `--least` rows.
Of a video, the old places of a frame are what the detectors find in that frame before.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import DOOR, PICTURES, SystemClock, build_vision, face_finder
from limen.core.face import Box
from limen.core.frame import Frame, SourceKind
from limen.evaluation.crowd import overlap
from limen.evaluation.pictures import PictureSet
from limen.frames.anonymise import anonymise, plan
from limen.frames.cover import covered_places
from limen.frames.pictures import decode_picture, read_picture
from limen.frames.video import VideoFile
from limen.settings import load_settings

AT = datetime(2026, 1, 1, tzinfo=UTC)
BANDS = (12, 20, 40, 80)
AGAIN = 0.3
COVERED = 0.6

Pixels = NDArray[np.uint8]


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, action="append")
    parser.add_argument("--boxes", type=Path)
    parser.add_argument("--video", type=Path)
    parser.add_argument("--least", type=int, default=1)
    parser.add_argument("--pictures", type=Path, help="keep the covered pictures here, to look at")
    given = parser.parse_args()
    if given.video:
        print(json.dumps(of_video(given.video), indent=2))
        return
    truth = {name: boxes for name, boxes in read_boxes(given.boxes).items() if len(boxes) >= given.least}
    settings = load_settings(None)
    ways = detectors(settings)
    finder = face_finder(settings)
    covered: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    old: Counter[str] = Counter()
    again: Counter[str] = Counter()
    share, started = [], time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.pictures or Path(temporary) / "out"
        for done, (name, content) in enumerate(PictureSet(given.images).read(truth), start=1):
            source = Path(temporary) / Path(name).name
            source.write_bytes(content)
            before = decode_picture(content, name=name, at=AT).pixels
            places = [*truth[name], *(box for way in ways.values() for box in way(before))]
            (job,) = plan(source, folder / source.with_suffix(".png").name)
            laid: list[Box] = []

            def find(pixels: Pixels, *, enlarged_px: int, laid: list[Box] = laid) -> Sequence[Box]:
                found = finder(pixels, enlarged_px=enlarged_px)
                laid.extend(found)
                return found

            anonymise(job, find=find)
            after = read_picture(job.target, at=AT).pixels
            mask = covered_places(before.shape[:2], laid)
            share.append(float(mask.mean()))
            for box in truth[name]:
                marked[band(box)] += 1
                covered[band(box)] += inside(mask, box) >= COVERED
            for way, look in ways.items():
                found = look(after)
                old[way] += len(places)
                again[way] += sum(any(overlap(box, place) >= AGAIN for box in found) for place in places)
            sys.stderr.write(f"\r{done} of {len(truth)} pictures")
    report = {
        "pictures": len(truth),
        "faces_covered": {name: {"n": marked[name], "covered": covered[name]} for name in sorted(marked)},
        "found_again_at_old_places": {way: {"places": old[way], "found": again[way]} for way in ways},
        "share_of_picture_covered": round(float(np.mean(share)), 3),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print("\n" + json.dumps(report, indent=2))


def of_video(path: Path) -> dict[str, object]:
    """Frame by frame, what the detectors find where they found something before."""
    settings = load_settings(None)
    ways, finder = detectors(settings), face_finder(settings)
    with tempfile.TemporaryDirectory() as temporary:
        (job,) = plan(path, Path(temporary) / f"out{path.suffix}")
        started = time.perf_counter()
        done = anonymise(job, find=finder)
        seconds = time.perf_counter() - started
        pairs = zip(*(VideoFile(at, clock=SystemClock()).frames() for at in (path, job.target)), strict=True)
        old: Counter[str] = Counter()
        again: Counter[str] = Counter()
        for before, after in pairs:
            places = [box for way in ways.values() for box in way(before.pixels)]
            for way, look in ways.items():
                found = look(after.pixels)
                old[way] += len(places)
                again[way] += sum(any(overlap(box, place) >= AGAIN for box in found) for place in places)
    return {
        "frames": done.frames,
        "most_faces_in_a_frame": done.faces,
        "found_again_at_old_places": {way: {"places": old[way], "found": again[way]} for way in ways},
        "seconds": round(seconds, 1),
    }


def detectors(settings: object) -> dict[str, Callable[[Pixels], list[Box]]]:
    """The door's and the pictures' way of looking, each at the picture's own size and enlarged twice."""
    ways: dict[str, Callable[[Pixels], list[Box]]] = {}
    for name, options in (("door", DOOR), ("pictures", PICTURES)):
        vision = build_vision(settings, None, options=options)  # type: ignore[arg-type]
        for times in (1, 2):

            def look(pixels: Pixels, *, vision: object = vision, times: int = times) -> list[Box]:
                large = cv2.resize(pixels, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
                frame = Frame(
                    pixels=np.array(large, np.uint8), captured_at=AT, source="benchmark", kind=SourceKind.FILE
                )
                return [face.box.scaled(1 / times) for face in vision.detect(frame)]  # type: ignore[attr-defined]

            ways[f"{name}, x{times}"] = look
    return ways


def read_boxes(path: Path) -> dict[str, list[Box]]:
    """Boxes by picture, from either form of table."""
    boxes: dict[str, list[Box]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if "w" in row:
                left, top, width, height = (float(row[key]) for key in ("x", "y", "w", "h"))
            else:
                left, top, right, bottom = (float(row[key]) for key in ("xmin", "ymin", "xmax", "ymax"))
                width, height = right - left, bottom - top
            boxes[row["file"]].append(Box(x_px=left, y_px=top, width_px=width, height_px=height))
    return dict(boxes)


def inside(mask: NDArray[np.bool_], box: Box) -> float:
    """How much of a box is covered, 0 to 1."""
    left, top = max(0, round(box.x_px)), max(0, round(box.y_px))
    part = mask[top : round(box.y_px + box.height_px), left : round(box.x_px + box.width_px)]
    return float(part.mean()) if part.size else 1.0


def band(box: Box) -> str:
    """The band of widths a box belongs to."""
    above = next((edge for edge in BANDS if box.width_px < edge), None)
    return f"under {above} px" if above else f"{BANDS[-1]} px and more"


if __name__ == "__main__":
    main()
