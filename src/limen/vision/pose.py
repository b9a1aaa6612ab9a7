"""Head pose from five landmarks: a scaled-orthographic fit of a mean face.

Five points are few: yaw and pitch are good to several degrees, roll to about one. Good enough to tell "please look
here" from "fine"; never used to measure a person. Source: POSIT's first step (DeMenthon and Davis 1995).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from limen.core.quality import Pose

__all__ = ["head_pose"]

_MEAN_FACE: NDArray[np.float64] = np.array(
    [[-31.5, -30.0, 26.0], [31.5, -30.0, 26.0], [0.0, 4.0, 0.0], [-25.5, 33.0, 22.0], [25.5, 33.0, 22.0]]
)
"""Right eye, left eye, nose tip, mouth corners; millimetres; x to the right of the picture, y down, z away from the
camera, for a face that looks straight at it."""


def head_pose(landmarks: NDArray[np.float32]) -> Pose:
    """Estimate yaw, pitch and roll.

    Args:
        landmarks: float32 (5, 2), pixels, in the order of Face.landmarks.

    Returns:
        The pose in degrees; all zero for a face that looks straight into the camera.
    """
    model = _MEAN_FACE - _MEAN_FACE.mean(axis=0)
    points = landmarks.astype(np.float64) - landmarks.astype(np.float64).mean(axis=0)
    # points = model @ P.T with P two scaled rows of a rotation matrix.
    rows, *_ = np.linalg.lstsq(model, points, rcond=None)
    first, second = rows[:, 0], rows[:, 1]
    first = first / max(float(np.linalg.norm(first)), 1e-9)
    second = second / max(float(np.linalg.norm(second)), 1e-9)
    third = np.cross(first, second)
    # R = Rz(roll) Rx(pitch) Ry(yaw), read back from its third row and second column.
    yaw = math.degrees(math.atan2(third[0], third[2]))
    pitch = -math.degrees(math.asin(min(1.0, max(-1.0, float(third[1])))))
    roll = math.degrees(math.atan2(-first[1], second[1]))
    return Pose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)
