"""Table of skin and oral temperatures -> how well a threshold at the inner canthus finds raised ones.

1. The value decided on is the mean, over the first three images, of the mean of the four hottest pixels at the inner
   corners of the eyes, corrected for the room; that of the door's own chain. The threshold is the shipped one.
2. The regression to oral temperature is reported for comparison with other work and never decided on: it shrinks
   towards the usual, by 0.4 °C where it matters.
3. A row without oral temperature, room or image is left out and counted.

Table: one row per visit with aveOralM (oral °C), T_atm (room °C) and canthi4Max1 to 3 (°C), as the published table of
the FDA study names them (Wang et al. 2023, PhysioNet, doi:10.13026/3bhc-9065).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ConfigError
from limen.door.temperature import DEFAULT_THRESHOLD, expected_alarms
from limen.evaluation.intervals import Interval, bootstrap_by_subject
from limen.evaluation.rates import Rate

__all__ = ["FEBRILE_C", "TemperatureTable", "auc", "read_temperatures", "temperature_report"]

FEBRILE_C = {"37.5": 37.5, "38.0": 38.0}
"""Oral temperatures from which a reading ought to be found."""

_ORAL = "aveOralM"
_ROOM = "T_atm"
_CANTHUS = ("canthi4Max1", "canthi4Max2", "canthi4Max3")
_ORAL_AT_36_C, _ORAL_PER_DEGREE = 37.233, 0.772
_ADVICE = f"expected a CSV file with the columns {_ORAL}, {_ROOM} and {', '.join(_CANTHUS)}, all in °C"
_SEED = 20261123


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TemperatureTable:
    """One row per visit.

    Attributes:
        oral_c: float64 (n,), oral temperature.
        room_c: float64 (n,), room temperature.
        canthus_c: float64 (n,), mean over the images there are.
        n_left_out: rows where one of them is missing.
    """

    oral_c: NDArray[np.float64] = field(repr=False)
    room_c: NDArray[np.float64] = field(repr=False)
    canthus_c: NDArray[np.float64] = field(repr=False)
    n_left_out: int

    def excess_k(self) -> NDArray[np.float64]:
        """float64 (n,): what the door decides on, in degrees above the shipped threshold."""
        pairs = zip(self.canthus_c, self.room_c, strict=True)
        return np.array([DEFAULT_THRESHOLD.excess_k(float(skin), room_c=float(room)) for skin, room in pairs])


def read_temperatures(path: Path) -> TemperatureTable:
    """Read a table.

    Raises:
        ConfigError: it cannot be read as described above; says which line and why.
    """
    rows: list[tuple[float, float, float]] = []
    left_out = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = {_ORAL, _ROOM, *_CANTHUS} - set(table.fieldnames or ())
            if missing:
                raise ConfigError(f"{path}: no column {', '.join(sorted(missing))}", advice=_ADVICE)
            for row in table:
                numbers = _numbers(row, where=f"{path}: line {table.line_num}")
                if numbers is None:
                    left_out += 1
                else:
                    rows.append(numbers)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice=_ADVICE) from error
    if not rows:
        raise ConfigError(f"{path}: no row with all of oral, room and canthus temperature", advice=_ADVICE)
    oral, room, canthus = np.array(rows).T
    return TemperatureTable(oral_c=oral, room_c=room, canthus_c=canthus, n_left_out=left_out)


def _numbers(row: dict[str, str | None], *, where: str) -> tuple[float, float, float] | None:
    """Oral, room, mean canthus; None where one is missing."""

    def number(name: str) -> float | None:
        text = (row[name] or "").strip()
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            raise ConfigError(f"{where}: {name} is {text!r}, expected a number", advice=_ADVICE) from None
        return value if np.isfinite(value) else None

    oral, room = number(_ORAL), number(_ROOM)
    images = [value for value in map(number, _CANTHUS) if value is not None]
    if oral is None or room is None or not images:
        return None
    return oral, room, sum(images) / len(images)


def temperature_report(table: TemperatureTable) -> dict[str, Any]:
    """The temperature report of DESIGN section 6, with counts and 95 % intervals."""
    excess, oral = table.excess_k(), table.oral_c
    febrile = {name: oral >= limit for name, limit in FEBRILE_C.items()}
    raised = febrile["37.5"]
    missed = Rate(errors=int((excess[raised] < 0).sum()), trials=int(raised.sum()))
    alarmed = Rate(errors=int((excess[~raised] >= 0).sum()), trials=int((~raised).sum()))
    estimate = _ORAL_AT_36_C + _ORAL_PER_DEGREE * (excess + DEFAULT_THRESHOLD.at_24_c - 36.0)
    alarms = expected_alarms(DEFAULT_THRESHOLD)
    return {
        "n": len(oral),
        "n_left_out": table.n_left_out,
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
        "mae_c": float(np.abs(estimate - oral).mean()),
        "mae_of_the_mean_c": float(np.abs(oral - oral.mean()).mean()),
        "alarms_per_1000": round(alarms.per_1000, 1),
        "false_alarms_per_1000": round(alarms.false_per_1000, 1),
    }


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
    """Percentile bootstrap by visit."""
    rows = np.arange(len(values), dtype=np.intp)
    return bootstrap_by_subject(
        lambda counts: auc(np.repeat(values, counts), np.repeat(positive, counts)),
        np.stack([rows, rows], axis=1),
        rng=np.random.default_rng(_SEED),
    )
