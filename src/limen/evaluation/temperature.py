"""Table of skin and oral temperatures -> how well a threshold at the inner canthus finds raised ones.

1. The value decided on is the mean, over the first three images, of the mean of the four hottest pixels at the inner
   corners of the eyes, corrected for the room; that of the door's own chain. The threshold is the shipped one.
2. The regression to oral temperature is reported for comparison with other work and never decided on: it shrinks
   towards the usual, by 0.2 °C in people of 37.5 °C and more.
3. What is empty, or no temperature of what it stands for, is not there. A row without oral temperature or without any
   image is left out and counted; one without the room's is not corrected for it, and counted.

Table: one row per visit with aveOralM (oral °C), T_atm (room °C) and canthi4Max1 to 3 (°C), as the published table of
the FDA study names them (Wang et al. 2023, PhysioNet, doi:10.13026/3bhc-9065). One image and no T_atm will do.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ConfigError
from limen.door.temperature import DEFAULT_THRESHOLD, REFERENCE_ROOM_C, expected_alarms
from limen.evaluation.intervals import Interval, bootstrap_by_subject
from limen.evaluation.rates import Rate

__all__ = ["FEBRILE_C", "TemperatureTable", "auc", "oral_estimate", "read_temperatures", "temperature_report"]

FEBRILE_C = {"37.5": 37.5, "38.0": 38.0}
"""Oral temperatures from which a reading ought to be found."""

_ORAL = "aveOralM"
_ROOM = "T_atm"
_CANTHUS = ("canthi4Max1", "canthi4Max2", "canthi4Max3")
_PLAUSIBLE_C = {_ORAL: (33.0, 43.0), _ROOM: (0.0, 45.0)} | dict.fromkeys(_CANTHUS, (28.0, 42.0))
_NOTHING = ("", "na", "n/a", "nan", "null", "none", "-")
_LONGEST = 20
_ORAL_AT_LIMIT_C, _ORAL_PER_DEGREE, _MORE_ABOVE = 37.154, 0.481, 0.709
_ADVICE = f"expected a CSV file with the columns {_ORAL}, {_ROOM} and {', '.join(_CANTHUS)}, all in °C"
_SEED = 20261123


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TemperatureTable:
    """One row per visit.

    Attributes:
        oral_c: float64 (n,), oral temperature.
        room_c: float64 (n,), room temperature; where none stands, that at which the limit needs no correction.
        canthus_c: float64 (n,), mean over the images there are.
        n_left_out: rows without oral temperature or without an image.
        n_room_unknown: rows, of those that count, without a room temperature.
        n_implausible: values that are no temperature of what they stand for, and were taken as not there.
    """

    oral_c: NDArray[np.float64] = field(repr=False)
    room_c: NDArray[np.float64] = field(repr=False)
    canthus_c: NDArray[np.float64] = field(repr=False)
    n_left_out: int
    n_room_unknown: int = 0
    n_implausible: int = 0

    def excess_k(self) -> NDArray[np.float64]:
        """float64 (n,): what the door decides on, in degrees above the shipped threshold."""
        pairs = zip(self.canthus_c, self.room_c, strict=True)
        return np.array([DEFAULT_THRESHOLD.excess_k(float(skin), room_c=float(room)) for skin, room in pairs])


def read_temperatures(path: Path) -> TemperatureTable:
    """Read a table.

    Columns may stand in any order, cells may be empty, and further columns are ignored.

    Raises:
        ConfigError: it cannot be read as described above; says which line and why.
    """
    rows: list[tuple[float | None, ...]] = []
    n_implausible = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            _check_columns(set(table.fieldnames or ()), path)
            for row in table:
                numbers = tuple(
                    _number(row.get(name), name, where=f"{path}: line {table.line_num}") for name in _PLAUSIBLE_C
                )
                kept = tuple(map(_plausible, _PLAUSIBLE_C.values(), numbers))
                n_implausible += sum(number != value for number, value in zip(numbers, kept, strict=True))
                rows.append(kept)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice=_ADVICE) from error
    usable = [row for row in rows if row[0] is not None and any(value is not None for value in row[2:])]
    if not usable:
        raise ConfigError(f"{path}: no row with both an oral and a canthus temperature", advice=_ADVICE)
    oral, room, *images = np.array(usable, dtype=np.float64).T
    return TemperatureTable(
        oral_c=oral,
        room_c=np.where(np.isnan(room), REFERENCE_ROOM_C, room),
        canthus_c=np.nanmean(np.stack(images), axis=0),
        n_left_out=len(rows) - len(usable),
        n_room_unknown=int(np.isnan(room).sum()),
        n_implausible=n_implausible,
    )


def _check_columns(there: set[str], path: Path) -> None:
    missing = [_ORAL] * (_ORAL not in there) + [" or ".join(_CANTHUS)] * (not there & set(_CANTHUS))
    if missing:
        raise ConfigError(f"{path}: no column {' and no column '.join(missing)}", advice=_ADVICE)


def _number(text: str | None, name: str, *, where: str) -> float | None:
    """The number of a cell; None where none stands.

    Raises:
        ConfigError: something else stands there.
    """
    cell = (text or "").strip()
    if cell.lower() in _NOTHING:
        return None
    try:
        value = float(cell)
    except ValueError:
        raise ConfigError(f"{where}: {name} is {cell[:_LONGEST]!r}, expected a number", advice=_ADVICE) from None
    return None if np.isnan(value) else value


def _plausible(limits: tuple[float, float], value: float | None) -> float | None:
    low, high = limits
    return value if value is not None and low <= value <= high else None


def temperature_report(table: TemperatureTable) -> dict[str, Any]:
    """The temperature report of DESIGN section 6, with counts and 95 % intervals."""
    excess, oral = table.excess_k(), table.oral_c
    febrile = {name: oral >= limit for name, limit in FEBRILE_C.items()}
    raised = febrile["37.5"]
    missed = Rate(errors=int((excess[raised] < 0).sum()), trials=int(raised.sum()))
    alarmed = Rate(errors=int((excess[~raised] >= 0).sum()), trials=int((~raised).sum()))
    errors = np.abs(oral_estimate(excess) - oral)
    alarms = expected_alarms(DEFAULT_THRESHOLD)
    return {
        "n": len(oral),
        "n_left_out": table.n_left_out,
        "n_room_unknown": table.n_room_unknown,
        "n_implausible": table.n_implausible,
        "n_febrile": {name: int(which.sum()) for name, which in febrile.items()},
        "auc": {name: auc(excess, which) for name, which in febrile.items()},
        "auc_interval": {name: _auc_interval(excess, which) for name, which in febrile.items()},
        "threshold_c": DEFAULT_THRESHOLD.at_24_c,
        "threshold_per_room_degree": DEFAULT_THRESHOLD.per_room_degree,
        "sensitivity": missed.correct,
        "sensitivity_counts": missed.counts(),
        "sensitivity_interval": missed.correct_interval(),
        "specificity": alarmed.correct,
        "specificity_counts": alarmed.counts(),
        "specificity_interval": alarmed.correct_interval(),
        "mae_c": float(errors.mean()),
        "mae_c_interval": _interval(lambda counts: float(np.average(errors, weights=counts)), len(oral)),
        "mae_of_the_mean_c": float(np.abs(oral - oral.mean()).mean()),
        "alarms_per_1000": round(alarms.per_1000, 1),
        "false_alarms_per_1000": round(alarms.false_per_1000, 1),
    }


def oral_estimate(excess_k: NDArray[np.float64]) -> NDArray[np.float64]:
    """Oral temperature by regression, °C; never decided on.

    Two straight lines that meet at the limit: in people without fever the skin says little of the oral temperature, in
    others much. One line for both errs by 0.02 °C more.

    Args:
        excess_k: float64 (n,), degrees above the shipped threshold.
    """
    line = _ORAL_AT_LIMIT_C + _ORAL_PER_DEGREE * excess_k
    return np.asarray(line + _MORE_ABOVE * np.maximum(excess_k, 0.0), dtype=np.float64)


def auc(values: NDArray[np.float64], positive: NDArray[np.bool_]) -> float | None:
    """Area under the ROC curve: the share of pairs in which the positive one is higher, ties counting half.

    Args:
        values: float64 (n,).
        positive: bool (n,).

    Returns:
        None without a positive or without a negative.
    """
    n_positive = int(positive.sum())
    n_negative = len(values) - n_positive
    if not n_positive or not n_negative:
        return None
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def _auc_interval(values: NDArray[np.float64], positive: NDArray[np.bool_]) -> Interval | None:
    return _interval(lambda counts: auc(np.repeat(values, counts), np.repeat(positive, counts)), len(values))


def _interval(figure: Callable[[NDArray[np.int64]], float | None], n_visits: int) -> Interval | None:
    """Percentile bootstrap by visit."""
    rows = np.arange(n_visits, dtype=np.intp)
    return bootstrap_by_subject(figure, np.stack([rows, rows], axis=1), rng=np.random.default_rng(_SEED))
