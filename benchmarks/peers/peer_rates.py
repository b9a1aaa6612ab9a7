"""Embeddings of one peer -> its error rates, by the code that ``limen evaluate`` uses.

1. Every probe is compared with every reference but the picture it was made from: all mated and all non-mated pairs. Two
   bare pictures are compared once; where the probe alone is masked, there are two ways round.
2. Only people of one half (``limen.evaluation.crossfit``) are compared with each other, for everybody alike: so there
   is a calibration for limen that has seen neither of the two. Similarities of both halves share one threshold.
3. A picture without a face fails all its comparisons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from peer_material import Material, person_of

from limen.evaluation.comparing import Comparable, crosswise
from limen.evaluation.crossfit import half_of
from limen.evaluation.embedding import Embedded
from limen.evaluation.identification import identification_report, mated_probes, nonmated_probes
from limen.evaluation.rates import det, eer, fnmr_at_fmr, fta
from limen.evaluation.verification import FMR_TARGETS
from limen.gallery.calibration import Calibration

__all__ = ["Sides", "calibrated", "embedded_of", "measured", "plain"]

Cross = Callable[[Sequence[str], Sequence[str]], NDArray[np.float64]]
"""Names of probes and of references -> similarities (n, m); minus infinity where either failed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """What one peer made.

    Attributes:
        references: of the bare pictures.
        probes: of the probes, which may be masked.
    """

    references: Embedded
    probes: Embedded


def embedded_of(names: Sequence[str], embeddings: NDArray[np.float32], masked: NDArray[np.bool_]) -> Embedded:
    """A worker's answer (rows of NaN where no face was found) as an ``Embedded``."""
    found = [row for row, values in enumerate(embeddings) if values.size and not np.isnan(values).any()]
    taken = set(found)
    return Embedded(
        names=tuple(names[row] for row in found),
        embeddings=embeddings[found],
        quality=np.zeros(len(found), dtype=np.int64),
        masked=masked[found],
        failed=tuple(name for row, name in enumerate(names) if row not in taken),
    )


def plain(sides: Sides, *, metric: str) -> Cross:
    """Cosine, or the Euclidean distance with its sign turned.

    Raises:
        ValueError: another metric.
    """
    if metric not in ("cosine", "euclidean"):
        raise ValueError(f"metric: expected cosine or euclidean, got {metric!r}")
    places = sides.probes.place(), sides.references.place()

    def cross(probes: Sequence[str], references: Sequence[str]) -> NDArray[np.float64]:
        one = _rows(sides.probes, places[0], probes)
        other = _rows(sides.references, places[1], references)
        if metric == "cosine":
            one, other = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (one, other))
            likeness = one @ other.T
        else:
            squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None, :] - 2.0 * one @ other.T
            likeness = -np.sqrt(np.maximum(squares, 0.0))
        return np.asarray(np.where(np.isnan(likeness), -np.inf, likeness), dtype=np.float64)

    return cross


def calibrated(sides: Sides, calibration: Calibration) -> Cross:
    """The scale of limen; embeddings already centred by that calibration."""
    one, other = (Comparable(side, calibration) for side in (sides.probes, sides.references))

    def cross(probes: Sequence[str], references: Sequence[str]) -> NDArray[np.float64]:
        columns = other.rows(tuple(references))
        likeness = np.full((len(probes), len(columns)), -np.inf)
        here = columns >= 0
        likeness[:, here] = crosswise((one, one.rows(tuple(probes))), (other, columns[here]), calibration)
        return likeness

    return cross


