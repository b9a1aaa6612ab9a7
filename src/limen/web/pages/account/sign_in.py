"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from limen.web.pages.render import page
from limen.web.problems import ProblemError
from limen.web.security.limits import address_of
from limen.web.security.passwords import LONGEST
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["inside", "router", "sign_in_page"]

_HOME = "/console"


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/sign-in", dependencies=[PUBLIC])
    def form(request: Request, then: str = "") -> Response:
        """The form."""
        return sign_in_page(request, service, then=then)

    @routes.post("/sign-in", dependencies=[PUBLIC])
    def sign_in(
        request: Request,
        *,
        login: Annotated[str, Form(max_length=200)],
        password: Annotated[str, Form(max_length=LONGEST)],
        code: Annotated[str, Form(max_length=30)],
        then: Annotated[str, Form(max_length=500)] = "",
    ) -> Response:
        """Sign in, and go on to where the reader wanted to be."""
        try:
            service.tries.ask(address_of(request))
            account = service.accounts.sign_in(login=login, password=password, code=code)
        except ProblemError as error:
            return sign_in_page(request, service, then=then, status=error.problem.status)
        answer = RedirectResponse(inside(then), status_code=303)
        service.sessions.begin(answer, account.account_id)
        return answer

    @routes.post("/sign-out", dependencies=[PUBLIC])
    def sign_out(request: Request) -> Response:
        """End the session."""
        answer = RedirectResponse("/", status_code=303)
        service.sessions.end(request, answer)
        return answer

    return routes


def sign_in_page(request: Request, service: Service, *, then: str = "", status: int = 200) -> Response:
    """The form, after a try with what came of it."""
    provider = service.site.settings.sign_in.name if service.site.settings.sign_in.issuer else ""
    return page(request, "account/sign_in.html", status=status, then=inside(then), wrong=status, provider=provider)


def inside(then: str) -> str:
    """A path of this service; anything else would lead elsewhere."""
    return then if then.startswith("/") and not then.startswith(("//", "/\\")) and then.isprintable() else _HOME
