"""A kiosk's connection: JPEG frames in, what to show out; it decides nothing and says nothing that the door does not.

From the device: binary messages are pictures; text messages are JSON, ``{"type": "press"}`` (the button),
``{"type": "present", "text": …}`` (a badge, PIN or pass, as typed or read) and ``{"type": "call"}`` (the desk).

To the device: ``{"type": "now", …}`` with the state, its words, rectangles of those who take part, and how many frames
nobody looked at; ``{"type": "refused", "what": …}`` for a message that was not taken.

1. One connection feeds a door: a newer one ends the older.
2. Pictures are bounded in size and rate, and decoded by the door's thread in its turn; the newest wins.
3. What somebody types is handed to the door and kept nowhere.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated

import anyio
from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from limen.web.live.camera import KioskCamera, Offered
from limen.web.live.running import DoorNow, RunningDoor
from limen.web.pages.render import digest
from limen.web.problems import ProblemError
from limen.web.security.devices import kiosk_of
from limen.web.security.roles import Role, needs
from limen.web.service import Service

__all__ = ["REPLACED", "REVOKED", "router"]

REVOKED, REPLACED = 4401, 4409
"""Why a connection was closed: the device is no kiosk any more; another one took its place."""

_GOING_AWAY = 1001
_ASKED_EVERY_S = 5.0
_MOST_TEXT = 8192
_MOST_PRESENTED_A_MINUTE = 30


class _OverError(Exception):
    """The connection is over."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Connection:
    """One kiosk at one door, from its first message to its last."""

    def __init__(self, socket: WebSocket, service: Service, *, door: RunningDoor, camera: KioskCamera) -> None:
        self._socket, self._service, self._door, self._camera = socket, service, door, camera
        self._holder = camera.take_over()
        self._shed_before = camera.shed
        self._presented, self._code = 0, _GOING_AWAY

    async def run(self) -> None:
        """Until either side ends it."""
        await self._socket.accept()
        await self._socket.send_json({"type": "hello", "version": digest()})
        async with anyio.create_task_group() as parts:

            async def until_over(part: Callable[[], Awaitable[None]]) -> None:
                try:
                    await part()
                except _OverError as over:
                    self._code = over.code
                except (RuntimeError, WebSocketDisconnect):
                    pass  # the device is gone: Starlette says so to whoever still sends
                parts.cancel_scope.cancel()

            for part in (self._listen, self._tell, self._watch):
                parts.start_soon(until_over, part)
        with suppress(RuntimeError, WebSocketDisconnect):
            await self._socket.close(self._code)

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (content := message.get("bytes")) is not None:
                await self._offered(self._camera.offer(content, holder=self._holder))
            elif (text := message.get("text")) is not None:
                await self._said(text)

    async def _offered(self, offered: Offered) -> None:
        if offered is Offered.REPLACED:
            raise _OverError(REPLACED)
        if offered in (Offered.TOO_LARGE, Offered.NO_PICTURE):
            await self._socket.send_json({"type": "refused", "what": offered.value})

    async def _said(self, text: str) -> None:
        match _read(text):
            case {"type": "press"}:
                self._present("")
            case {"type": "present", "text": str(shown)} if shown.strip():
                self._present(shown.strip())
            case {"type": "call"}:
                self._door.call(wanted=True)
            case _:
                await self._socket.send_json({"type": "refused", "what": "not_understood"})

    def _present(self, shown: str) -> None:
        self._presented += 1
        if self._presented <= _MOST_PRESENTED_A_MINUTE:
            self._door.present(shown)

    async def _tell(self) -> None:
        async for now in self._door.feed.follow(idle_s=1.0):
            if not self._camera.is_held_by(self._holder):
                raise _OverError(REPLACED)
            await self._socket.send_json(self._now(now or self._door.feed.newest))

    def _now(self, now: DoorNow) -> dict[str, object]:
        return {
            "type": "now",
            "state": now.shown.state if now.running else "out_of_service",
            "words": dict(now.shown.words),
            "boxes": [[round(value, 4) for value in box] for box in now.in_view.present],
            "called": now.called_at is not None,
            "frames": self._camera.arrived,
            "shed": self._camera.shed - self._shed_before,
        }

    async def _watch(self) -> None:
        """End the connection of a device whose key was revoked; let it present again."""
        for count in range(1, 2**31):
            await asyncio.sleep(_ASKED_EVERY_S)
            if await run_in_threadpool(self._service.find_caller, self._socket) is None:
                raise _OverError(REVOKED)
            if count % round(60 / _ASKED_EVERY_S) == 0:
                self._presented = 0


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.websocket("/doors/{name}/frames", dependencies=[needs(Role.KIOSK)])
    async def frames(socket: WebSocket, name: Annotated[str, Path(max_length=40)]) -> None:
        """Take frames of a door's kiosk, and tell what to show."""
        device, door = kiosk_of(socket), service.live.get(name)
        if device is None or device.door != name:
            raise ProblemError.forbidden()
        if door is None or door.camera is None:
            raise ProblemError.not_found("A running door with a kiosk of that name")
        await _Connection(socket, service, door=door, camera=door.camera).run()

    return routes


def _read(text: str) -> object:
    if len(text) > _MOST_TEXT:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
