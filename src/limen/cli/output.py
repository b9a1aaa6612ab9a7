"""What a command says: with ``--json`` exactly one JSON document on stdout, otherwise words and tables for people.

Everything else (progress, banners, hints) goes to stderr. Exit codes: 0 done, 1 a refusal, 2 misuse or a fault.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from limen.core.errors import LimenError, RefusedError

__all__ = ["DONE", "MISUSE", "REFUSED", "CodesOption", "DataOption", "JsonOption", "Output", "report_error", "table"]

DONE, REFUSED, MISUSE = 0, 1, 2
_PIPE_COLUMNS = 160

DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data folder (default: LIMEN_DATA, or the platform's own)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, everything else on stderr.")]

CodesOption = Annotated[
    list[str] | None,
    typer.Option("--operator-code", help="Codes of two operators, where two are needed (live folders, not at home)."),
]


class Output:
    """Where a command's answer goes.

    Args:
        json_wanted: the value of ``--json``.
    """

    def __init__(self, *, json_wanted: bool) -> None:
        self.json_wanted = json_wanted
        self.people = _console(sys.stderr if json_wanted else sys.stdout)
        self.aside = _console(sys.stderr)

    def answer(self, document: dict[str, Any], *renderables: Any) -> None:
        """Give the answer: the document with ``--json``, the renderables without."""
        if self.json_wanted:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
        else:
            for renderable in renderables:
                self.people.print(renderable)

    def trial_banner(self) -> None:
        """What every answer from a trial folder carries."""
        self.aside.print("[bold yellow]TRIAL[/] folder: at most 50 people, opens no door, never becomes live.")

    @contextmanager
    def progress(self, label: str, total: int | None) -> Iterator[Any]:
        """A progress bar on stderr; yields a function that is told how much is done."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        with Progress(*columns, console=self.aside, transient=not self.aside.is_terminal) as bar:
            task = bar.add_task(label, total=total)
            yield lambda done: bar.update(task, completed=done)


def table(*columns: str) -> Table:
    """A table whose first column, the one people copy from, is never cut."""
    first, *others = columns
    return Table(Column(first, no_wrap=True, overflow="fold"), *others)


def _console(file: TextIO) -> Console:
    """Rich takes 80 columns where there is no terminal; logs and pipes can be wider."""
    return Console(file=file, highlight=False, width=None if file.isatty() else _PIPE_COLUMNS)


def report_error(error: LimenError, *, json_wanted: bool) -> int:
    """Say what went wrong and what to do; returns the exit code."""
    if json_wanted:
        code = error.reason if isinstance(error, RefusedError) else error.code
        document = {"error": {"code": code, "message": str(error), "advice": error.advice()}}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"limen: {error} — {error.advice()}\n")
    return REFUSED if isinstance(error, RefusedError) else MISUSE
