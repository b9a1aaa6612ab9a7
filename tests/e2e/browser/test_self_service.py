"""`limen start` in a real browser: an invitation becomes a face pass, the page shows what is kept, and all of it goes.

Pictures of the pages go to docs/pictures with ``PAGE_PICTURES=docs/pictures``; the faces on them are drawn.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from limen.frames.drawn import PERSON, draw_face
from support.cli import limen
from support.serving import Serving, camera, serious, serving, write_camera

pytestmark = pytest.mark.browser

_WAIT_MS = 90_000


def _still(frames: int = 30) -> list[NDArray[np.uint8]]:
    """Somebody who sits before a webcam, with the noise of a camera."""
    canvas = np.full((480, 640, 3), (210, 205, 200), dtype=np.int16)
    canvas[40:440, 120:520] = cv2.resize(draw_face(PERSON, side_px=512), (400, 400), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(3)
    return [np.clip(canvas + rng.integers(-2, 3, canvas.shape), 0, 255).astype(np.uint8) for _ in range(frames)]


def _look_at(page: Any, name: str) -> None:
    """No serious problem for people who read otherwise; a picture for the documents where one is asked for."""
    assert serious(page) == []
    folder = os.environ.get("PAGE_PICTURES")  # noqa: TID251  of the test alone
    if folder:
        page.screenshot(path=str(Path(folder) / f"self-{name}.png"))


def _taken(page: Any) -> None:
    page.click("#capture .begin")
    page.wait_for_selector("#capture .use:not([hidden])", timeout=_WAIT_MS)


def _shown(page: Any, step: str) -> None:
    page.wait_for_selector(f"#step-{step}:not([hidden])", timeout=_WAIT_MS)


def _join(page: Any, service: Serving, folder: Path) -> str:
    """From the invitation to the pass; the code of the person's page."""
    page.goto(f"{service.address}/start#{service.told['start'].partition('#')[2]}")
    _look_at(page, "start")
    page.click("#to-join")
    _shown(page, "kind")
    assert page.url.endswith("/join")
    _look_at(page, "kind")
    page.click("#kind-on")
    _shown(page, "agree")
    _look_at(page, "agree")
    page.check("#adult")
    page.check("#agreed")
    page.fill("#signature", "Ada Lovelace")
    page.click("#form-agree button")
    _shown(page, "picture")
    page.click("#capture .begin")
    page.wait_for_selector("#capture .stage.good", timeout=_WAIT_MS)
    _look_at(page, "capture")
    page.wait_for_selector("#capture .use:not([hidden])", timeout=_WAIT_MS)
    page.click("#capture .use")
    _shown(page, "done")
    _look_at(page, "pass")
    with page.expect_download() as download:
        page.click("#save-png")
    download.value.save_as(folder / "pass.png")
    return str(page.inner_text("#page-code"))


def test_an_invitation_becomes_a_pass_and_everything_goes_again(tmp_path: Path) -> None:
    """Read, agree, be photographed, take the pass; see my data, replace the pass, stop and delete with a receipt."""
    write_camera(tmp_path / "camera.mjpeg", _still())
    data = tmp_path / "data"
    data.mkdir()
    with serving(data, command="start") as service, camera(tmp_path / "camera.mjpeg", locale="en-GB") as context:
        page = context.new_page()
        code = _join(page, service, tmp_path)
        page.goto(f"{service.address}/my#{code}")
        page.wait_for_selector(".facts", timeout=_WAIT_MS)
        assert "Ada Lovelace" in page.inner_text("main")
        _look_at(page, "my-data")
        for where in ("export", "renew", "not-me", "picture"):
            page.goto(f"{service.address}/my/{where}")
            _look_at(page, where)
        page.set_input_files("#old-pass", str(tmp_path / "pass.png"))
        _taken(page)
        page.click("#capture .use")
        page.wait_for_selector("#done:not([hidden])", timeout=_WAIT_MS)
        page.goto(f"{service.address}/my/stop")
        _look_at(page, "stop")
        page.click("button.danger")
        page.wait_for_selector("text=You are gone from here", timeout=_WAIT_MS)
        _look_at(page, "receipt")
        for where in ("/my", "/join/no", "/start/door"):
            page.goto(f"{service.address}{where}")
            _look_at(page, where.strip("/").replace("/", "-"))
    assert limen("people", "list", data=data).document["people"] == []
    old = limen("pass", "verify", tmp_path / "pass.png", tmp_path / "pass.png", data=data)
    assert old.code != 0
