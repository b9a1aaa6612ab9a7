"""Does the threshold keep its promise on people the calibration has never seen?

Caveats first: one set of news photographs, halves of one source; galleries and strangers are drawn again and again from
the same half, so the draws are not independent and the counts overstate how sure one may be.

The people are split in two by a hash of their name. On each half a calibration is made (centre, tail, everything); on
the other half random galleries of one picture each are searched by the people who are not in them (non-mated) and by
other pictures of those who are (mated), at the threshold the calibration gives for each asked FPIR.

    python benchmarks/crossfit.py --images lfw-dev.tar --not-apart suspected-labels.csv
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import PICTURES, build_vision, known_models, thread_count
from limen.cli.evaluate import read_apart
from limen.core.match import Condition
from limen.evaluation.calibrate import CalibrationSet, calibrate
from limen.evaluation.embedding import embed_pictures
from limen.evaluation.pictures import PictureSet
from limen.gallery.calibration import Calibration
from limen.settings import load_settings

TARGETS = (0.01, 0.003, 0.001)
DRAWS = 20


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--not-apart", type=Path)
    parser.add_argument("--gallery", type=int, default=500)
    arguments = parser.parse_args()
    settings = load_settings()
    pictures = PictureSet(arguments.images)
    names = [name for name in pictures.names() if "/" in name]
    vision = build_vision(settings, None, options=PICTURES, threads=1)
    embedded = embed_pictures(
        pictures.read(names),
        vision=vision,
        threads=thread_count(settings),
        progress=lambda done: print(f"\r{done}/{len(names)}", end="", file=sys.stderr),
    )
    people = np.array([name.split("/", 1)[0] for name in embedded.names])
    apart = () if arguments.not_apart is None else read_apart(arguments.not_apart)
    card, _ = known_models(settings)[settings.vision.embedder]
    half = np.array([hashlib.sha256(name.encode()).digest()[0] % 2 for name in people])
    totals = {target: np.zeros(4, dtype=np.int64) for target in TARGETS}
    for side in (0, 1):
        seen = half == side
        data = CalibrationSet(
            embeddings=embedded.embeddings[seen], people=list(people[seen]), same_although_named_apart=apart
        )
        calibration = calibrate(data, card=card, made_on=date(2026, 1, 1), made_from="one half")
        _test(calibration, embedded.embeddings[~seen], people[~seen], gallery=arguments.gallery, totals=totals)
    print(file=sys.stderr)
    print(json.dumps({str(target): _shown(target, counts) for target, counts in totals.items()}, indent=1))


def _test(
    calibration: Calibration,
    embeddings: NDArray[np.float32],
    people: NDArray[np.str_],
    *,
    gallery: int,
    totals: dict[float, NDArray[np.int64]],
) -> None:
    """Draw galleries from people the calibration has not seen and count errors into ``totals``."""
    centred = embeddings.astype(np.float64) - calibration.centre
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    everybody, first = np.unique(people, return_index=True)
    for draw in range(DRAWS):
        rng = np.random.default_rng(draw)
        order = rng.permutation(len(everybody))
        enrolled, strangers = first[order[:gallery]], first[order[gallery:]]
        place = {people[row]: column for column, row in enumerate(enrolled)}
        references = set(enrolled.tolist())
        mated = np.array([row for row in range(len(people)) if people[row] in place and row not in references])
        own = np.array([place[people[row]] for row in mated])
        likeness = centred[mated] @ centred[enrolled].T
        hit = likeness.argmax(axis=1) == own
        mine = likeness[np.arange(len(mated)), own]
        nearest = (centred[strangers] @ centred[enrolled].T).max(axis=1)
        for target, counts in totals.items():
            point = calibration.operating_point(fpir_target=target, n_references=gallery, condition=Condition.BARE_BARE)
            false_positives = int((nearest >= point.threshold).sum())
            misses = int((~hit | (mine < point.threshold)).sum())
            np.add(counts, (false_positives, len(nearest), misses, len(mated)), out=counts)


def _shown(target: float, counts: NDArray[np.int64]) -> dict[str, Any]:
    false_positives, strangers, misses, mated = (int(value) for value in counts)
    fpir = false_positives / strangers
    return {
        "fpir_measured": fpir,
        "measured_over_asked": round(fpir / target, 2),
        "false_positives": false_positives,
        "strangers": strangers,
        "fnir_measured": misses / mated,
        "misses": misses,
        "mated": mated,
    }


if __name__ == "__main__":
    main()
