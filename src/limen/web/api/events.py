"""What happened at doors, and how many are inside: without whom it was about."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from limen.core.accounts import Role
from limen.core.ledger import AuditTag
from limen.flows.site_events import SiteEvent, SiteEvents
from limen.web.api.models import DoorName, Limit, Model, Served
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["router"]

_SEE = (Role.ADMINISTRATOR, Role.OPERATOR, Role.GUARD, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)


routes = APIRouter(tags=["events"], dependencies=[needs(*_SEE)])


class EventOut(Model):
    """One event of a door. It names nobody, and nobody can be asked for."""

    sequence: int
    at: datetime
    door: str
    tag: AuditTag
    outcome: str = Field(description="Of a decision: grant, deny or refer.")
    reasons: list[str]
    event: str = Field(description="Id of a decision.")
    note: str = Field(description="The words of whoever did something by hand.")


class EventsOut(Model):
    """A page of events, newest first."""

    items: list[EventOut]
    next: int | None = Field(description="Ask with `before` for the next page; null at the end.")


class OccupancyOut(Model):
    """How many are inside."""

    people: int = Field(description="As passages were counted.")


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("/events")
def list_events(
    door: Annotated[DoorName | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="Only earlier ones than this.")] = None,
    limit: Annotated[Limit, Query()] = 50,
    *,
    service: Served,
) -> EventsOut:
    """List what happened at doors, newest first."""
    found = SiteEvents(store=service.site.store)(most=limit + 1, before=before, door=door or "")
    last = found[limit - 1].sequence if len(found) > limit else None
    return EventsOut(items=[_out(one) for one in found[:limit]], next=last)


@routes.get("/occupancy")
def occupancy(*, service: Served) -> OccupancyOut:
    """Show how many are inside."""
    with service.site.store.read() as unit:
        return OccupancyOut(people=unit.doors.occupancy())


def _out(event: SiteEvent) -> EventOut:
    return EventOut(
        sequence=event.sequence,
        at=event.at,
        door=event.door,
        tag=event.tag,
        outcome=event.outcome,
        reasons=list(event.reasons),
        event=event.event,
        note=event.note,
    )
