"""`limen audit`: checks the chain of records."""

from __future__ import annotations

from dataclasses import asdict

import typer

from limen.cli.opening import open_existing
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.flows.restored import restored

__all__ = ["app"]

app = typer.Typer(help="The audit chain.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The audit chain."""


@app.command()
def verify(*, data: DataOption = None, json: JsonOption = False) -> int:
    """Check every record of the audit chain and say what the check cannot vouch for."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        verdict = unit.audit.verify()
        back = restored(unit)
    whole = verdict.broken_at is None
    words = (
        [f"{verdict.n_records} records, the chain is whole.", f"Head: {verdict.head} (keep it elsewhere)"]
        if whole
        else [f"BROKEN at record {verdict.broken_at}: {verdict.problem}"]
    )
    words += [f"PUT BACK after withdrawal: {subject_id}; limen people withdraw {subject_id}" for subject_id in back]
    words += ["This check cannot vouch for:", *(f"  - {sentence}" for sentence in verdict.not_covered)]
    output.answer({"whole": whole, "restored": list(back), **asdict(verdict)}, *words)
    return DONE if whole and not back else REFUSED
