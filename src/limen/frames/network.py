"""A network camera (RTSP, through PyAV): one connection, read until it breaks. Coming back is the work of ``Newest``.

1. A connection that sends nothing for ``silent_s``, or nothing that can be decoded, is broken.
2. A damaged packet costs the pictures that need it, not the connection.
3. A frame's time is that of its capture as far as the stream tells, so that a queue anywhere on the way shows as age.
4. RTSP over TCP, nothing but RTSP and TCP: a camera cannot send limen to another address's files.
5. What it is called in errors is scheme, host and port: the rest of an address may hold a password.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import av
from av.container import InputContainer
from av.video.frame import VideoFrame

from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Clock
from limen.frames.held import Held
from limen.frames.libav import FFmpegError, main_video, upright_bgr, why
from limen.frames.timing import StreamTime

__all__ = ["SILENT_S", "NetworkCamera", "without_secrets"]

SILENT_S = 3.0
"""How long a camera may say nothing, seconds."""

_ADDRESS = re.compile(r"([a-z]+://)(?:[^/?#]*@)?([\w.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(?:[/?#][^@]*)?")
_OPTIONS = {
    "rtsp_transport": "tcp",
    "protocol_whitelist": "rtsp,rtp,tcp",
    "flags": "low_delay",
    "fpsprobesize": "0",
    "analyzeduration": "100000",
}
"""As little probing as decoding needs: FFmpeg's own second of it would come first in every start of a door."""


class NetworkCamera:
    """Implements the port ``FrameSource``.

    Args:
        address: ``rtsp://[user:password@]host[:port]/path``.
        clock: for the time of day.
        silent_s: see (1).
        elapsed: seconds on a clock that never jumps.

    Raises:
        CaptureError: nobody there, refused, or no pictures.
    """

    def __init__(
        self, address: str, *, clock: Clock, silent_s: float = SILENT_S, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = f"camera {without_secrets(address)}"
        self._elapsed, self._silent_s = elapsed, silent_s
        self._times = StreamTime(clock)
        self._container = self._connected(address)
        self._held = Held(self._container.close)
        try:
            self._stream = main_video(self._container, name=self._name)
        except CaptureError:
            self.close()
            raise
        self._stream.codec_context.thread_count = 1  # more would hold frames back
        self._packets = self._container.demux(self._stream)

    @property
    def kind(self) -> SourceKind:
        """Live."""
        return SourceKind.LIVE_CAMERA

    def frames(self) -> Iterator[Frame]:
        """Frames as they come, until it is closed.

        Raises:
            CaptureError: the connection broke.
        """
        good_s = self._elapsed()
        while (decoded := self._held.use(self._next)) is not None:
            for frame in decoded:
                yield Frame(
                    pixels=upright_bgr(frame, name=self._name),
                    captured_at=self._times.taken(frame.time, at_s=self._elapsed()),
                    source=self._name,
                    kind=SourceKind.LIVE_CAMERA,
                )
            if decoded:
                good_s = self._elapsed()
            elif self._elapsed() - good_s > self._silent_s:
                raise CaptureError(
                    f"{self._name}: nothing it sent for {self._silent_s:g} s could be decoded",
                    advice="set the camera to H.264; check its network",
                )

    def close(self) -> None:
        """Let the connection go."""
        self._held.close()

    def _connected(self, address: str) -> InputContainer:
        try:
            return av.open(address, options=_OPTIONS, timeout=(self._silent_s, self._silent_s))
        except (FFmpegError, ValueError) as error:
            raise CaptureError(
                f"{self._name}: cannot be reached ({why(error)})",
                advice="check address, user, password and network; try it in another player",
            ) from None

    def _next(self) -> list[VideoFrame]:
        """The frames of the next packet; none while the decoder waits for more, or if the packet is damaged."""
        try:
            packet = next(self._packets)
        except (StopIteration, FFmpegError) as error:
            what = "ended" if isinstance(error, StopIteration) else f"broke ({why(error)})"
            raise CaptureError(f"{self._name}: the connection {what}", advice="check the camera and network") from None
        sent = packet.dts if packet.dts is not None else packet.pts
        seconds = None if sent is None or packet.time_base is None else float(sent * packet.time_base)
        self._times.arrived(seconds, at_s=self._elapsed())
        try:
            return packet.decode()
        except FFmpegError:  # (2)
            return []


def without_secrets(address: str) -> str:
    """Scheme, host and port of an address (5); nothing of one where a password could be taken for the host."""
    found = _ADDRESS.fullmatch(address)
    return "at an address that cannot be shown" if found is None else "".join(found.groups(""))
