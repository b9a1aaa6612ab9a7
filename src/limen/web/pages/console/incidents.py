"""Incidents: open and settled ones; asking whom an event was about, approving it, looking at it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from limen.core.incidents import IncidentId, OpeningId
from limen.core.people import Subject
from limen.flows.open_event import OpenEvent
from limen.flows.settle_incident import SettleIncident
from limen.web.pages.console.shared import DESK, EVENTS, OVERSIGHT, back, console_page, role_for
from limen.web.security.roles import Caller, Role, needs
from limen.web.service import Service

__all__ = ["router"]

_SETTLERS = (Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER)
_APPROVERS = (Role.DATA_PROTECTION_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR)
_ASKERS = DESK


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/incidents")
    def incidents(request: Request, caller: Annotated[Caller, needs(*EVENTS)]) -> Response:
        """All of them, open ones first."""
        return _page(service, request, caller)

    @routes.post("/incidents/{incident_id}/ask")
    def ask(
        incident_id: str,
        *,
        caller: Annotated[Caller, needs(*_ASKERS)],
        event: Annotated[str, Form()],
        reason: Annotated[str, Form()],
    ) -> Response:
        """Ask whom an event was about."""
        role = role_for(caller, _ASKERS)
        _open(service).ask(
            event.strip(), incident_id=IncidentId(incident_id), reason=reason, by=caller.caller_id, role=role.value
        )
        return back("/console/incidents", "asked")

    @routes.post("/incidents/openings/{opening_id}/approve")
    def approve(opening_id: str, caller: Annotated[Caller, needs(*_APPROVERS)]) -> Response:
        """Agree, as a second role."""
        with service.site.store.read() as unit:
            asked = next((item for item in unit.incidents.openings() if item.opening_id == opening_id), None)
        role = role_for(caller, _APPROVERS, but=asked.asked_role if asked else "")
        _open(service).approve(OpeningId(opening_id), by=caller.caller_id, role=role.value)
        return back("/console/incidents", "approved")

    @routes.post("/incidents/openings/{opening_id}/look")
    def look(request: Request, opening_id: str, caller: Annotated[Caller, needs(*_ASKERS)]) -> Response:
        """The name, once it is on record that it was told."""
        found = _open(service).look(OpeningId(opening_id), by=caller.caller_id)
        return _page(service, request, caller, told=(opening_id, found))

    @routes.post("/incidents/{incident_id}/settle")
    def settle(
        incident_id: str,
        *,
        caller: Annotated[Caller, needs(*_SETTLERS)],
        note: Annotated[str, Form()],
        lift: Annotated[str, Form()] = "",
    ) -> Response:
        """Close it."""
        flow = SettleIncident(store=service.site.store, clock=service.clock)
        flow(IncidentId(incident_id), lift=lift == "yes", note=note, by=caller.caller_id)
        return back("/console/incidents", "closed")

    return routes


def _open(service: Service) -> OpenEvent:
    return OpenEvent(store=service.site.store, clock=service.clock)


def _page(
    service: Service, request: Request, caller: Caller, *, told: tuple[str, Subject | None] | None = None
) -> Response:
    now = service.clock.now()
    with service.site.store.read() as unit:
        found = sorted(unit.incidents.all(), key=lambda item: (item.closed_at is not None, -item.opened_at.timestamp()))
        openings = unit.incidents.openings()
    return console_page(
        request,
        "incidents.html",
        incidents=found,
        openings={item.incident_id: [one for one in openings if one.incident_id == item.incident_id] for item in found},
        told=told,
        now=now,
        may_ask=bool(caller.roles & set(_ASKERS)),
        may_approve=bool(caller.roles & set(_APPROVERS)),
        may_settle=bool(caller.roles & set(_SETTLERS)),
        oversight=bool(caller.roles & set(OVERSIGHT)),
        me=caller.caller_id,
    )
