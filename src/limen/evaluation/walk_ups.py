"""Pictures of people -> walk-ups as a door's camera sees them: 1280x720, 25 frames a second, nearer with every frame.

A person's different pictures are the key frames, each shown for some frames while the head grows, drifts and shakes, so
that frames are alike within a key frame and differ between them. The background is grey noise, as a wall is; nobody who
is not meant to be in the picture is. What it cannot show: the blur and light of a real entrance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.frame import Frame, SourceKind

__all__ = ["BETWEEN", "FRAMES_A_KEY", "FRAME_SIZE", "Picture", "crowd_frame", "walk_up_frames"]

Picture = NDArray[np.uint8]

FRAME_SIZE = (1280, 720)
FRAMES_A_KEY = 8
BETWEEN = timedelta(milliseconds=40)
_START = datetime(2026, 1, 5, 8, tzinfo=UTC)
_HEIGHTS = (0.5, 0.95)
_NOISE = 3.0
_CROWD_COLUMNS = 5


def walk_up_frames(
    people: Sequence[Sequence[Picture]], *, rng: np.random.Generator, every: int = 1, start: datetime = _START
) -> Iterator[Frame]:
    """Frames of one or several people who come at the same time, side by side.

    Args:
        people: at most three; the key frames of each, uint8 (H, W, 3) BGR, in the order they are shown.
        rng: decides drift and shaking.
        every: leave out all frames but every so many-th.
        start: time of the first frame.
    """
    wall, noise = _wall(rng), rng.normal(0.0, _NOISE, (FRAME_SIZE[1] + 64, FRAME_SIZE[0] + 64, 1)).astype(np.float32)
    count = FRAMES_A_KEY * max(len(keys) for keys in people)
    middles = np.linspace(0, 1, 2 * len(people) + 1)[1::2] * FRAME_SIZE[0]
    for number in range(0, count, every):
        canvas = wall.copy()
        share = number / max(1, count - 1)
        height = min((_HEIGHTS[0] + share * (_HEIGHTS[1] - _HEIGHTS[0])) * FRAME_SIZE[1], FRAME_SIZE[0] / len(people))
        for keys, middle in zip(people, middles, strict=True):
            key = keys[min(number // FRAMES_A_KEY, len(keys) - 1)]
            where = (float(middle + rng.normal(0, 2)), float(FRAME_SIZE[1] / 2 + rng.normal(0, 2)))
            _paste(canvas, key, height=height, middle=where)
        top, left = rng.integers(0, 64, size=2)
        canvas += noise[top : top + FRAME_SIZE[1], left : left + FRAME_SIZE[0]]
        yield _frame(canvas, start + number * BETWEEN)


def crowd_frame(pictures: Sequence[Picture], *, rng: np.random.Generator, number: int = 0) -> Frame:
    """One frame of up to ten people, in two rows.

    Args:
        pictures: uint8 (H, W, 3) BGR, one a person.
        rng: decides the shaking.
        number: of the frame; they are 40 ms apart.
    """
    canvas = _wall(rng)
    side = FRAME_SIZE[0] / _CROWD_COLUMNS
    for place, picture in enumerate(pictures):
        row, column = divmod(place, _CROWD_COLUMNS)
        middle = ((column + 0.5) * side + float(rng.normal(0, 1)), 180 + 360 * row + float(rng.normal(0, 1)))
        _paste(canvas, picture, height=side, middle=middle)
    return _frame(canvas, _START + number * BETWEEN)


def _frame(canvas: NDArray[np.float32], at: datetime) -> Frame:
    pixels = cv2.convertScaleAbs(np.maximum(canvas, 0.0))
    return Frame(pixels=np.asarray(pixels, dtype=np.uint8), captured_at=at, source="walk-up", kind=SourceKind.FILE)


def _wall(rng: np.random.Generator) -> NDArray[np.float32]:
    coarse = rng.normal(128.0, 20.0, (9, 16)).astype(np.float32)
    wall = np.asarray(cv2.resize(coarse, FRAME_SIZE, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
    return np.repeat(wall[..., None], 3, axis=2)


def _paste(canvas: NDArray[np.float32], picture: Picture, *, height: float, middle: tuple[float, float]) -> None:
    """The picture, so many pixels high, with its middle there; what reaches beyond the canvas is cut."""
    scale = height / picture.shape[0]
    size = (max(8, round(picture.shape[1] * scale)), max(8, round(height)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left, top = round(middle[0] - size[0] / 2), round(middle[1] - size[1] / 2)
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(canvas.shape[1], left + size[0]), min(canvas.shape[0], top + size[1])
    if x0 < x1 and y0 < y1:
        canvas[y0:y1, x0:x1] = small[y0 - top : y1 - top, x0 - left : x1 - left]
