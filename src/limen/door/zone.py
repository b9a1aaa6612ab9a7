"""Who takes part: in the door's zone, near enough, turned to it, and, where the door asks for it, after a sign.

Recognition begins when somebody comes to the door (promise 4). A face for which ``absent`` gives a reason is never
embedded. Nobody has to look at the camera or stand still: the limits are wide, and eye heights from a wheelchair to a
tall person fit any zone that is not drawn against them.
"""

from __future__ import annotations

from dataclasses import dataclass

from limen.core.face import Face
from limen.core.in_view import Absence
from limen.core.quality import Pose

__all__ = ["WHOLE_PICTURE", "Zone", "absent"]

_LEAST_CORNERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Where the door's own space is.

    Attributes:
        corners: of a polygon, as shares of the picture's width and height, (0, 0) top left.
        least_eyes_px: smallest distance between the eyes.
        most_yaw_deg, most_pitch_deg: largest turn of the head.
        sign_needed: whether somebody has to press, tap or call first.
    """

    corners: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    least_eyes_px: float = 36.0
    most_yaw_deg: float = 40.0
    most_pitch_deg: float = 35.0
    sign_needed: bool = False

    def __post_init__(self) -> None:
        inside = all(0.0 <= value <= 1.0 for corner in self.corners for value in corner)
        if len(self.corners) < _LEAST_CORNERS or not inside:
            raise ValueError(f"corners: expected three or more (x, y) from 0 to 1, got {self.corners}")

    def contains(self, x: float, y: float) -> bool:
        """Whether a point, as shares of the picture, lies in the polygon (even-odd rule)."""
        inside = False
        for (x0, y0), (x1, y1) in zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True):
            if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                inside = not inside
        return inside


WHOLE_PICTURE = Zone()


def absent(face: Face, pose: Pose, zone: Zone, *, size_px: tuple[int, int], signed: bool) -> Absence | None:
    """Why a face does not take part, or None.

    Args:
        face: in the frame.
        pose: of the head, from landmarks alone.
        zone: of the door.
        size_px: (width, height) of the frame.
        signed: whether somebody has pressed, tapped or called for this attempt.
    """
    x, y = face.box.centre
    width, height = size_px
    if not zone.contains(x / width, y / height):
        return Absence.OUTSIDE
    if face.inter_eye_px < zone.least_eyes_px:
        return Absence.TOO_FAR
    if abs(pose.yaw_deg) > zone.most_yaw_deg or abs(pose.pitch_deg) > zone.most_pitch_deg:
        return Absence.TURNED_AWAY
    return Absence.NO_SIGN if zone.sign_needed and not signed else None
