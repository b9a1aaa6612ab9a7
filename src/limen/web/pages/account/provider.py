"""Signing in by the site's own provider: the way there and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from limen.web.pages.account.sign_in import inside, sign_in_page
from limen.web.pages.render import page
from limen.web.problems import ProblemError
from limen.web.security.limits import address_of
from limen.web.security.oidc import Provider
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["router"]

_COOKIE = "limen_provider"
_BACK = "/sign-in/back"


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    provider = Provider(service.site.settings.sign_in, clock=service.clock)

    @routes.get("/sign-in/provider", dependencies=[PUBLIC])
    def away(request: Request, then: Annotated[str, Query(max_length=500)] = "") -> Response:
        """Send the browser to the provider."""
        service.tries.ask(address_of(request))
        if not service.site.settings.sign_in.issuer:
            raise ProblemError.not_found()
        address, cookie = provider.send(back=_back(request), then=inside(then))
        answer = RedirectResponse(address, status_code=303)
        # Lax, for the provider's page leads back here; worth nothing without the state in that page's link
        answer.set_cookie(_COOKIE, cookie, httponly=True, samesite="lax", secure=service.tls, path=_BACK)
        return answer

    @routes.get(_BACK, dependencies=[PUBLIC])
    def back(
        request: Request,
        code: Annotated[str, Query(max_length=4000)] = "",
        state: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        """Sign in whom the provider has signed in; the page leads on, for the new cookie is of this site alone."""
        service.tries.ask(address_of(request))
        cookie = request.cookies.get(_COOKIE, "")
        try:
            found = provider.take(cookie=cookie, state=state, code=code, back=_back(request))
        except ProblemError as error:
            return sign_in_page(request, service, status=error.problem.status)
        account = service.accounts.federated(found.key, login=found.login, roles=found.roles)
        answer = page(request, "account/signed_in.html", then=found.then)
        service.sessions.begin(answer, account.account_id)
        answer.delete_cookie(_COOKIE, path=_BACK)
        return answer

    return routes


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{_BACK}"
