"""Frames -> a video file, in the timing of the recording they come from, with its sound copied."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

__all__ = ["VIDEO_FORMATS", "VideoWriter"]

VIDEO_FORMATS = {
    ".mp4": ("mp4", "libx264"),
    ".m4v": ("mp4", "libx264"),
    ".mov": ("mov", "libx264"),
    ".mkv": ("matroska", "libx264"),
    ".webm": ("webm", "libvpx-vp9"),
    ".gif": ("gif", "gif"),
}
"""Suffix -> container and coding of what is written."""

_OPTIONS = {
    "libx264": {"crf": "20", "preset": "veryfast", "bf": "0"},
    "libvpx-vp9": {"crf": "31", "b": "0", "cpu-used": "5", "row-mt": "1"},
    "gif": {},
}
_SILENT = (".gif",)
_BT601 = 5
_MATRICES = {1: 1, 9: 9, 10: 9}
"""What a stream calls its matrix (ISO/IEC 23091-2) -> what the converter calls it; all others are taken for BT.601."""

_LIMITED, _FULL = 1, 2


class VideoWriter:
    """Writes one video; a context manager. FFmpeg's errors are for the caller to map.

    Args:
        path: where to; overwritten.
        suffix: a key of VIDEO_FORMATS.
        like: the stream whose timing, colours and shape of pixels are taken over.
        sound: streams to copy.
    """

    def __init__(self, path: Path, *, suffix: str, like: VideoStream, sound: list[AudioStream]) -> None:
        container, self._codec = VIDEO_FORMATS[suffix]
        self._out = av.open(f"file:{path}", "w", format=container)
        self._like = like
        kept = [] if suffix in _SILENT else sound
        self._sound = {item.index: self._out.add_stream_from_template(item) for item in kept}
        self._early: list[Packet[AudioStream]] = []
        self._video: VideoStream | None = None
        self._palette: Graph | None = None
        self._last_pts = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if kind is None and self._video is not None:
                self._mux(self._pictures(None))
                self._out.mux(self._video.encode(None))
        finally:
            self._out.close()

    def write(self, pixels: NDArray[np.uint8], shown: VideoFrame) -> None:
        """Write a frame at the time another was shown.

        Args:
            pixels: uint8 (H, W, 3) BGR; all frames of one size.
            shown: gives time, duration and colour space.
        """
        frame = VideoFrame.from_ndarray(pixels, format="bgr24")
        if self._codec != "gif":
            frame = _in_colours_of(frame, shown)
        self._last_pts = self._last_pts + 1 if shown.pts is None else max(shown.pts, self._last_pts + 1)
        frame.pts, frame.time_base, frame.duration = self._last_pts, shown.time_base, shown.duration
        if self._video is None:
            self._video = self._begun(frame, shown)
            self._out.mux(self._early)
            self._early = []
        self._mux(self._pictures(frame))

    def copy(self, packet: Packet[AudioStream]) -> None:
        """Copy a packet of sound as it is."""
        stream = self._sound.get(packet.stream.index)
        if stream is None or packet.dts is None:
            return
        packet.stream = stream
        if self._video is None:  # the container's head is written with the first packet, and has to name the pictures
            self._early.append(packet)
        else:
            self._out.mux(packet)

    def _begun(self, frame: VideoFrame, shown: VideoFrame) -> VideoStream:
        stream = self._out.add_stream(self._codec, rate=self._like.average_rate or 25, options=_OPTIONS[self._codec])
        if not isinstance(stream, VideoStream):
            raise TypeError(f"{self._codec}: expected a coding of pictures")
        stream.width, stream.height = frame.width, frame.height
        stream.pix_fmt = "pal8" if self._codec == "gif" else frame.format.name
        context = stream.codec_context
        context.time_base = shown.time_base or Fraction(1, 1000)
        context.colorspace, context.color_range = shown.colorspace, shown.color_range
        context.color_primaries, context.color_trc = shown.color_primaries, shown.color_trc
        if self._codec == "gif":
            self._palette = _palette_graph(frame)
        return stream

    def _pictures(self, frame: VideoFrame | None) -> Iterator[VideoFrame]:
        """The frame as the coder takes it; with a palette of its own for GIF. None at the end."""
        if self._palette is None:
            if frame is not None:
                yield frame
            return
        self._palette.push(frame)
        while True:
            try:
                yield self._palette.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return

    def _mux(self, frames: Iterator[VideoFrame]) -> None:
        if self._video is not None:
            for frame in frames:
                self._out.mux(self._video.encode(frame))


def _in_colours_of(frame: VideoFrame, shown: VideoFrame) -> VideoFrame:
    """The frame in luma and chroma, by the same matrix and range as another."""
    even = frame.width % 2 == 0 and frame.height % 2 == 0
    result = frame.reformat(
        format="yuv420p" if even else "yuv444p",
        dst_colorspace=_MATRICES.get(shown.colorspace, _BT601),
        dst_color_range=_FULL if shown.color_range == _FULL else _LIMITED,
    )
    result.colorspace, result.color_range = shown.colorspace, shown.color_range
    return result


def _palette_graph(frame: VideoFrame) -> Graph:
    """Each frame with the 256 colours that suit it."""
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    split, palette = graph.add("split"), graph.add("palettegen", "stats_mode=single")
    use, sink = graph.add("paletteuse", "new=1"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph
