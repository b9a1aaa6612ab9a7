"""`limen site`: makes a data folder; its kind is for ever."""

from __future__ import annotations

from typing import Annotated

import typer

from limen.bootstrap import open_site
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.core.errors import StorageError
from limen.core.people import SiteKind
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
