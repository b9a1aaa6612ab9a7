"""One name opens any source; what is not there is told in one line, and never with a password."""

from __future__ import annotations

import io
import logging
import socket
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.frames.browser import MAX_BROWSER_BYTES, BrowserFrames
from limen.frames.network import NetworkCamera, without_secrets
from limen.frames.sources import open_source
from support.clock import NOON, FakeClock
from support.videos import greys, write_video


def _bytes(level: int, *, size: tuple[int, int] = (64, 48), kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (level, level, level)).save(buffer, kind)
    return buffer.getvalue()


def _first_frame(spec: str) -> Frame:
    source = open_source(spec, clock=FakeClock())
    try:
        return next(iter(source.frames()))
    finally:
        source.close()


@pytest.mark.parametrize(
    "spec",
    ["no-such-clip.avi", "", "-1", "99999999999999999999", "a\0b", "x" * 5000],
    ids=["file", "nothing", "negative", "huge number", "null byte", "long"],
)
def test_a_source_that_is_not_there_is_refused(spec: str) -> None:
    """A missing file, an impossible number or name is a CaptureError of one line with advice."""
    with pytest.raises(CaptureError, match="there is none") as caught:
        open_source(spec, clock=FakeClock())
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


def test_a_webcam_that_is_not_there_is_told_at_the_first_frame() -> None:
    """A live source may still be starting: its absence is told to whoever waits for a frame."""
    with pytest.raises(CaptureError, match="there is none"):
        _first_frame("/dev/video-none")


def test_a_video_and_a_folder_are_recordings(tmp_path: Path) -> None:
    """A video file, paced or not, and a folder of pictures give their frames in order and are not live."""
    video = str(write_video(tmp_path / "a.mp4", greys(3)))
    for level in (10, 20):
        (tmp_path / "pictures").mkdir(exist_ok=True)
        (tmp_path / "pictures" / f"{level}.png").write_bytes(_bytes(level))
    (tmp_path / "pictures" / "notes.txt").write_text("no picture", "utf-8")
    for spec, paced, counts in (
        (video, False, {3}),
        (video, True, {1, 2, 3}),
        (str(tmp_path / "pictures"), False, {2}),
    ):
        source = open_source(spec, clock=FakeClock(), paced=paced)
        frames = list(source.frames())
        source.close()
        assert len(frames) in counts
        assert {source.kind, *(frame.kind for frame in frames)} == {SourceKind.FILE}
        assert frames[0].captured_at == NOON or paced
        assert [float(f.pixels.mean()) for f in frames] == sorted(float(f.pixels.mean()) for f in frames)


def test_an_empty_folder_and_a_broken_picture_are_refused(tmp_path: Path) -> None:
    """A folder without pictures is no source; one with a broken picture names it."""
    with pytest.raises(CaptureError, match="no picture in it"):
        open_source(str(tmp_path), clock=FakeClock())
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(CaptureError, match=r"broken\.jpg"):
        list(open_source(str(tmp_path), clock=FakeClock()).frames())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://admin:s3cret@192.0.2.7:554/stream?token=s3cret", "rtsp://192.0.2.7:554"),
        ("rtsp://admin:s3cret@cam.example/s3cret", "rtsp://cam.example"),
        ("rtsp://[2001:db8::1", "at an address that cannot be shown"),
        ("rtsp://admin:s3@cret@[2001:db8::1]:554/", "rtsp://[2001:db8::1]:554"),
        ("rtsp://admin:1/s3cret@cam.example/", "at an address that cannot be shown"),
        ("rtsp://cam.example/?password=s3@cret", "at an address that cannot be shown"),
    ],
)
def test_what_an_address_is_called_holds_no_secret(address: str, shown: str) -> None:
    """Only scheme, host and port of an address are shown."""
    assert without_secrets(address) == shown


