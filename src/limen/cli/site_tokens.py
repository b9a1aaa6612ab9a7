"""`limen site token`: tokens by which programs ask the API."""

from __future__ import annotations

from typing import Annotated

import typer

from limen.cli.opening import open_existing
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.accounts import ApiToken, Role, TokenId
from limen.core.errors import ConfigError
from limen.web.problems import ProblemError
from limen.web.security.tokens import LONGEST_DAYS, Tokens

__all__ = ["app"]

app = typer.Typer(help="Tokens by which programs ask the API.", no_args_is_help=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="What it is for, in a few words.")],
    *,
    role: Annotated[list[Role], typer.Option(help="What it may do; may be repeated.")],
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How long it holds.")] = 90,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Make a token and show it once; limen keeps its hash."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        try:
            token, text = Tokens(store=site.store, clock=site.clock).new(name, roles=frozenset(role), days=days)
        except ProblemError as error:
            raise ConfigError(error.problem.title, advice=error.problem.advice) from error
    output.answer({**_document(token), "token": text}, f"{token.token_id}: {text}  (shown once)")
    return DONE


@app.command("list")
def list_(*, data: DataOption = None, json: JsonOption = False) -> int:
    """List tokens that hold, without the tokens themselves."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        found = Tokens(store=site.store, clock=site.clock).all()
    table = new_table("token", "for", "roles", "until (UTC)")
    for token in found:
        table.add_row(token.token_id, token.name, ", ".join(sorted(token.roles)), f"{token.ends_at:%Y-%m-%d %H:%M}")
    output.answer({"tokens": [_document(token) for token in found]}, table if found else "There is none yet.")
    return DONE


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """End a token now."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        try:
            Tokens(store=site.store, clock=site.clock).revoke(TokenId(token_id))
        except ProblemError as error:
            raise ConfigError(f"there is no token {token_id}", advice="see `limen site token list`") from error
    output.answer({"revoked": token_id}, f"{token_id} is refused from now on.")
    return DONE


def _document(token: ApiToken) -> dict[str, object]:
    return {
        "token_id": token.token_id,
        "name": token.name,
        "roles": sorted(token.roles),
        "ends_at": token.ends_at.isoformat(),
    }
