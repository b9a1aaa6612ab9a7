"""`limen evaluate site`: what volunteers' pictures foretell for a year at their site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.evaluating import made_with, rates_table, runner_of
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.core.errors import ConfigError
from limen.evaluation.pictures import PictureSet
from limen.evaluation.site_forecast import Traffic
from limen.evaluation.site_run import run_site
from limen.settings import load_settings

__all__ = ["main"]


def main(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="One folder a volunteer, two pictures or more.")],
    *,
    entries_per_day: Annotated[float, typer.Option(metavar="N", help="Enrolled people who come to the door.")],
    strangers_per_day: Annotated[float, typer.Option(metavar="N", help="Others who come to the door.")],
    size: Annotated[int, typer.Option(metavar="N", help="Enrolled people.")],
    days_per_year: Annotated[int, typer.Option(metavar="N", help="Days on which this happens.")] = 365,
    fpir: Annotated[float, typer.Option(metavar="T", help="Share of strangers who may be let in.")] = 0.001,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Expected strangers let in and refusals per year, from volunteers' pictures; delete those afterwards."""
    output = Output(json_wanted=json)
    if not 0.0 < fpir < 1.0:
        raise ConfigError(f"--fpir {fpir}: expected a share between 0 and 1", advice="for instance --fpir 0.001")
    traffic = Traffic(
        entries_per_day=entries_per_day, strangers_per_day=strangers_per_day, size=size, days_per_year=days_per_year
    )
    settings, pictures = load_settings(data), PictureSet([folder])
    with output.progress("pictures", len(pictures.names())) as progress:
        report = run_site(pictures, runner_of(settings, progress), traffic, fpir_target=fpir)
    report["provenance"] = made_with(settings, seeds={"bootstrap": 20261123})
    output.answer(report, rates_table(report))
    return DONE
