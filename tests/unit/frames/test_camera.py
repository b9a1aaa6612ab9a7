"""A camera that is not there is a CaptureError; a video file is read to its end and is never live."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.ports import FrameSource
from limen.frames.camera import Camera
from support.clock import NOON, FakeClock


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Five frames of 64x48, each a grey of its own."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (64, 48))
    for level in range(5):
        writer.write(np.full((48, 64, 3), 40 * level + 20, np.uint8))
    writer.release()
    return path


@pytest.mark.parametrize(
    "source",
    ["/dev/video-none", "no-such-clip.avi", "", "-1", "99999999999999999999", "rtsp://192.0.2.1/stream"],
    ids=["device", "file", "nothing", "negative", "huge number", "address"],
)
def test_a_source_that_is_not_there_is_refused(source: str) -> None:
    """A missing device, file, impossible number or network address is a CaptureError of one line with advice."""
    with pytest.raises(CaptureError, match="there is none") as caught:
        Camera(source, clock=FakeClock())
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


def test_a_folder_is_no_camera(tmp_path: Path) -> None:
    """A directory as source is refused."""
    with pytest.raises(CaptureError, match="there is none"):
        Camera(str(tmp_path), clock=FakeClock())


@pytest.mark.parametrize("content", [b"", b"hello\n", bytes(5000)], ids=["empty", "text", "zeros"])
def test_a_file_that_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    """A text file in place of a video cannot be opened."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match="cannot be opened"):
        Camera(str(path), clock=FakeClock())


def test_a_video_is_read_to_its_end(video: Path) -> None:
    """Every frame comes once, in order, and then the source ends without an error."""
    camera = Camera(str(video), clock=FakeClock())
    levels = [float(frame.pixels.mean()) for frame in camera.frames()]
    camera.close()
    np.testing.assert_allclose(levels, [20, 60, 100, 140, 180], atol=3)
    assert list(camera.frames()) == []


def test_a_video_is_a_file_and_not_live(video: Path) -> None:
    """Neither the source nor its frames can confirm anybody (promise 1)."""
    camera: FrameSource = Camera(str(video), clock=FakeClock())
    assert camera.kind is SourceKind.FILE
    assert {frame.kind for frame in camera.frames()} == {SourceKind.FILE}
    camera.close()


def test_frames_carry_the_time_of_the_clock(video: Path) -> None:
    """Each frame is stamped when it arrives, in pixels of its own."""
    clock = FakeClock()
    camera = Camera(str(video), clock=clock)
    frames = camera.frames()
    first = next(frames)
    before = first.pixels.copy()
    clock.advance(timedelta(seconds=1))
    second = next(frames)
    camera.close()
    assert (first.captured_at, second.captured_at) == (NOON, NOON + timedelta(seconds=1))
    np.testing.assert_array_equal(before, first.pixels)
    assert not first.pixels.flags.writeable
