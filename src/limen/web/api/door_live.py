"""Doors, live, for the people of the site: server-sent events, without a camera view and without anybody's name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from limen.web.live.running import DoorNow, RunningDoor
from limen.web.problems import ProblemError
from limen.web.security.roles import Role, needs
from limen.web.service import Service

__all__ = ["LiveDoor", "live_door", "router"]

_AT_MOST_EVERY_S = 0.25
_ALIVE_EVERY_S = 15.0
_WATCH = (Role.ADMINISTRATOR, Role.OPERATOR, Role.GUARD)

DoorName = Annotated[str, Path(description="Name of the door in limen.toml.", max_length=40)]


class LiveAlarm(BaseModel):
    """Something that somebody has to look after."""

    alarm: str = Field(description="Random id, the same until it works again.")
    what: str = Field(description="Fails: camera, thermal, vision, store, actuator, sensor, or the door itself.")
    message: str
    advice: str


class LiveReferral(BaseModel):
    """A visitor whom a person should look at."""

    event: str = Field(description="Clears the doubt: `limen door clear DOOR EVENT`.")
    why: str = Field(description="What was found, for the desk.")
    at: datetime


class LiveDoor(BaseModel):
    """How a door is at this moment. Nobody is named, and nothing tells whether somebody is known."""

    door: str
    running: bool = Field(description="Whether it is kept; if not, the alarms say why.")
    state: str = Field(description="What is shown to whoever stands there.")
    people: int = Field(description="How many take part now.")
    alarms: list[LiveAlarm]
    referred: list[LiveReferral]
    called_at: datetime | None = Field(description="Since when somebody asks for the desk.")
    frames: int = Field(description="Looked at so far.")
    shed: int = Field(description="Frames of its kiosk that nobody looked at.")
    took_ms: float | None = Field(description="For the last frame.")
    crossed: dict[str, int | None] = Field(description="Walked over its line, by direction; null below ten.")


def live_door(door: RunningDoor) -> LiveDoor:
    """A door as it is now."""
    now: DoorNow = door.feed.newest
    return LiveDoor(
        door=now.door,
        running=now.running,
        state=now.shown.state,
        people=len(now.in_view.present),
        alarms=[
            LiveAlarm(alarm=one.alarm_id, what=one.what, message=one.message, advice=one.advice) for one in now.alarms
        ],
        referred=[LiveReferral(event=one.event, why=one.why, at=one.at) for one in now.referred],
        called_at=now.called_at,
        frames=now.frames,
        shed=0 if door.camera is None else door.camera.shed,
        took_ms=now.took_ms,
        crossed=dict(now.crossed),
    )


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["doors"])

    @routes.get(
        "/doors/{name}/live",
        dependencies=[needs(*_WATCH)],
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}, "description": "`LiveDoor` documents, one an event."}},
    )
    async def live(name: DoorName) -> StreamingResponse:
        """Follow a door: an event with each change, at most four a second."""
        return StreamingResponse(_events(_door(service, name)), media_type="text/event-stream")

    @routes.post("/doors/{name}/call/answered", status_code=204, dependencies=[needs(*_WATCH)])
    def answered(name: DoorName) -> None:
        """Say that a person has answered a call for the desk."""
        _door(service, name).call(wanted=False)

    return routes


def _door(service: Service, name: str) -> RunningDoor:
    door = service.live.get(name)
    if door is None:
        raise ProblemError.not_found("A running door of that name")
    return door


async def _events(door: RunningDoor) -> AsyncIterator[str]:
    async for now in door.feed.follow(idle_s=_ALIVE_EVERY_S):
        if now is None:
            yield ": alive\n\n"
            continue
        yield f"data: {json.dumps(live_door(door).model_dump(mode='json'), separators=(',', ':'))}\n\n"
        await asyncio.sleep(_AT_MOST_EVERY_S)