def measured(material: Material, sides: Sides, *, by_half: Sequence[Cross], both_ways: bool) -> dict[str, Any]:
    """Error rates of one peer.

    Args:
        material: what is compared.
        sides: for failures to acquire.
        by_half: the comparison to use inside each half.
        both_ways: whether probes differ from references, as masked ones do.

    Returns:
        Some keys of DESIGN section 6, with their counts and intervals.
    """
    parts = [_half(material, by_half[side], side=side, both_ways=both_ways) for side in (0, 1)]
    mated, nonmated = (np.concatenate([getattr(part, kind) for part in parts]) for kind in ("mated", "nonmated"))
    acquired = sides.probes if both_ways else sides.references
    acquisition = fta(np.arange(len(acquired.names) + len(acquired.failed)) < len(acquired.failed))
    targets = {name: fnmr_at_fmr(mated, nonmated, fmr_target=target) for name, target in FMR_TARGETS.items()}
    search = identification_report(
        mated_probes((part.searches, part.own) for part in parts),
        nonmated_probes(part.strangers for part in parts),
        n_gallery=len(material.enrolled),
        acquisition=acquisition,
    )
    searched = (*_with_sides("rank1"), *_with_sides("fnir_at_fpir"), "fta", "fta_interval")
    return {
        "n_mated": mated.size,
        "n_nonmated": nonmated.size,
        "tpr_at_fmr": {name: rate.correct if rate else None for name, rate in targets.items()},
        "tpr_at_fmr_counts": {name: rate.counts() if rate else None for name, rate in targets.items()},
        "tpr_at_fmr_interval": {name: rate.correct_interval() if rate else None for name, rate in targets.items()},
        "eer": eer(det(mated, nonmated)),
        "n_searches": search["n_mated"],
        "n_strangers": search["n_nonmated"],
        **{key: dict(search)[key] for key in searched},
    }


def _with_sides(key: str) -> tuple[str, str, str]:
    return key, f"{key}_counts", f"{key}_interval"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """Similarities inside one half: of comparisons, and of searches (probes by people) with each probe's own column."""

    mated: NDArray[np.float64]
    nonmated: NDArray[np.float64]
    searches: NDArray[np.float64]
    own: NDArray[np.intp]
    strangers: NDArray[np.float64]


def _half(material: Material, cross: Cross, *, side: int, both_ways: bool) -> _Part:
    inside = [place for place, name in enumerate(material.enrolled) if half_of(name) == side]
    column = {place: number for number, place in enumerate(inside)}
    enrolled = [material.enrolled[place] for place in inside]
    rows = [row for row, place in enumerate(material.mated_people) if int(place) in column]
    references, probes, strangers = (
        [name for name in names if half_of(name) == side]
        for names in (material.references, material.probes, material.strangers)
    )
    likeness = cross(probes, references)
    compared = _compared(probes, references, both_ways=both_ways)
    people = [np.array([person_of(name) for name in names]) for names in (probes, references)]
    same = people[0][:, None] == people[1][None, :]
    return _Part(
        mated=likeness[compared & same],
        nonmated=likeness[compared & ~same],
        searches=cross([material.mated[row] for row in rows], enrolled),
        own=np.array([column[int(material.mated_people[row])] for row in rows], dtype=np.intp),
        strangers=cross(strangers, enrolled),
    )


def _compared(probes: Sequence[str], references: Sequence[str], *, both_ways: bool) -> NDArray[np.bool_]:
    """(1): bool (n, m)."""
    place = {name: number for number, name in enumerate(references)}
    own = np.array([place.get(name, -1) for name in probes], dtype=np.intp)
    columns = np.arange(len(references))
    compared: NDArray[np.bool_] = np.asarray(columns[None, :] != own[:, None])
    if not both_ways:
        among = set(probes)
        is_probe = np.array([name in among for name in references], dtype=np.bool_)
        compared &= ~(is_probe[None, :] & (columns[None, :] < own[:, None]))
    return compared


def _rows(side: Embedded, place: Mapping[str, int], names: Sequence[str]) -> NDArray[np.float64]:
    """float64 (n, d), NaN for a picture that failed."""
    rows = np.full((len(names), side.embeddings.shape[1]), np.nan)
    for number, name in enumerate(names):
        if name in place:
            rows[number] = side.embeddings[place[name]]
    return rows
