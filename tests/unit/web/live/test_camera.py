"""A kiosk's camera: one connection at a time, so many frames a second, so many bytes each."""

from __future__ import annotations

import cv2
import numpy as np

from limen.frames.browser import BrowserFrames
from limen.web.live.camera import MOST_BYTES, KioskCamera, Offered
from support.clock import FakeClock

_PICTURE = cv2.imencode(".jpg", np.full((60, 80, 3), 90, dtype=np.uint8))[1].tobytes()


def _camera() -> tuple[KioskCamera, list[float]]:
    seconds = [0.0]
    return KioskCamera(BrowserFrames(clock=FakeClock()), elapsed=lambda: seconds[0]), seconds


def test_frames_beyond_ten_a_second_are_shed_and_counted() -> None:
    """A device that sends too many is not punished: later frames are taken again."""
    camera, seconds = _camera()
    holder = camera.take_over()
    taken = [camera.offer(_PICTURE, holder=holder) for _ in range(12)]
    assert taken == [Offered.TAKEN] * 10 + [Offered.TOO_MANY] * 2
    assert (camera.arrived, camera.shed) == (12, 11)
    seconds[0] = 0.1
    assert camera.offer(_PICTURE, holder=holder) is Offered.TAKEN


def test_what_is_too_large_or_no_picture_is_refused() -> None:
    """The frame before stays."""
    camera, _ = _camera()
    holder = camera.take_over()
    assert camera.offer(bytes(MOST_BYTES + 1), holder=holder) is Offered.TOO_LARGE
    assert camera.offer(b"<svg/>", holder=holder) is Offered.NO_PICTURE
    assert (camera.arrived, camera.shed) == (0, 0)


def test_the_connection_that_came_last_feeds_the_door() -> None:
    """Two devices never mix their pictures."""
    camera, _ = _camera()
    first, second = camera.take_over(), camera.take_over()
    assert camera.offer(_PICTURE, holder=first) is Offered.REPLACED
    assert camera.offer(_PICTURE, holder=second) is Offered.TAKEN
    assert (camera.is_held_by(first), camera.is_held_by(second)) == (False, True)
