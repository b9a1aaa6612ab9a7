"""Kiosks: who a device is by its key, and how it gets one.

Rule kept: the key is in a cookie that no script reads (HttpOnly, SameSite=Strict, Secure under TLS) and is worth one
door's page and frames. The store has its hash. A key that was revoked is worth nothing at the next request, and within
seconds on a connection that stands.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from limen.bootstrap.door import kiosk_door
from limen.core.devices import Device, DeviceId
from limen.web.security.devices import note_kiosk
from limen.web.security.roles import PUBLIC, Caller, How, Role, needs
from limen.web.service import Service

__all__ = ["COOKIE", "router"]

COOKIE = "limen_kiosk"
_KEPT = timedelta(days=400)
_BEARER = "Bearer "
_THEIRS = ("/kiosk", "/frames")
_RUNS = (Role.ADMINISTRATOR, Role.OPERATOR)

DoorName = Annotated[str, Path(description="Name of the door in limen.toml.", max_length=40)]


class Kiosk(BaseModel):
    """A device that stands at a door."""

    device: str = Field(description="Random id.")
    door: str = Field(description="Where it stands.")
    offered_until: datetime = Field(description="The one-time code is good before this moment.")
    paired_at: datetime | None = Field(description="Since when it has a key; null while the code waits.")


class Kiosks(BaseModel):
    """Every kiosk."""

    kiosks: list[Kiosk]


class Offer(Kiosk):
    """A kiosk that may be paired now."""

    code: str = Field(description="Typed into the device, once; shown here and nowhere again.")


class Code(BaseModel):
    """What somebody typed into a device."""

    code: str = Field(min_length=1, max_length=64, description="The one-time code.")


class Paired(BaseModel):
    """The device has its key."""

    door: str = Field(description="Where it stands now.")


def _teach(service: Service) -> None:
    """Teach a service to know kiosks by their key, there alone where one is worth anything, and before anybody else."""

    def find(connection: HTTPConnection) -> Caller | None:
        if not connection.url.path.endswith(_THEIRS):
            return None
        device = _device(service, connection)
        if device is None:
            return None
        note_kiosk(connection, device)
        return Caller(caller_id=device.device_id, roles=frozenset({Role.KIOSK}), how=How.DEVICE)

    service.finders.insert(0, find)


def router(service: Service) -> APIRouter:
    """The routes."""
    _teach(service)
    routes = APIRouter(tags=["kiosks"])

    @routes.get("/kiosks", dependencies=[needs(*_RUNS, Role.GUARD)])
    def kiosks() -> Kiosks:
        """List the kiosks, and codes that still wait."""
        return Kiosks(kiosks=[_told(device) for device in service.site.pair.all()])

    @routes.post("/doors/{name}/kiosks", status_code=201, dependencies=[needs(*_RUNS)])
    def offer(name: DoorName) -> Offer:
        """Make a one-time code that pairs a device with a door; it holds for ten minutes."""
        device, code = service.site.pair.offer(kiosk_door(service.site.settings, name))
        return Offer(**_told(device).model_dump(), code=code)

    @routes.delete("/kiosks/{device}", status_code=204, dependencies=[needs(*_RUNS)])
    def revoke(device: Annotated[str, Path(max_length=40)]) -> None:
        """Make a kiosk's key worthless, or a code that still waits."""
        service.site.pair.revoke(DeviceId(device))

    @routes.post("/kiosks/pair", dependencies=[PUBLIC])
    def pair(body: Code, response: Response) -> Paired:
        """Become a kiosk: the key goes into a cookie of this browser."""
        device, key = service.site.pair.claim(body.code)
        until = service.site.clock.now().astimezone(UTC) + _KEPT
        response.set_cookie(COOKIE, key, expires=until, httponly=True, samesite="strict", secure=service.tls)
        return Paired(door=device.door)

    return routes


def _told(device: Device) -> Kiosk:
    return Kiosk(
        device=device.device_id, door=device.door, offered_until=device.offered_until, paired_at=device.paired_at
    )


def _device(service: Service, connection: HTTPConnection) -> Device | None:
    given = connection.headers.get("Authorization", "")
    key = given.removeprefix(_BEARER) if given.startswith(_BEARER) else connection.cookies.get(COOKIE, "")
    return service.site.pair.who(key) if key else None