@pytest.mark.parametrize(
    "address",
    ["rtsp://admin:s3cret@127.0.0.1:{port}/s3cret", "http://admin:s3cret@127.0.0.1:{port}/", "rtsp://admin:s3cret@"],
    ids=["nobody there", "another protocol", "no host"],
)
def test_no_password_in_errors_or_logs(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """An address that leads nowhere is told without user and password, and no exception with them is chained."""
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(CaptureError) as caught:
        _first_frame(address.format(port=port))
    chained: BaseException | None = caught.value
    while chained is not None:
        assert "s3cret" not in f"{chained} {getattr(chained, 'advice', str)()}"
        chained = chained.__cause__ or (None if chained.__suppress_context__ else chained.__context__)
    assert "s3cret" not in caplog.text


def test_a_camera_that_accepts_and_says_nothing_is_given_up() -> None:
    """A connection on which nothing comes ends with an error after the stated time instead of hanging."""
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(CaptureError, match="cannot be reached"):
        NetworkCamera(f"rtsp://127.0.0.1:{mute.getsockname()[1]}/", clock=FakeClock(), silent_s=0.2)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\n",
        bytes(4096),
        b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 999999999999\r\n\r\n",
        b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: file:///etc/hostname\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nX: " + b"y" * 100_000,
    ],
    ids=["nothing", "text", "zeros", "unauthorised", "huge length", "moved to a file", "endless header"],
)
def test_whatever_a_camera_answers_is_one_error(answer: bytes) -> None:
    """A server that is no camera, or a hostile one, is a CaptureError of one line, and never a hang."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(CaptureError, match="cannot be reached") as caught:
            NetworkCamera(f"rtsp://127.0.0.1:{server.getsockname()[1]}/", clock=FakeClock(), silent_s=0.5)
        thread.join()
    assert "\n" not in str(caught.value)


def test_browser_frames_are_untrusted_and_the_newest_wins() -> None:
    """What a browser sends is never live; of two frames not yet taken the later is served, stamped on arrival."""
    source = BrowserFrames(clock=FakeClock())
    source.offer(_bytes(10))
    source.offer(_bytes(20, kind="JPEG"))
    frame = next(source.frames())
    assert (frame.kind, source.kind, frame.captured_at) == (SourceKind.BROWSER, SourceKind.BROWSER, NOON)
    assert abs(float(np.mean(frame.pixels)) - 20) < 2
    source.offer(_bytes(30))
    source.close()
    assert list(source.frames()) == []


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "not a picture"),
        (b"<svg/>", "not a picture"),
        (bytes(MAX_BROWSER_BYTES + 1), "more than a frame may have"),
        (_bytes(0, size=(1921, 1081)), "more than limen reads"),
    ],
    ids=["nothing", "other", "too many bytes", "too many pixels"],
)
def test_a_hostile_browser_is_refused(content: bytes, cause: str) -> None:
    """Too large or no picture: refused where it arrives, and the frame before stays."""
    source = BrowserFrames(clock=FakeClock())
    source.offer(_bytes(77))
    with pytest.raises(CaptureError, match=cause):
        source.offer(content)
    assert int(next(source.frames()).pixels[0, 0, 0]) == 77


def test_a_browser_tells_how_many_frames_nobody_looked_at() -> None:
    """Those that a newer one pushed out, and those that are cut off: they are never given out, and they are counted."""
    source = BrowserFrames(clock=FakeClock())
    for content in (_bytes(10), _bytes(20), _bytes(30)[:60]):
        source.offer(content)
    taken = source.frames()
    source.close()
    assert (list(taken), source.arrived, source.shed) == ([], 3, 2)
    late = BrowserFrames(clock=FakeClock())
    late.offer(_bytes(30)[:60])
    frames = late.frames()
    late._slot.end()
    assert (list(frames), late.arrived, late.shed) == ([], 1, 1)


def test_a_frame_is_decoded_and_looked_at_in_its_turn() -> None:
    """The turn is taken when there is a frame, not while waiting for one, and given back when the next is asked for."""
    turn = threading.Lock()
    source = BrowserFrames(clock=FakeClock(), turn=turn)
    frames = source.frames()
    source.offer(_bytes(10))
    next(frames)
    held = turn.locked()
    source.close()
    assert (held, next(frames, None), turn.locked()) == (True, None, False)


def test_a_silent_browser_is_told() -> None:
    """Whoever waits for a browser that sends nothing is told after the stated time."""
    with pytest.raises(CaptureError, match=r"no picture for 0\.01 s"):
        next(BrowserFrames(clock=FakeClock(), stalled_after_s=0.01).frames())
