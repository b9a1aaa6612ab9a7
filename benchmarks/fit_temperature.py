"""Fixes the temperature threshold, the regression and the tables of expected alarms from a development table.

The threshold is the middle between the lowest with a specificity of 0.90 and the highest with a sensitivity of 0.80 at
oral 37.5 °C: a calibration drifts by a tenth of a degree from group to group, and that leaves it the most room on both
sides. Readings relative to the people before are taken in the order of arrival and without the blackbody's offset.

What that is worth on people it was not fixed on is said by ``halves``: threshold and regression are fixed on one of the
study's two groups and tried on the other; the shipped threshold is tried on both.

    python benchmarks/fit_temperature.py --table flir.csv
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limen.door.temperature import DEFAULT_THRESHOLD, Baseline
from limen.evaluation.temperature import FEBRILE_C, auc, read_temperatures

SPECIFICITY, SENSITIVITY = 0.90, 0.80
GRIDS = {"threshold": np.arange(35.5, 37.55, 0.1), "above_others": np.arange(0.2, 2.05, 0.1)}


def main() -> None:
    """Read arguments, fit, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, required=True)
    path = parser.parse_args().table
    table = read_temperatures(path)
    oral, room = table.oral_c, table.room_c
    value = table.canthus_c - DEFAULT_THRESHOLD.per_room_degree * (room - 24.0)
    raised = oral >= FEBRILE_C["37.5"]
    others = np.stack([oral[~raised] - 37.0, room[~raised] - 24.0, np.ones((~raised).sum())], axis=1)
    relative, known = _relative(path)
    relative_raised = _columns(path, ("aveOralM",))[known, 0] >= FEBRILE_C["37.5"]
    group = _columns(path, ("paper_group",))[:, 0]
    if len(group) != len(oral):
        raise SystemExit(f"{path}: rows without oral temperature or image; halves need all of them")
    report = {
        "per_room_degree": round(float(np.linalg.lstsq(others, table.canthus_c[~raised])[0][1]), 4),
        **_fixed(value, oral),
        "halves": {str(int(half)): _tried(value, oral, fixed_on=group == half) for half in np.unique(group)},
        "alarms": _shares(value, raised, GRIDS["threshold"]),
        "alarms_above_others": _shares(relative[known], relative_raised, GRIDS["above_others"]),
        "auc_above_others": auc(relative[known], relative_raised),
    }
    print(json.dumps(report, indent=1))


def _fixed(value: NDArray[np.float64], oral: NDArray[np.float64]) -> dict[str, float]:
    """Threshold, and the regression that bends there."""
    raised, grid = oral >= FEBRILE_C["37.5"], np.arange(35.5, 37.5, 0.005)
    specific = grid[[float((value[~raised] < limit).mean()) >= SPECIFICITY for limit in grid]].min()
    sensitive = grid[[float((value[raised] >= limit).mean()) >= SENSITIVITY for limit in grid]].max()
    threshold = float(np.floor(50.0 * (specific + sensitive)) / 100.0)
    fitted = np.linalg.lstsq(_bent(value - threshold), oral)[0]
    return {
        "least_with_specificity": round(float(specific), 3),
        "most_with_sensitivity": round(float(sensitive), 3),
        "threshold": threshold,
        "oral_at_threshold": round(float(fitted[0]), 3),
        "oral_per_degree": round(float(fitted[1]), 3),
        "more_above": round(float(fitted[2]), 3),
    }


def _bent(excess: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones(len(excess)), excess, np.maximum(excess, 0.0)], axis=1)


def _tried(
    value: NDArray[np.float64], oral: NDArray[np.float64], *, fixed_on: NDArray[np.bool_]
) -> dict[str, float | None]:
    """Fixed on some people, tried on the others."""
    fixed = _fixed(value[fixed_on], oral[fixed_on])
    value, oral = value[~fixed_on], oral[~fixed_on]
    raised = oral >= FEBRILE_C["37.5"]
    weights = [fixed["oral_at_threshold"], fixed["oral_per_degree"], fixed["more_above"]]
    estimate = _bent(value - fixed["threshold"]) @ weights
    answer: dict[str, float | None] = {"n": len(oral), "n_febrile": int(raised.sum()), "threshold": fixed["threshold"]}
    for name, limit in (("", fixed["threshold"]), ("_shipped", DEFAULT_THRESHOLD.at_24_c)):
        answer[f"missed{name}"] = int((value[raised] < limit).sum())
        answer[f"false_alarms{name}"] = int((value[~raised] >= limit).sum())
        answer[f"sensitivity{name}"] = round(float((value[raised] >= limit).mean()), 4)
        answer[f"specificity{name}"] = round(float((value[~raised] < limit).mean()), 4)
    answer["mae_c"] = round(float(np.abs(estimate - oral).mean()), 4)
    return answer | {f"auc_{name}": auc(value, oral >= limit) for name, limit in FEBRILE_C.items()}


def _shares(
    values: NDArray[np.float64], raised: NDArray[np.bool_], grid: NDArray[np.float64]
) -> dict[str, list[float]]:
    """Share of others and of raised at or above each limit."""
    return {
        "limit": [round(float(limit), 2) for limit in grid],
        "others": [round(float((values[~raised] >= limit).mean()), 4) for limit in grid],
        "raised": [round(float((values[raised] >= limit).mean()), 4) for limit in grid],
    }


def _columns(path: Path, names: tuple[str, ...]) -> NDArray[np.float64]:
    """float64 (n, names), NaN where nothing stands."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return np.array([[float(row[name] or "nan") for name in names] for row in csv.DictReader(file)])


def _relative(path: Path) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Readings without the blackbody's offset, less the baseline of the people before; and where there is one."""
    skin = _columns(path, tuple(f"canthi4Max{image}" for image in (1, 2, 3)))
    offsets = _columns(path, tuple(f"T_offset{image}" for image in (1, 2, 3)))
    readings, order = np.nanmean(skin - offsets, axis=1), _columns(path, ("seq",))[:, 0]
    relative, baseline = np.full(len(readings), np.nan), Baseline()
    for row in np.argsort(order):
        if np.isfinite(readings[row]):
            if baseline.median_c is not None:
                relative[row] = readings[row] - baseline.median_c
            baseline = baseline.then(float(readings[row]))
    return relative, np.isfinite(relative)


if __name__ == "__main__":
    main()
