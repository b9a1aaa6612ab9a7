"""Does throwing out the worst-quality pictures lower the misses? An error-versus-discard curve of the unified quality.

Caveats first: news photographs, chosen by editors, so few are bad; at most sixty pairs of one person, so that
much-photographed people do not rule.

    python benchmarks/quality.py --images lfw-dev.tar --mislabelled NAME/NAME_0001.jpg
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from limen.bootstrap import PICTURES, build_vision, calibration_of, thread_count
from limen.core.match import Condition
from limen.evaluation.discard import error_versus_discard
from limen.evaluation.embedding import embed_pictures
from limen.evaluation.pictures import PictureSet
from limen.settings import load_settings

PAIRS_PER_PERSON = 60
SHOWN = (0.0, 0.05, 0.1, 0.2, 0.3)


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--mislabelled", action="append", default=[])
    parser.add_argument("--fmr", type=float, action="append")
    arguments = parser.parse_args()
    settings = load_settings()
    calibration = calibration_of(settings)
    vision = build_vision(settings, calibration, options=PICTURES, threads=1)
    pictures = PictureSet(arguments.images)
    names = [name for name in pictures.names() if "/" in name and name not in arguments.mislabelled]
    embedded = embed_pictures(
        pictures.read(names),
        vision=vision,
        threads=thread_count(settings),
        progress=lambda done: print(f"\r{done}/{len(names)}", end="", file=sys.stderr),
    )
    _, people = np.unique([name.split("/", 1)[0] for name in embedded.names], return_inverse=True)
    rng = np.random.default_rng(0)
    pairs = []
    for person in range(int(people.max()) + 1):
        rows = np.flatnonzero(people == person)
        first, second = np.triu_indices(len(rows), k=1)
        chosen = rng.permutation(len(first))[:PAIRS_PER_PERSON]
        pairs.append(np.stack([rows[first[chosen]], rows[second[chosen]]], axis=1))
    left, right = np.concatenate(pairs).T
    mated = np.einsum("ij,ij->i", embedded.embeddings[left], embedded.embeddings[right], dtype=np.float64)
    quality = np.minimum(embedded.quality[left], embedded.quality[right])
    report = {}
    for fmr in arguments.fmr or [1e-5, 1e-6]:
        threshold = calibration.rates(Condition.BARE_BARE).threshold(fmr)
        curve = error_versus_discard(mated, quality, threshold=threshold)
        if curve is None:
            raise SystemExit("nobody has two pictures")
        fnmr = dict(zip((round(float(share), 2) for share in curve.discards), curve.fnmr, strict=True))
        report[f"{fmr:g}"] = {
            "threshold": round(threshold, 4),
            "mated": len(mated),
            "fnmr_after_discard": {f"{share:g}": round(float(fnmr[share]), 4) for share in SHOWN},
            "area": round(curve.area, 6),
            "area_by_lot": round(curve.area_random, 6),
        }
    print(file=sys.stderr)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
