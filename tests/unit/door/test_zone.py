"""Who takes part at a door, and who is left alone."""

from __future__ import annotations

import pytest

from limen.core.in_view import Absence
from limen.core.quality import Pose
from limen.door.zone import WHOLE_PICTURE, Zone, absent
from support.vision import make_face

_AHEAD = Pose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0)
_SIZE = (1280, 720)
_LEFT = Zone(corners=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))


def _why(
    zone: Zone = WHOLE_PICTURE, *, x_px: float = 300.0, eyes_px: float = 60.0, pose: Pose = _AHEAD, signed: bool = False
) -> Absence | None:
    face = make_face(x_px=x_px, y_px=300.0, eyes_px=eyes_px)
    return absent(face, pose, zone, size_px=_SIZE, signed=signed)


@pytest.mark.parametrize(("x_px", "expected"), [(300.0, None), (639.0, None), (641.0, Absence.OUTSIDE)])
def test_only_whoever_stands_in_the_zone_takes_part(x_px: float, expected: Absence | None) -> None:
    """The middle of the face decides."""
    assert _why(_LEFT, x_px=x_px) is expected


@pytest.mark.parametrize(("eyes_px", "expected"), [(35.0, Absence.TOO_FAR), (36.0, None)])
def test_whoever_is_far_away_does_not_take_part(eyes_px: float, expected: Absence | None) -> None:
    """The distance between the eyes decides."""
    assert _why(eyes_px=eyes_px) is expected


@pytest.mark.parametrize(
    ("yaw", "pitch", "expected"),
    [(40.0, 0.0, None), (-41.0, 0.0, Absence.TURNED_AWAY), (0.0, 35.0, None), (0.0, -36.0, Absence.TURNED_AWAY)],
)
def test_whoever_looks_away_does_not_take_part(yaw: float, pitch: float, expected: Absence | None) -> None:
    """A head turned beyond the limits belongs to somebody who goes by; a gaze is never asked for."""
    assert _why(pose=Pose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=0.0)) is expected


@pytest.mark.parametrize(("signed", "expected"), [(False, Absence.NO_SIGN), (True, None)])
def test_where_a_sign_is_asked_for_nobody_takes_part_without_one(*, signed: bool, expected: Absence | None) -> None:
    """A door with a button waits for it."""
    assert _why(Zone(sign_needed=True), signed=signed) is expected


@pytest.mark.parametrize("corners", [(), ((0.0, 0.0), (1.0, 1.0)), ((0.0, 0.0), (2.0, 0.0), (1.0, 1.0))])
def test_a_zone_is_an_area_of_the_picture(corners: tuple[tuple[float, float], ...]) -> None:
    """Fewer than three corners, or one outside the picture, is no zone."""
    with pytest.raises(ValueError, match="corners: expected three or more"):
        Zone(corners=corners)


def test_a_zone_may_have_any_shape() -> None:
    """A point in the notch of an L is outside."""
    zone = Zone(corners=((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0)))
    assert [zone.contains(*point) for point in ((0.75, 0.25), (0.25, 0.75), (0.75, 0.75))] == [True, True, False]
