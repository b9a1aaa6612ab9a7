"""Videos of people walking up, made of drawn faces: what a camera at a door would give, in a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from limen.evaluation.walk_ups import FRAME_SIZE, walk_up_frames

__all__ = ["write_walk_ups"]

Picture = NDArray[np.uint8]


def write_walk_ups(path: Path, *walk_ups: Sequence[Picture], between: int = 18) -> int:
    """Write a video in which people walk up one after the other, with an empty wall between; how many frames it has.

    Args:
        path: of the file; its ending says its kind.
        walk_ups: the key frames of each, uint8 (H, W, 3) BGR.
        between: empty frames after each.
    """
    wall = np.full((FRAME_SIZE[1], FRAME_SIZE[0], 3), 128, dtype=np.uint8)
    rng, count = np.random.default_rng(7), 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = *FRAME_SIZE, "yuv420p"
        for keys in walk_ups:
            frames = [np.asarray(frame.pixels) for frame in walk_up_frames([keys], rng=rng)] + [wall] * between
            for pixels in frames:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="bgr24")))
            count += len(frames)
        container.mux(stream.encode())
    return count
