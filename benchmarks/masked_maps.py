"""What the masked map buys over plain embeddings, and what other maps would, on people the map has not seen.

Caveats first: masks are drawn; one set. The people are split in two by a hash of their name; each map is fitted on one
half and tried on the other. A masked probe is compared with one bare picture of everybody in its half, never the same
picture. People known or suspected to be there under two names are left out.

    python benchmarks/masked_maps.py --images lfw-dev.tar --not-apart suspected-labels.csv
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import PICTURES, build_vision, thread_count
from limen.cli.evaluate import read_apart
from limen.evaluation.calibrate import centre_of
from limen.evaluation.embedding import Embedded, embed_pictures
from limen.evaluation.masked_map import fit_masked_map
from limen.evaluation.masked_probes import MaskDrawer
from limen.evaluation.pictures import PictureSet
from limen.settings import load_settings

FMR_TARGETS = (1e-4, 1e-5)
Rows = NDArray[np.float64]
Forms = tuple[Callable[[Rows], Rows], Callable[[Rows], Rows]]
"""What is done to embeddings of bare faces, and to those of masked ones."""


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--not-apart", type=Path, required=True)
    arguments = parser.parse_args()
    settings = load_settings()
    vision = build_vision(settings, None, options=PICTURES, threads=1)
    pictures, sides = PictureSet(arguments.images), []
    for changed in (lambda _, frame: frame, MaskDrawer(vision)):
        names = [name for name in pictures.names() if "/" in name]
        print(f"{len(names)} pictures", file=sys.stderr)
        sides.append(
            embed_pictures(pictures.read(names), vision=vision, threads=thread_count(settings), changed=changed)
        )
    doubtful = {person for pair in read_apart(arguments.not_apart) for person in pair}
    print(json.dumps(compared(sides[0], sides[1], doubtful), indent=1))


def compared(bare: Embedded, masked: Embedded, doubtful: set[str]) -> dict[str, dict[str, str]]:
    """Map -> misses at each false match rate, over both halves."""
    both = [name for name in bare.names if name in masked.place() and name.split("/", 1)[0] not in doubtful]
    people = np.array([name.split("/", 1)[0] for name in both])
    side = np.array([hashlib.sha256(person.encode()).digest()[0] % 2 for person in people])
    rows = [e.embeddings[[e.place()[name] for name in both]].astype(np.float64) for e in (bare, masked)]
    totals = {name: np.zeros((len(FMR_TARGETS), 2), dtype=np.int64) for name in MAPS}
    for half in (0, 1):
        train, test = side == half, side != half
        _, whose = np.unique(people[train], return_inverse=True)
        centre = centre_of(rows[0][train].astype(np.float32), whose).astype(np.float64)
        plain, covered = (_unit(part - centre) for part in rows)
        for name, fit in MAPS.items():
            of_bare, of_masked = fit(plain[train], covered[train], whose)
            totals[name] += _misses(of_bare(plain[test]), of_masked(covered[test]), people[test])
    return {
        name: {f"{rate:g}": f"{misses} of {mated}" for rate, (misses, mated) in zip(FMR_TARGETS, counts, strict=True)}
        for name, counts in totals.items()
    }


def _misses(bare: Rows, masked: Rows, people: NDArray[np.str_]) -> NDArray[np.int64]:
    """Misses and mated comparisons at each false match rate; a person's last picture is the reference."""
    likeness, same = masked @ bare.T, people[:, None] == people[None]
    nonmated = np.sort(likeness[~same])
    _, from_end = np.unique(people[::-1], return_index=True)
    references = len(people) - 1 - from_end
    mated = same[:, references]
    mated[references, np.arange(len(references))] = False
    found = likeness[:, references][mated]
    thresholds = [nonmated[-max(1, int(len(nonmated) * rate))] for rate in FMR_TARGETS]
    return np.array([[int((found < threshold).sum()), len(found)] for threshold in thresholds])


def _unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _shift_only(_: Rows, masked: Rows, __: NDArray[np.intp]) -> Forms:
    shift = masked.mean(axis=0)
    return _unit, lambda rows: _unit(rows - shift)


def _shipped(bare: Rows, masked: Rows, people: NDArray[np.intp]) -> Forms:
    fitted = fit_masked_map(bare.astype(np.float32), masked.astype(np.float32), people)
    return (
        lambda rows: fitted.bare(rows.astype(np.float32)).astype(np.float64),
        lambda rows: fitted.masked(rows.astype(np.float32)).astype(np.float64),
    )


def _regressed(bare: Rows, masked: Rows, people: NDArray[np.intp]) -> Forms:
    """Masked embeddings first brought to bare ones by ridge regression, towards the identity."""
    shift = masked.mean(axis=0)
    moved = _unit(masked - shift)
    ridge = np.trace(moved.T @ moved) / moved.shape[1] * np.eye(moved.shape[1])
    matrix = np.linalg.solve(moved.T @ moved + ridge, moved.T @ bare + ridge)
    of_bare, of_masked = _shipped(bare, _unit(moved @ matrix), people)
    return of_bare, lambda rows: of_masked(_unit(_unit(rows - shift) @ matrix))


def _two_sided(bare: Rows, masked: Rows, people: NDArray[np.intp]) -> Forms:
    """Bare and masked embeddings each whitened by the scatter of their own kind within a person."""
    shift = masked.mean(axis=0)
    one, other = (_whitening(rows, people) for rows in (bare, _unit(masked - shift)))
    return lambda rows: _unit(rows @ one), lambda rows: _unit(_unit(rows - shift) @ other)


def _whitening(rows: Rows, people: NDArray[np.intp]) -> Rows:
    counts = np.bincount(people)
    means = np.zeros((len(counts), rows.shape[1]))
    np.add.at(means, people, rows)
    residual = (rows - (means / counts[:, None])[people])[counts[people] > 1]
    scatter = residual.T @ residual / len(residual)
    values, vectors = np.linalg.eigh(scatter + np.trace(scatter) / len(scatter) * np.eye(len(scatter)))
    return np.asarray((vectors * values**-0.5) @ vectors.T)


MAPS: dict[str, Callable[[Rows, Rows, NDArray[np.intp]], Forms]] = {
    "other places alone": lambda *_: (_unit, _unit),
    "+ shift": _shift_only,
    "+ matrix (shipped)": _shipped,
    "dropped: regression before it": _regressed,
    "dropped: a matrix for each side": _two_sided,
}


if __name__ == "__main__":
    main()
