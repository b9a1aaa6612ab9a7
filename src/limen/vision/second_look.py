"""What several looks at one picture agree on: one look may err at a low confidence, many rarely err at one place.

1. Detections of all looks that overlap are one candidate; its agreement is the sum of the best confidence of each look.
2. A candidate is a face when one look is sure, when several agree and one is fairly sure, or, if it fills much of the
   picture, when about three agree: masked faces in tight cuts come at low confidence, but at every size.
3. Unless nearly all agree, its landmarks must lie as in a face: eyes about level, the nose below and between them, the
   mouth below that. Profiles fail this and are found because nearly all looks agree on them.

Measured in docs/results.md, "Masked faces found".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limen.vision.yunet import Detections

__all__ = ["LOOKS", "VOTE", "agreed", "like_a_face"]

LOOKS = (
    (0.0, 96),
    (0.0, 160),
    (0.0, 224),
    (0.0, 320),
    (0.25, 160),
    (0.25, 320),
    (0.25, 640),
    (0.5, 320),
)
"""(border as a share of the longer side, longer side in pixels of the picture inside the border)."""

VOTE = 0.3
"""Least confidence with which a look counts."""

_SAME = 0.35
_SURE = 0.8
_FAIRLY_SURE = 0.5
_SEVERAL = 2.0
_NEARLY_ALL = 4.0
_FILLS = 0.3
_AGREE_IF_FILLING = 1.0
_EYES = (0.25, 0.8)
_MOUTH = (0.5, 2.0)
_NOSE_FROM = 0.1
_NOSE_ASIDE = 0.8
_LEVEL = 0.7
"""Least cosine of the eyes' slope: 45 degrees."""


def agreed(looks: list[Detections], *, shorter_side_px: float) -> Detections:
    """Return the candidates that are faces, each as its most confident look saw it, most confident first.

    Args:
        looks: detections of each look at VOTE or above, all in pixels of the same picture.
        shorter_side_px: of the picture.

    Returns:
        float32 (n, 15), see ``yunet.Detections``; empty if the looks agree on nothing.
    """
    rows = np.concatenate([np.zeros((0, 15), dtype=np.float32), *looks])
    look_of = np.repeat(np.arange(len(looks)), [len(found) for found in looks])
    order = np.argsort(-rows[:, 14], kind="stable")
    rows, look_of = rows[order], look_of[order]
    faces = []
    while len(rows):
        same = _overlaps(rows, rows[0]) > _SAME
        same[0] = True
        if _is_face(rows[0], _agreement(rows[same, 14], look_of[same]), shorter_side_px):
            faces.append(rows[0])
        rows, look_of = rows[~same], look_of[~same]
    return np.array(faces, dtype=np.float32).reshape(-1, 15)


def like_a_face(landmarks: NDArray[np.float32], *, width_px: float) -> bool:
    """Whether five landmarks (5, 2) in a box of that width lie as in a face seen from the front or half aside."""
    right, left, nose = landmarks[:3].astype(np.float64)
    eyes_px = float(np.linalg.norm(left - right))
    if not _EYES[0] * width_px <= eyes_px <= _EYES[1] * width_px:
        return False
    across = (left - right) / eyes_px
    frame = np.stack([across, [-across[1], across[0]]]) / eyes_px
    middle = (right + left) / 2
    nose_aside, nose_below = frame @ (nose - middle)
    _, mouth_below = frame @ (landmarks[3:].mean(axis=0) - middle)
    return bool(
        across[0] >= _LEVEL
        and _MOUTH[0] <= mouth_below <= _MOUTH[1]
        and _NOSE_FROM <= nose_below < mouth_below
        and abs(nose_aside) <= _NOSE_ASIDE
    )


def _is_face(best: NDArray[np.float32], agreement: float, shorter_side_px: float) -> bool:
    confidence = float(best[14])
    fills = float(best[2]) >= _FILLS * shorter_side_px
    if not (
        confidence >= _SURE
        or (confidence >= _FAIRLY_SURE and agreement >= _SEVERAL)
        or (fills and agreement >= _AGREE_IF_FILLING)
    ):
        return False
    beyond_doubt = confidence >= _FAIRLY_SURE and agreement >= _NEARLY_ALL
    return beyond_doubt or like_a_face(best[4:14].reshape(5, 2), width_px=float(best[2]))


def _agreement(confidences: NDArray[np.float32], looks: NDArray[np.intp]) -> float:
    """Sum over looks of the best confidence; rows come best first, so a look's first row is its best."""
    _, first = np.unique(looks, return_index=True)
    return float(confidences[first].sum())


def _overlaps(rows: Detections, one: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of each box with one."""
    low = np.maximum(rows[:, :2], one[:2])
    high = np.minimum(rows[:, :2] + rows[:, 2:4], one[:2] + one[2:4])
    shared = np.clip(high - low, 0.0, None).prod(axis=1)
    ratio: NDArray[np.float32] = shared / (rows[:, 2:4].prod(axis=1) + one[2:4].prod() - shared)
    return ratio
