"""`limen audit`: checks the chain of records, and signs what can be kept outside to check it against."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from limen.cli.opening import open_existing
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.private_file import as_json, write_private
from limen.core.ledger import Statement
from limen.flows.restored import restored
from limen.ledger.statements import read_statement

__all__ = ["app"]

app = typer.Typer(help="The audit chain.", no_args_is_help=True)

OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write there; keep it off this machine.")]


@app.callback()
def _group() -> None:
    """The audit chain."""


@app.command()
def verify(
    *,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A checkpoint or digest kept elsewhere; may be repeated.")
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A receipt of a withdrawal: does it still hold?")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Check every record of the audit chain and say what the check cannot vouch for."""
    output = Output(json_wanted=json)
    kept = [read_statement(path) for path in checkpoint or []]
    given = None if receipt is None else read_statement(receipt)
    with open_existing(data, output) as site:
        verdict = site.attest.verify(kept)
        doubt = None if given is None else site.attest.receipt(given)
        with site.store.read() as unit:
            back = restored(unit)
    whole = verdict.broken_at is None
    words = (
        [f"{verdict.n_records} records, the chain is whole.", f"Head: {verdict.head} (keep it elsewhere)"]
        if whole
        else [f"BROKEN at record {verdict.broken_at}: {verdict.problem}"]
    )
    words += [f"PUT BACK after withdrawal: {subject_id}; limen people withdraw {subject_id}" for subject_id in back]
    if given is not None:
        words.append(f"Receipt {given.get('receipt_id')}: {doubt or 'holds'}")
    words += ["This check cannot vouch for:", *(f"  - {sentence}" for sentence in verdict.not_covered)]
    told = {} if given is None else {"receipt": {"holds": doubt is None, "problem": doubt}}
    output.answer({"whole": whole, "restored": list(back), **asdict(verdict), **told}, *words)
    return DONE if whole and not back and doubt is None else REFUSED


@app.command()
def checkpoint(*, out: OutOption = None, data: DataOption = None, json: JsonOption = False) -> int:
    """Sign how far the chain is; kept elsewhere, the file shows later that nothing before it was changed."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        statement = site.attest.checkpoint()
    _give(statement, out, output)
    return DONE


@app.command()
def digest(
    *,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="UTC; default: today.")
    ] = None,
    out: OutOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Sign a day: how far the chain is, how often each tag was written, and the erasures that a restore must replay."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        statement = site.attest.digest((day or site.clock.now()).date())
    _give(statement, out, output)
    return DONE


def _give(statement: Statement, out: Path | None, output: Output) -> None:
    if out is None:
        output.answer(dict(statement), as_json(statement).rstrip())
        return
    write_private(out, as_json(statement))
    output.answer({"written": str(out), **statement}, f"Written to {out}. Keep it away from this machine.")
