"""People: who is enrolled and who is invited, with their state; nothing of when or where anybody came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from limen.core.people import Rights, Subject, TemplateKind
from limen.web.pages.console.shared import DESK, console_page
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["KINDS", "ends_soon", "router", "state_of"]

_SOON = timedelta(days=30)
_PAGE = 200
KINDS = {TemplateKind.PASS: "face pass", TemplateKind.SEALED: "badge-locked", TemplateKind.GALLERY: "hands-free list"}
"""What each kind is called for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    subject: Subject
    rights: Rights
    kind: str
    state: str
    colour: str


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/people", dependencies=[needs(*DESK)])
    def people(request: Request, *, find: str = "", show: str = "", after: int = 0) -> Response:
        """The list, by a part of the name, or only those that want something."""
        now = service.clock.now()
        with service.site.store.read() as unit:
            everybody = unit.subjects.all()
            invited = unit.invitations.all()
            wanted = _wanted(everybody, find=find, show=show, at=now)
            rows = [_row(item, unit.rights.get(item.subject_id), at=now) for item in wanted[after : after + _PAGE]]
        return console_page(
            request,
            "people.html",
            rows=rows,
            invited=[item for item in invited if item.expires_at > now],
            total=len(everybody),
            ending=sum(ends_soon(item, now) for item in everybody),
            waiting=sum(not item.confirmed for item in everybody),
            find=find,
            show=show,
            n_found=len(wanted),
            more=after + _PAGE if after + _PAGE < len(wanted) else 0,
        )

    return routes


def state_of(subject: Subject, rights: Rights, *, at: datetime) -> tuple[str, str]:
    """How somebody stands, in words, and the colour of the words."""
    if not subject.agreement.is_live(at=at):
        return "agreement ended", "bad"
    if rights.frozen:
        return "second factor needed", "warn"
    if not subject.confirmed:
        return "waits for a live capture", "warn"
    if ends_soon(subject, at):
        return f"ends {subject.agreement.expires_at:%Y-%m-%d}", "warn"
    return "enrolled", "good"


def _row(subject: Subject, rights: Rights, *, at: datetime) -> _Row:
    state, colour = state_of(subject, rights, at=at)
    return _Row(subject=subject, rights=rights, kind=KINDS[subject.kind], state=state, colour=colour)


def _wanted(everybody: Sequence[Subject], *, find: str, show: str, at: datetime) -> list[Subject]:
    found = [item for item in everybody if find.casefold() in item.name.casefold()]
    if show == "ending":
        found = [item for item in found if ends_soon(item, at)]
    if show == "waiting":
        found = [item for item in found if not item.confirmed]
    return sorted(found, key=lambda item: item.name.casefold())


def ends_soon(subject: Subject, at: datetime) -> bool:
    """Whether somebody's agreement ends within thirty days."""
    return subject.agreement.expires_at - at <= _SOON
