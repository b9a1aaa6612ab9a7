"""A camera held open by a thread of its own, so that whoever asks gets the newest frame at once.

1. The source is opened right away and read all the time; frames nobody took in time are dropped, never queued.
2. When it breaks, whoever waits gets the error once; meanwhile it is opened again, with back-off, for ever.
3. When it says nothing, whoever waits gets an error after ``stalled_after_s``. A source should give up by itself, too,
   so that it is opened again.
4. A recorded source is read once and ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import FrameSource
from limen.frames.backoff import Backoff
from limen.frames.slot import STALLED_AFTER_S, Slot

__all__ = ["Newest"]

_PATIENCE_S = 2.0


class Newest:
    """Implements the port ``FrameSource``; the newest frame wins.

    After an error, ``frames`` may be asked again and waits for the source to come back.

    Args:
        opened: opens the source; called again whenever it broke.
        name: of the source, for errors; without passwords.
        kind: of the source.
        stalled_after_s: see (3).
        backoff: how long to wait between attempts.
    """

    def __init__(
        self,
        opened: Callable[[], FrameSource],
        *,
        name: str,
        kind: SourceKind,
        stalled_after_s: float = STALLED_AFTER_S,
        backoff: Backoff | None = None,
    ) -> None:
        self._opened, self._kind, self._backoff = opened, kind, backoff or Backoff()
        self._slot = Slot[Frame](name, stalled_after_s=stalled_after_s)
        self._closing = threading.Event()
        self._source: FrameSource | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def kind(self) -> SourceKind:
        """As the source's."""
        return self._kind

    def frames(self) -> Iterator[Frame]:
        """The newest frame not yet given out, again and again; waits for one if there is none.

        Raises:
            CaptureError: the source broke, or said nothing for too long.
        """
        while not self._closing.is_set() and (frame := self._slot.take()) is not None:
            yield frame

    def close(self) -> None:
        """Let the source go, or, if a call hangs in it, when that call returns."""
        self._closing.set()
        self._slot.clear()
        self._slot.end()
        source = self._source
        if source is not None:
            source.close()
        self._thread.join(timeout=_PATIENCE_S)

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._read()
                except CaptureError as error:
                    self._slot.fail(error)
                else:
                    if self._kind is SourceKind.FILE:
                        break
                if self._kind is SourceKind.FILE or self._closing.wait(self._backoff.next_s()):
                    break
        except Exception as error:  # noqa: BLE001  a mistake of ours: raised where the frames are waited for
            self._slot.fail(error)
        self._slot.end()

    def _read(self) -> None:
        source = self._opened()
        self._source = source
        try:
            for frame in source.frames():
                if self._closing.is_set():
                    break
                self._backoff.reset()
                self._slot.put(frame)
        finally:
            self._source = None
            source.close()
