"""Fits the constants of the thermal simulator to a table of skin and oral temperatures, first image of each visit.

python benchmarks/fit_thermal_simulator.py --table flir.csv
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REGIONS = {
    "canthus": ("canthi4Max1",),
    "around_canthus": ("aveAllR13_1", "aveAllL13_1"),
    "forehead": ("T_FHCC1",),
    "mouth": ("T_OR1",),
}
FEBRILE_C = 37.5


def main() -> None:
    """Read arguments, fit, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, required=True)
    with parser.parse_args().table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(row[name] or "nan") for row in rows])

    oral, room = column("aveOralM"), column("T_atm")
    usual = oral < FEBRILE_C
    report: dict[str, object] = {"oral": _spread(oral[usual]), "oral_febrile": _spread(oral[~usual])}
    residuals = []
    for region, names in REGIONS.items():
        value = np.stack([column(name) for name in names]).mean(axis=0)
        known = np.isfinite(value)
        design = np.stack([np.ones(len(oral)), oral - 37.0, room - 24.0], axis=1)
        line = np.linalg.lstsq(design[usual & known], value[usual & known])[0]
        febrile = np.linalg.lstsq(design[~usual & known], value[~usual & known])[0]
        residual = value - design @ line
        residuals.append(residual)
        report[region] = {
            "at_37_and_24": round(float(line[0]), 3),
            "per_oral": round(float(line[1]), 3),
            "per_room": round(float(line[2]), 3),
            "sd": round(float(np.nanstd(residual[usual])), 3),
            "febrile": {
                "at_38_and_24": round(float(febrile[0] + febrile[1]), 3),
                "per_oral": round(float(febrile[1]), 3),
                "sd": round(float((value - design @ febrile)[~usual & known].std()), 3),
            },
        }
    known = usual & np.isfinite(np.stack(residuals)).all(axis=0)
    report["residual_correlation"] = np.corrcoef(np.stack(residuals)[:, known]).round(2).tolist()
    report["left_right_sd"] = round(float(np.nanstd(column("T_RC1") - column("T_LC1"))), 3)
    rounds = np.stack([column(f"canthi4Max{image}") for image in (1, 2, 3)])
    rounds = rounds[:, np.isfinite(rounds).all(axis=0)]
    report["round_sd"] = round(float(np.sqrt(rounds.var(axis=0, ddof=1).mean())), 3)
    print(json.dumps(report, indent=1))


def _spread(values: NDArray[np.float64]) -> dict[str, float]:
    return {"mean": round(float(values.mean()), 3), "sd": round(float(values.std()), 3)}


if __name__ == "__main__":
    main()
