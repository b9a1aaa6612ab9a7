"""How long 30,000 x 30,000 comparisons take and how much memory, counted into histograms as they are made.

Caveats first: embeddings are random unit vectors around 6,000 made-up people, so the rates mean nothing; the peak is
that of the whole process, embeddings and interpreter included; on a shared machine the time moves by a factor of two.
Five hundred rows are also compared at once with numpy in float64, and the number of comparisons that landed in another
bin is told; they are those within rounding of an edge.

    python benchmarks/large_pairs.py [--rows 30000] [--dimensions 128]
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time

import numpy as np
from numpy.typing import NDArray

from limen.evaluation.large import LargeSet, count_pairs
from limen.evaluation.rates import eer

PICTURES_PER_PERSON = 5
SPREAD = 0.9
CHECKED = 500


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--dimensions", type=int, default=128)
    arguments = parser.parse_args()
    people = -(-arguments.rows // PICTURES_PER_PERSON)
    centres = _unit(np.random.default_rng(1).standard_normal((people, arguments.dimensions), dtype=np.float32))
    left, right = (_pictures(centres, rows=arguments.rows, seed=seed) for seed in (2, 3))
    before = _peak_mib()
    started = time.perf_counter()
    counts = count_pairs(left, right, progress=lambda done: print(f"\r{done}", end="", file=sys.stderr))
    counted = time.perf_counter()
    curve = counts.det()
    report = {
        "comparisons": counts.mated.total + counts.nonmated.total,
        "mated": counts.mated.total,
        "nonmated": counts.nonmated.total,
        "seconds": round(counted - started, 1),
        "det_seconds": round(time.perf_counter() - counted, 3),
        "per_second_millions": round((counts.mated.total + counts.nonmated.total) / (counted - started) / 1e6, 1),
        "peak_mib": round(_peak_mib(), 1),
        "peak_before_mib": round(before, 1),
        "eer": eer(curve),
        "moved_by_rounding": _moved(left, right),
    }
    print(json.dumps(report, indent=1))


def _pictures(centres: NDArray[np.float32], *, rows: int, seed: int) -> LargeSet:
    rng = np.random.default_rng(seed)
    whose = np.asarray(rng.permutation(rows) % len(centres), dtype=np.intp)
    noise = _unit(rng.standard_normal((rows, centres.shape[1]), dtype=np.float32))
    return LargeSet(embeddings=_unit(centres[whose] + np.float32(SPREAD) * noise), people=whose)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _moved(left: LargeSet, right: LargeSet) -> dict[str, int]:
    """Comparisons of a corner that float64 puts into another bin."""
    one, other = (
        LargeSet(embeddings=side.embeddings[:CHECKED], people=side.people[:CHECKED]) for side in (left, right)
    )
    counts = count_pairs(one, other)
    exact = one.embeddings.astype(np.float64) @ other.embeddings.T.astype(np.float64)
    same = one.people[:, None] == other.people[None, :]
    expected = np.histogram(exact[~same], counts.nonmated.edges)[0], np.histogram(exact[same], counts.mated.edges)[0]
    moved = sum(
        int(np.abs(np.cumsum(ours.counts - theirs)).sum())
        for ours, theirs in zip((counts.nonmated, counts.mated), expected, strict=True)
    )
    return {"comparisons": exact.size, "moved": moved}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
