"""calibrate: embeddings of known people -> what a similarity means for this model.

 (1) The centre is the mean unit embedding, every person weighing the same.
 (2) Non-mated: all pairs of different people over a few pictures each, so that much-photographed people do not rule.
 (3) Mated: all pairs of one person's pictures, every person weighing the same.
 (4) The body is a table, the far tail a generalised Pareto fit, the log-likelihood ratio a logistic regression at the
     prior of a door (one in a thousand), after Brümmer and du Preez (2006).
 (5) With the same pictures masked: the shift and the matrix of the masked map (``limen.evaluation.masked_map``), and
     the same two distributions for bare against masked and masked against masked; no picture meets its own masked self.
Pairs the set's keepers know to be mislabelled are left out. Nothing of any person is in the result.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ConfigError
from limen.core.match import Condition
from limen.evaluation.embedding import Embedded
from limen.evaluation.masked_map import fit_masked_map
from limen.gallery.calibration import Calibration, ConditionRates
from limen.gallery.tail import fit_tail
from limen.vision.embed import model_id_of
from limen.vision.manifest import ModelCard

__all__ = ["CalibrationSet", "calibrate", "calibration_set", "centre_of"]

TAIL_SHARE = 2e-4
PICTURES_PER_PERSON = 3
_GRID = np.round(np.linspace(-1.0, 1.0, 401), 3)
_DOOR_PRIOR = 1e-3
_LEAST_PEOPLE = 100
_BLOCK = 2048


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalibrationSet:
    """Embeddings without centre, and whose they are.

    Attributes:
        embeddings: float32 (n, d), unit rows.
        people: n names; equal name, equal person.
        masked: float32 (m, d), some of the same pictures with a mask; None to calibrate bare faces only.
        masked_rows: intp (m,), which row of ``embeddings`` each is of.
        same_although_named_apart: pairs of names that are known or suspected to be one person.
    """

    embeddings: NDArray[np.float32] = field(repr=False)
    people: Sequence[str] = field(repr=False)
    masked: NDArray[np.float32] | None = field(default=None, repr=False)
    masked_rows: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, dtype=np.intp), repr=False)
    same_although_named_apart: Collection[tuple[str, str]] = ()


def calibration_set(bare: Embedded, masked: Embedded | None, apart: Collection[tuple[str, str]]) -> CalibrationSet:
    """The calibration set of an evaluation set's pictures.

    Args:
        bare: the pictures; the first folder of a picture's name is its person.
        masked: the same with drawn masks, of which only those seen as masked count; None for bare faces only.
        apart: people known or suspected to be one person under two names.
    """
    people = [name.split("/", 1)[0] for name in bare.names]
    if masked is None:
        return CalibrationSet(embeddings=bare.embeddings, people=people, same_although_named_apart=apart)
    place = bare.place()
    seen = [row for row, name in enumerate(masked.names) if masked.masked[row] and name in place]
    return CalibrationSet(
        embeddings=bare.embeddings,
        people=people,
        masked=masked.embeddings[seen],
        masked_rows=np.array([place[masked.names[row]] for row in seen], dtype=np.intp),
        same_although_named_apart=apart,
    )


def centre_of(embeddings: NDArray[np.float32], people: NDArray[np.intp]) -> NDArray[np.float32]:
    """(1): float32 (d,), the mean over people of the mean over each one's pictures."""
    count = int(people.max()) + 1
    sums = np.zeros((count, embeddings.shape[1]))
    np.add.at(sums, people, embeddings.astype(np.float64))
    means = sums / np.bincount(people, minlength=count)[:, None]
    return np.asarray(means.mean(axis=0), dtype=np.float32)


def calibrate(data: CalibrationSet, *, card: ModelCard, made_on: date, made_from: str) -> Calibration:
    """Make a calibration.

    Args:
        data: at least a hundred people, some with several pictures.
        card: the model.
        made_on: today.
        made_from: the sources, in a sentence.

    Raises:
        ConfigError: too few people, or nobody with two pictures.
    """
    names, people = np.unique(np.asarray(data.people), return_inverse=True)
    if len(names) < _LEAST_PEOPLE:
        raise ConfigError(
            f"calibration needs at least {_LEAST_PEOPLE} people, got {len(names)}",
            advice="give more --images; the first folder of a picture's name is its person",
        )
    centre = centre_of(data.embeddings, people)
    bare = _centred(data.embeddings, centre)
    index = {str(name): place for place, name in enumerate(names)}
    apart = {(index[a], index[b]) for a, b in data.same_although_named_apart if a in index and b in index}
    pairs = _Pairs(people, apart)
    conditions = {Condition.BARE_BARE: pairs.rates(bare, bare)}
    masked_map = None
    if data.masked is not None:
        both, masked = bare[data.masked_rows], _centred(data.masked, centre)
        whose = np.unique(people[data.masked_rows], return_inverse=True)[1]
        masked_map = fit_masked_map(both, masked, whose)
        from_bare, from_masked = masked_map.bare(both), masked_map.masked(masked)
        pairs = _Pairs(people[data.masked_rows], apart)
        conditions[Condition.BARE_MASKED] = pairs.rates(from_bare, from_masked)
        conditions[Condition.MASKED_MASKED] = pairs.rates(from_masked, from_masked)
    return Calibration(
        model_id=model_id_of(card, centre),
        model=card.name,
        centre=centre,
        made_on=made_on,
        made_from=made_from,
        method=(
            f"all pairs of different people over at most {PICTURES_PER_PERSON} pictures each; generalised Pareto tail "
            f"of the highest {TAIL_SHARE:g} by maximum likelihood, shape not below 0; mated pairs weighted per person; "
            f"log-likelihood ratio by logistic regression at a prior of {_DOOR_PRIOR:g}"
            + ("" if masked_map is None else "; masked conditions on the same pictures with drawn masks")
        ),
        conditions=conditions,
        masked_map=masked_map,
    )


