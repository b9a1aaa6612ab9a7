"""The page behind a one-time link: choose login and password, set up an authenticator."""

from __future__ import annotations

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from limen.web.pages.render import page
from limen.web.problems import ProblemError
from limen.web.security import totp
from limen.web.security.limits import address_of
from limen.web.security.passwords import LONGEST, SHORTEST
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/begin/{link}", dependencies=[PUBLIC])
    def begin(request: Request, link: str) -> Response:
        """The form."""
        service.tries.ask(address_of(request))
        service.links.look(link)
        return _form(request, service, link=link, secret=totp.new_secret())

    @routes.post("/begin/{link}", dependencies=[PUBLIC])
    def begun(
        request: Request,
        *,
        link: str,
        login: Annotated[str, Form(max_length=200)],
        password: Annotated[str, Form(max_length=LONGEST)],
        secret: Annotated[str, Form(max_length=64)],
        code: Annotated[str, Form(max_length=20)],
    ) -> Response:
        """Set the account up, and show the codes for the day the authenticator is lost."""
        service.tries.ask(address_of(request))
        try:
            made = service.accounts.begin(link, login=login, password=password, secret=secret, code=code)
        except ProblemError as error:
            if error.problem.status == 404 or not totp.is_secret(secret):  # noqa: PLR2004  the link is used up
                raise
            return _form(request, service, link=link, secret=secret, login=login, wrong=error.problem.code)
        answer = page(request, "account/begun.html", codes=made.recovery_codes)
        service.sessions.begin(answer, made.account.account_id)
        return answer

    return routes


def _form(request: Request, service: Service, *, link: str, secret: str, login: str = "", wrong: str = "") -> Response:
    """The form, with a code for an authenticator to read."""
    anew = service.links.look(link).holder
    if anew:
        login = next((one.login for one in service.accounts.all() if one.account_id == anew), login)
    address = totp.address_of(secret, login=login or "limen", site=service.site.settings.site.name)
    return page(
        request,
        "account/begin.html",
        status=422 if wrong else 200,
        link=link,
        secret=secret,
        login=login,
        anew=bool(anew),
        wrong=wrong,
        shortest=SHORTEST,
        picture=segno.make(address, error="m").svg_data_uri(scale=5, border=2, dark="#17232b", light="#ffffff"),
    )
