"""Doors: how they stand, and what a person at the desk does about one. Whom they saw is nowhere here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from limen.bootstrap.door import desk_of, missing_of
from limen.core.accounts import Role
from limen.core.door import Counted, Direction, DoorId, DoorRequest
from limen.flows.desk import Desk
from limen.web.api.models import DoorName, Model, Once, Served, Text, answered_once
from limen.web.problems import ProblemError
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["desk", "router"]

_SEE = (Role.ADMINISTRATOR, Role.OPERATOR, Role.GUARD, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
_ACT = (Role.ADMINISTRATOR, Role.GUARD)


routes = APIRouter(prefix="/doors", tags=["doors"])


class DoorOut(Model):
    """A door and how it stands."""

    door: DoorName
    direction: Direction
    attendance: str = Field(description="Whether a person watches it.")
    locked_down: bool
    alarm_set: bool
    missing: list[str] = Field(description="Why nobody is searched for at it yet, in sentences; empty if it is ready.")


class DoorsOut(Model):
    """All doors."""

    items: list[DoorOut]


class ReasonIn(Model):
    """Why, in a few words; written down. No names."""

    reason: Text


class ClearIn(Model):
    """That a person has looked at a referred visitor."""

    event: Annotated[str, Field(min_length=1, max_length=40, description="Of the referral, as the door tells it.")]
    reason: Text


class StandingIn(Model):
    """How the door is to stand; what is not given stays."""

    locked_down: bool | None = None
    alarm_set: bool | None = None


class AskedOut(Model):
    """Written down; a running door follows in time or not at all."""

    request_id: str
    not_after: datetime


class CountOut(Model):
    """How often something happened within an hour."""

    hour: datetime
    what: Counted
    count: int | None = Field(description="Null for fewer than ten.")


class CountsOut(Model):
    """Totals by the hour."""

    items: list[CountOut]


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("", dependencies=[needs(*_SEE)])
def list_doors(*, service: Served) -> DoorsOut:
    """List all doors."""
    return DoorsOut(items=[_out(service, name) for name in sorted(service.site.settings.door)])


@routes.get("/{door}", dependencies=[needs(*_SEE)])
def show_door(door: DoorName, *, service: Served) -> DoorOut:
    """Show how one door stands."""
    desk(service, door)
    return _out(service, door)


@routes.post("/{door}/open", status_code=202, response_model=AskedOut, dependencies=[needs(*_ACT)])
def open_door(door: DoorName, given: ReasonIn, once: Annotated[Once, answered_once], *, service: Served) -> Response:
    """Open a running door once, by hand. Written down first; a trial folder opens nothing."""
    hand = desk(service, door)
    return once(lambda: _asked(hand.open(reason=given.reason)), asked=given.reason.encode(), status=202)


@routes.post("/{door}/clear", status_code=202, response_model=AskedOut, dependencies=[needs(*_ACT)])
def clear(door: DoorName, given: ClearIn, once: Annotated[Once, answered_once], *, service: Served) -> Response:
    """Say that a person has looked at a referred visitor and is content."""
    hand = desk(service, door)
    asked = given.model_dump_json().encode()
    return once(lambda: _asked(hand.clear(given.event, reason=given.reason)), asked=asked, status=202)


@routes.put("/{door}/standing", dependencies=[needs(*_ACT)])
def stand(door: DoorName, given: StandingIn, *, service: Served) -> DoorOut:
    """Lock the door down or release it; say whether the alarm behind it is set."""
    desk(service, door).stand(locked_down=given.locked_down, alarm_set=given.alarm_set)
    return _out(service, door)


@routes.get("/{door}/counts", dependencies=[needs(*_SEE)])
def counts(
    door: DoorName, hours: Annotated[int, Query(ge=1, le=720, description="Back from now.")] = 24, *, service: Served
) -> CountsOut:
    """Show totals by the hour; fewer than ten are not told."""
    found = desk(service, door).counts(since=service.clock.now() - timedelta(hours=hours))
    return CountsOut(items=[CountOut(hour=one.hour, what=one.what, count=one.count or None) for one in found])


def desk(service: Service, door: str) -> Desk:
    """A person's hand on a door.

    Raises:
        ProblemError: 404.
    """
    if door not in service.site.settings.door:
        raise ProblemError.not_found("This door")
    return desk_of(service.site, door)


def _out(service: Service, name: str) -> DoorOut:
    settings = service.site.settings.door[name]
    with service.site.store.read() as unit:
        standing = unit.doors.standing(DoorId(name))
    return DoorOut(
        door=name,
        direction=settings.direction,
        attendance=settings.attendance,
        locked_down=standing.locked_down,
        alarm_set=standing.alarm_set,
        missing=list(missing_of(service.site, name)),
    )


def _asked(request: DoorRequest) -> AskedOut:
    return AskedOut(request_id=request.request_id, not_after=request.not_after)
