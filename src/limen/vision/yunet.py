"""YuNet's raw outputs -> boxes, landmarks and confidences, and the suppression of doubles.

Source: libfacedetection (MIT); OpenCV's FaceDetectorYN post-processing. Three strides; at every cell one box
(centre offset and log size in strides) and five points; confidence = sqrt(class x objectness).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["INPUT_MULTIPLE", "OUTPUTS", "Detections", "decode", "suppress"]

STRIDES = (8, 16, 32)
INPUT_MULTIPLE = 32
OUTPUTS = tuple(f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in STRIDES)

Detections = NDArray[np.float32]
"""float32 (n, 15): x, y, width, height, then five (x, y) landmarks, then confidence; in pixels of the network's
input, best first."""


def decode(outputs: list[NDArray[np.float32]], *, pictures: int, width_px: int, confidence: float) -> list[Detections]:
    """Return all detections at or above a confidence, picture by picture.

    Args:
        outputs: the twelve arrays named in OUTPUTS; the graph strings a batch together: (1, pictures x cells, k).
        pictures: how many pictures the batch held.
        width_px: width of the network's input, a multiple of 32.
        confidence: 0 to 1.
    """
    per_picture = [array.reshape(pictures, -1, array.shape[2]) for array in outputs]
    return [
        _decode_one(dict(zip(OUTPUTS, (array[i] for array in per_picture), strict=True)), width_px, confidence)
        for i in range(pictures)
    ]


def suppress(found: Detections, *, overlap: float) -> Detections:
    """Keep the best of every group of detections whose boxes overlap (intersection over union above ``overlap``)."""
    if len(found) == 0:
        return found
    keep = cv2.dnn.NMSBoxes(found[:, :4].tolist(), found[:, 14].tolist(), 0.0, overlap)
    result: Detections = found[np.sort(np.asarray(keep, dtype=np.intp).ravel())]
    return result


def _decode_one(named: dict[str, NDArray[np.float32]], width_px: int, confidence: float) -> Detections:
    parts = [_decode_stride(named, stride, columns=width_px // stride, confidence=confidence) for stride in STRIDES]
    found = np.concatenate(parts)
    order = np.argsort(-found[:, 14], kind="stable")
    result: Detections = found[order]
    return result


def _decode_stride(
    named: dict[str, NDArray[np.float32]], stride: int, *, columns: int, confidence: float
) -> Detections:
    classes = np.clip(named[f"cls_{stride}"][:, 0], 0.0, 1.0)
    objects = np.clip(named[f"obj_{stride}"][:, 0], 0.0, 1.0)
    scores = np.sqrt(classes * objects)
    cells = np.flatnonzero(scores >= confidence)
    origin = np.stack([cells % columns, cells // columns], axis=1).astype(np.float32)
    box = named[f"bbox_{stride}"][cells]
    centre = (origin + box[:, :2]) * stride
    size = np.exp(np.clip(box[:, 2:4], -10.0, 10.0)) * stride
    points = (origin[:, None, :] + named[f"kps_{stride}"][cells].reshape(-1, 5, 2)) * stride
    columns_of_result = (centre - size / 2, size, points.reshape(-1, 10), scores[cells, None])
    return np.concatenate(columns_of_result, axis=1).astype(np.float32)
