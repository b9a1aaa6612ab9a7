"""Frame -> faces with YuNet: any picture size, small faces in large pictures, a second look when nothing was found.

The base look shrinks the frame to fit ``long_side_px`` and pads it to a multiple of 32. What it finds stands as it is.
Where it finds nothing, a door looks once more at half the size (masked faces close to the camera) and leaves the rest
to the next frame. Pictures get more: overlapping tiles at full resolution, and, where nothing was found, looks with
and without a border at many scales, of which counts what they agree on (``second_look``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.face import Box, Face
from limen.vision.runtime import Network, Workers
from limen.vision.second_look import LOOKS, VOTE, agreed
from limen.vision.yunet import INPUT_MULTIPLE, Detections, decode, suppress

__all__ = ["DOOR", "PICTURES", "Detector", "DetectorOptions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorOptions:
    """How hard to look.

    Attributes:
        confidence: least confidence of a face, 0 to 1.
        overlap: two boxes with more intersection over union are one face.
        long_side_px: the frame is shrunk until its longer side fits.
        tiles: look at large pictures in pieces too, at most this many; 0 for never.
        near_look_px: where nothing was found, look once more with the longer side this long; 0 for not.
        second_look: where nothing was found, look at many scales and take what the looks agree on.
    """

    confidence: float = 0.6
    overlap: float = 0.3
    long_side_px: int = 640
    tiles: int = 0
    near_look_px: int = 0
    second_look: bool = False


DOOR = DetectorOptions(near_look_px=320)
PICTURES = DetectorOptions(tiles=48, second_look=True)

_TILE_OVERLAP = 0.25
_TILE_FROM = 1.5
_PART = 0.7


class Detector:
    """Finds faces.

    Args:
        network: a session of the folded YuNet graph, outputs as in ``yunet.OUTPUTS``; all workers call it.
        workers: threads for tiles.
        options: how hard to look.
    """

    def __init__(self, network: Network, *, workers: Workers, options: DetectorOptions) -> None:
        self._network = network
        self._workers = workers
        self._options = options

    def detect(self, pixels: NDArray[np.uint8]) -> tuple[Face, ...]:
        """Return all faces of a uint8 (H, W, 3) BGR picture, most confident first."""
        options = self._options
        longest = max(pixels.shape[:2])
        found = self._look(pixels, scale=min(1.0, options.long_side_px / longest), confidence=options.confidence)
        if options.tiles and longest > _TILE_FROM * options.long_side_px:
            found = self._join([found, *self._tiles(pixels)])
        if options.near_look_px and len(found) == 0:
            found = self._look(pixels, scale=options.near_look_px / longest, confidence=options.confidence)
        if options.second_look and len(found) == 0:
            found = self._look_again(pixels)
        return tuple(_face(row) for row in found)

    def _look(self, pixels: NDArray[np.uint8], *, scale: float, confidence: float, border: float = 0.0) -> Detections:
        """One run; detections in pixels of ``pixels``."""
        if scale != 1.0:
            size = tuple(max(1, round(side * scale)) for side in (pixels.shape[1], pixels.shape[0]))
            how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
            small = np.asarray(cv2.resize(pixels, size, interpolation=how), dtype=np.uint8)
        else:
            small = pixels
        grow = np.array([pixels.shape[1] / small.shape[1], pixels.shape[0] / small.shape[0]], dtype=np.float32)
        margin = round(border * max(small.shape[:2]))
        batch = _letterboxed(small, margin)
        (found,) = decode(self._network.run(batch), pictures=1, width_px=batch.shape[3], confidence=confidence)
        found = suppress(found, overlap=self._options.overlap)
        points = found[:, 4:14].reshape(-1, 5, 2)
        moved = (
            (found[:, :2] - margin) * grow,
            found[:, 2:4] * grow,
            ((points - margin) * grow).reshape(-1, 10),
            found[:, 14:],
        )
        return np.concatenate(moved, axis=1)

    def _tiles(self, pixels: NDArray[np.uint8]) -> list[Detections]:
        """Looks at overlapping pieces; a face cut by a tile's border is seen whole in its neighbour or in the base."""
        side = self._options.long_side_px
        height, width = pixels.shape[:2]
        step = side * (1 - _TILE_OVERLAP)
        count = math.ceil(max(1.0, (width - side) / step + 1)) * math.ceil(max(1.0, (height - side) / step + 1))
        scale = min(1.0, math.sqrt(self._options.tiles / count))
        size = round(side / scale)
        corners = [(x, y) for y in _starts(height, size) for x in _starts(width, size)]

        def look(corner: tuple[int, int]) -> Detections:
            x, y = corner
            piece = pixels[y : y + size, x : x + size]
            found = self._look(piece, scale=scale, confidence=self._options.confidence)
            found = _without_cut(found, (x, y, piece.shape[1], piece.shape[0]), full=(width, height))
            found[:, [0, 4, 6, 8, 10, 12]] += x
            found[:, [1, 5, 7, 9, 11, 13]] += y
            return found

        return self._workers.map(look, corners)

    def _look_again(self, pixels: NDArray[np.uint8]) -> Detections:
        longest = max(pixels.shape[:2])

        def look(how: tuple[float, int]) -> Detections:
            border, target = how
            return self._look(pixels, scale=target / longest, confidence=VOTE, border=border)

        return _without_parts(agreed(self._workers.map(look, LOOKS), shorter_side_px=min(pixels.shape[:2])))

    def _join(self, parts: list[Detections]) -> Detections:
        together = np.concatenate(parts)
        together = together[np.argsort(-together[:, 14], kind="stable")]
        return _without_parts(suppress(together, overlap=self._options.overlap))


