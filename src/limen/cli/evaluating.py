"""What every `limen evaluate` command needs: the runner, the table for people, how a result was made."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from limen.bootstrap import DETECTOR, MASK_STATE, PICTURES, build_vision, calibration_of, known_models, thread_count
from limen.cli.output import table as new_table
from limen.evaluation.masked_probes import MaskDrawer
from limen.evaluation.report import provenance
from limen.evaluation.runs import Runner
from limen.settings import Settings

__all__ = ["made_with", "rates_table", "runner_of"]

_NOT_IN_TABLES = frozenset({"curves", "provenance"})


def runner_of(settings: Settings, progress: Any, *, masked: bool = False) -> Runner:
    """The door's own pipeline and calibration; with masks drawn on the probes if asked for."""
    calibration = calibration_of(settings)
    vision = build_vision(settings, calibration, options=PICTURES, threads=1)
    return Runner(
        vision=vision,
        calibration=calibration,
        threads=thread_count(settings),
        progress=progress,
        mask_probes=MaskDrawer(vision) if masked else None,
    )


def made_with(settings: Settings, *, seeds: Mapping[str, int], masked: bool = False) -> dict[str, Any]:
    """The provenance of a result: command line, versions, model digests, calibration, seeds."""
    known = known_models(settings)
    return provenance(
        ["limen", *sys.argv[1:]],
        cards=[known[name][0] for name in (DETECTOR, settings.vision.embedder, MASK_STATE)],
        calibration=calibration_of(settings),
        seeds=seeds,
        caveats=["The masks on the probes are drawn; real ones vary more."] if masked else [],
    )


def rates_table(report: dict[str, Any]) -> Table:
    """A report for people: value, counts and interval on one line."""
    table = new_table("measure", "value", "counts", "95 % interval")
    for key, value in report.items():
        if key.endswith(("_counts", "_interval")) or key in _NOT_IN_TABLES:
            continue
        counts, interval = report.get(f"{key}_counts"), report.get(f"{key}_interval")
        if isinstance(value, dict):
            for inner, number in value.items():
                table.add_row(
                    f"{key} {inner}", _shown(number), _shown(_at(counts, inner)), _shown(_at(interval, inner))
                )
        else:
            table.add_row(key, _shown(value), _shown(counts), _shown(interval))
    return table


def _at(table: Any, key: str) -> Any:
    return table.get(key) if isinstance(table, dict) else None


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(inner)}" for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return " to ".join(_shown(inner) for inner in value)
    return f"{value:.5g}" if isinstance(value, float) else str(value)
