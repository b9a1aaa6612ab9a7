"""A service that listens, and a real browser that asks it: headless Chromium, whose camera may show drawn faces.

How to use: ``with serving(folder) as service: service.address`` for `limen serve` as a process of its own, or ``with
listening(service) as address:`` for a service of the test, with its clock. ``with chromium() as browser:`` skips with a
sentence where there is none; ``with camera(video) as context:`` has a camera. ``serious(page)`` asks axe-core.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from numpy.typing import NDArray
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.responses import Response

from limen.web.app import create_app
from limen.web.security.roles import Role
from limen.web.security.sessions import COOKIE
from limen.web.service import Service

__all__ = ["Serving", "camera", "chromium", "listening", "opened", "serious", "serving", "write_camera"]

_CHROMIUM = "chromium"
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_SIZE = (640, 480)
Picture = NDArray[np.uint8]


@dataclass(slots=True, kw_only=True)
class Serving:
    """A service that runs.

    Attributes:
        folder: its data.
        port: it listens at.
        process: of it.
        told: what it has said when it was ready.
    """

    folder: Path
    port: int
    process: subprocess.Popen[str] = field(repr=False)
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> int:
        """Ask it to end, as a service manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def serving(folder: Path, *, port: int = 0, command: str = "serve") -> Iterator[Serving]:
    """The service over a site that is there."""
    words = [sys.executable, "-c", "from limen.cli.main import run; run()"]
    words += [command, "--data", str(folder), "--port", str(port), "--json"]
    with (folder / "service.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (folder / "service.log").read_text("utf-8")
        told = json.loads(line)
        yield Serving(folder=folder, port=int(told["serving"].rpartition(":")[2]), process=process, told=told)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def listening(service: Service) -> Iterator[str]:
    """The service on a free port of the loopback; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.listen(64)
        config = uvicorn.Config(create_app(service), log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """The browser; the test is skipped where there is none."""
    path = shutil.which(_CHROMIUM)
    if path is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET, *arguments])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def camera(video: Path, **context: Any) -> Iterator[BrowserContext]:
    """A context whose camera shows a video, over and over; ``context`` is Playwright's."""
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with chromium(*fake, f"--use-file-for-fake-video-capture={video}") as browser:
        yield browser.new_context(**context)


def opened(browser: Browser, address: str, service: Service, *roles: Role, account: str = "someone") -> Page:
    """A page of somebody who is signed in."""
    answer = Response()
    service.sessions.begin(answer, account, roles=frozenset(roles))
    cookie = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=address, locale="en-GB")
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": address, "httpOnly": True, "sameSite": "Strict"}])
    return context.new_page()


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical on a page: rule and where."""
    found: dict[str, Any] = Axe().run(page, options=_RULES).response
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def write_camera(path: Path, pictures: Sequence[Picture]) -> None:
    """A video for a browser's camera (Motion JPEG, 30 a second): these pictures, uint8 (H, W, 3) BGR."""
    with av.open(str(path), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=30, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuvj420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")))
        container.mux(stream.encode())
