"""`limen verify`: do two pictures show one person? Reads no store and keeps nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import SystemClock, verifier
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.words import comparison_document
from limen.evaluation.rarity import per
from limen.flows.verify import VERIFY_FMR
from limen.frames.pictures import read_picture
from limen.settings import load_settings

__all__ = ["main"]


def main(
    first: Annotated[Path, typer.Argument(metavar="IMAGE")],
    second: Annotated[Path, typer.Argument(metavar="IMAGE")],
    *,
    fmr: Annotated[float, typer.Option(min=1e-9, max=0.5, help="False match rate to keep.")] = VERIFY_FMR,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Compare two pictures: similarity, false match rate at that similarity, decision."""
    output = Output(json_wanted=json)
    now = SystemClock().now()
    one, two = read_picture(first, at=now), read_picture(second, at=now)
    verified = verifier(load_settings(data))(one, two, fmr_target=fmr)
    comparison = verified.comparison
    document = {"same": verified.same, "fmr_target": fmr, **comparison_document(comparison)}
    words = "the same person" if verified.same else "not shown to be the same person"
    output.answer(
        document,
        f"{words}: similarity {comparison.similarity:.3f}; two different people look at least this much alike in "
        f"{per(comparison.fmr)} comparisons (asked: {per(fmr)})",
    )
    return DONE if verified.same else REFUSED
