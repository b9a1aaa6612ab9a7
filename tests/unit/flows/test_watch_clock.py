"""A clock that was set, or jumped, is not believed until it has been steady for a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from limen.flows.watch_clock import ClockWatch
from support.clock import NOON


class _Clocks:
    """A wall clock and one that counts; ``after`` lets both go on, ``jump`` moves only the first."""

    def __init__(self, newest: datetime = NOON) -> None:
        self.wall, self.counted = NOON, 1000.0
        self.watch = ClockWatch(seconds=lambda: self.counted, newest=newest)

    def after(self, seconds: float) -> bool:
        """Whether the time is believed so much later."""
        self.wall, self.counted = self.wall + timedelta(seconds=seconds), self.counted + seconds
        return self.watch.is_trusted(self.wall)

    def jump(self, seconds: float) -> bool:
        """Whether it is believed right after a jump."""
        self.wall += timedelta(seconds=seconds)
        return self.watch.is_trusted(self.wall)


def test_a_steady_clock_is_believed() -> None:
    """For hours, and though it drifts by a few milliseconds a second."""
    clocks = _Clocks()
    assert all(clocks.after(1.0) and clocks.jump(0.003) for _ in range(4000))


def test_a_jump_is_not_believed_for_a_minute() -> None:
    """Ahead or back."""
    for seconds in (3600.0, -3600.0):
        clocks = _Clocks(newest=NOON - timedelta(days=1))
        assert clocks.after(1.0)
        assert not clocks.jump(seconds)
        assert [clocks.after(20.0) for _ in range(4)] == [False, False, True, True]


def test_a_clock_before_the_newest_record_is_never_believed() -> None:
    """A battery that is empty puts the clock years back; it is wrong until it is set."""
    clocks = _Clocks(newest=NOON + timedelta(days=400))
    assert not any(clocks.after(60.0) for _ in range(10))
    assert not clocks.jump(401 * 86_400.0)
    assert [clocks.after(31.0), clocks.after(31.0)] == [False, True]
