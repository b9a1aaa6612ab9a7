"""`limen evaluate detection`: faces found in crowds, against boxes drawn by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import PICTURES, build_vision, thread_count
from limen.cli.evaluating import made_with, rates_table
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.evaluation.crowd import read_boxes, run_crowd
from limen.evaluation.pictures import PictureSet
from limen.settings import load_settings

__all__ = ["main"]


def main(
    *,
    images: Annotated[
        list[Path], typer.Option("--images", metavar="DIR|TAR", help="Pictures; may be given several times.")
    ],
    boxes: Annotated[Path, typer.Option(metavar="CSV", help="file,xmin,ymin,xmax,ymax (or x,y,w,h),label")],
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Precision and recall of finding faces, by their width."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    truth, pictures = read_boxes(boxes), PictureSet(images)
    vision = build_vision(settings, None, options=PICTURES, threads=1)
    with output.progress("pictures", len(truth)) as progress:
        report = run_crowd(truth, pictures, vision=vision, threads=thread_count(settings), progress=progress)
    report["provenance"] = made_with(settings, seeds={})
    output.answer(report, rates_table(report))
    return DONE
