"""Small videos that tests make: plain greys, or a drawn face that walks; with or without sound.

How to use: ``write_video(path, greys(5))`` makes five frames of 64x48, each a grey of its own;
``write_video(path, [drawn_face_at(40), ...], sound=True)`` adds a tone. The suffix chooses the container.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from limen.frames.drawn import PERSON, draw_face

__all__ = ["drawn_scene", "greys", "write_video"]

Picture = NDArray[np.uint8]

_SAMPLES = 1024


def greys(count: int, *, width_px: int = 64, height_px: int = 48) -> list[Picture]:
    """Frames of one grey each, 40 levels apart from 20 on."""
    return [np.full((height_px, width_px, 3), 20 + 40 * (number % 6), np.uint8) for number in range(count)]


def drawn_scene(left_px: int, *, width_px: int = 640, height_px: int = 360, side_px: int = 240) -> Picture:
    """A drawn face on a grey wall, its picture's left edge at ``left_px``."""
    scene = np.full((height_px, width_px, 3), (210, 205, 200), np.uint8)
    top = (height_px - side_px) // 2
    scene[top : top + side_px, left_px : left_px + side_px] = _face(side_px)
    return scene


def write_video(
    path: Path,
    pictures: Iterable[Picture],
    *,
    rate: int = 10,
    codec: str = "libx264",
    sound: bool = False,
    times: Sequence[int] | None = None,
) -> Path:
    """Write a video.

    Args:
        path: where to; its suffix chooses the container.
        pictures: uint8 (H, W, 3) BGR, all of one size.
        rate: frames a second.
        codec: of the pictures.
        sound: whether it has an AAC track with a tone, as long as the pictures.
        times: of each frame in milliseconds, instead of an even pace.
    """
    listed = list(pictures)
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=rate)
        assert isinstance(video, VideoStream)
        video.height, video.width = listed[0].shape[:2]
        video.pix_fmt = "yuv420p"
        tone = container.add_stream("aac", rate=16000, layout="mono") if sound else None
        assert tone is None or isinstance(tone, AudioStream)
        for number, picture in enumerate(listed):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number if times is None else times[number]
            frame.time_base = Fraction(1, rate if times is None else 1000)
            if times is not None:
                video.codec_context.time_base = Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if tone is not None:
            for start in range(0, 16000 * len(listed) // rate, _SAMPLES):
                wave = np.sin(np.arange(start, start + _SAMPLES) * 0.2).astype(np.float32)[None]
                heard = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
                heard.sample_rate, heard.pts, heard.time_base = 16000, start, Fraction(1, 16000)
                container.mux(tone.encode(heard))
            container.mux(tone.encode(None))
    return path


@cache
def _face(side_px: int) -> Picture:
    return draw_face(PERSON, side_px=side_px)
