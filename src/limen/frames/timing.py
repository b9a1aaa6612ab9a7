"""When a frame was taken, from the times a stream carries: honest about what has queued up, deaf to clocks that jump.

Source: the estimate of a sender's clock by the least delay seen, as in RFC 5905 (clock filter).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from limen.core.ports import Clock

__all__ = ["MediaTime", "StreamTime"]

_LONGEST_STEP_S = 10.0
_DRIFT = 2e-4
"""Most that a camera's clock may run slow, as a share: 200 ppm, twice what a quartz does."""


class StreamTime:
    """Times of a live stream.

    The packet that took the least time to arrive shows where the camera's clock stands against ours; a packet that
    comes later than that clock says has waited somewhere, and its frame is that much older. What all packets wait
    alike (exposure, coding, the network's least) cannot be seen from here.

    Args:
        clock: for the time of day; it is read once a frame and may jump.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_s: float | None = None
        self._last_sent_s = 0.0
        self._arrived_s = 0.0

    def arrived(self, sent_s: float | None, *, at_s: float) -> None:
        """Tell of a packet.

        Args:
            sent_s: its own time, seconds on the camera's clock; None if it has none.
            at_s: when it came, seconds on a clock of ours that never jumps.
        """
        self._arrived_s = at_s
        if sent_s is None:
            return
        delay = at_s - sent_s
        passed = sent_s - self._last_sent_s
        if self._offset_s is None or passed < 0.0:  # begun, or begun again
            self._offset_s = delay
        else:
            self._offset_s = min(delay, self._offset_s + _DRIFT * min(passed, _LONGEST_STEP_S))
        self._last_sent_s = sent_s

    def taken(self, shown_s: float | None, *, at_s: float) -> datetime:
        """When a frame was taken.

        Args:
            shown_s: its own time, seconds on the camera's clock; None if it has none.
            at_s: now, seconds on our clock that never jumps.
        """
        came = self._arrived_s if shown_s is None or self._offset_s is None else shown_s + self._offset_s
        return self._clock.now() - timedelta(seconds=max(0.0, at_s - min(came, self._arrived_s)))


class MediaTime:
    """Times of a recording: seconds since its first frame, that never go back and never leap.

    Args:
        frame_s: how long a frame lasts where its own time cannot be used.
    """

    def __init__(self, *, frame_s: float) -> None:
        self._frame_s = frame_s
        self._last: tuple[float, float] | None = None

    def next(self, shown_s: float | None) -> float:
        """Seconds since the first frame, of the frame whose own time is ``shown_s``."""
        if self._last is None:
            self._last = (0.0 if shown_s is None else shown_s, 0.0)
            return 0.0
        before, at = self._last
        step = self._frame_s if shown_s is None else shown_s - before
        if not 0.0 < step <= _LONGEST_STEP_S:
            step = self._frame_s
        self._last = (before + step if shown_s is None else shown_s, at + step)
        return self._last[1]
