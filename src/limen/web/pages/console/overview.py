"""The overview: doors as they are now, people inside, alarms and who looks after them. No picture of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from limen.bootstrap.door import desk_of, missing_of
from limen.core.door import DoorId, Standing
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.flows.acknowledge import Acknowledge, Acknowledged, ContactAlarm
from limen.flows.alarms import Alarm
from limen.web.pages.console.shared import DESK, EVENTS, back, console_page
from limen.web.security.roles import Caller, needs
from limen.web.service import Service

__all__ = ["router"]

_CONTACTS_SHOWN = timedelta(days=7)
_TOLD = {
    AuditTag.DOOR_FORCED: ("The door was forced open", "Look whether the door is shut and whole."),
    AuditTag.DOOR_HELD: ("The door was held open", "Shut it, and look whether somebody needs help."),
    AuditTag.BADGE_PIN_LOCKED: (
        "A badge is locked: five typed PINs in a row did not open it",
        "Look who has it; its holder comes to you, and you unlock it: limen pass unlock.",
    ),
    AuditTag.DOOR_TAMPERED: ("The door's contacts were tampered with", "Look at the box and the cables."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    name: str
    standing: Standing
    missing: tuple[str, ...]
    unsafe: bool
    alarms: int
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    alarm_id: str
    door: str
    what: str
    advice: str
    at: datetime | None
    seen: Acknowledged | None


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("", dependencies=[needs(*EVENTS)])
    def overview(request: Request) -> Response:
        """Doors, occupancy, alarms."""
        alarms = _alarms(service)
        with service.site.store.read() as unit:
            occupancy = unit.doors.occupancy()
        doors = [_door(service, name, alarms) for name in service.site.settings.door]
        return console_page(request, "overview.html", doors=doors, alarms=alarms, occupancy=occupancy)

    @routes.post("/alarms/{alarm_id}")
    def acknowledge(alarm_id: str, note: Annotated[str, Form()], caller: Annotated[Caller, needs(*DESK)]) -> Response:
        """Say that an alarm is looked after."""
        found = _standing(service).get(alarm_id)
        if found is None:
            raise RefusedError("this alarm is over", advice="load the page again", reason="no_alarm")
        door, alarm = found
        _acknowledge(service)(alarm, door=door, note=note, by=caller.caller_id)
        return back("/console", "acknowledged")

    @routes.post("/doors/{name}/open", dependencies=[needs(*DESK)])
    def open_door(name: str, reason: Annotated[str, Form()]) -> Response:
        """Open once."""
        desk_of(service.site, name).open(reason=reason)
        return back("/console", "opened")

    @routes.post("/doors/{name}/clear", dependencies=[needs(*DESK)])
    def clear(name: str, event: Annotated[str, Form()], reason: Annotated[str, Form()]) -> Response:
        """A person has looked at a visitor."""
        desk_of(service.site, name).clear(event, reason=reason)
        return back("/console", "cleared")

    @routes.post("/doors/{name}/lockdown", dependencies=[needs(*DESK)])
    def lock_down(name: str, *, locked: Annotated[bool, Form()]) -> Response:
        """Shut for everybody, or release."""
        desk_of(service.site, name).stand(locked_down=locked)
        return back("/console", "locked" if locked else "released")

    return routes


def _acknowledge(service: Service) -> Acknowledge:
    return Acknowledge(store=service.site.store, clock=service.clock)


def _door(service: Service, name: str, alarms: list[_Alarm]) -> _Door:
    with service.site.store.read() as unit:
        standing = unit.doors.standing(DoorId(name))
    doors = getattr(service, "doors", None)
    return _Door(
        name=name,
        standing=standing,
        missing=missing_of(service.site, name),
        unsafe=service.site.settings.door[name].attendance == "unsafe_face_only",
        alarms=sum(alarm.door == name and alarm.seen is None for alarm in alarms),
        running=doors is not None and doors.get(name) is not None,
    )


def _standing(service: Service) -> dict[str, tuple[DoorId, Alarm | ContactAlarm]]:
    """What may be acknowledged now: faults that stand, and what contacts told lately."""
    doors = [DoorId(name) for name in service.site.settings.door]
    since = service.clock.now() - _CONTACTS_SHOWN
    found: dict[str, tuple[DoorId, Alarm | ContactAlarm]] = {
        alarm.alarm_id: (alarm.door, alarm) for alarm in _acknowledge(service).contacts(since=since, doors=doors)
    }
    return found | _faults(service)


def _faults(service: Service) -> dict[str, tuple[DoorId, Alarm | ContactAlarm]]:
    """Of the doors that this process keeps."""
    doors = getattr(service, "doors", None)
    now = [] if doors is None else [door.feed.newest for door in doors.all()]
    return {alarm.alarm_id: (door.door, alarm) for door in now for alarm in door.alarms}


def _alarms(service: Service) -> list[_Alarm]:
    """Those that nobody looks after first."""
    known = _acknowledge(service).known()
    shown = []
    for alarm_id, (door, alarm) in _standing(service).items():
        if isinstance(alarm, ContactAlarm):
            what, advice = _TOLD[alarm.what]
            at: datetime | None = alarm.at
        else:
            what, advice, at = alarm.message, alarm.advice, None
        seen = known.get(alarm_id)
        shown.append(_Alarm(alarm_id=alarm_id, door=door, what=what, advice=advice, at=at, seen=seen))
    return sorted(shown, key=lambda one: one.seen is not None)
