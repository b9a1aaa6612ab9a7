"""Similarities on the calibrated scale: -log10 of the false match rate, so that bare and masked comparisons mix.

The same number means the same risk whatever was compared. Every comparison is made in the condition its two faces are
in, as the gallery does it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limen.core.match import Condition
from limen.evaluation.embedding import Embedded
from limen.gallery.calibration import Calibration

__all__ = ["Comparable", "conditions", "crosswise", "pairwise"]


class Comparable:
    """Embeddings in the two forms comparisons need.

    Args:
        embedded: what the pipeline made.
        calibration: gives the masked map; without one all faces count as bare.
    """

    def __init__(self, embedded: Embedded, calibration: Calibration) -> None:
        masked_map = calibration.masked_map
        self.plain = embedded.embeddings
        self.masked = embedded.masked if masked_map is not None else np.zeros(len(self.plain), dtype=np.bool_)
        self.mapped = self.plain
        if masked_map is not None and len(self.plain):
            self.mapped = masked_map.bare(self.plain)
            self.mapped[self.masked] = masked_map.masked(self.plain[self.masked])
        self.quality = embedded.quality
        self.place = embedded.place()

    def rows(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        """Rows of the named pictures; -1 for one that failed."""
        return np.array([self.place.get(name, -1) for name in names], dtype=np.intp)


def pairwise(
    left: tuple[Comparable, NDArray[np.intp]], right: tuple[Comparable, NDArray[np.intp]], calibration: Calibration
) -> NDArray[np.float64]:
    """float64 (n,): row by row; minus infinity where either is -1."""
    (one, rows), (other, columns) = left, right
    result = np.full(len(rows), -np.inf)
    here = (rows >= 0) & (columns >= 0)
    for first in (False, True):
        for second in (False, True):
            chosen = np.flatnonzero(here)
            chosen = chosen[(one.masked[rows[chosen]] == first) & (other.masked[columns[chosen]] == second)]
            a, b = _forms(one, other, condition := _condition(first=first, second=second))
            cosines = np.einsum("ij,ij->i", a[rows[chosen]], b[columns[chosen]], dtype=np.float64)
            result[chosen] = _scaled(cosines, calibration, condition)
    return result


def conditions(
    left: tuple[Comparable, NDArray[np.intp]], right: tuple[Comparable, NDArray[np.intp]]
) -> NDArray[np.object_]:
    """(n,) ``Condition``, row by row; all rows at least 0."""
    (one, rows), (other, columns) = left, right
    sides = zip(one.masked[rows], other.masked[columns], strict=True)
    return np.array([_condition(first=bool(a), second=bool(b)) for a, b in sides], dtype=np.object_)


def crosswise(
    probes: tuple[Comparable, NDArray[np.intp]],
    references: tuple[Comparable, NDArray[np.intp]],
    calibration: Calibration,
) -> NDArray[np.float64]:
    """float64 (n, m): every probe with every reference (all at least 0); minus infinity for probes that are -1."""
    (one, rows), (other, columns) = probes, references
    result = np.full((len(rows), len(columns)), -np.inf)
    for first in (False, True):
        for second in (False, True):
            i = np.flatnonzero(rows >= 0)
            i = i[one.masked[rows[i]] == first]
            j = np.flatnonzero(other.masked[columns] == second)
            if len(i) == 0 or len(j) == 0:
                continue
            a, b = _forms(one, other, condition := _condition(first=first, second=second))
            cosines = a[rows[i]].astype(np.float64) @ b[columns[j]].T
            result[np.ix_(i, j)] = _scaled(cosines, calibration, condition)
    return result


def _condition(*, first: bool, second: bool) -> Condition:
    if first and second:
        return Condition.MASKED_MASKED
    return Condition.BARE_MASKED if first or second else Condition.BARE_BARE


def _forms(one: Comparable, other: Comparable, condition: Condition) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return (one.plain, other.plain) if condition is Condition.BARE_BARE else (one.mapped, other.mapped)


def _scaled(cosines: NDArray[np.float64], calibration: Calibration, condition: Condition) -> NDArray[np.float64]:
    if cosines.size == 0:
        return cosines
    return np.asarray(-np.log10(calibration.rates(condition).fmr(cosines)), dtype=np.float64)
