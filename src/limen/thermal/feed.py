"""A thermal camera that is always read, by a thread of its own: the newest frame wins, and no queue grows.

The camera is opened again when it fails, with pauses that double up to half a minute; meanwhile there is no frame. The
blackbody is looked at in every frame that arrives, whoever stands there. A recording is read at the pace it was made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from limen.core.errors import CaptureError
from limen.core.frame import SourceKind
from limen.core.ports import Clock, ThermalSource
from limen.core.thermal import RawThermal
from limen.thermal.thermometer import ThermalView

__all__ = ["ThermalFeed"]

_MOST_PAUSE_S = 30.0
_CLOSING_S = 2.0


class ThermalFeed:
    """The newest frame of a thermal source. Call ``close``.

    Args:
        opened: opens the source; called again after it has failed.
        take: what is done with every frame, in the thread.
        clock: for the pace of recordings.
        first_pause_s: before a camera that failed is opened again.

    Raises:
        CaptureError: the source cannot be opened the first time.
    """

    def __init__(
        self,
        opened: Callable[[], ThermalSource],
        *,
        take: Callable[[RawThermal], ThermalView],
        clock: Clock,
        first_pause_s: float = 0.5,
    ) -> None:
        self._opened, self._take, self._clock = opened, take, clock
        self._first_pause_s = first_pause_s
        self._newest: ThermalView | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(opened(),), name="thermal camera", daemon=True)
        self._thread.start()

    def newest(self) -> ThermalView | None:
        """The newest frame; None before the first, and while the camera is gone. Whether it is fresh is not checked."""
        return self._newest

    def close(self) -> None:
        """Stop reading; the thread lets the camera go with the next frame it gives."""
        self._stop.set()
        self._thread.join(_CLOSING_S)
        self._newest = None

    def _run(self, source: ThermalSource) -> None:
        current: ThermalSource | None = source
        pause_s = self._first_pause_s
        while current is not None:
            pause_s = self._first_pause_s if self._read(current) else min(_MOST_PAUSE_S, 2.0 * pause_s)
            if current.kind is not SourceKind.LIVE_CAMERA or self._stop.is_set():
                return
            current = self._opened_again(pause_s)

    def _read(self, source: ThermalSource) -> bool:
        """Read until the source fails, ends, or nobody wants frames any more; whether it gave any."""
        gave = False
        try:
            for raw in source.frames():
                if self._too_late(raw, live=source.kind is SourceKind.LIVE_CAMERA):
                    break
                self._newest = self._take(raw)
                gave = True
        except CaptureError:
            pass  # told by the absence of frames; a camera that comes back is used again
        finally:
            self._newest = None
            source.close()
        return gave

    def _too_late(self, raw: RawThermal, *, live: bool) -> bool:
        """Whether frames are no longer wanted; waits until a recorded frame is due."""
        ahead = 0.0 if live else (raw.captured_at - self._clock.now()).total_seconds()
        return self._stop.wait(max(0.0, ahead))

    def _opened_again(self, pause_s: float) -> ThermalSource | None:
        while not self._stop.wait(pause_s):
            try:
                return self._opened()
            except CaptureError:
                pause_s = min(_MOST_PAUSE_S, 2.0 * pause_s)
        return None
