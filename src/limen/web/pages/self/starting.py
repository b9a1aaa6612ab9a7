"""Trying limen on one's own machine, and what a real door takes. Trial folders only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from limen.bootstrap.door import missing_of
from limen.bootstrap.door_plan import DoorWishes, door_plan
from limen.bootstrap.self_service import SelfService
from limen.core.people import SiteKind
from limen.web.pages.render import page
from limen.web.problems import ProblemError
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service, _: SelfService) -> APIRouter:
    """The routes."""
    routes, pages = APIRouter(dependencies=[PUBLIC]), _Start(service)
    routes.get("/start")(pages.start)
    routes.get("/start/door")(pages.door)
    return routes


class _Start:
    """What each route answers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def start(self, request: Request) -> Response:
        """The three steps."""
        self._check()
        return page(request, "self/start.html")

    def door(
        self,
        request: Request,
        *,
        name: Annotated[str, Query(max_length=32)] = "front",
        camera: Annotated[str, Query(max_length=200)] = "0",
        second_factor: Annotated[str, Query(max_length=10)] = "none",
        relay: Annotated[str, Query(max_length=20)] = "none",
    ) -> Response:
        """What stands in limen.toml for a real door with these answers, and what is missing before people may come."""
        self._check()
        site = self._service.site
        wishes = DoorWishes(name=name, camera=camera, second_factor=second_factor, relay=relay)
        text, mistakes = door_plan(site.settings.data, wishes)
        missing = {door: missing_of(site, door) for door in site.settings.door}
        return page(request, "self/real_door.html", text=text, mistakes=mistakes, missing=missing, wishes=wishes)

    def _check(self) -> None:
        if self._service.site.store.site_kind is not SiteKind.TRIAL:
            raise ProblemError.not_found()
