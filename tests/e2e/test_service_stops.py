"""`limen serve` as a process: stopped while it is written to; a door follows its rules while its kiosk is connected."""

from __future__ import annotations

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import httpx
import numpy as np
from websockets.sync.client import ClientConnection, connect

from limen.bootstrap import Site, open_site
from limen.core.accounts import Role
from limen.core.door import DoorId
from limen.core.people import AgreementId, SiteKind
from limen.web.service import Service
from support.serving import Serving, serving

_WRITERS, _BEFORE_IT_ENDS = 4, 20
_DOOR = """
[door.front]
camera = "kiosk"
attendance = "attended"
access = { everybody = "always" }
"""
_AGREED = {"text_version": "2026-12", "language": "en", "how": "simulated", "days": 30, "signature": "Nobody"}


def _token(site: Site, role: Role) -> dict[str, str]:
    return {"Authorization": f"Bearer {Service(site=site).tokens.new('test', roles=frozenset({role}), days=1)[1]}"}


def _write(service: Serving, token: dict[str, str], answered: threading.Semaphore) -> list[str]:
    """Write until the service is gone; what was answered."""
    got: list[str] = []
    with httpx.Client(base_url=service.address, headers=token, timeout=60) as client:
        for number in itertools.count():
            try:
                answer = client.post("/api/v1/agreements", json=_AGREED, headers={"Idempotency-Key": f"k-{number}"})
            except httpx.TransportError:
                return got
            assert answer.status_code == 201, answer.text
            got.append(str(answer.json()["agreement_id"]))
            answered.release()
    return got


def test_whatever_was_answered_before_the_end_is_in_the_store(tmp_path: Path) -> None:
    """SIGTERM among writes: the service ends in order, and each one that was answered is there."""
    with open_site(tmp_path, create=SiteKind.TRIAL) as site:
        tokens = [_token(site, Role.OPERATOR) for _ in range(_WRITERS)]
    answered = threading.Semaphore(0)
    with serving(tmp_path) as service, ThreadPoolExecutor(_WRITERS) as writers:
        written = [writers.submit(_write, service, token, answered) for token in tokens]
        for _ in range(_BEFORE_IT_ENDS):
            assert answered.acquire(timeout=60)
        assert service.stop() == 0
        told = [agreement for one in written for agreement in one.result(60)]
    with open_site(tmp_path) as site, site.store.read() as unit:
        assert unit.audit.verify().problem is None
        assert [one for one in told if unit.agreements.get(AgreementId(one)) is None] == []
    assert len(set(told)) == len(told) >= _BEFORE_IT_ENDS


def _until(socket: ClientConnection, *, out_of_service: bool) -> None:
    """Read what the kiosk is told until it is so."""
    for text in socket:
        message = json.loads(text)
        if message["type"] == "now" and (message["state"] == "out_of_service") is out_of_service:
            return
    raise AssertionError("the kiosk was sent away")


def _looks(socket: ClientConnection, client: httpx.Client) -> None:
    """Send pictures on the same connection until the door has looked at one."""
    picture = cv2.imencode(".jpg", np.full((60, 80, 3), 90, dtype=np.uint8))[1].tobytes()
    for _ in range(600):
        socket.send(picture)
        text = client.get("/api/v1/metrics").text
        if 'limen_frames_looked_at_total{door="front"} 0.0' not in text:
            return
    raise AssertionError("the door looks at nothing")


def test_a_door_follows_its_rules_while_its_kiosk_stays_connected(tmp_path: Path) -> None:
    """Rules that no kiosk may have shut the door within the same connection, and good ones open it again."""
    (tmp_path / "limen.toml").write_text(_DOOR, "utf-8")
    with open_site(tmp_path, create=SiteKind.TRIAL) as site:
        token = _token(site, Role.ADMINISTRATOR)
        key = site.pair.claim(site.pair.offer(DoorId("front"))[1])[1]
    with serving(tmp_path) as service, httpx.Client(base_url=service.address, headers=token) as client:
        rules, door = "/api/v1/doors/front/rules", f"ws://127.0.0.1:{service.port}/api/v1/doors/front/frames"
        with connect(door, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
            _until(socket, out_of_service=False)
            for attendance, shut in (("unsafe_face_only", True), ("attended", False)):
                match = {"If-Match": client.get(rules).headers["etag"]}
                answer = client.put(rules, json={"rules": {"attendance": attendance}}, headers=match)
                assert answer.status_code == 200, answer.text
                _until(socket, out_of_service=shut)
            _looks(socket, client)
        assert service.stop() == 0
