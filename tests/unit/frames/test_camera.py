"""A webcam is live, stamps frames when they arrive, and says so when it is missing, unplugged or no colour camera."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.ports import FrameSource
from limen.frames.camera import Camera
from support.cameras import FakeDevice
from support.clock import NOON, FakeClock
from support.videos import greys


def _camera(device: FakeDevice, clock: FakeClock | None = None) -> Camera:
    return Camera("/dev/video9", clock=clock or FakeClock(), opened=lambda _: device)


def test_frames_come_live_and_stamped_on_arrival() -> None:
    """Each frame carries the clock's time at its arrival, pixels of its own, and that it is live."""
    clock, pictures = FakeClock(), greys(2)
    camera: FrameSource = _camera(FakeDevice(*pictures), clock)
    frames = camera.frames()
    first = next(frames)
    clock.advance(timedelta(seconds=-3600))
    second = next(frames)
    assert (first.captured_at, second.captured_at) == (NOON, NOON - timedelta(hours=1))
    assert (first.kind, camera.kind, first.source) == (*(2 * [SourceKind.LIVE_CAMERA]), "camera /dev/video9")
    np.testing.assert_array_equal(pictures[0], first.pixels)
    assert not np.shares_memory(pictures[0], first.pixels)
    assert not first.pixels.flags.writeable


def test_a_camera_that_is_not_there_is_refused() -> None:
    """A device that does not open is a CaptureError of one line with advice, and is let go."""
    device = FakeDevice(opens=False)
    with pytest.raises(CaptureError, match="camera /dev/video9: there is none, or it cannot be opened") as caught:
        _camera(device)
    assert caught.value.advice()
    assert device.released == 1


def test_no_such_device_on_this_machine() -> None:
    """OpenCV, asked for a device that does not exist, leads to the same error."""
    with pytest.raises(CaptureError, match="there is none"):
        Camera("/dev/video-none", clock=FakeClock())


def test_an_unplugged_camera_is_told() -> None:
    """A camera that gives no more pictures raises, and does not end silently."""
    camera = _camera(FakeDevice(*greys(1)))
    frames = camera.frames()
    next(frames)
    with pytest.raises(CaptureError, match="stopped giving pictures") as caught:
        next(frames)
    assert "cable" in caught.value.advice()


def test_a_camera_without_colour_is_refused() -> None:
    """Counts of an infrared camera are not taken for a picture."""
    with pytest.raises(CaptureError, match="no colour pictures"):
        next(_camera(FakeDevice(np.zeros((4, 4), np.uint8))).frames())


def test_motion_jpeg_is_asked_for_before_the_size() -> None:
    """Without it, USB could not carry 1280x720 at full speed."""
    device = FakeDevice()
    _camera(device)
    assert device.settings[1] == int.from_bytes(b"MJPG", "little")
    assert device.settings[3::2] == [1280, 720]


def test_a_closed_camera_gives_nothing() -> None:
    """After ``close``, however often, frames end without an error and the device is let go once."""
    device = FakeDevice(*greys(3))
    camera = _camera(device)
    frames = camera.frames()
    next(frames)
    camera.close()
    camera.close()
    assert (list(frames), device.released) == ([], 1)
