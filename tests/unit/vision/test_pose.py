"""Head pose: which way is positive, and what it is known to."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.vision.pose import head_pose

_MEAN_FACE = np.array(
    [[-31.5, -30.0, 26.0], [31.5, -30.0, 26.0], [0.0, 4.0, 0.0], [-25.5, 33.0, 22.0], [25.5, 33.0, 22.0]]
)
"""Right eye, left eye, nose, mouth corners in millimetres: x right in the picture, y down, z away from the camera."""


def _turned(*, yaw_deg: float = 0.0, pitch_deg: float = 0.0, roll_deg: float = 0.0) -> NDArray[np.float32]:
    """Landmarks of the mean face after turning right, then looking up, then leaning clockwise, seen from afar.

    Worked out from where the nose must go: turning to the right of the picture carries the near side (smaller z) to
    larger x; looking up carries it to smaller y; leaning clockwise carries the right side down.
    """
    yaw, pitch, roll = (np.radians(angle) for angle in (yaw_deg, pitch_deg, roll_deg))
    x, y, z = _MEAN_FACE.T
    x, z = x * np.cos(yaw) - z * np.sin(yaw), x * np.sin(yaw) + z * np.cos(yaw)
    y, z = y * np.cos(pitch) + z * np.sin(pitch), -y * np.sin(pitch) + z * np.cos(pitch)
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    return (np.stack([x, y], axis=1) * 3 + 500).astype(np.float32)


def test_a_face_that_looks_into_the_camera_has_no_pose() -> None:
    """Straight on, all three angles are zero."""
    pose = head_pose(_turned())
    np.testing.assert_allclose([pose.yaw_deg, pose.pitch_deg, pose.roll_deg], 0.0, atol=1e-3)


@pytest.mark.parametrize("angle", [-60.0, -20.0, 20.0, 60.0])
@pytest.mark.parametrize("axis", ["yaw_deg", "pitch_deg", "roll_deg"])
def test_each_angle_is_found_with_its_sign(axis: str, angle: float) -> None:
    """Right is positive yaw, up positive pitch, clockwise positive roll; the other two stay zero."""
    pose = head_pose(_turned(**{axis: angle}))
    found = {name: getattr(pose, name) for name in ("yaw_deg", "pitch_deg", "roll_deg")}
    expected = {"yaw_deg": 0.0, "pitch_deg": 0.0, "roll_deg": 0.0, axis: angle}
    assert found == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    "angles", [(25.0, -10.0, 40.0), (-30.0, 15.0, -75.0), (10.0, 20.0, 120.0), (-5.0, -25.0, 170.0)]
)
def test_the_angles_are_told_apart(angles: tuple[float, float, float]) -> None:
    """Three turns at once are found one by one, to a hundredth of a degree on the mean face."""
    yaw, pitch, roll = angles
    pose = head_pose(_turned(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll))
    np.testing.assert_allclose([pose.yaw_deg, pose.pitch_deg, pose.roll_deg], angles, atol=0.01)


def test_the_nose_shows_the_side() -> None:
    """Moving only the nose tip to the right of the picture makes the yaw positive."""
    landmarks = _turned()
    landmarks[2, 0] += 30
    assert head_pose(landmarks).yaw_deg > 5.0


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("shift", [0.0, -4000.0])
def test_size_and_place_do_not_matter(scale: float, shift: float) -> None:
    """The same face nearer, farther or elsewhere has the same pose."""
    expected = head_pose(_turned(yaw_deg=20.0, roll_deg=10.0))
    found = head_pose((_turned(yaw_deg=20.0, roll_deg=10.0) * scale + shift).astype(np.float32))
    assert found.yaw_deg == pytest.approx(expected.yaw_deg, abs=0.5)
    assert found.roll_deg == pytest.approx(expected.roll_deg, abs=0.5)


@pytest.mark.parametrize(
    "landmarks",
    [np.zeros((5, 2)), np.full((5, 2), 1e6), np.array([[0, 0], [1, 0], [2, 0], [3, 0], [4, 0]])],
    ids=["origin", "one far point", "a line"],
)
def test_degenerate_landmarks_give_finite_angles(landmarks: NDArray[np.float64]) -> None:
    """Landmarks at one point or on a line give some angle, never NaN."""
    pose = head_pose(landmarks.astype(np.float32))
    assert np.isfinite([pose.yaw_deg, pose.pitch_deg, pose.roll_deg]).all()
