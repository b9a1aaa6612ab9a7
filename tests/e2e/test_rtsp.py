"""A real RTSP server (Debian's GStreamer): frames arrive, the newest wins, and a dead camera comes back."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.bootstrap import SystemClock, build_vision
from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import FrameSource
from limen.frames.sources import open_source
from limen.settings import load_settings
from support.cameras import PATIENCE_S
from support.videos import drawn_scene

_SYSTEM_PYTHON = Path("/usr/bin/python3")
_SERVER = Path(__file__).parents[1] / "support" / "rtsp_server.py"
_PACKAGES = "gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-base, -good and -ugly"
_NEEDED = (
    "import gi; gi.require_version('Gst', '1.0'); gi.require_version('GstRtspServer', '1.0')\n"
    "from gi.repository import Gst, GstRtspServer; Gst.init(None)\n"
    "names = ('multifilesrc', 'jpegdec', 'videoconvert', 'x264enc', 'rtph264pay')\n"
    "assert all(Gst.ElementFactory.find(name) for name in names)"
)
_RATE = 25
_PICTURES = 250
_BITS = 8
_BIT_PX = 24


def _has_server() -> bool:
    if not _SYSTEM_PYTHON.exists():
        return False
    return subprocess.run([_SYSTEM_PYTHON, "-c", _NEEDED], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(
    not _has_server(), reason=f"there is no RTSP server on this machine; Debian's is in: {_PACKAGES}"
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn face that walks; each picture carries its number as black and white squares along its top."""
    folder = tmp_path_factory.mktemp("walk")
    for number in range(_PICTURES):
        scene = drawn_scene(number)
        for bit in range(_BITS):
            scene[:_BIT_PX, bit * _BIT_PX : (bit + 1) * _BIT_PX] = 255 * (number >> bit & 1)
        cv2.imwrite(str(folder / f"{number:03d}.jpg"), scene)
    return folder


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def _served(pictures: Path, port: int, *, loss: float = 0.0) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(word) for word in (_SYSTEM_PYTHON, _SERVER, port, pictures, _RATE, loss)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"ready\n"
            yield server
        finally:
            server.kill()


@contextmanager
def _camera(port: int) -> Iterator[FrameSource]:
    camera = open_source(f"rtsp://guest:s3cret@127.0.0.1:{port}/door", clock=SystemClock())
    try:
        yield camera
    finally:
        camera.close()


def _number(frame: Frame) -> int:
    squares = frame.pixels[_BIT_PX // 2, _BIT_PX // 2 : _BITS * _BIT_PX : _BIT_PX].mean(axis=1)
    return int(sum(1 << bit for bit, level in enumerate(squares) if level > 127))


def _next(camera: FrameSource) -> Frame:
    """The next frame, however many errors come before it; gives up after a while."""
    given_up = threading.Event()
    timer = threading.Timer(PATIENCE_S, given_up.set)
    timer.start()
    try:
        while True:
            try:
                return next(iter(camera.frames()))
            except CaptureError:
                if given_up.is_set():
                    raise
    finally:
        timer.cancel()


def test_frames_arrive_and_show_the_face(pictures: Path, port: int) -> None:
    """Frames come in order, live, in full size, not from the future, and the detector finds the face in them."""
    vision = build_vision(load_settings(pictures), None, threads=1)
    with _served(pictures, port), _camera(port) as camera:
        frames = [_next(camera) for _ in range(5)]
    assert {(frame.width_px, frame.height_px, frame.kind) for frame in frames} == {(640, 360, SourceKind.LIVE_CAMERA)}
    assert frames[0].source == f"camera rtsp://127.0.0.1:{port}"
    numbers = [_number(frame) for frame in frames]
    assert numbers == sorted(set(numbers))
    times = [frame.captured_at for frame in frames]
    assert times == sorted(times)
    assert times[-1] <= SystemClock().now()
    assert len(vision.detect(frames[-1])) == 1


def test_a_slow_consumer_sees_fresh_frames(pictures: Path, port: int) -> None:
    """A consumer that is away while two seconds of pictures are sent gets the newest, not the ones it missed."""
    with _served(pictures, port), _camera(port) as camera:
        first = _next(camera)
        watched = open_source(f"rtsp://127.0.0.1:{port}/door", clock=SystemClock())
        try:
            seen = _next(watched)
            while _number(seen) < _number(first) + 2 * _RATE:
                seen = _next(watched)
        finally:
            watched.close()
        after = _next(camera)
    assert _number(after) >= _number(seen) - 2
    assert after.captured_at > first.captured_at


def test_a_camera_that_dies_is_told_and_comes_back(pictures: Path, port: int) -> None:
    """The server is killed: an error without the password; it stays away: errors; it is back: frames again."""
    with _camera(port) as camera:
        with _served(pictures, port) as server:
            _next(camera)
            server.kill()
            server.wait(PATIENCE_S)
            with pytest.raises(CaptureError, match=f"camera rtsp://127.0.0.1:{port}: ") as caught:
                list(camera.frames())
            assert "s3cret" not in str(caught.value)
        with pytest.raises(CaptureError, match="cannot be reached"):
            next(iter(camera.frames()))
        with _served(pictures, port):
            frame = _next(camera)
    assert np.ptp(frame.pixels) > 100


def test_a_damaged_stream_is_survived(pictures: Path, port: int) -> None:
    """With a fifth of the coded pictures missing, frames go on coming, in order and never from the future."""
    with _served(pictures, port, loss=0.2), _camera(port) as camera:
        frames = [_next(camera) for _ in range(2 * _RATE)]
    times = [frame.captured_at for frame in frames]
    assert times == sorted(times)
    assert times[-1] <= SystemClock().now()
