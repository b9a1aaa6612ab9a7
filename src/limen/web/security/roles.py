"""Who may do what: every route declares its roles here, or that it is public; a test walks all of them.

Rule kept: nothing is allowed by being forgotten. A route without a declaration fails the test, and a request without a
role that its route declares is refused before any of the route's own code runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.requests import HTTPConnection
from starlette.routing import Mount

from limen.core.accounts import STAFF, Role
from limen.web.problems import ProblemError
from limen.web.security.csrf import check_csrf
from limen.web.security.limits import address_of

__all__ = ["PUBLIC", "STAFF", "Caller", "Declared", "How", "Role", "caller_of", "needs", "routes_of"]


class How(StrEnum):
    """How a caller has shown who it is."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105  a kind, not a token
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks.

    Attributes:
        caller_id: an account, a token, a kiosk or a subject; tells nothing by itself.
        roles: what the caller may be.
        how: by a session's cookie (then every change needs its CSRF token), a bearer token or a device key.
        csrf: the session's CSRF token; empty otherwise.
    """

    caller_id: str
    roles: frozenset[Role]
    how: How
    csrf: str = ""


async def caller_of(connection: HTTPConnection) -> Caller | None:
    """Who asks, or None; looked up once a request."""
    if not hasattr(connection.state, "caller"):
        connection.state.caller = await run_in_threadpool(connection.app.state.service.find_caller, connection)
    found: Caller | None = connection.state.caller
    return found


class _Needs:
    """A dependency that lets only some roles through; whoever asks gets there with None if it says no roles."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    async def __call__(self, connection: HTTPConnection) -> Caller | None:
        caller = await caller_of(connection)
        if isinstance(connection, Request):
            who = address_of(connection) if caller is None else caller.caller_id
            connection.app.state.service.requests.ask(who)
        if self.roles and caller is None:
            raise ProblemError.signed_out()
        if self.roles and caller is not None and not self.roles & caller.roles:
            raise ProblemError.forbidden()
        if caller is not None and caller.how is How.SESSION and isinstance(connection, Request):
            await check_csrf(connection, caller.csrf)
        return caller


PUBLIC: Any = Depends(_Needs(frozenset()))
"""Declares a route that anybody may ask: ``caller: Annotated[Caller | None, PUBLIC]``, or in ``dependencies``."""


def needs(*roles: Role) -> Any:
    """Declares a route for some roles.

    ``caller: Annotated[Caller, needs(Role.GUARD)]``, or among the ``dependencies`` of the route or its router.
    """
    if not roles:
        raise ValueError("roles: expected one at least; a public route says PUBLIC")
    return Depends(_Needs(frozenset(roles)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A route and who may ask it.

    Attributes:
        path: as declared, with placeholders.
        methods: of HTTP; empty for a WebSocket.
        roles: empty for a public route, None for one that declares nothing.
    """

    path: str
    methods: frozenset[str]
    roles: frozenset[Role] | None


def routes_of(app: FastAPI) -> tuple[Declared, ...]:
    """Every route of an application but plain files, with the roles that it declares."""
    found = [route for route in iter_route_contexts(app.routes) if not isinstance(route.original_route, Mount)]
    return tuple(
        Declared(path=route.path or "", methods=frozenset(route.methods or ()), roles=_declared(route))
        for route in found
    )


def _declared(route: RouteContext) -> frozenset[Role] | None:
    dependant = getattr(route, "dependant", None)
    calls = [] if dependant is None else [inner.call for inner in dependant.dependencies]
    return next((call.roles for call in calls if isinstance(call, _Needs)), None)
