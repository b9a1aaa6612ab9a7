"""Facts about the thread that reads a thermal camera."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.thermal import LinearScale, RawThermal
from limen.thermal.feed import ThermalFeed
from limen.thermal.thermometer import ThermalView
from support.clock import FakeClock
from support.thermal import AT
from support.thermal_camera import HandFedThermal

_LONGEST_S = 20.0


def _raw(number: int) -> RawThermal:
    return RawThermal(
        counts=np.full((8, 8), 29_000, dtype=np.uint16),
        scale=LinearScale(kelvin_per_count=0.01),
        scene=None,
        air_path=None,
        captured_at=AT + timedelta(seconds=number),
        source="test",
    )


def _take(raw: RawThermal) -> ThermalView:
    return ThermalView(raw=raw, room_c=24.0, offset_k=0.0)


def _feed(*sources: HandFedThermal) -> ThermalFeed:
    left = list(sources)

    def opened() -> HandFedThermal:
        if not left:
            raise CaptureError("no camera", advice="plug one in")
        return left.pop(0)

    return ThermalFeed(opened, take=_take, clock=FakeClock(), first_pause_s=0.01)


def test_the_newest_frame_wins() -> None:
    """Before the first frame there is none; then always the last that arrived, whoever has looked meanwhile."""
    source = HandFedThermal()
    feed = _feed(source)
    assert feed.newest() is None
    for number in range(3):
        source.give(_raw(number))
    newest = feed.newest()
    assert newest is not None
    assert newest.raw.captured_at == AT + timedelta(seconds=2)
    source.close()
    feed.close()
    assert feed.newest() is None


def test_a_camera_that_fails_is_let_go_and_opened_again() -> None:
    """While it is gone there is no frame, not an old one; the next one opened is read."""
    first, second = HandFedThermal(), HandFedThermal()
    feed = _feed(first, second)
    first.give(_raw(0))
    first.fail()
    assert feed.newest() is None
    second.give(_raw(5))
    newest = feed.newest()
    assert newest is not None
    assert newest.raw.captured_at == AT + timedelta(seconds=5)
    second.close()
    feed.close()


def test_frames_that_mean_no_temperature_are_a_fault() -> None:
    """A frame whose counts cannot be used is not handed on, and the camera is opened again."""
    source = HandFedThermal()
    refused = threading.Event()

    def take(raw: RawThermal) -> ThermalView:
        if raw.captured_at > AT:
            refused.set()
            raise CaptureError("no temperatures", advice="switch on radiometry")
        return _take(raw)

    feed = ThermalFeed(lambda: source, take=take, clock=FakeClock(), first_pause_s=0.01)
    source.give(_raw(0))
    source.give(_raw(1))
    assert refused.is_set()
    assert feed.newest() is None
    source.close()
    feed.close()


def test_no_camera_at_the_start_is_an_error() -> None:
    """Whoever starts a door learns at once that there is no thermal camera."""
    with pytest.raises(CaptureError, match="no camera"):
        _feed()


class _Recording:
    """Three frames of a file, due now or earlier."""

    kind = SourceKind.FILE

    def __init__(self) -> None:
        self.closed = threading.Event()
        self.seen: list[RawThermal] = []

    def frames(self) -> Iterator[RawThermal]:
        for number in range(3):
            yield _raw(-number)

    def close(self) -> None:
        self.closed.set()


def test_a_recording_is_read_once() -> None:
    """At its end it is closed and not begun again."""
    recording, taken = _Recording(), list[RawThermal]()
    opened = list[_Recording]()

    def take(raw: RawThermal) -> ThermalView:
        taken.append(raw)
        return _take(raw)

    def open_it() -> _Recording:
        opened.append(recording)
        return recording

    feed = ThermalFeed(open_it, take=take, clock=FakeClock())
    assert recording.closed.wait(_LONGEST_S)
    feed.close()
    assert (len(taken), len(opened)) == (3, 1)
