"""Does the threshold keep its promise on people the calibration has never seen?

Caveats first: one set of news photographs, halves of one source; galleries and strangers are drawn again and again from
the same half, so the draws are not independent and the counts overstate how sure one may be.

The people are split in two by a hash of their name. On each half a calibration is made (centre, tail, everything); on
the other half random galleries of one picture each are searched by the people who are not in them (non-mated) and by
other pictures of those who are (mated), at the threshold the calibration gives for each asked FPIR. Once with bare
probes, once with the same probes wearing drawn masks; the gallery is bare.

    python benchmarks/crossfit.py --images lfw-dev.tar --not-apart suspected-labels.csv
"""

from __future__ import annotations

import argparse
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
from limen.evaluation.calibrate import calibrate, calibration_set
from limen.evaluation.comparing import Comparable, crosswise
from limen.evaluation.crossfit import centred, half
from limen.evaluation.embedding import Embedded, embed_pictures
from limen.evaluation.masked_probes import MaskDrawer
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
    sides = []
    for name, changed in (("bare", lambda _, frame: frame), ("masked", MaskDrawer(vision))):
        embedded = embed_pictures(
            pictures.read(names),
            vision=vision,
            threads=thread_count(settings),
            progress=lambda done, name=name: print(f"\r{name}: {done}/{len(names)}", end="", file=sys.stderr),
            changed=changed,
        )
        sides.append(embedded)
    apart = () if arguments.not_apart is None else read_apart(arguments.not_apart)
    print(file=sys.stderr)
    print(json.dumps(cross_fitted(sides[0], sides[1], apart=apart, gallery=arguments.gallery), indent=1))


def cross_fitted(
    bare: Embedded, masked: Embedded, *, apart: tuple[tuple[str, str], ...], gallery: int
) -> dict[str, dict[str, Any]]:
    """Rates by probes (bare, masked) and asked FPIR, over both halves."""
    settings = load_settings()
    card, _ = known_models(settings)[settings.vision.embedder]
    totals = {kind: {target: np.zeros(4, dtype=np.int64) for target in TARGETS} for kind in ("bare", "masked")}
    for side in (0, 1):
        calibration = calibrate(
            calibration_set(half(bare, side), half(masked, side), apart),
            card=card,
            made_on=date(2026, 1, 1),
            made_from="one half",
        )
        references = Comparable(centred(half(bare, 1 - side), calibration), calibration)
        for kind, probes in (("bare", bare), ("masked", masked)):
            other = Comparable(centred(half(probes, 1 - side), calibration), calibration)
            _test(calibration, references, other, gallery=gallery, totals=totals[kind])
    return {
        kind: {str(target): _shown(target, counts) for target, counts in by_target.items()}
        for kind, by_target in totals.items()
    }


def _test(
    calibration: Calibration,
    references: Comparable,
    probes: Comparable,
    *,
    gallery: int,
    totals: dict[float, NDArray[np.int64]],
) -> None:
    """Draw galleries from people the calibration has not seen and count errors into ``totals``."""
    people = np.array([name.split("/", 1)[0] for name in references.place])
    probe_names = list(probes.place)
    probe_people = np.array([name.split("/", 1)[0] for name in probe_names])
    everybody, first = np.unique(people, return_index=True)
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(len(everybody))
        enrolled = first[order[:gallery]]
        place = {people[row]: column for column, row in enumerate(enrolled)}
        pictures = {list(references.place)[row] for row in enrolled}
        mated = [r for r, name in enumerate(probe_names) if probe_people[r] in place and name not in pictures]
        strangers = np.array(
            [np.flatnonzero(probe_people == who)[0] for who in everybody[order[gallery:]] if who in probe_people]
        )
        own = np.array([place[probe_people[row]] for row in mated])
        likeness = crosswise((probes, np.array(mated)), (references, enrolled), calibration)
        hit = likeness.argmax(axis=1) == own
        mine = likeness[np.arange(len(mated)), own]
        nearest = crosswise((probes, strangers), (references, enrolled), calibration).max(axis=1)
        for target, counts in totals.items():
            point = calibration.operating_point(fpir_target=target, n_references=gallery, condition=Condition.BARE_BARE)
            threshold = -np.log10(point.fmr)
            false_positives = int((nearest >= threshold).sum())
            misses = int((~hit | (mine < threshold)).sum())
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
