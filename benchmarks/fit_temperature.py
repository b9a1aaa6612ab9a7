"""Fixes the temperature threshold, the regression and the tables of expected alarms from a development table.

The threshold is the middle between the lowest with a specificity of 0.90 and the highest with a sensitivity of 0.80 at
oral 37.5 °C: a calibration drifts by a tenth of a degree from group to group, and that leaves it the most room on both
sides. Readings relative to the people before are taken in the order of arrival and without the blackbody's offset.

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
    oral, skin, room = table.oral_c, table.canthus_c, table.room_c
    raised = oral >= FEBRILE_C["37.5"]
    others = np.stack([oral[~raised] - 37.0, room[~raised] - 24.0, np.ones((~raised).sum())], axis=1)
    slope = float(np.linalg.lstsq(others, skin[~raised])[0][1])
    value = skin - DEFAULT_THRESHOLD.per_room_degree * (room - 24.0)
    grid = np.arange(35.5, 37.5, 0.005)
    specific = grid[[float((value[~raised] < limit).mean()) >= SPECIFICITY for limit in grid]].min()
    sensitive = grid[[float((value[raised] >= limit).mean()) >= SENSITIVITY for limit in grid]].max()
    line = np.polyfit(value - 36.0, oral, 1)
    relative, known = _relative(path)
    relative_raised = relative_oral(path)[known] >= FEBRILE_C["37.5"]
    report = {
        "per_room_degree": round(slope, 4),
        "least_with_specificity": round(float(specific), 3),
        "most_with_sensitivity": round(float(sensitive), 3),
        "threshold": round(float(specific + sensitive) / 2, 3),
        "oral_at_36": round(float(line[1]), 4),
        "oral_per_degree": round(float(line[0]), 4),
        "alarms": _shares(value, raised, GRIDS["threshold"]),
        "alarms_above_others": _shares(relative[known], relative_raised, GRIDS["above_others"]),
        "auc_above_others": auc(relative[known], relative_raised),
    }
    print(json.dumps(report, indent=1))


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


def relative_oral(path: Path) -> NDArray[np.float64]:
    """float64 (n,): oral temperature, as the table has it."""
    return _columns(path, ("aveOralM",))[:, 0]


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