def _letterboxed(pixels: NDArray[np.uint8], margin: int) -> NDArray[np.float32]:
    """Black below, to the right and ``margin`` all round, to a multiple of 32; float32 (1, 3, H, W) BGR 0 to 255."""
    height, width = pixels.shape[:2]
    full = tuple(-(-(side + 2 * margin) // INPUT_MULTIPLE) * INPUT_MULTIPLE for side in (height, width))
    batch = np.zeros((1, 3, *full), dtype=np.float32)
    batch[0, :, margin : margin + height, margin : margin + width] = pixels.transpose(2, 0, 1)
    return batch


def _starts(length: int, size: int) -> list[int]:
    if length <= size:
        return [0]
    count = math.ceil((length - size) / (size * (1 - _TILE_OVERLAP))) + 1
    return [round(i * (length - size) / (count - 1)) for i in range(count)]


def _without_cut(found: Detections, tile: tuple[int, int, int, int], *, full: tuple[int, int]) -> Detections:
    """Drop boxes that reach over an inner border of a tile (x, y, width, height): a neighbour sees them whole."""
    keep = np.ones(len(found), dtype=bool)
    for axis in (0, 1):
        if tile[axis] > 0:
            keep &= found[:, axis] >= 0
        if tile[axis] + tile[axis + 2] < full[axis]:
            keep &= found[:, axis] + found[:, axis + 2] <= tile[axis + 2]
    return found[keep]


def _without_parts(found: Detections) -> Detections:
    """Drop boxes mostly inside one more confident: a tile shows a part of a large face and may take it for a face."""
    low, high = found[:, :2], found[:, :2] + found[:, 2:4]
    shared = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    inside = np.clip(shared, 0.0, None).prod(axis=2) / found[:, 2:4].prod(axis=1)[:, None]
    whole: Detections = found[~np.tril(inside > _PART, k=-1).any(axis=1)]
    return whole


def _face(row: NDArray[np.float32]) -> Face:
    x, y, width, height = (float(value) for value in row[:4])
    return Face(
        box=Box(x_px=x, y_px=y, width_px=width, height_px=height),
        landmarks=row[4:14].reshape(5, 2),
        confidence=min(1.0, float(row[14])),
    )
