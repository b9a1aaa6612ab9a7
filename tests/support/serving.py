"""`limen serve` as a process of its own, and a real browser whose camera shows a video of drawn faces.

How to use: ``with serving(folder) as service: service.address`` for the service; ``with browser(video) as context:``
for a Chromium that asks it. Both skip with a sentence where there is no Chromium.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

__all__ = ["Serving", "browser", "serving", "write_camera"]

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
def browser(video: Path, **context: Any) -> Iterator[Any]:
    """A Chromium context whose camera shows a video, over and over; ``context`` is Playwright's."""
    path = shutil.which(_CHROMIUM)
    if path is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only where there is a browser

    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
    )
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=[*_QUIET, *camera])
        try:
            yield opened.new_context(**context)
        finally:
            opened.close()


def write_camera(path: Path, pictures: Sequence[Picture]) -> None:
    """A video for a browser's camera (Motion JPEG, 30 a second): these pictures, uint8 (H, W, 3) BGR."""
    with av.open(str(path), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=30, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = *_SIZE, "yuvj420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")))
        container.mux(stream.encode())
