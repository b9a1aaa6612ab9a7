"""`limen thermal` and `limen evaluate temperature` as people use them, on files made up byte by byte."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.thermal.board import Board
from limen.thermal.rig_file import read_rig
from limen.thermal.simulator import standard_rig
from support.cli import limen
from support.thermal_files import as_jpeg, as_tiff, make_fff, ramp

_LEPTON = ("--scale", "0.01")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A radiometric JPEG of a rising ramp."""
    path = tmp_path / "ramp.jpg"
    path.write_bytes(as_jpeg(make_fff(ramp())))
    return path


def _kelvin(path: Path, spots: dict[tuple[int, int, int], float]) -> Path:
    """A 16-bit TIFF in hundredths of a kelvin: 24 °C and discs (x, y, radius) of other temperatures."""
    rows, columns = np.mgrid[0:120, 0:160]
    map_c = np.full(rows.shape, 24.0)
    for (x, y, radius), value in spots.items():
        map_c[np.hypot(columns - x, rows - y) <= radius] = value
    path.write_bytes(as_tiff(np.rint((map_c + 273.15) * 100).astype(np.uint16)))
    return path


def test_read_says_lowest_highest_and_a_point(file: Path, tmp_path: Path) -> None:
    """Size, range, a point and the camera's settings; the picture has a colour bar and is larger than the file's."""
    answer = limen("thermal", "read", file, "--point", "31,23", "--out", tmp_path / "map.png")
    assert answer.code == 0
    document = answer.document
    assert (document["width_px"], document["height_px"], document["maximum_at"]) == (32, 24, [31, 23])
    assert document["minimum_c"] < document["median_c"] < document["maximum_c"] == document["point"]["c"]
    assert document["scene"]["emissivity"] == 0.95
    picture = cv2.imread(str(tmp_path / "map.png"))
    assert picture is not None
    assert picture.shape[0] >= 360


def test_read_for_skin_is_warmer_than_for_a_black_body(file: Path) -> None:
    """The camera's emissivity can be replaced; a body that radiates less must be warmer to look the same."""
    lowest = [limen("thermal", "read", file, "--emissivity", value).document["maximum_c"] for value in ("0.98", "1.0")]
    assert lowest[0] > lowest[1]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (("--point", "32,0"), "not in a picture of 32x24"),
        (("--point", "here"), "expected 2 numbers"),
        (("--out", "none/map.png"), "cannot be written"),
    ],
)
def test_read_refuses_in_one_line(file: Path, extra: tuple[str, ...], message: str) -> None:
    """Points outside, words for numbers and folders that are not there are misuse, with advice."""
    answer = limen("thermal", "read", file, *extra)
    assert answer.code == 2
    assert message in answer.document["error"]["message"]
    assert answer.document["error"]["advice"]


def test_read_wants_the_scale_of_a_tiff(tmp_path: Path) -> None:
    """A 16-bit TIFF is refused without a scale and read with one."""
    path = _kelvin(tmp_path / "a.tiff", {(80, 60, 15): 36.0})
    assert limen("thermal", "read", path).code == 2
    assert limen("thermal", "read", path, *_LEPTON).document["maximum_c"] == pytest.approx(36.0, abs=0.02)


def test_check_accepts_a_site_that_reads_right(tmp_path: Path) -> None:
    """Five settings of a second source, corrected by the first: accepted, even if the camera reads 0.8 °C too much."""
    first, second = (120, 30, 14), (50, 70, 12)
    files = []
    for step in (34, 36, 37, 38, 39):
        path = _kelvin(tmp_path / f"{step}.tiff", {first: 36.8, second: step + 0.8})
        files.append(f"{path}={step}")
    spots = ("--second", "50,70,9", "--blackbody", "120,30,14,36", "--emissivity", "1.0", *_LEPTON)
    answer = limen("thermal", "check", *files, *spots)
    assert (answer.code, answer.document["accepted"]) == (0, True)
    assert limen("thermal", "check", *files[1:], *spots).code == 1
    assert limen("thermal", "check", *files, "--second", "50,70,9", "--emissivity", "1.0", *_LEPTON).code == 1


def test_check_says_when_the_first_source_is_missing(tmp_path: Path) -> None:
    """A reference source that is not where it was said to be is an error, not an offset."""
    path = _kelvin(tmp_path / "36.tiff", {(50, 70, 12): 36.0})
    answer = limen("thermal", "check", f"{path}=36", "--second", "50,70,9", "--blackbody", "120,30,14,36", *_LEPTON)
    assert answer.code == 2
    assert "no blackbody of 36 °C at 120,30" in answer.document["error"]["message"]


