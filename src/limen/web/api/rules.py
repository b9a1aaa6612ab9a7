"""The rules of a door: read with an ETag, changed with If-Match, every mistake told at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import Field

from limen.bootstrap.rules import Rules, RulesNow
from limen.core.accounts import Role
from limen.core.errors import ConfigError, RefusedError
from limen.settings.editing import Kind
from limen.web.api.doors import desk
from limen.web.api.models import DoorName, Model, Served
from limen.web.problems import ProblemError
from limen.web.security.roles import Caller, needs
from limen.web.service import Service

__all__ = ["router"]

_SEE = (Role.ADMINISTRATOR, Role.OPERATOR, Role.GUARD, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)


routes = APIRouter(prefix="/doors/{door}/rules", tags=["rules"])


class RuleOut(Model):
    """One setting of a door."""

    key: str = Field(description="As in limen.toml, below the door.")
    title: str
    description: str
    kind: Kind
    value: str = Field(description="As text: `yes` or empty, a choice, a number, names with commas, `group = hours`.")
    choices: list[str]
    default: str


class RulesOut(Model):
    """The rules of a door as they stand."""

    version: str = Field(description="Of the rules; every decision carries it.")
    rules: list[RuleOut]


class RulesIn(Model):
    """What is to change, by key; the rest stays."""

    rules: dict[Annotated[str, Field(max_length=80)], Annotated[str, Field(max_length=4000)]] = Field(max_length=100)


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("", dependencies=[needs(*_SEE)])
def show(door: DoorName, response: Response, *, service: Served) -> RulesOut:
    """Show the rules of a door; the ETag names this state of the file."""
    desk(service, door)
    return _out(Rules(site=service.site, door=door).read(), response)


@routes.put("")
def change(
    door: DoorName,
    given: RulesIn,
    *,
    response: Response,
    caller: Annotated[Caller, needs(Role.ADMINISTRATOR)],
    if_match: Annotated[str | None, Header(max_length=80, description="The ETag that was read.")] = None,
    service: Served,
) -> RulesOut:
    """Change rules. Nothing is written unless all of it holds; a door of this service follows at once."""
    desk(service, door)
    if if_match is None:
        raise ProblemError(
            428, "if_match", title="A change says which state it follows", advice="read the rules, send If-Match"
        )
    rules = Rules(site=service.site, door=door)
    try:
        now = rules.write(given.rules, etag=if_match.strip('"'), by=caller.caller_id)
    except RefusedError as error:
        raise ProblemError(
            412, "changed_meanwhile", title=str(error), advice=error.advice(), reasons=(error.reason,)
        ) from error
    except ConfigError as error:
        raise _mistakes(error) from error
    service.live.restart(door)
    return _out(now, response)


def _out(now: RulesNow, response: Response) -> RulesOut:
    response.headers["ETag"] = f'"{now.etag}"'
    rules = [
        RuleOut(
            key=one.key,
            title=one.title,
            description=one.description,
            kind=one.kind,
            value=one.value,
            choices=list(one.choices),
            default=one.default,
        )
        for one in now.fields
    ]
    return RulesOut(version=now.version, rules=rules)


def _mistakes(error: ConfigError) -> ProblemError:
    told = tuple((place, words.strip()) for place, _, words in (one.partition(":") for one in error.mistakes))
    return ProblemError(
        422,
        "rules",
        title="These rules do not hold; nothing was changed",
        advice="correct each mistake",
        mistakes=told or (("rules", str(error)),),
    )
