"""The whole way in a real browser: a face pass made in self-service opens a kiosk's door until its holder leaves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyotp
import pytest
from numpy.typing import NDArray

from limen.frames.drawn import PERSON
from limen.vision.drawn_masks import ENROLMENT_MASKS, draw_mask
from support.cli import limen
from support.faces import drawn, landmarks_of
from support.serving import Serving, camera, serving, write_camera

pytestmark = pytest.mark.browser

_WAIT_MS = 60_000
_DOOR = "try"
Picture = NDArray[np.uint8]


def _before_the_wall(picture: Picture | None, *, side: int = 400) -> Picture:
    canvas = np.full((480, 640, 3), (210, 205, 200), dtype=np.uint8)
    if picture is not None:
        top, left = (480 - side) // 2, (640 - side) // 2
        canvas[top : top + side, left : left + side] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return canvas


def _filmed(path: Path, *shots: tuple[Picture, int]) -> Path:
    """Each picture for so many frames, with the noise of a camera."""
    rng = np.random.default_rng(3)
    frames = [
        np.clip(picture.astype(np.int16) + rng.integers(-2, 3, picture.shape), 0, 255).astype(np.uint8)
        for picture, count in shots
        for _ in range(count)
    ]
    write_camera(path, frames)
    return path


def _face(*, masked: bool) -> Picture:
    face = drawn(PERSON)
    if masked:
        face = draw_mask(face, landmarks_of(PERSON), ENROLMENT_MASKS[0], rng=np.random.default_rng(0))
    return face


def _at_the_door(path: Path, card: Path, *, masked: bool) -> Path:
    """Somebody stands before the camera, holds a pass beside their face, and goes; codes are read where a face is."""
    shown = cv2.imread(str(card))
    assert shown is not None
    scene = _before_the_wall(None)
    face = cv2.resize(_face(masked=masked), (400, 400), interpolation=cv2.INTER_AREA)
    scene[40:440, :240] = face[:, 80:320]
    scene[45:435, 245:635] = cv2.resize(shown, (390, 390), interpolation=cv2.INTER_AREA)
    return _filmed(path, (scene, 200), (_before_the_wall(None), 150))


def _join(page: Any, service: Serving, card: Path) -> str:
    """From the invitation to the pass; the code of the person's page."""
    page.goto(f"{service.address}/start#{service.told['start'].partition('#')[2]}")
    page.click("#to-join")
    page.wait_for_selector("#step-kind:not([hidden])", timeout=_WAIT_MS)
    page.check("#kind-pass")
    page.click("#kind-on")
    page.wait_for_selector("#step-agree:not([hidden])", timeout=_WAIT_MS)
    page.check("#adult")
    page.check("#agreed")
    page.fill("#signature", "Ada Lovelace")
    page.click("#form-agree button")
    page.wait_for_selector("#step-picture:not([hidden])", timeout=_WAIT_MS)
    page.click("#capture .begin")
    page.wait_for_selector("#capture .use:not([hidden])", timeout=_WAIT_MS)
    page.click("#capture .use")
    page.wait_for_selector("#step-done:not([hidden])", timeout=_WAIT_MS)
    with page.expect_download() as download:
        page.click("#save-png")
    download.value.save_as(card)
    return str(page.inner_text("#page-code"))


def _administrator(page: Any, service: Serving) -> None:
    """The first administrator begins by the one-time link."""
    page.goto(service.told["first_administrator"])
    page.fill("#login", "grace")
    page.fill("#password", "a long and quiet afternoon by the sea")
    page.fill("#code", pyotp.TOTP(page.input_value("input[name=secret]")).now())
    page.click("form.card button")
    page.wait_for_selector("h1")


def _paired(page: Any, service: Serving) -> None:
    page.goto(f"{service.address}/kiosk")
    page.fill("#code", limen("door", "pair", _DOOR, data=service.folder).document["code"])
    page.click("#pair button")
    page.wait_for_selector("#kiosk")


def _state(page: Any, state: str) -> None:
    page.wait_for_selector(f'#kiosk[data-state="{state}"]', timeout=_WAIT_MS)


def _events(page: Any, service: Serving) -> set[str]:
    """The numbers of the events the console lists."""
    page.goto(f"{service.address}/console/events")
    return set(re.findall(r"\be-[0-9a-f]{16}\b", page.inner_text("main")))


@pytest.mark.parametrize("masked", [False, True], ids=["bare", "masked"])
def test_a_pass_made_in_self_service_opens_the_door_until_its_holder_leaves(tmp_path: Path, *, masked: bool) -> None:
    """Invitation, agreement, capture, pass, door, event in the console, stop and delete; then nobody is known."""
    data, card = tmp_path / "data", tmp_path / "pass.png"
    data.mkdir()
    webcam = _filmed(tmp_path / "webcam.mjpeg", (_before_the_wall(_face(masked=False)), 30))
    with serving(data, command="start") as service, camera(webcam, locale="en-GB") as context:
        code = _join(context.new_page(), service, card)
        assert service.stop() == 0
    tablet = _at_the_door(tmp_path / "tablet.mjpeg", card, masked=masked)
    with serving(data) as service, camera(tablet, locale="en-GB") as context:
        assert context.browser is not None
        kiosk, desk = context.new_page(), context.browser.new_context(locale="en-GB").new_page()
        person = context.browser.new_context(locale="en-GB").new_page()
        _administrator(desk, service)
        assert _events(desk, service) == set()
        _paired(kiosk, service)
        _state(kiosk, "go")
        assert _events(desk, service)
        assert "Ada" not in desk.inner_text("main")
        person.goto(f"{service.address}/my#{code}")
        person.wait_for_selector(".facts", timeout=_WAIT_MS)
        person.goto(f"{service.address}/my/stop")
        person.click("button.danger")
        person.wait_for_selector("text=You are gone from here", timeout=_WAIT_MS)
        left = _events(desk, service)
        _state(kiosk, "other_way")
        assert _events(desk, service) <= left
    assert limen("people", "list", data=data).document["people"] == []
    assert limen("audit", "verify", data=data).code == 0
