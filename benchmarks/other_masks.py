"""Masked probes whose masks another generator has drawn, searched among about a thousand bare references.

Caveats first: one masked picture a person, few strangers. Every masked picture is searched twice: among everybody
(mated), and among everybody but its own person (non-mated). People known or suspected to be under two names are not
compared with themselves. The gallery is one other, bare picture of each masked person, and of others by lot.

    python benchmarks/other_masks.py --images lfw-dev.tar --images lfw-masked-dev.tar --pairs pairs.csv \
        --not-apart suspected-labels.csv
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import PICTURES, build_vision, calibration_of, thread_count
from limen.cli.evaluate import read_apart
from limen.core.match import Condition
from limen.evaluation.comparing import Comparable, crosswise
from limen.evaluation.embedding import embed_pictures
from limen.evaluation.intervals import wilson
from limen.evaluation.pictures import PictureSet
from limen.settings import load_settings

TARGETS = (0.01, 0.003)


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--not-apart", type=Path, required=True)
    parser.add_argument("--enrolled", type=int, default=1000)
    arguments = parser.parse_args()
    pictures = PictureSet(arguments.images)
    with arguments.pairs.open(encoding="utf-8", newline="") as file:
        mated = [row for row in csv.DictReader(file) if row["same"] == "1"]
    masked = [row["right"] for row in mated]
    gallery = _gallery([row["left"] for row in mated], pictures, enrolled=arguments.enrolled)
    settings = load_settings()
    calibration = calibration_of(settings)
    embedded = embed_pictures(
        pictures.read(list(dict.fromkeys([*masked, *gallery]))),
        vision=build_vision(settings, calibration, options=PICTURES, threads=1),
        threads=thread_count(settings),
        progress=lambda done: print(f"\r{done}", end="", file=sys.stderr),
    )
    if embedded.failed:
        print(f"no face: {len(embedded.failed)}", file=sys.stderr)
    sides = Comparable(embedded, calibration)
    masked = [name for name in masked if name in sides.place]
    gallery = [name for name in gallery if name in sides.place]
    likeness = crosswise((sides, sides.rows(tuple(masked))), (sides, sides.rows(tuple(gallery))), calibration)
    report: dict[str, Any] = {"n_masked": len(masked), "n_gallery": len(gallery), "failed": len(embedded.failed)}
    report["seen_as_masked"] = int(sides.masked[sides.rows(tuple(masked))].sum())
    for target in TARGETS:
        point = calibration.operating_point(
            fpir_target=target, n_references=len(gallery), condition=Condition.BARE_MASKED
        )
        rates = _rates(likeness, _own(masked, gallery, read_apart(arguments.not_apart)), -float(np.log10(point.fmr)))
        report[f"asked FPIR {target:g}"] = rates
    print(json.dumps(report, indent=1))


def _gallery(own: list[str], pictures: PictureSet, *, enrolled: int) -> list[str]:
    """A bare picture of each masked person, then the first picture of others by lot."""
    known = {_person(name) for name in own}
    first = {_person(name): name for name in sorted(pictures.names(), reverse=True) if "_masked" not in name}
    others = sorted(first.keys() - known, key=lambda person: hashlib.sha256(person.encode()).hexdigest())
    return [*own, *(first[person] for person in others)][:enrolled]


def _own(masked: list[str], gallery: list[str], apart: tuple[tuple[str, str], ...]) -> tuple[NDArray[np.bool_], ...]:
    """Two of bool (n, m): which reference is of the probe's person, and which may be, under another name."""
    doubles = defaultdict(set)
    for one, other in apart:
        doubles[one].add(other)
        doubles[other].add(one)
    people = [_person(name) for name in gallery]
    same = np.array([[person == _person(name) for person in people] for name in masked])
    maybe = np.array([[person in doubles[_person(name)] for person in people] for name in masked])
    return same, maybe


def _rates(likeness: NDArray[np.float64], own: tuple[NDArray[np.bool_], ...], threshold: float) -> dict[str, Any]:
    same, maybe = own
    others = np.where(same | maybe, -np.inf, likeness)
    nearest, mine = others.max(axis=1), np.where(same, likeness, -np.inf).max(axis=1)
    false_positives, misses = int((nearest >= threshold).sum()), int(((mine < threshold) | (mine <= nearest)).sum())
    total = len(likeness)
    return {
        "threshold_log10": round(threshold, 3),
        "false_positives": false_positives,
        "fpir": [round(false_positives / total, 4), *wilson(false_positives, total)],
        "misses": misses,
        "fnir": [round(misses / total, 4), *wilson(misses, total)],
        "false_matches": int((others >= threshold).sum()),
        "comparisons": int(np.isfinite(others).sum()),
    }


def _person(name: str) -> str:
    return name.split("/", 1)[0]


if __name__ == "__main__":
    main()