def _centred(embeddings: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = embeddings.astype(np.float64) - centre
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class _Pairs:
    """(2) and (3): who is compared with whom. ``left`` and ``right`` are two views of the same pictures, or one."""

    def __init__(self, people: NDArray[np.intp], apart: Collection[tuple[int, int]]) -> None:
        self._people = people
        self._apart = np.array(sorted(apart), dtype=np.intp).reshape(-1, 2)

    def rates(self, left: NDArray[np.float32], right: NDArray[np.float32]) -> ConditionRates:
        """The distributions of all comparisons of a left view with a right one."""
        nonmated = self._nonmated(left, right)
        mated, weights = self._mated(left.astype(np.float64), right.astype(np.float64))
        if len(mated) == 0:
            raise ConfigError("calibration needs people with two pictures or more", advice="give more --images")
        slope, intercept = _logistic(mated, weights, nonmated)
        return ConditionRates(
            grid=_GRID,
            nonmated=1.0 - np.searchsorted(np.sort(nonmated), _GRID, side="left") / len(nonmated),
            mated=_weighted_below(mated, weights),
            tail=fit_tail(nonmated, share=TAIL_SHARE),
            llr_slope=slope,
            llr_intercept=intercept,
            n_nonmated=len(nonmated),
            n_mated=len(mated),
            n_people=len(np.unique(self._people)),
        )

    def _nonmated(self, left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
        """(2): similarities of all pairs of different people, float64 (n,)."""
        people = self._people
        order = np.argsort(people, kind="stable")
        rank = np.arange(len(people)) - np.searchsorted(people[order], people[order], side="left")
        chosen = order[rank < PICTURES_PER_PERSON]
        rows, columns, whose = left[chosen], right[chosen], people[chosen]
        parts = []
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            keep = whose[block, None] < whose[None, :]
            for one, other in self._apart:
                keep &= ~((whose[block, None] == min(one, other)) & (whose[None, :] == max(one, other)))
            parts.append((rows[block] @ columns.T)[keep])
        return np.concatenate(parts).astype(np.float64)

    def _mated(
        self, left: NDArray[np.float64], right: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(3): similarities of all pairs of one person's pictures, and weights that make every person count once."""
        similarities, weights = [], []
        for person in np.unique(self._people):
            rows = self._people == person
            upper = np.triu_indices(int(rows.sum()), k=1)
            pairs = (left[rows] @ right[rows].T)[upper]
            similarities.append(pairs)
            weights.append(np.full(len(pairs), 1.0 / max(1, len(pairs))))
        return np.concatenate(similarities), np.concatenate(weights)


def _weighted_below(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of weight below each grid value."""
    order = np.argsort(values)
    summed = np.concatenate([[0.0], np.cumsum(weights[order])])
    return np.asarray(summed[np.searchsorted(values[order], _GRID, side="left")] / summed[-1], dtype=np.float64)


def _logistic(
    mated: NDArray[np.float64], weights: NDArray[np.float64], nonmated: NDArray[np.float64]
) -> tuple[float, float]:
    """(4): slope and intercept of the natural-log likelihood ratio, by Newton's method."""
    thinned = nonmated[:: max(1, len(nonmated) // 1_000_000)]
    x = np.concatenate([mated, thinned])
    y = np.concatenate([np.ones(len(mated)), np.zeros(len(thinned))])
    w = np.concatenate(
        [_DOOR_PRIOR * weights / weights.sum(), np.full(len(thinned), (1.0 - _DOOR_PRIOR) / len(thinned))]
    )
    offset = np.log(_DOOR_PRIOR / (1.0 - _DOOR_PRIOR))
    design = np.stack([x, np.ones_like(x)], axis=1)
    parameters = np.array([10.0, -3.0])
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ parameters + offset, -500.0, 500.0)))
        gradient = design.T @ (w * (y - p))
        curvature = (design * (w * p * (1.0 - p))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        parameters = parameters + step * min(1.0, 5.0 / max(1e-9, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-9:  # noqa: PLR2004  Newton has arrived
            break
    return float(parameters[0]), float(parameters[1])
