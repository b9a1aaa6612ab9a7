"""A video with every face covered: same times of frames, same size as shown, sound as it is, nothing else taken over.

1. The video is read twice: once to find faces in every frame, once to cover and write. Boxes are carried over frames
   without a find, before and after (``holding``). Each covered frame is looked at once more.
2. Titles, subtitles, chapters, places, covers, other streams of pictures and whatever else a container holds are left
   out.
3. Pictures are coded anew, so nothing of the old coding remains either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.face import Box
from limen.frames.cover import FindFaces, cover
from limen.frames.holding import held
from limen.frames.libav import FFmpegError, main_video, open_media, upright_bgr, why
from limen.frames.timing import MediaTime
from limen.frames.video_writer import VideoWriter

__all__ = ["anonymise_video", "count_frames"]

_RATE = 25
_MOST_FRAMES = 10_000_000
_ENLARGED_PX = 2600

_Pixels = NDArray[np.uint8]


def count_frames(path: Path) -> int:
    """About how many frames a video has, at least 1; as its container says, for progress bars only.

    Raises:
        CaptureError: it is no video.
    """
    with open_media(path) as container:
        stream = main_video(container, name=str(path))
        seconds = (container.duration or 0) / av.time_base
        return min(_MOST_FRAMES, max(1, stream.frames or round(seconds * float(stream.average_rate or _RATE))))


def anonymise_video(
    source: Path,
    target: Path,
    *,
    suffix: str,
    find: FindFaces,
    progress: Callable[[int], object] = lambda _: None,
) -> tuple[int, int]:
    """Write a video with every face covered.

    Args:
        source: the video.
        target: where to; overwritten.
        suffix: a key of VIDEO_FORMATS: what to write.
        find: finds the faces.
        progress: told how many frames are done, each counted twice.

    Returns:
        The number of frames, and the most boxes covered in one of them.

    Raises:
        CaptureError: it cannot be read, or not be written in this format; ``target`` is not usable then.
    """
    places, times_s, done = [], [], 0
    with open_media(source) as container:
        stream = main_video(container, name=str(source))
        times = MediaTime(frame_s=1 / float(stream.average_rate or _RATE))
        for frame in (frame for packet in _packets(container, [stream]) for frame in _decoded(packet)):
            places.append(tuple(find(upright_bgr(frame, name=str(source)), enlarged_px=_ENLARGED_PX)))
            times_s.append(times.next(frame.time))
            progress(done := done + 1)
    if not places:
        raise CaptureError(f"{source}: none of it can be decoded", advice="it is damaged; convert it again")
    boxes = held(places, times_s=times_s)
    try:
        _write(source, target, suffix=suffix, boxes=boxes, find=find, progress=lambda more: progress(done + more))
    except (FFmpegError, ValueError) as error:
        raise CaptureError(
            f"{source}: cannot be written as {suffix} ({why(error)})", advice="choose another format, such as .mkv"
        ) from None
    return len(boxes), max(map(len, boxes))


def _write(
    source: Path,
    target: Path,
    *,
    suffix: str,
    boxes: Sequence[Sequence[Box]],
    find: FindFaces,
    progress: Callable[[int], object],
) -> None:
    number, size = 0, None
    with open_media(source) as container:
        stream, sound = main_video(container, name=str(source)), list(container.streams.audio)
        with VideoWriter(target, suffix=suffix, like=stream, sound=sound) as writer:
            for packet in _packets(container, [stream, *sound]):
                if packet.stream.index != stream.index:
                    writer.copy(packet)
                    continue
                for frame in _decoded(packet):
                    pixels = upright_bgr(frame, name=str(source))
                    size = size or pixels.shape
                    if pixels.shape != size or number >= len(boxes):
                        raise CaptureError(
                            f"{source}: its pictures change size, or decode differently each time",
                            advice="convert it to MP4 (H.264) first",
                        )
                    writer.write(_covered(pixels, boxes[number], find=find), frame)
                    progress(number := number + 1)


def _covered(pixels: _Pixels, boxes: Sequence[Box], *, find: FindFaces) -> _Pixels:
    """The frame covered, looked at once more, and what shows then covered, too."""
    covered = cover(pixels, boxes)
    more = find(covered, enlarged_px=0)
    return cover(pixels, [*boxes, *more]) if more else covered


def _packets(container: InputContainer, streams: Sequence[VideoStream | AudioStream]) -> Iterator[Packet[Any]]:
    """Packets up to the end, or to damage that the container cannot be read beyond."""
    packets = container.demux(*streams)
    while True:
        try:
            yield next(packets)
        except (StopIteration, FFmpegError):
            return


def _decoded(packet: Packet[Any]) -> list[VideoFrame]:
    """The frames of a packet; none if it is damaged."""
    try:
        return list(packet.decode())
    except FFmpegError:
        return []
