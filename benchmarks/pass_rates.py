"""What one byte a component costs: misses at a false match rate of 1e-4 with templates as floats and as passes.

Every picture of the protocol is embedded once, bare, and with ``--masked`` once more with a drawn mask. One side of a
comparison is the float template, or the same template through a real pass: sealed, opened, compared as at a door. All
pairs of different pictures are compared; pictures of one person are mated. Two thresholds: the one these very
comparisons give for 1e-4 (each form its own), and the one the shipped calibration gives (the same for both).
Caveats first: one set; the shipped calibration was made on these people, so only the difference of the forms is a
result on unseen faces at its threshold; masks are drawn.

    python benchmarks/pass_rates.py --images lfw-dev.tar --protocol openset.json --not-apart suspected.csv --masked
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import PICTURES, build_vision, calibration_of, thread_count
from limen.cli.evaluate import read_apart
from limen.core.match import Condition
from limen.core.passes import FacePass, PassId, PassTerms, SiteSecret
from limen.evaluation.embedding import Embedded, embed_pictures
from limen.evaluation.masked_probes import MaskDrawer
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import read_open_set
from limen.gallery.calibration import Calibration
from limen.gallery.passes import SealedCodec
from limen.settings import load_settings

FMR = 1e-4
START = datetime(2026, 11, 24, tzinfo=UTC)
KEY = SiteSecret(number=1, secret=b"k" * 32, made_at=START, accepted_until=None)
Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Which pictures are compared with which, and whose they are."""

    people: NDArray[np.str_]
    apart: NDArray[np.bool_]

    def split(self, similarities: Rows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mated and non-mated similarities of all pairs of different pictures."""
        same = self.people[:, None] == self.people[None, :]
        upper = np.triu(np.ones_like(same), 1)
        return similarities[same & upper], similarities[~same & upper & self.apart]


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--protocol", type=Path, required=True)
    parser.add_argument("--not-apart", type=Path, help="CSV similarity,a,b: two names, perhaps one person.")
    parser.add_argument("--pictures", type=int, help="About so many, of people drawn by lot; default: all.")
    parser.add_argument("--masked", action="store_true", help="Also with masks on the probes.")
    arguments = parser.parse_args()
    started = time.perf_counter()
    protocol, pictures = read_open_set(arguments.protocol), PictureSet(arguments.images)
    names = [*(name for group in protocol.gallery for name in group), *protocol.mated_images, *protocol.nonmated_images]
    names = _some(list(dict.fromkeys(names)), arguments.pictures)
    settings = load_settings()
    calibration = calibration_of(settings)
    vision = build_vision(settings, calibration, options=PICTURES, threads=1)

    def embed(**how: Any) -> Embedded:
        return embed_pictures(pictures.read(names), vision=vision, threads=thread_count(settings), **how)

    bare = embed()
    passed = _through_passes(bare.embeddings, calibration)
    angles = np.degrees(np.arccos(np.clip(np.einsum("ij,ij->i", bare.embeddings, passed), -1, 1)))
    report: dict[str, Any] = {
        "pictures": len(names),
        "failed": len(bare.failed),
        "angle_deg": {"mean": round(float(angles.mean()), 3), "largest": round(float(angles.max()), 3)},
    }
    doubtful = () if arguments.not_apart is None else read_apart(arguments.not_apart)
    trial = Trial(calibration=calibration, doubtful=frozenset(doubtful))
    forms = (bare.embeddings, passed)
    report["bare"] = trial.compared(bare.names, forms, bare.embeddings, condition=Condition.BARE_BARE)
    sys.stderr.write(json.dumps(report) + "\n")
    if arguments.masked:
        masked = embed(changed=MaskDrawer(vision))
        report["masked"] = _masked(bare, passed, masked=masked, trial=trial)
    report["seconds"] = round(time.perf_counter() - started, 1)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


def _some(names: list[str], wanted: int | None) -> list[str]:
    """All pictures of as many people, in a seeded order, as give about so many pictures."""
    if wanted is None:
        return names
    of: dict[str, list[str]] = {}
    for name in names:
        of.setdefault(name.rpartition("/")[0], []).append(name)
    people = list(of)
    np.random.default_rng(5).shuffle(people)
    found: list[str] = []
    for person in people:
        if len(found) < wanted:
            found += of[person]
    return found


def _through_passes(embeddings: Rows, calibration: Calibration) -> Rows:
    codec = SealedCodec(b"site", models=[calibration.model_id])
    terms = PassTerms(
        pass_id=PassId("0" * 16),
        valid_from=START,
        valid_until=START + timedelta(hours=1),
        model_id=calibration.model_id,
        key_number=1,
    )
    rows = []
    for vector in embeddings:
        opened = codec.open(codec.seal(vector, terms=terms, key=KEY), keys=[KEY])
        assert isinstance(opened, FacePass)
        rows.append(opened.vector)
    return np.stack(rows)


def _masked(bare: Embedded, passed: Rows, *, masked: Embedded, trial: Trial) -> dict[str, Any]:
    """Bare references, floats and passes alike, through the masked map; probes that wear a mask."""
    place, masked_map = masked.place(), trial.calibration.masked_map
    kept = [row for row, name in enumerate(bare.names) if name in place and masked.masked[place[name]]]
    assert masked_map is not None
    names = [bare.names[row] for row in kept]
    probes = masked.embeddings[[place[name] for name in names]]
    forms = (masked_map.bare(bare.embeddings[kept]), masked_map.bare(passed[kept]))
    report = trial.compared(names, forms, masked_map.masked(probes), condition=Condition.BARE_MASKED)
    return report | {"pictures": len(kept)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """What similarities mean, and who is perhaps one person under two names."""

    calibration: Calibration
    doubtful: frozenset[tuple[str, str]]

    def compared(
        self, names: Sequence[str], forms: tuple[Rows, Rows], probes: Rows, *, condition: Condition
    ) -> dict[str, Any]:
        """Misses of both forms at both thresholds, and the difference."""
        point = self.calibration.operating_point(fpir_target=FMR, n_references=1, condition=condition)
        report: dict[str, Any] = {}
        pairs = self._pairs(names)
        for name, references in zip(("float", "pass"), forms, strict=True):
            mated, nonmated = pairs.split(references @ probes.T)
            rank = max(1, int(FMR * len(nonmated)))
            own = float(np.partition(nonmated, -rank)[-rank])
            report[name] = {
                "n_mated": len(mated),
                "n_nonmated": len(nonmated),
                "fnmr_at_own_threshold": round(float((mated < own).mean()), 6),
                "fnmr_at_shipped_threshold": round(float((mated < point.threshold).mean()), 6),
                "fmr_at_shipped_threshold": float(f"{float((nonmated >= point.threshold).mean()):.4g}"),
            }
        keys = ("fnmr_at_own_threshold", "fnmr_at_shipped_threshold")
        points = {key: round(100 * (report["pass"][key] - report["float"][key]), 4) for key in keys}
        return report | {"difference_in_points": points}

    def _pairs(self, names: Sequence[str]) -> Pairs:
        people = np.array([name.rpartition("/")[0] for name in names])
        apart = np.ones((len(people), len(people)), dtype=np.bool_)
        for left, right in self.doubtful:
            one, other = people == left, people == right
            apart[np.ix_(one, other)] = apart[np.ix_(other, one)] = False
        return Pairs(people=people, apart=apart)


if __name__ == "__main__":
    main()
