"""The page at the door: what a tablet shows, and where it is paired."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from limen.web.pages.render import LANGUAGES, page, words_of
from limen.web.security.devices import kiosk_of
from limen.web.security.roles import PUBLIC, Caller
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/kiosk")
    def kiosk(request: Request, _: Annotated[Caller | None, PUBLIC]) -> Response:
        """The door's page on a device that is paired; on any other, where to type the code."""
        device = kiosk_of(request)
        door = None if device is None else service.site.settings.door.get(device.door)
        if device is None or door is None:
            return page(request, "kiosk/pair.html", words=_words("pair_said_"))
        asks = door.second_factor.value if door.second_factor != "none" else door.attendance
        return page(
            request,
            "kiosk/door.html",
            camera=True,
            door=device.door,
            asks=asks in {"badge", "pin", "unattended"},
            pin_only=asks == "pin",
            other_way=door.other_way,
            words=_words(""),
        )

    return routes


def _words(prefix: str) -> dict[str, dict[str, str]]:
    """The page's words in every language, so that it changes language without losing the camera."""
    return {language: words_of("kiosk", language).starting(prefix) for language in LANGUAGES}
