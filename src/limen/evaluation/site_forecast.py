"""Volunteers' pictures -> what a site would live through in a year: strangers let in, enrolled people refused.

For the people of a site who give pictures for this one purpose, by an agreement of its own, and see them deleted after.
1. Everybody with two pictures or more is enrolled by the first ones; the others are mated probes. Every probe is also a
   stranger: to all volunteers but its own person. So nobody is needed from outside.
2. The threshold is the one limen would choose for the site's size and the asked FPIR; it is not fitted to anybody.
3. FPIR at another number of people follows from comparisons taken as independent, 1 - (1 - FPIR) ** (size / measured).
4. Intervals: people, not pictures, are drawn again; where no error was seen, the rule of three over people.
5. Only counts and rates leave here. Who resembles whom, and how much, is in no result, message or log; fewer than ten
   volunteers give no result at all.

Not covered: relatives and twins, several frames and second tries of one visit, liveness, light and cameras unlike the
pictures'. The forecast is for one picture a visit, so refusals are fewer at a door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import expm1, log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ConfigError
from limen.evaluation.intervals import Interval, bootstrap_by_subject, rule_of_three
from limen.evaluation.rates import Rate

__all__ = [
    "LEAST_VOLUNTEERS",
    "Traffic",
    "Trial",
    "Volunteers",
    "at_size",
    "choose_volunteers",
    "measure_volunteers",
    "site_forecast",
]

LEAST_VOLUNTEERS = 10
_SEED = 20261123
_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """A site as its owner expects it.

    Attributes:
        entries_per_day: enrolled people who come to the door.
        strangers_per_day: people who are not enrolled and come to the door.
        size: enrolled people.
        days_per_year: on which this happens.
    """

    entries_per_day: float
    strangers_per_day: float
    size: int
    days_per_year: int = _DAYS

    def __post_init__(self) -> None:
        usable = 0 <= self.entries_per_day < float("inf") and 0 <= self.strangers_per_day < float("inf")
        if not usable or self.size < 1 or not 1 <= self.days_per_year <= 366:  # noqa: PLR2004 - a year
            raise ConfigError(
                "a site needs a size of 1 or more and traffic of 0 or more",
                advice="for instance --entries-per-day 400 --strangers-per-day 20 --size 200",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A rate with an interval that knows which trials share a person.

    Attributes:
        rate: over pictures.
        interval: 95 %, by people.
    """

    rate: Rate
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volunteers:
    """Whose pictures are references and whose are probes.

    Attributes:
        references: p names of pictures, one a person.
        probes: n names of pictures, none of them a reference.
        whose: intp (n,), the place of each probe's person in ``references``.
    """

    references: tuple[str, ...] = field(repr=False)
    probes: tuple[str, ...] = field(repr=False)
    whose: NDArray[np.intp] = field(repr=False)


def choose_volunteers(people: Mapping[str, tuple[str, ...]]) -> Volunteers:
    """(1): people with two pictures or more; the first picture of each is the reference.

    Args:
        people: person -> sorted names of pictures (``limen.evaluation.importers.people_in_folders``).

    Raises:
        ConfigError: fewer than ten people have two pictures.
    """
    usable = [pictures for pictures in people.values() if len(pictures) > 1]
    if len(usable) < LEAST_VOLUNTEERS:
        raise ConfigError(
            f"{len(usable)} volunteers have two pictures or more; at least {LEAST_VOLUNTEERS} are needed",
            advice="one folder a person with two pictures or more; fewer people would be results about persons",
        )
    probes = [(name, place) for place, pictures in enumerate(usable) for name in pictures[1:]]
    return Volunteers(
        references=tuple(pictures[0] for pictures in usable),
        probes=tuple(name for name, _ in probes),
        whose=np.array([place for _, place in probes], dtype=np.intp),
    )


