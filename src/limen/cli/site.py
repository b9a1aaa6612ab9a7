"""`limen site`: makes a data folder, whose kind is for ever, and takes it through backup and restore."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import open_site
from limen.bootstrap.restoring import restore_site
from limen.cli import site_tokens
from limen.cli.opening import open_existing
from limen.cli.output import DONE, CodesOption, DataOption, JsonOption, Output
from limen.core.errors import ConfigError, StorageError
from limen.core.operators import OperatorId
from limen.core.people import SiteKind
from limen.ledger.statements import read_statement
from limen.settings import load_settings
from limen.storage.engine import DATABASE_NAME

__all__ = ["app"]

app = typer.Typer(help="Data folders.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Data folders."""


@app.command()
def new(
    *,
    kind: Annotated[SiteKind, typer.Option(help="trial to try, live for real people; never convertible.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Make a data folder."""
    output = Output(json_wanted=json)
    folder = load_settings(data).data
    if (folder / DATABASE_NAME).exists():
        raise StorageError(f"{folder} holds a site already", advice="choose another folder with --data")
    with open_site(data, create=kind) as site:
        made = site.store.site_kind
    output.answer(
        {"data": str(folder), "kind": made.value},
        f"Made a {made.value} folder: {folder}",
        f"Its key is {folder / 'site.key'}: keep a copy elsewhere; without it nothing here can be read.",
    )
    return DONE


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, on another medium.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Write an encrypted copy of the database, without the site key; its own key is destroyed after 30 days or less."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        key = site.back_up(out)
    output.answer(
        {"written": str(out), "backup": key.backup_id, "expires_at": key.expires_at.isoformat()},
        f"Written to {out}; it can be opened until {key.expires_at:%Y-%m-%d %H:%M} UTC.",
        "It needs its key (in the folder of backup keys) and the site key: keep both where the backups are not.",
    )
    return DONE


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    *,
    erasures: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="The newest digest (`limen audit digest`); may be repeated."),
    ] = None,
    unsafe_without_erasures: Annotated[
        bool, typer.Option("--unsafe-without-erasures", help="Nobody withdrew since the backup, or you answer for it.")
    ] = False,
    operator_code: CodesOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Make the database of a folder from a backup; whoever withdrew since is forgotten before anything can match."""
    output = Output(json_wanted=json)
    if not erasures and not unsafe_without_erasures:
        raise ConfigError(
            "a restored backup has to forget again whoever withdrew since it was made",
            advice="give the newest digest with --erasures",
        )
    digests = [read_statement(path) for path in erasures or []]
    replayed = restore_site(file, data, digests=digests, codes=operator_code or ())
    until = None if replayed.known_until is None else replayed.known_until.isoformat()
    known = "No erasures were given." if until is None else f"Erasures were known until {until}."
    output.answer(
        {"restored": True, "erased": replayed.erased, "erasures_known_until": until},
        f"Restored. {replayed.erased} people who had been erased since the backup were erased again. {known}",
        "Whoever withdrew after that has to be withdrawn again: their receipts do not hold until then.",
    )
    return DONE


@app.command("rotate-key")
def rotate_key(*, data: DataOption = None, json: JsonOption = False) -> int:
    """Make a fresh site key and turn everything to it, while doors are at work; the old key opens nothing any more."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        site.rotate_key()
    output.answer(
        {"rotated": True},
        "The site key is another one now: copy it to where the old one was kept, and destroy that copy.",
        "Backups made before open with the old key, until their own keys are destroyed.",
    )
    return DONE


@app.command()
def approve(*, operator_code: CodesOption = None, data: DataOption = None, json: JsonOption = False) -> int:
    """Approve the settings in force that take two operators: the hands-free list, and how long data is kept."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        needed = site.approvals.approve(operator_code or ())
        asked = {what.value: value for what, value in site.approvals.asked.items()}
    words = ", ".join(f"{name} {value}" for name, value in asked.items())
    answer = f"Approved: {words}." if needed else "One person is enough here: nothing has to be approved."
    output.answer({"needed": needed, "approved": asked if needed else None}, answer)
    return DONE


operator = typer.Typer(help="Operators, of whom two are needed for what reaches many people.", no_args_is_help=True)
app.add_typer(operator, name="operator")
app.add_typer(site_tokens.app, name="token")


@operator.command()
def add(*, operator_code: CodesOption = None, data: DataOption = None, json: JsonOption = False) -> int:
    """Add an operator and show the operator's code once; from the third on two others have to stand for it."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        operator_id, code = site.operators.add(operator_code or ())
    output.answer({"operator_id": operator_id, "code": code}, f"{operator_id}: {code}  (shown once)")
    return DONE


@operator.command()
def remove(
    operator_id: Annotated[str, typer.Argument(metavar="ID", help="As `add` has shown it.")],
    *,
    operator_code: CodesOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Forget an operator."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        site.operators.remove(OperatorId(operator_id), operator_code or ())
    output.answer({"removed": operator_id}, f"{operator_id} is no operator any more.")
    return DONE


@operator.command("list")
def list_operators(*, data: DataOption = None, json: JsonOption = False) -> int:
    """List operators; nothing is kept about them but an id."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        found = unit.operators.all()
    output.answer({"operators": list(found)}, *(found or ["There is none yet."]))
    return DONE
