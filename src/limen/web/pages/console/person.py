"""One person at the desk: state and rights, "this was not me", a code for the own page, stop and forget.

Nothing here says when or where the person came; that stands in the person's own export alone.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from limen.bootstrap.door import lay_down_of
from limen.core.errors import ConfigError, RefusedError
from limen.core.people import SubjectId
from limen.flows.links import Links
from limen.flows.report_incident import ReportIncident
from limen.web.pages.console.people import KINDS, state_of
from limen.web.pages.console.shared import DESK, OFFICE, back, console_page, failed
from limen.web.problems import ProblemError
from limen.web.security.roles import Caller, needs
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/people")

    @routes.get("/{subject_id}", dependencies=[needs(*DESK)])
    def person(request: Request, subject_id: str) -> Response:
        """The page."""
        return _page(service, request, subject_id)

    @routes.post("/{subject_id}/rights", dependencies=[needs(*OFFICE)])
    def lay_down(
        request: Request,
        subject_id: str,
        *,
        groups: Annotated[str, Form()] = "",
        badge: Annotated[str, Form()] = "",
        pin: Annotated[str, Form()] = "",
    ) -> Response:
        """Groups, badge, PIN; an empty badge or PIN leaves what is there."""
        named = frozenset(groups.replace(",", " ").split())
        try:
            lay_down_of(service.site)(
                SubjectId(subject_id), groups=named, badge=badge.strip() or None, pin=pin.strip() or None
            )
        except RefusedError as error:
            status, wrong = failed(error)
            return _page(service, request, subject_id, status=status, wrong=wrong)
        return back(f"/console/people/{subject_id}", "laid_down")

    @routes.post("/{subject_id}/not-me")
    def not_me(
        request: Request,
        subject_id: str,
        *,
        caller: Annotated[Caller, needs(*DESK)],
        note: Annotated[str, Form()] = "",
        event: Annotated[str, Form()] = "",
    ) -> Response:
        """The person says: this was not me."""
        report = ReportIncident(store=service.site.store, clock=service.clock)
        try:
            report.not_me(SubjectId(subject_id), event=event, note=note, by=caller.caller_id)
        except RefusedError as error:
            status, wrong = failed(error)
            return _page(service, request, subject_id, status=status, wrong=wrong)
        return back(f"/console/people/{subject_id}", "reported")

    _add_own(routes, service)
    return routes


def _add_own(routes: APIRouter, service: Service) -> None:
    """What is the person's own: the page, and the end."""

    @routes.post("/{subject_id}/code", dependencies=[needs(*OFFICE)])
    def new_code(request: Request, subject_id: str) -> Response:
        """Another code for the person's own page, shown once."""
        code = Links(store=service.site.store, clock=service.clock).give(SubjectId(subject_id))
        return _page(service, request, subject_id, code=code)

    @routes.post("/{subject_id}/stop", dependencies=[needs(*OFFICE)])
    def stop(request: Request, subject_id: str, sure: Annotated[str, Form()] = "") -> Response:
        """Forget the person, at once."""
        if sure != "yes":
            missing = ConfigError("tick the box first", advice="what is forgotten does not come back")
            status, wrong = failed(missing)
            return _page(service, request, subject_id, status=status, wrong=wrong)
        receipt = service.site.withdraw(SubjectId(subject_id))
        return console_page(request, "receipt.html", receipt=receipt)


def _page(
    service: Service, request: Request, subject_id: str, *, status: int = 200, wrong: object = None, code: str = ""
) -> Response:
    with service.site.store.read() as unit:
        subject = unit.subjects.get(SubjectId(subject_id))
        if subject is None:
            raise ProblemError.not_found("This person")
        rights = unit.rights.get(subject.subject_id)
        n_passes = len(unit.passes.of(subject.subject_id))
    state, colour = state_of(subject, rights, at=service.clock.now())
    return console_page(
        request,
        "person.html",
        status=status,
        subject=subject,
        rights=rights,
        kind=KINDS[subject.kind],
        state=state,
        colour=colour,
        n_passes=n_passes,
        code=code,
        wrong=wrong,
    )
