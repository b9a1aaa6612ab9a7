"""How often the mask state is seen rightly, by where a picture comes from and how its mask was made; and what it costs.

Caveats first: labels are those of the sets. Some are wrong to the eye: a mask below the nose labelled as worn, a masked
face among the bare ones. Pictures that show the same thing share a group, so groups are counted beside pictures. The
time is that of one face, crop and network, with the threads a door uses; it moves with what else the machine does.

    python benchmarks/mask_state.py --images masks-dev.tar --labels labels.csv
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from limen.bootstrap import PICTURES, build_vision
from limen.core.frame import Frame
from limen.evaluation.embedding import central_face
from limen.evaluation.intervals import wilson
from limen.evaluation.masks import FTA, read_mask_labels
from limen.evaluation.pictures import PictureSet
from limen.frames.pictures import decode_picture
from limen.settings import load_settings
from limen.vision.mask_state import mask_crop
from limen.vision.recogniser import Recogniser

AT = datetime(1970, 1, 1, tzinfo=UTC)
RUNS = 300


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--labels", type=Path, required=True)
    arguments = parser.parse_args()
    truth = read_mask_labels(arguments.labels)
    with arguments.labels.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    vision = build_vision(load_settings(), None, options=PICTURES)
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    groups: dict[str, set[str]] = defaultdict(set)
    frame = None
    for name, content in PictureSet(arguments.images).read(truth):
        frame = decode_picture(content, name=name, at=AT)
        answer, row = _state(vision, frame), rows[name]
        kind = f"{row['source']}, {row['mask_kind']}: {truth[name].value}"
        answers[kind][answer] += 1
        if answer != truth[name].value:
            groups[f"{kind} seen as {answer}"].add(row["group"])
    report: dict[str, Any] = {kind: _shown(kind, counted) for kind, counted in sorted(answers.items())}
    report["groups_wrong"] = {kind: len(members) for kind, members in sorted(groups.items())}
    if frame is not None:
        report["head_ms"] = _cost(vision, frame)
    print(json.dumps(report, indent=1))


def _state(vision: Recogniser, frame: Frame) -> str:
    face = central_face(vision.detect(frame), frame)
    if face is None:
        return FTA
    ((_, _, mask),) = vision.assess_quality(frame, [face])
    return mask.state.value


def _shown(kind: str, counted: Counter[str]) -> dict[str, Any]:
    total, right = sum(counted.values()), counted[kind.rsplit(": ", 1)[1]]
    return {"n": total, "answers": dict(counted), "recall": round(right / total, 4), "interval": wilson(right, total)}


def _cost(vision: Recogniser, frame: Frame) -> dict[str, float]:
    """Milliseconds for one face: cutting the crop and running the network."""
    side = min(frame.pixels.shape[:2])
    places = np.array([[0.4, 0.4], [0.6, 0.4], [0.5, 0.52], [0.42, 0.65], [0.58, 0.65]], dtype=np.float32) * side
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        vision.mask_network.assess([mask_crop(frame.pixels, places)])
        spent.append(1000 * (time.perf_counter() - started))
    return {f"p{share}": round(float(np.percentile(spent, share)), 2) for share in (5, 50, 95)}


if __name__ == "__main__":
    main()
