"""Inviting people from a list: letters to print, each with a code; and enrolling somebody who stands at the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from limen.bootstrap.letters import invite_by_link_of, letters_of, link_of, reminders_of
from limen.core.errors import ConfigError, LimenError, RefusedError
from limen.flows.invite_by_link import guests_of
from limen.web.pages.console.people import ends_soon
from limen.web.pages.console.shared import OFFICE, console_page, failed
from limen.web.security.roles import Caller, needs
from limen.web.service import Service

__all__ = ["router"]

_MOST_BYTES = 1_000_000


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/people")

    @routes.get("/invite", dependencies=[needs(*OFFICE)])
    def invite(request: Request) -> Response:
        """The form."""
        return _page(service, request)

    @routes.post("/invite")
    def letters(
        request: Request,
        *,
        caller: Annotated[Caller, needs(*OFFICE)],
        pasted: Annotated[str, Form()] = "",
        language: Annotated[str, Form()] = "en",
        file: UploadFile | None = None,
    ) -> Response:
        """Invite everybody of a list, and give back the letters; they are made once and kept nowhere."""
        text = pasted
        try:
            if file is not None and file.size:
                text = _text(file)
            made = invite_by_link_of(service.site)(guests_of(text), by=caller.caller_id)
            content = letters_of(service.site, made, base=_base(request), language=language)
        except LimenError as error:
            status, wrong = failed(error)
            return _page(service, request, status=status, wrong=wrong, pasted=pasted)
        return _file(content, "letters.pdf")

    _add_reminders(routes, service)
    _add_desk(routes, service)
    return routes


def _add_reminders(routes: APIRouter, service: Service) -> None:
    """Whose agreement ends."""

    @routes.post("/remind", dependencies=[needs(*OFFICE)])
    def remind(request: Request, language: Annotated[str, Form()] = "en") -> Response:
        """Letters to everybody whose agreement ends soon."""
        now = service.clock.now()
        with service.site.store.read() as unit:
            people = [one for one in unit.subjects.all() if ends_soon(one, now)]
        if not people:
            raise RefusedError("no agreement ends soon", advice="nothing is left to do", reason="nobody_to_remind")
        content = reminders_of(service.site, people, base=_base(request), language=language)
        return _file(content, "reminders.pdf")


def _add_desk(routes: APIRouter, service: Service) -> None:
    """Who stands here."""

    @routes.get("/desk", dependencies=[needs(*OFFICE)])
    def desk(request: Request) -> Response:
        """Who stands here?"""
        return console_page(request, "desk.html", filled={"name": "", "group": "", "badge": ""})

    @routes.post("/desk")
    def begin(
        request: Request,
        *,
        caller: Annotated[Caller, needs(*OFFICE)],
        name: Annotated[str, Form()] = "",
        group: Annotated[str, Form()] = "",
        badge: Annotated[str, Form()] = "",
    ) -> Response:
        """Hand the screen to the person, who is on their own from here: the operator is signed out."""
        cells = [cell.replace('"', '""') for cell in (name, group.replace(",", " "), badge)]
        try:
            (made,) = invite_by_link_of(service.site)(
                guests_of("name,group,badge\n" + ",".join(f'"{cell}"' for cell in cells)), by=caller.caller_id
            )
        except LimenError as error:
            status, wrong = failed(error)
            filled = {"name": name, "group": group, "badge": badge}
            return console_page(request, "desk.html", status=status, wrong=wrong, filled=filled)
        answer = RedirectResponse(link_of("", made.secret), status_code=303)
        service.sessions.end(request, answer)
        return answer


def _page(service: Service, request: Request, *, status: int = 200, wrong: object = None, pasted: str = "") -> Response:
    days = service.site.settings.privacy.unused_days
    return console_page(
        request, "invite.html", status=status, wrong=wrong, pasted=pasted, days=days, base=_base(request)
    )


def _file(content: bytes, name: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/pdf", headers=named)


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _text(file: UploadFile) -> str:
    content = file.file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ConfigError("the file is larger than a megabyte", advice="a list has a line for each person")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