def test_calibrate_says_what_it_misses(tmp_path: Path) -> None:
    """An empty folder is an error that names the files expected."""
    lenses = ("--visible-view", "66", "--thermal-view", "30")
    answer = limen("thermal", "calibrate", tmp_path, "--out", tmp_path / "rig.json", *lenses)
    assert answer.code == 2
    assert "NAME_rgb.png" in answer.document["error"]["advice"]


def _board_pictures(folder: Path, *, mixed_up: bool = False) -> None:
    """Pairs of pictures of a board before the simulator's cameras; mixed up, the thermal ones are of other moments."""
    board, rig, rng, scale = Board(), standard_rig(), np.random.default_rng(5), 2000.0
    dictionary = cv2.aruco.getPredefinedDictionary(board.dictionary)
    side, edge = round(scale * board.marker_m), 0.03
    sheet = np.full((round(scale * 0.30), round(scale * 0.24)), 255, dtype=np.uint8)
    for marker in range(1, 13):
        x, y = np.rint(scale * (board.corners_m(marker)[0, :2] + edge)).astype(int)
        sheet[y : y + side, x : x + side] = cv2.aruco.generateImageMarker(dictionary, marker, side)
    to_board = np.array([[1 / scale, 0, 0.5 / scale - edge], [0, 1 / scale, 0.5 / scale - edge], [0, 0, 1.0]])
    for number in range(4):
        turn = np.asarray(cv2.Rodrigues(rng.uniform(-0.4, 0.4, 3))[0])
        place = np.array([-0.085, -0.11, rng.uniform(0.7, 0.95)])
        thermal = np.c_[rig.rotation @ turn[:, :2], rig.rotation @ place + rig.translation_m]
        named = (number + 2 * mixed_up) % 4
        for name, pose, matrix, size in (
            (f"{number}_rgb", np.c_[turn[:, :2], place], rig.visible_matrix, rig.visible_size_px),
            (f"{named}_thermal", thermal, rig.thermal_matrix, rig.thermal_size_px),
        ):
            picture = cv2.warpPerspective(sheet, matrix @ pose @ to_board, size, flags=cv2.INTER_AREA, borderValue=200)
            cv2.imwrite(str(folder / f"{name}.png"), picture)


@pytest.mark.parametrize("mixed_up", [False, True])
def test_calibrate_writes_a_good_rig_and_no_other(tmp_path: Path, *, mixed_up: bool) -> None:
    """From pictures of a board the rig is found and written; from pairs that do not belong together nothing is."""
    _board_pictures(tmp_path, mixed_up=mixed_up)
    rig = tmp_path / "rig.json"
    lenses = ("--visible-view", "66", "--thermal-view", "29.5")
    answer = limen("thermal", "calibrate", tmp_path, "--out", rig, *lenses)
    assert (answer.code, answer.document["good"], rig.exists()) == ((1, False, False) if mixed_up else (0, True, True))
    if not mixed_up:
        assert answer.document["rms_px"] < 1.0
        assert np.linalg.norm(read_rig(rig).translation_m - standard_rig().translation_m) < 0.05


@pytest.mark.parametrize(
    "wrong", [("--visible-view", "nan"), ("--thermal-view", "0"), ("--marker", "0"), ("--gap", "inf")]
)
def test_a_lens_or_board_that_cannot_be_is_misuse(tmp_path: Path, wrong: tuple[str, str]) -> None:
    """Angles and lengths have limits; nothing is computed beyond them."""
    lenses = {"--visible-view": "66", "--thermal-view": "30"} | {wrong[0]: wrong[1]}
    options = [word for pair in lenses.items() for word in pair]
    assert limen("thermal", "calibrate", tmp_path, "--out", tmp_path / "rig.json", *options).code == 2


def test_evaluate_temperature_reports(tmp_path: Path) -> None:
    """The keys of the report, on a table of four visits."""
    table = tmp_path / "table.csv"
    rows = ["38.2,24,37,37,37", "37.6,24,35.5,35.5,35.5", "36.8,24,36.3,36.3,", "36.6,29,36.4,36.4,36.4"]
    table.write_text("\n".join(["aveOralM,T_atm,canthi4Max1,canthi4Max2,canthi4Max3", *rows]), "utf-8")
    answer = limen("evaluate", "temperature", "--table", table)
    assert answer.code == 0
    keys = {"n", "n_febrile", "auc", "threshold_c", "sensitivity", "specificity", "mae_c"}
    assert keys <= set(answer.document)
    assert limen("evaluate", "temperature", "--table", tmp_path / "none.csv").code == 2
