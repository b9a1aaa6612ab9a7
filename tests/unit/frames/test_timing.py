"""The age of a live frame is honest: queues show, and neither clock's jumps nor a restarted camera bend it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.frames.timing import MediaTime, StreamTime
from support.clock import FakeClock


def _age_s(times: StreamTime, clock: FakeClock, *, sent_s: float, at_s: float) -> float:
    times.arrived(sent_s, at_s=at_s)
    return (clock.now() - times.taken(sent_s, at_s=at_s)) / timedelta(seconds=1)


def test_a_growing_queue_shows_as_age() -> None:
    """Packets that arrive ever later than the camera's pace are as much older."""
    clock, times = FakeClock(), StreamTime(FakeClock())
    ages = [_age_s(times, clock, sent_s=1000 + n / 25, at_s=n / 20) for n in range(50)]
    assert ages[0] == 0.0
    assert ages[49] == pytest.approx(49 / 20 - 49 / 25, abs=1e-3)


def test_a_clock_that_jumps_changes_no_age() -> None:
    """Ages come from a clock that never jumps; the time of day moves with whatever the clock says."""
    clock = FakeClock()
    times = StreamTime(clock)
    _age_s(times, clock, sent_s=0.0, at_s=0.0)
    for jump in (timedelta(days=-400), timedelta(days=900)):
        clock.advance(jump)
        assert _age_s(times, clock, sent_s=0.04, at_s=0.24) == pytest.approx(0.2, abs=1e-3)


def test_a_camera_that_starts_again_is_taken_up_again() -> None:
    """Times that go back are a new beginning, not an age of hours; times that leap ahead are no future."""
    clock = FakeClock()
    times = StreamTime(clock)
    assert _age_s(times, clock, sent_s=5000.0, at_s=1.0) == 0.0
    assert _age_s(times, clock, sent_s=0.0, at_s=2.0) == 0.0
    assert _age_s(times, clock, sent_s=90000.0, at_s=3.0) == 0.0
    assert _age_s(times, clock, sent_s=90001.0, at_s=4.5) == pytest.approx(0.5, abs=1e-3)


def test_packets_without_times_are_as_old_as_their_arrival() -> None:
    """Where a stream carries no times, a frame counts from when its packet came."""
    clock = FakeClock()
    times = StreamTime(clock)
    times.arrived(None, at_s=10.0)
    assert clock.now() - times.taken(None, at_s=10.5) == timedelta(seconds=0.5)


@given(
    st.lists(
        st.tuples(st.none() | st.floats(-1e9, 1e9), st.floats(0, 10)),
        max_size=30,
    )
)
def test_no_frame_comes_from_the_future(packets: list[tuple[float | None, float]]) -> None:
    """Whatever times a stream carries, no frame is younger than now and the calculation never fails."""
    clock = FakeClock()
    times, now_s = StreamTime(clock), 0.0
    for sent_s, passed_s in packets:
        now_s += passed_s
        times.arrived(sent_s, at_s=now_s)
        assert times.taken(sent_s, at_s=now_s) <= clock.now()


@given(st.lists(st.none() | st.floats(-1e12, 1e12), max_size=40))
def test_a_recording_never_goes_back_or_leaps(shown: list[float | None]) -> None:
    """Places in a recording begin at 0, never fall and grow by at most ten seconds a step, whatever the file says."""
    times = MediaTime(frame_s=0.04)
    places = [times.next(at) for at in shown]
    assert places[:1] in ([], [0.0])
    assert all(0.0 <= after - before <= 10.001 for before, after in pairwise(places))
