"""Who has an account: a list, links for new ones, other roles, and the end of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from limen.core.accounts import STAFF, AccountId, Role
from limen.web.pages.render import page
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["router"]

_HERE = "/accounts"


def router(service: Service) -> APIRouter:
    """The routes; all of them for administrators."""
    routes = APIRouter(prefix=_HERE, dependencies=[needs(Role.ADMINISTRATOR)])

    @routes.get("")
    def people(request: Request) -> Response:
        """The list."""
        return _shown(request, service)

    @routes.post("/links")
    def link(request: Request, roles: Annotated[list[Role], Form()]) -> Response:
        """A link for a new account, shown once."""
        return _shown(request, service, link=service.links.new(frozenset(roles)))

    @routes.post("/{account_id}/anew")
    def anew(request: Request, account_id: AccountId) -> Response:
        """A link for an owner who lost password or authenticator, shown once."""
        return _shown(request, service, link=service.links.anew(account_id))

    @routes.post("/{account_id}/roles")
    def roles(account_id: AccountId, roles: Annotated[list[Role], Form()]) -> Response:
        """Other roles."""
        service.accounts.change(account_id, roles=frozenset(roles))
        return RedirectResponse(_HERE, status_code=303)

    @routes.post("/{account_id}/remove")
    def remove(account_id: AccountId) -> Response:
        """The end of an account."""
        service.accounts.remove(account_id)
        return RedirectResponse(_HERE, status_code=303)

    return routes


def _shown(request: Request, service: Service, *, link: str = "") -> Response:
    address = f"{request.url.scheme}://{request.url.netloc}{link}" if link else ""
    return page(request, "account/people.html", accounts=service.accounts.all(), staff=STAFF, link=address)
