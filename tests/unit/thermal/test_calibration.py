"""Facts about boards, rig files, acceptance tests and blackbodies."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.core.errors import CaptureError, ConfigError
from limen.core.thermal import NoReading
from limen.thermal.acceptance import STEPS_C, check_spot, passed
from limen.thermal.blackbody import BlackbodySetting, BlackbodyTracker
from limen.thermal.board import Board, BoardView, Lens, find_markers, rig_from_boards
from limen.thermal.picture import thermal_picture
from limen.thermal.rig_file import read_rig, write_rig
from limen.thermal.simulator import standard_rig
from support.thermal import AT

_BOARD = Board()
_VISIBLE, _THERMAL = Lens(size_px=(1280, 720), view_deg=66.0), Lens(size_px=(320, 240), view_deg=29.5)
_REGISTRATION = Path(__file__).parents[4] / "shared" / "data" / "thermal" / "registration"


def _views(count: int, *, noise_px: float) -> list[BoardView]:
    """A board before the standard rig, turned and placed differently."""
    rng, rig = np.random.default_rng(4), standard_rig()
    views = []
    for number in range(count):
        turn, _ = cv2.Rodrigues(rng.uniform(-0.5, 0.5, 3))
        place = np.array([-0.09, -0.12, rng.uniform(0.7, 1.3)])
        seen: list[dict[int, np.ndarray]] = [{}, {}]
        for marker in range(1, 13):
            space = _BOARD.corners_m(marker) @ turn.T + place
            thermal = space @ rig.rotation.T + rig.translation_m
            for image, (points, matrix) in enumerate([(space, rig.visible_matrix), (thermal, rig.thermal_matrix)]):
                pixels = points @ matrix.T
                seen[image][marker] = pixels[:, :2] / pixels[:, 2:] + rng.normal(0.0, noise_px, (4, 2))
        views.append(BoardView(name=str(number), visible=seen[0], thermal=seen[1]))
    return views


def test_a_rig_is_found_from_boards() -> None:
    """Ten boards with a third of a pixel of noise give a rig that foretells one it has not seen to a pixel."""
    calibrated = rig_from_boards(_views(10, noise_px=0.3), _BOARD, visible=_VISIBLE, thermal=_THERMAL)
    assert calibrated.rms_px < 0.8
    assert all(error is not None and error < 1.2 for error in calibrated.left_out_px.values())


def test_too_few_boards_are_refused() -> None:
    """Two views do not tell a lens from a distance; the message says what was seen and what to do."""
    with pytest.raises(
        CaptureError, match=r"2 usable views of the board, expected 3 \(markers in both: 0: 12, 1: 12\)"
    ):
        rig_from_boards(_views(2, noise_px=0.1), _BOARD, visible=_VISIBLE, thermal=_THERMAL)


@pytest.mark.parametrize("inverted", [False, True])
def test_markers_are_found_dark_on_light_and_light_on_dark(*, inverted: bool) -> None:
    """A printed board is dark on light; warmed, ink is the brighter part in the infrared."""
    dictionary = cv2.aruco.getPredefinedDictionary(_BOARD.dictionary)
    picture = np.full((400, 320), 255, dtype=np.uint8)
    for number in range(12):
        row, column = divmod(number, 3)
        marker = np.asarray(cv2.aruco.generateImageMarker(dictionary, number + 1, 60), dtype=np.uint8)
        picture[30 + 85 * row : 90 + 85 * row, 40 + 85 * column : 100 + 85 * column] = marker
    found = find_markers(np.asarray(255 - picture if inverted else picture, dtype=np.uint8), _BOARD)
    assert set(found) == set(range(1, 13))


@pytest.mark.skipif(not _REGISTRATION.is_dir(), reason="the board pictures of shared data are not on this machine")
def test_real_boards_are_found_in_both_images() -> None:
    """In real pairs of pictures at least six markers are found in colour and in heat."""
    for path in sorted(_REGISTRATION.glob("*_rgb.png")):
        for kind in ("rgb", "thermal"):
            picture = cv2.imread(str(path).replace("rgb", kind))
            assert picture is not None
            assert len(find_markers(np.asarray(picture, dtype=np.uint8), _BOARD)) >= 6


def test_a_rig_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Every number comes back; nothing temporary stays."""
    write_rig(standard_rig(), tmp_path / "rig.json")
    read = read_rig(tmp_path / "rig.json")
    np.testing.assert_array_equal(read.rotation, standard_rig().rotation)
    assert read.thermal_size_px == (320, 240)
    assert [path.name for path in tmp_path.iterdir()] == ["rig.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"rotation": [[1, 0], [0, 1]]},
        {"translation_m": "near"},
        {"visible_size_px": [1]},
        {"rotation": None},
    ],
)
def test_a_wrong_rig_file_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    """Another format or a field that is no rig is a ConfigError that names the file."""
    write_rig(standard_rig(), tmp_path / "rig.json")
    document = json.loads((tmp_path / "rig.json").read_text("utf-8")) | change
    (tmp_path / "rig.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(ConfigError, match=r"rig\.json"):
        read_rig(tmp_path / "rig.json")


def _spot(value: float, *, spread: float = 0.02) -> np.ndarray:
    rows, columns = np.mgrid[0:120, 0:160]
    noise = np.random.default_rng(0).normal(0.0, spread, rows.shape)
    warm = np.hypot(columns - 80, rows - 60) <= 20
    return np.asarray(np.where(warm, value, 24.0) + noise, dtype=np.float32)


def test_acceptance_takes_every_step_within_half_a_degree() -> None:
    """All five settings, each near enough and even: accepted; one missing, off or uneven: not."""
    good = [check_spot(_spot(step + 0.2), centre_px=(80, 60), radius_px=15, set_c=step) for step in STEPS_C]
    assert passed(good)
    assert not passed(good[1:])
    for wrong in (_spot(STEPS_C[0] + 0.7), _spot(STEPS_C[0], spread=0.2)):
        check = check_spot(wrong, centre_px=(80, 60), radius_px=15, set_c=STEPS_C[0])
        assert not passed([check, *good[1:]])


def _tracker(radius_px: float = 20.0) -> BlackbodyTracker:
    setting = BlackbodySetting(centre_px=(80.0, 60.0), radius_px=radius_px, set_c=36.0, emissivity=0.98)
    return BlackbodyTracker(setting, seen_with=0.98)


def test_the_offset_is_what_the_source_reads_too_little() -> None:
    """A source that reads 35.4 of its 36 degrees means 0.6 to be added."""
    tracker = _tracker()
    for number in range(5):
        tracker.add(_spot(35.4), room_c=24.0, at=AT + timedelta(seconds=number / 9))
    assert tracker.offset_k(at=AT + timedelta(seconds=4 / 9)) == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize(
    "picture",
    [_spot(33.0), _spot(24.0), _spot(35.8, spread=0.3), np.roll(_spot(35.8), 12, axis=1), np.full((120, 160), np.nan)],
    ids=["far off", "switched off", "uneven", "moved", "nothing"],
)
def test_a_source_that_is_not_in_order_gives_no_offset(picture: np.ndarray) -> None:
    """Too far off, off, uneven or moved: no offset, so no absolute reading."""
    tracker = _tracker()
    tracker.add(picture.astype(np.float32), room_c=24.0, at=AT)
    assert tracker.offset_k(at=AT) is NoReading.BLACKBODY_INVALID


def test_a_small_source_is_not_enough() -> None:
    """Fewer than 300 pixels do not average the camera's own pattern away."""
    tracker = _tracker(radius_px=8.0)
    tracker.add(_spot(35.8), room_c=24.0, at=AT)
    assert tracker.offset_k(at=AT) is NoReading.BLACKBODY_INVALID


def test_a_shutter_is_waited_for() -> None:
    """A jump means that the camera has set itself anew: two seconds without an offset, then a new one."""
    tracker = _tracker()
    found = []
    for number in range(40):
        at = AT + timedelta(seconds=number / 9)
        tracker.add(_spot(35.8 if number < 10 else 35.5), room_c=24.0, at=at)
        found.append(tracker.offset_k(at=at))
    assert found[9] == pytest.approx(0.2, abs=0.02)
    assert found[10:27] == [NoReading.SHUTTER] * 17
    assert found[-1] == pytest.approx(0.5, abs=0.02)


def test_an_old_offset_is_not_used() -> None:
    """A source that has not been seen for a second gives no offset."""
    tracker = _tracker()
    tracker.add(_spot(35.8), room_c=24.0, at=AT)
    assert tracker.offset_k(at=AT + timedelta(seconds=2)) is NoReading.BLACKBODY_INVALID


def test_a_picture_has_a_bar_and_shows_unknown_pixels_black() -> None:
    """A map is enlarged to be seen, with a bar beside it; where there is no temperature there is no colour."""
    map_c = _spot(36.0)
    map_c[0, 0] = np.nan
    picture = thermal_picture(map_c, mark=(80, 60))
    assert picture.shape[0] >= 360
    assert picture.shape[1] > picture.shape[0] * 160 / 120
    assert picture[0, 0].tolist() == [0, 0, 0]