def measure_volunteers(
    similarities: NDArray[np.float64], whose: NDArray[np.intp], *, threshold: float
) -> tuple[Trial, Trial]:
    """FPIR (each probe a stranger to all but its own person) and FNIR (each probe of an enrolled person).

    Args:
        similarities: float64 (n, p), every probe with every reference; minus infinity or NaN where either failed.
        whose: intp (n,), the column of each probe's own person.
        threshold: on the scale of ``similarities``.

    Returns:
        FPIR among p - 1 people, and FNIR among p.

    Raises:
        ValueError: shapes that do not fit, or fewer than two people or no probe.
    """
    if similarities.ndim != 2 or whose.shape != similarities.shape[:1] or min(similarities.shape) < 1:  # noqa: PLR2004
        raise ValueError(f"volunteers: expected (n, p) and (n,), got {similarities.shape} and {whose.shape}")
    if similarities.shape[1] < 2:  # noqa: PLR2004 - somebody else
        raise ValueError("volunteers: expected at least two people")
    values = np.where(np.isnan(similarities), -np.inf, similarities)
    rows = np.arange(len(values))
    own = values[rows, whose]
    others = values.copy()
    others[rows, whose] = -np.inf
    top = others.max(axis=1)
    let_in = (top >= threshold) & (top > -np.inf)
    refused = ~((own >= threshold) & (own > top))
    return _trial(let_in, whose), _trial(refused, whose)


def at_size(fpir: float, *, measured: int, size: int) -> float:
    """(3): the FPIR among ``size`` people, from one measured among ``measured``."""
    return 1.0 if fpir >= 1.0 else -expm1(log1p(-fpir) * size / measured)


def site_forecast(fpir: Trial, fnir: Trial, traffic: Traffic, *, n_measured: int, fpir_target: float) -> dict[str, Any]:
    """What the volunteers foretell for a year, and beside it what the calibration promises.

    Args:
        fpir: among ``n_measured`` people.
        fnir: of one picture.
        traffic: the site.
        n_measured: people that ``fpir`` was measured among.
        fpir_target: share of strangers that limen was asked to let in at most.

    Returns:
        The document of ``limen evaluate site``: expected numbers a year with 95 % intervals, and no person's.
    """
    strangers = traffic.strangers_per_day * traffic.days_per_year
    entries = traffic.entries_per_day * traffic.days_per_year
    low, high = (at_size(edge, measured=n_measured, size=traffic.size) for edge in fpir.interval)
    middle = at_size(fpir.rate.value or 0.0, measured=n_measured, size=traffic.size)
    misses = fnir.rate.value or 0.0
    return {
        "n_volunteers": n_measured + 1,
        "size": traffic.size,
        "entries_per_year": entries,
        "strangers_per_year": strangers,
        "fpir_among_volunteers": fpir.rate.value,
        "fpir_among_volunteers_counts": fpir.rate.counts(),
        "fpir_among_volunteers_interval": fpir.interval,
        "fpir_at_size": middle,
        "fpir_at_size_interval": (low, high),
        "fnir": fnir.rate.value,
        "fnir_counts": fnir.rate.counts(),
        "fnir_interval": fnir.interval,
        "strangers_let_in_per_year": strangers * middle,
        "strangers_let_in_per_year_interval": (strangers * low, strangers * high),
        "strangers_let_in_per_year_promised": strangers * fpir_target,
        "refusals_per_year": entries * misses,
        "refusals_per_year_interval": (entries * fnir.interval[0], entries * fnir.interval[1]),
    }


def _trial(errors: NDArray[np.bool_], whose: NDArray[np.intp]) -> Trial:
    """(4)."""
    rate = Rate(errors=int(np.count_nonzero(errors)), trials=errors.size)
    bound = rule_of_three(len(np.unique(whose)))
    if rate.errors == 0:
        return Trial(rate=rate, interval=(0.0, bound))
    if rate.errors == rate.trials:
        return Trial(rate=rate, interval=(1.0 - bound, 1.0))

    def statistic(weights: NDArray[np.int64]) -> float | None:
        return float(weights[errors].sum() / weights.sum()) if weights.sum() else None

    subjects = np.stack([whose, whose], axis=1)
    interval = bootstrap_by_subject(statistic, subjects, rng=np.random.default_rng(_SEED))
    return Trial(rate=rate, interval=interval or (0.0, 1.0))
