"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from limen.web.pages.render import page
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/sign-in", dependencies=[PUBLIC])
    def sign_in(request: Request) -> Response:
        """The form."""
        return page(request, "account/sign_in.html")

    @routes.post("/sign-out", dependencies=[PUBLIC])
    def sign_out(request: Request) -> Response:
        """End the session."""
        answer = RedirectResponse("/", status_code=303)
        service.sessions.end(request, answer)
        return answer

    return routes
