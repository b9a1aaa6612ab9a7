"""Kiosks over HTTP: offered by those who may, paired by a code, known by a cookie that no script reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from limen.core.devices import DeviceId
from limen.core.door import DoorId
from limen.frames.browser import BrowserFrames
from limen.web.api.door_frames import REPLACED
from limen.web.api.kiosks import COOKIE
from limen.web.live.camera import KioskCamera
from limen.web.live.running import RunningDoor
from limen.web.security.roles import Role
from limen.web.service import Service
from support.service import served, signed_in

_DOORS = """
[door.front]
camera = "kiosk"
attendance = "attended"
access = { everybody = "always" }
[door.front.other_way]
kind = "reception"
where = "to the left"
[door.side]
camera = "0"
attendance = "attended"
access = { everybody = "always" }
[door.alone]
camera = "kiosk"
attendance = "unsafe_face_only"
access = { everybody = "always" }
"""
_PICTURE = cv2.imencode(".jpg", np.full((60, 80, 3), 90, dtype=np.uint8))[1].tobytes()


@contextmanager
def _open(folder: Path) -> Iterator[tuple[Service, TestClient, RunningDoor]]:
    """A service with a door that is there and not kept by anybody: a test looks at what reaches it."""
    with served(folder, settings=_DOORS) as (service, browser):
        camera = KioskCamera(BrowserFrames(clock=service.clock))
        door = RunningDoor("front", camera=camera, opened=_never, clock=service.clock)
        service.live._doors["front"] = door
        yield service, browser, door


def _never(_: object) -> Any:
    raise AssertionError("no test starts this door")


def _read_on(socket: Any) -> None:
    while True:
        socket.receive_json()


def _key(service: Service) -> str:
    return service.site.pair.claim(service.site.pair.offer(DoorId("front"))[1])[1]


def _connect(browser: TestClient, key: str, *, door: str = "front") -> Any:
    return browser.websocket_connect(f"/api/v1/doors/{door}/frames", headers={"Authorization": f"Bearer {key}"})


def test_an_operator_offers_a_person_types_and_the_browser_is_a_kiosk(tmp_path: Path) -> None:
    """The code works once, the key is in a cookie for HTTP alone, and the page becomes the door's."""
    with _open(tmp_path) as (service, browser, _):
        signed_in(service, browser, Role.OPERATOR)
        offer = browser.post("/api/v1/doors/front/kiosks")
        assert (offer.status_code, offer.json()["door"], offer.json()["paired_at"]) == (201, "front", None)
        tablet = TestClient(browser.app)
        assert 'id="pair"' in tablet.get("/kiosk").text
        paired = tablet.post("/api/v1/kiosks/pair", json={"code": offer.json()["code"]})
        assert (paired.status_code, paired.json()) == (200, {"door": "front"})
        cookie = paired.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        page = tablet.get("/kiosk")
        assert 'data-door="front"' in page.text
        assert "to the left" in page.text
        assert page.headers["permissions-policy"].startswith("camera=(self)")
        assert tablet.post("/api/v1/kiosks/pair", json={"code": offer.json()["code"]}).status_code == 409
        (kiosk,) = browser.get("/api/v1/kiosks").json()["kiosks"]
        assert "code" not in kiosk
        assert browser.delete(f"/api/v1/kiosks/{kiosk['device']}").status_code == 204
        assert 'id="pair"' in tablet.get("/kiosk").text


@pytest.mark.parametrize("door", ["side", "alone", "nowhere"])
def test_no_kiosk_where_a_browser_may_not_be_the_camera(tmp_path: Path, door: str) -> None:
    """A door with a camera of its own, one that a face alone opens unattended, one that is not there."""
    with _open(tmp_path) as (service, browser, _):
        signed_in(service, browser, Role.ADMINISTRATOR)
        assert browser.post(f"/api/v1/doors/{door}/kiosks").status_code == 422


def test_frames_reach_the_door_and_what_it_shows_comes_back(tmp_path: Path) -> None:
    """Rectangles and a state, no word of who; what is typed, pressed or called reaches the door."""
    with _open(tmp_path) as (service, browser, door), _connect(browser, _key(service)) as socket:
        assert socket.receive_json()["type"] == "hello"
        now = socket.receive_json()
        assert now == {
            "type": "now",
            "state": "out_of_service",
            "words": {},
            "boxes": [],
            "called": False,
            "frames": 0,
            "shed": 0,
        }
        socket.send_bytes(_PICTURE)
        socket.send_json({"type": "press"})
        socket.send_json({"type": "present", "text": " 1234 "})
        socket.send_json({"type": "call"})
        while not now["called"]:
            now = socket.receive_json()
        assert (now["frames"], now["shed"]) == (1, 0)
        assert [door._presented.get_nowait(), door._presented.get_nowait()] == ["", "1234"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "open"}', '{"type": "present", "text": 7}', "x" * 9000])
def test_what_cannot_be_understood_is_refused_and_nothing_happens(tmp_path: Path, text: str) -> None:
    """The connection stays."""
    with _open(tmp_path) as (service, browser, door), _connect(browser, _key(service)) as socket:
        socket.send_text(text)
        socket.send_bytes(b"<svg/>")
        told = [socket.receive_json() for _ in range(4)]
        assert [one["what"] for one in told if one["type"] == "refused"] == ["not_understood", "no_picture"]
        assert door._presented.empty()


def test_a_newer_connection_takes_the_door(tmp_path: Path) -> None:
    """The older one is told so and closed with its next picture."""
    with _open(tmp_path) as (service, browser, _), _connect(browser, _key(service)) as first:
        with _connect(browser, _key(service)):
            first.send_bytes(_PICTURE)
            with pytest.raises(WebSocketDisconnect) as ended:
                _read_on(first)
        assert ended.value.code == REPLACED


@pytest.mark.parametrize("who", ["nobody", "revoked", "another door", "a guard"])
def test_no_frames_but_from_the_kiosk_of_the_door(tmp_path: Path, who: str) -> None:
    """No key, one that was revoked, another door's, or a person's session: refused before anything is taken."""
    with _open(tmp_path) as (service, browser, _):
        key = "" if who in {"nobody", "a guard"} else _key(service)
        if who == "a guard":
            signed_in(service, browser, Role.GUARD)
        if who == "revoked":
            (device,) = service.site.pair.all()
            service.site.pair.revoke(DeviceId(device.device_id))
        with (
            pytest.raises(WebSocketDisconnect),
            _connect(browser, key, door="side" if who == "another door" else "front"),
        ):
            pass


def test_a_kiosk_may_nothing_else(tmp_path: Path) -> None:
    """Its key opens one page and one door's frames: no list, no event, no call answered."""
    with _open(tmp_path) as (service, browser, _):
        browser.headers["Authorization"] = f"Bearer {_key(service)}"
        for path in ("/api/v1/kiosks", "/api/v1/doors/front/live"):
            assert browser.get(path).status_code == 401
        assert browser.post("/api/v1/doors/front/call/answered").status_code == 401


def test_a_guard_answers_a_call_and_follows_a_door(tmp_path: Path) -> None:
    """The live events name nobody and show no camera; after the end of the feed the stream ends, too."""
    with _open(tmp_path) as (service, browser, door):
        signed_in(service, browser, Role.GUARD)
        door.call(wanted=True)
        assert browser.post("/api/v1/doors/front/call/answered").status_code == 204
        assert door.feed.newest.called_at is None
        door.feed.end()
        answer = browser.get("/api/v1/doors/front/live")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert browser.get("/api/v1/doors/side/live").status_code == 404
