"""`limen evaluate report`: one page, and a PDF if wanted, of results that were printed with --json."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import SystemClock
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError
from limen.evaluation.pdf import write_pdf
from limen.evaluation.report import evaluation_report, read_result

__all__ = ["main"]


def main(
    results: Annotated[
        list[Path], typer.Argument(metavar="RESULT...", help="Printed with --json, best with --curves.")
    ],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the HTML page goes.")] = Path("report.html"),
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Also a PDF; needs an installed Chromium.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """One self-contained page of results: tables, plots, how they were made; never a picture of a person."""
    del data
    page = evaluation_report([read_result(path) for path in results], made_on=SystemClock().now().date())
    try:
        out.write_text(page, "utf-8")
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written ({error.strerror})", advice="choose another --out") from error
    if pdf is not None:
        write_pdf(page, pdf)
    shown = new_table("file", "bytes")
    written = {str(path): path.stat().st_size for path in (out, pdf) if path is not None}
    for name, size in written.items():
        shown.add_row(name, f"{size:,}")
    Output(json_wanted=json).answer({"written": written}, shown)
    return DONE
