"""The way into FFmpeg's libraries (PyAV): what is opened, what is refused, how a decoded frame becomes pixels.

1. A file is opened as one of ``CONTAINERS`` and through no protocol but that of files: a playlist that calls itself
   film.mp4 opens neither other files nor addresses.
2. A picture of more than ``MAX_VIDEO_PIXELS`` is not decoded.
3. FFmpeg's messages repeat the address they were given, and addresses of cameras hold passwords. So no message of it
   is passed on, only its name for what happened, and its exception is not chained.
"""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from limen.core.errors import CaptureError

__all__ = ["CONTAINERS", "MAX_VIDEO_PIXELS", "FFmpegError", "main_video", "open_media", "upright_bgr", "why"]

FFmpegError = av.error.FFmpegError

MAX_VIDEO_PIXELS = 7680 * 4320
"""8K: no camera at a door and few films have more."""

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,flv,ogg,h264,hevc,mjpeg,asf"
_MIN_SIDE = 8


def open_media(path: Path) -> InputContainer:
    """Open a recording (1).

    Raises:
        CaptureError: it is none, or cannot be read.
    """
    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
    try:
        return av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (FFmpegError, ValueError) as error:
        raise CaptureError(
            f"{path}: cannot be opened as a video ({why(error)})", advice="convert it to MP4 (H.264), or film it again"
        ) from None


def main_video(container: InputContainer, *, name: str) -> VideoStream:
    """The first stream of moving pictures, with its decoder set to our bounds (2).

    Args:
        container: opened.
        name: of the source, for errors; without passwords.

    Raises:
        CaptureError: there is none, it is too large, or no decoder knows it.
    """
    stream = next((found for found in container.streams.video if not _is_cover(found)), None)
    if stream is None:
        raise CaptureError(f"{name}: holds no moving pictures", advice="name a video")
    context = stream.codec_context
    if context is None:
        raise CaptureError(f"{name}: in a coding that is not known here", advice="convert it to MP4 (H.264)")
    if context.width * context.height > MAX_VIDEO_PIXELS:
        raise CaptureError(
            f"{name}: {context.width}x{context.height} pixels are more than limen reads ({MAX_VIDEO_PIXELS})",
            advice="make it smaller",
        )
    context.options = {"max_pixels": str(MAX_VIDEO_PIXELS)}
    return stream


def upright_bgr(frame: VideoFrame, *, name: str) -> NDArray[np.uint8]:
    """The pixels of a decoded frame, uint8 (H, W, 3) BGR, turned as the recording says.

    Raises:
        CaptureError: too small for a face, or in colours that cannot be converted.
    """
    if min(frame.width, frame.height) < _MIN_SIDE:
        raise CaptureError(f"{name}: {frame.width}x{frame.height} pixels are too few for a face", advice="film larger")
    try:
        pixels = frame.to_ndarray(format="bgr24")
    except (FFmpegError, ValueError, MemoryError) as error:
        raise CaptureError(f"{name}: cannot be converted ({why(error)})", advice="convert it to MP4 (H.264)") from None
    quarters = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, quarters) if quarters else pixels, dtype=np.uint8)


def why(error: Exception) -> str:
    """FFmpeg's name for what happened, without the address in its message (3)."""
    known = getattr(error, "strerror", None)
    return str(known).lower() if known else type(error).__name__


def _is_cover(stream: VideoStream) -> bool:
    """Whether it is a still picture that belongs to a recording, such as a title page."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)
