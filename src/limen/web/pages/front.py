"""The front page: where everybody begins."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from limen.web.pages.render import page
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["router"]


def router(_: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/", dependencies=[PUBLIC])
    def front(request: Request) -> Response:
        """What this is, and the ways on."""
        return page(request, "base/front.html")

    return routes
