"""What doors did, without whom it was about: a list and a file; from here an incident is reported."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from limen.bootstrap.saying import said_to_desk
from limen.core.decision import Deny, Grant, Reason, Refer
from limen.core.ledger import AuditTag
from limen.flows.report_incident import ReportIncident
from limen.flows.site_events import SiteEvent, SiteEvents, events_csv
from limen.web.pages.console.shared import DESK, EVENTS, OVERSIGHT, back, console_page
from limen.web.security.roles import Caller, needs
from limen.web.service import Service

__all__ = ["router"]

_PAGE, _FILE = 100, 10_000
_WHAT = {
    AuditTag.DOOR_FORCED: "forced open",
    AuditTag.DOOR_HELD: "held open",
    AuditTag.DOOR_TAMPERED: "tampered with",
    AuditTag.DOOR_OPENED: "opened by hand",
    AuditTag.DOOR_CLEARED: "cleared by hand",
    AuditTag.DOOR_STANDING: "lock-down or alarm changed",
    AuditTag.DOOR_EMPTIED: "count set to none",
    AuditTag.BADGE_PIN_LOCKED: "a badge locked by wrong PINs",
}
_DECISIONS: dict[str, type[Grant | Refer | Deny]] = {"grant": Grant, "refer": Refer, "deny": Deny}
_OUTCOME = {"grant": ("let in", "good"), "refer": ("sent to the desk", "warn"), "deny": ("not let in", "")}


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/events", dependencies=[needs(*EVENTS)])
    def events(request: Request, door: str = "", before: int | None = None) -> Response:
        """The newest first."""
        found = SiteEvents(store=service.site.store)(most=_PAGE, before=before, door=door)
        rows = [(item, *_words(item)) for item in found]
        doors, older = list(service.site.settings.door), found[-1].sequence if len(found) == _PAGE else 0
        return console_page(request, "events.html", rows=rows, door=door, doors=doors, older=older)

    @routes.get("/events.csv", dependencies=[needs(*OVERSIGHT)])
    def file(door: str = "") -> Response:
        """The newest ten thousand as a file."""
        text = events_csv(SiteEvents(store=service.site.store)(most=_FILE, door=door))
        named = {"Content-Disposition": 'attachment; filename="events.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=named)

    @routes.post("/events/report")
    def report(
        caller: Annotated[Caller, needs(*DESK)], event: Annotated[str, Form()], note: Annotated[str, Form()]
    ) -> Response:
        """Something happened, about nobody."""
        flow = ReportIncident(store=service.site.store, clock=service.clock)
        flow.something_happened(event=event, note=note, by=caller.caller_id)
        return back("/console/incidents", "noted")

    return routes


def _words(item: SiteEvent) -> tuple[str, str, str]:
    """What happened, its colour, and why."""
    if item.tag is not AuditTag.DOOR_DECIDED:
        return _WHAT[item.tag], "bad" if item.tag is AuditTag.DOOR_FORCED else "", item.note
    what, colour = _OUTCOME[item.outcome]
    if not item.reasons:  # what tells of somebody's health is not written down
        return what, colour, ""
    reasons = tuple(Reason(name) for name in item.reasons)
    decision = _DECISIONS[item.outcome](reasons=reasons, policy_version="", evidence_id=item.event)
    return what, colour, said_to_desk(decision, language="en")
