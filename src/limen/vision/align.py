"""Face -> 112x112 aligned crop: a similarity transform that puts the five landmarks on fixed places.

The places are those SFace and the ArcFace family were trained with (Source: InsightFace arcface_dst; OpenCV's
FaceRecognizerSF.alignCrop uses the same). The transform is the least-squares similarity of Umeyama (1991).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["CROP_PX", "LANDMARK_PLACES", "MASKED_PLACES", "align", "similarity_transform", "warp"]

CROP_PX = 112
LANDMARK_PLACES: NDArray[np.float64] = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
MASKED_PLACES: NDArray[np.float64] = LANDMARK_PLACES - np.array([[0, 1.0], [0, 1.0], [0, 1.3], [0, 2.0], [0, 2.0]])
"""Where a masked face's landmarks go: under a mask the detector puts them too high, the mouth most (ADR 0013)."""

_SHRINK_FROM = 2.0


def similarity_transform(source: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the 2x3 matrix of rotation, uniform scale and shift that best takes source points to target points.

    Args:
        source: (n, 2) points, n >= 2, not all the same.
        target: (n, 2) points.

    Returns:
        float64 (2, 3), no reflection; minimises the summed squared distance. Source: Umeyama 1991, eq. 40-42.

    Raises:
        ValueError: all source points coincide.
    """
    source = source.astype(np.float64)
    target = target.astype(np.float64)
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    source_c, target_c = source - source_mean, target - target_mean
    variance = float((source_c**2).sum())
    if variance <= 0.0:
        raise ValueError("similarity transform: all landmarks are at one point")
    # In two dimensions the optimum is closed form: one complex factor a + ib.
    a = float((source_c * target_c).sum()) / variance
    b = float((source_c[:, 0] * target_c[:, 1] - source_c[:, 1] * target_c[:, 0]).sum()) / variance
    matrix = np.array([[a, -b, 0.0], [b, a, 0.0]])
    matrix[:, 2] = target_mean - matrix[:, :2] @ source_mean
    return matrix


def align(
    pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], *, places: NDArray[np.float64] = LANDMARK_PLACES
) -> NDArray[np.uint8]:
    """Return the aligned crop of one face.

    Args:
        pixels: uint8 (H, W, 3) BGR.
        landmarks: float32 (5, 2) in pixels of ``pixels``.
        places: float64 (5, 2), where they go, in pixels of the crop.

    Returns:
        uint8 (112, 112, 3) BGR; what lies outside the frame is black.
    """
    return warp(pixels, similarity_transform(landmarks, places), side_px=CROP_PX)


def warp(
    pixels: NDArray[np.uint8], matrix: NDArray[np.float64], *, side_px: int, border: int = cv2.BORDER_CONSTANT
) -> NDArray[np.uint8]:
    """Return what a similarity transform shows on a square canvas.

    Args:
        pixels: uint8 (H, W, 3).
        matrix: float64 (2, 3), frame to canvas.
        side_px: of the canvas.
        border: what OpenCV puts where the frame ends; black unless said otherwise.

    Returns:
        uint8 (side, side, 3). What is more than twice as large in the frame as on the canvas is averaged down first,
        so that fine texture does not alias.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale * _SHRINK_FROM < 1.0:
        pixels, matrix = _shrunk(pixels, matrix, side_px=side_px, factor=1.0 / scale)
    size = (side_px, side_px)
    canvas = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border, borderValue=(0, 0, 0))
    return np.asarray(canvas, dtype=np.uint8)


def _shrunk(
    pixels: NDArray[np.uint8], matrix: NDArray[np.float64], *, side_px: int, factor: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Cut the part of the frame that the canvas shows and average it down to about the canvas's resolution."""
    height, width = pixels.shape[:2]
    back = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0], [side_px, 0], [0, side_px], [side_px, side_px]]) @ back[:, :2].T + back[:, 2]
    x0, y0 = (int(max(0, value)) for value in np.floor(corners.min(axis=0)))
    x1, y1 = int(min(width, np.ceil(corners[:, 0].max()))), int(min(height, np.ceil(corners[:, 1].max())))
    if x1 <= x0 or y1 <= y0:
        return pixels, matrix
    cut = pixels[y0:y1, x0:x1]
    size = (max(1, round(cut.shape[1] / factor)), max(1, round(cut.shape[0] / factor)))
    small = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    grow_x, grow_y = cut.shape[1] / size[0], cut.shape[0] / size[1]
    # Pixel centres: x_frame = (x_small + 0.5) * grow - 0.5 + x0.
    to_frame = np.array(
        [[grow_x, 0.0, x0 + 0.5 * grow_x - 0.5], [0.0, grow_y, y0 + 0.5 * grow_y - 0.5], [0.0, 0.0, 1.0]]
    )
    return small, matrix @ to_frame
