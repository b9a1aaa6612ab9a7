"""Steadier landmarks: the detector looks again at each face, several times, and the answers are averaged.

A detector's landmarks move by some hundredths of the eye distance with the size at which it happens to see the face;
the embedding feels every bit of that. So each face is put upright on small canvases at a few sizes, as it is and
mirrored, the detector runs once over all of them as a batch, and what it says is carried back and averaged. It costs
a few milliseconds and takes away about a fifth of the misses (docs/results.md, "What each step buys").
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.vision.align import LANDMARK_PLACES, similarity_transform, warp
from limen.vision.runtime import Network
from limen.vision.yunet import decode

__all__ = ["CANVAS_PX", "refine_landmarks"]

CANVAS_PX = 128
VIEWS = ((0.22, False), (0.26, True), (0.30, False), (0.34, True))
"""Distance between the eyes as a share of the canvas, and whether the canvas is mirrored."""

_CONFIDENCE = 0.3
_NEAR = 0.25
_MIRROR = [1, 0, 2, 4, 3]
_EYES_PX = float(np.linalg.norm(LANDMARK_PLACES[0] - LANDMARK_PLACES[1]))


def refine_landmarks(
    network: Network, pixels: NDArray[np.uint8], landmarks: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return steadier landmarks of one face.

    Args:
        network: the folded detector graph.
        pixels: uint8 (H, W, 3) BGR.
        landmarks: float32 (5, 2), pixels of ``pixels``; a first guess.

    Returns:
        float32 (5, 2), pixels of ``pixels``; the first guess where the detector finds no face again.
    """
    matrices = [_onto_canvas(landmarks, share) for share, _ in VIEWS]
    batch = np.empty((len(VIEWS), 3, CANVAS_PX, CANVAS_PX), dtype=np.float32)
    for row, matrix, (_, mirrored) in zip(batch, matrices, VIEWS, strict=True):
        canvas = warp(pixels, matrix, side_px=CANVAS_PX)
        row[...] = (canvas[:, ::-1] if mirrored else canvas).transpose(2, 0, 1)
    found = decode(network.run(batch), pictures=len(VIEWS), width_px=CANVAS_PX, confidence=_CONFIDENCE)
    answers = []
    for seen, matrix, (_, mirrored) in zip(found, matrices, VIEWS, strict=True):
        near = seen[np.hypot(*(_centres(seen) - CANVAS_PX / 2).T) < _NEAR * CANVAS_PX]
        if len(near):
            back = cv2.invertAffineTransform(matrix)
            answers.append(_unmirrored(near[0], mirrored=mirrored) @ back[:, :2].T + back[:, 2])
    return np.mean(answers, axis=0).astype(np.float32) if answers else landmarks


def _onto_canvas(landmarks: NDArray[np.float32], eye_share: float) -> NDArray[np.float64]:
    places = (LANDMARK_PLACES - LANDMARK_PLACES.mean(axis=0)) * (eye_share * CANVAS_PX / _EYES_PX)
    return similarity_transform(landmarks, places + CANVAS_PX / 2)


def _centres(found: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(found[:, :2] + found[:, 2:4] / 2, dtype=np.float32)


def _unmirrored(found: NDArray[np.float32], *, mirrored: bool) -> NDArray[np.float64]:
    """The landmarks of one detection on the canvas as it is, also when it was seen mirrored."""
    points = found[4:14].reshape(5, 2).astype(np.float64)
    if mirrored:
        points = points[_MIRROR]
        points[:, 0] = CANVAS_PX - 1 - points[:, 0]
    return points
