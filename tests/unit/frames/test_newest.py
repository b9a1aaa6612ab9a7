"""A held camera gives the newest frame, drops the rest, tells what broke, and comes back by itself."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import FrameSource
from limen.frames.backoff import Backoff
from limen.frames.newest import Newest
from limen.frames.slot import Slot
from support.cameras import PATIENCE_S, FakeCamera, grey_frame


class _Shop:
    """Hands out cameras one after another; opening blocks until there is one, and fails where the test says so."""

    def __init__(self) -> None:
        self.stock: queue.SimpleQueue[FakeCamera | CaptureError] = queue.SimpleQueue()

    def __call__(self) -> FrameSource:
        item = self.stock.get(timeout=PATIENCE_S)
        if isinstance(item, CaptureError):
            raise item
        return item


@contextmanager
def _held(
    opened: Callable[[], FrameSource], *, kind: SourceKind = SourceKind.LIVE_CAMERA, stalled_after_s: float = PATIENCE_S
) -> Iterator[Newest]:
    backoff = Backoff(first_s=0.001, most_s=0.002, chance=lambda: 1.0)
    newest = Newest(opened, name="camera fake", kind=kind, stalled_after_s=stalled_after_s, backoff=backoff)
    try:
        yield newest
    finally:
        newest.close()


def _level(frame: Frame) -> int:
    return int(frame.pixels[0, 0, 0])


def test_the_newest_frame_wins() -> None:
    """A consumer slower than the camera gets the last frame, once; the ones between are gone."""
    camera = FakeCamera()
    with _held(lambda: camera) as newest:
        for level in range(200):
            camera.shows(grey_frame(level))
        frames = newest.frames()
        assert _level(next(frames)) == 199
        camera.shows(grey_frame(7))
        assert _level(next(frames)) == 7


def test_a_broken_camera_is_told_and_taken_up_again() -> None:
    """When a camera breaks, the consumer gets the error, and after asking again the frames of its successor."""
    shop, first, second = _Shop(), FakeCamera(), FakeCamera()
    shop.stock.put(first)
    with _held(shop) as newest:
        first.shows(grey_frame(1))
        assert _level(next(newest.frames())) == 1
        first.breaks()
        with pytest.raises(CaptureError, match="unplugged"):
            next(newest.frames())
        assert first.closed.wait(PATIENCE_S)
        for _ in range(3):
            shop.stock.put(CaptureError("camera fake: there is none", advice="wait"))
            with pytest.raises(CaptureError, match="there is none"):
                next(newest.frames())
        shop.stock.put(second)
        second.shows(grey_frame(2))
        assert _level(next(newest.frames())) == 2


def test_a_live_camera_that_ends_is_opened_again() -> None:
    """A live source that simply ends is no reason to stop."""
    shop, first, second = _Shop(), FakeCamera(), FakeCamera()
    shop.stock.put(first)
    with _held(shop) as newest:
        first.ends()
        shop.stock.put(second)
        second.shows(grey_frame(9))
        assert _level(next(newest.frames())) == 9


def test_a_frozen_camera_is_told() -> None:
    """A camera that says nothing leads to a CaptureError with advice after the stated time, each time it is asked."""
    with _held(FakeCamera, stalled_after_s=0.01) as newest:
        for _ in range(2):
            with pytest.raises(CaptureError, match=r"camera fake: no picture for 0\.01 s") as caught:
                next(newest.frames())
            assert caught.value.advice()


def test_what_lay_there_too_long_is_not_given_out() -> None:
    """A frame that nobody took for longer than the stated time is stale, and not served as new."""
    times = iter([0.0, 6.0])
    slot: Slot[Frame] = Slot("camera fake", stalled_after_s=5.0, elapsed=lambda: next(times))
    slot.put(grey_frame(1))
    with pytest.raises(CaptureError, match="no picture for 5 s"):
        slot.take()


def test_a_failure_takes_the_last_frame_with_it() -> None:
    """Once a camera has broken, its last frame is not served any more."""
    slot: Slot[Frame] = Slot("camera fake", stalled_after_s=0.01)
    slot.put(grey_frame(1))
    slot.fail(CaptureError("camera fake: unplugged", advice="plug it in"))
    with pytest.raises(CaptureError, match="unplugged"):
        slot.take()
    with pytest.raises(CaptureError, match=r"no picture for 0\.01 s \(camera fake: unplugged\)"):
        slot.take()


def test_a_recording_is_read_once() -> None:
    """A recorded source that ends ends the frames, after the last one has been served."""
    camera = FakeCamera(kind=SourceKind.FILE)
    with _held(lambda: camera, kind=SourceKind.FILE) as newest:
        camera.shows(grey_frame(3))
        camera.ends()
        assert [_level(frame) for frame in newest.frames()] == [3]
        assert newest.kind is SourceKind.FILE


def test_a_recording_that_breaks_is_not_tried_again() -> None:
    """The error of a recorded source reaches the consumer, and then the frames end."""
    camera = FakeCamera(kind=SourceKind.FILE)
    with _held(lambda: camera, kind=SourceKind.FILE) as newest:
        camera.breaks()
        with pytest.raises(CaptureError, match="unplugged"):
            next(newest.frames())
        assert list(newest.frames()) == []


def test_a_mistake_in_the_reader_surfaces_in_the_consumer() -> None:
    """An error that is no CaptureError is not lost in the thread."""
    camera = FakeCamera()
    with _held(lambda: camera) as newest:
        camera.breaks(ZeroDivisionError("a mistake"))
        with pytest.raises(ZeroDivisionError, match="a mistake"):
            next(newest.frames())


def test_closing_wakes_whoever_waits_and_ends_the_thread() -> None:
    """``close`` ends a wait without an error, lets the camera go and leaves no thread behind; twice is once."""
    camera = FakeCamera()
    with _held(lambda: camera) as newest:
        camera.shows(grey_frame(1))
        newest.close()
        newest.close()
        assert list(newest.frames()) == []
        assert camera.closed.is_set()
        assert not newest._thread.is_alive()


def test_waits_double_up_to_a_limit() -> None:
    """Back-off doubles from half a second to ten, halved at most by chance, and begins again after success."""
    longest, shortest = Backoff(chance=lambda: 1.0), Backoff(chance=lambda: 0.0)
    assert [longest.next_s() for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert [shortest.next_s() for _ in range(7)] == [0.25, 0.5, 1, 2, 4, 5, 5]
    longest.reset()
    assert longest.next_s() == 0.5
