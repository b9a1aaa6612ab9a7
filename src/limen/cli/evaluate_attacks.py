"""`limen evaluate attacks`: how often a print, a screen or a mask is taken for a living person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import PICTURES, build_vision, thread_count
from limen.cli.evaluating import made_with, rates_table
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.evaluation.attacks import decided, read_presentations, run_attacks
from limen.evaluation.pictures import PictureSet
from limen.settings import load_settings

__all__ = ["main"]


def main(
    *,
    images: Annotated[
        list[Path], typer.Option("--images", metavar="DIR|TAR", help="Pictures; may be given several times.")
    ],
    labels: Annotated[Path, typer.Option(metavar="CSV", help="file,label: bona_fide or the species of the attack")],
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Error rates of telling attacks from living people, per species; without a liveness model, counts and exit 1."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    presentations, pictures = read_presentations(labels), PictureSet(images)
    vision = build_vision(settings, None, options=PICTURES, threads=1)
    with output.progress("pictures", len(presentations)) as progress:
        report = run_attacks(presentations, pictures, vision=vision, threads=thread_count(settings), progress=progress)
    report["provenance"] = made_with(settings, seeds={})
    if decided(report):
        output.answer(report, rates_table(report))
        return DONE
    report["says"] = "this version has no liveness model: presentations are counted, and no rate can be given"
    output.answer(report, rates_table(report))
    return REFUSED
