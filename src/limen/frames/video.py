"""A recording, frame after frame. Never live: for trial folders, benchmarks and ``limen anonymise``.

What cannot be decoded is left out; a recording of which nothing can be decoded is an error.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Clock
from limen.frames.held import Held
from limen.frames.libav import FFmpegError, main_video, open_media, upright_bgr
from limen.frames.timing import MediaTime

__all__ = ["VideoFile"]

_FRAME_S = 1 / 25
_RATES = (1.0, 1000.0)


class VideoFile:
    """Implements the port ``FrameSource``.

    Args:
        path: the recording, in any of ``libav.CONTAINERS``.
        clock: tells when reading began; a frame's time is that, plus its place in the recording.
        paced: give each frame when its time has come, as a camera would; otherwise as fast as they are asked for.
        elapsed: seconds on a clock that never jumps.

    Raises:
        CaptureError: it is no video, or too large.
    """

    def __init__(
        self, path: Path, *, clock: Clock, paced: bool = False, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._name, self._clock, self._paced, self._elapsed = f"video {path}", clock, paced, elapsed
        self._container = open_media(path)
        self._held = Held(self._container.close)
        try:
            self._stream = main_video(self._container, name=self._name)
        except CaptureError:
            self.close()
            raise
        self._decoded = self._frames_of_packets()

    @property
    def kind(self) -> SourceKind:
        """Not live."""
        return SourceKind.FILE

    def frames(self) -> Iterator[Frame]:
        """Every frame once, in order.

        Raises:
            CaptureError: nothing of it can be decoded.
        """
        rate = float(self._stream.average_rate or 0)
        times = MediaTime(frame_s=1 / rate if _RATES[0] <= rate <= _RATES[1] else _FRAME_S)
        started_at, started_s = self._clock.now(), self._elapsed()
        any_came = False
        while (decoded := self._held.use(lambda: next(self._decoded, None))) is not None:
            any_came = True
            place_s = times.next(decoded.time)
            if self._paced and self._held.closing.wait(max(0.0, started_s + place_s - self._elapsed())):
                return
            yield Frame(
                pixels=upright_bgr(decoded, name=self._name),
                captured_at=started_at + timedelta(seconds=place_s),
                source=self._name,
                kind=SourceKind.FILE,
            )
        if not any_came and not self._held.closing.is_set():
            raise CaptureError(f"{self._name}: none of it can be decoded", advice="it is damaged; convert it again")

    def close(self) -> None:
        """Let the file go."""
        self._held.close()

    def _frames_of_packets(self) -> Iterator[VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except FFmpegError:  # damage that the container cannot be read beyond
                yield from self._decoded_of(None)
                return
            yield from self._decoded_of(packet)

    def _decoded_of(self, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
        """The frames of a packet, or, without one, those the decoder still holds; none if they are damaged."""
        try:
            return self._stream.decode(packet)
        except FFmpegError:
            return []
