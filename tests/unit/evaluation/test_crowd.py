"""Faces in crowds: matched one to one, counted by width, and boxes that are none named with their line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.core.errors import ConfigError
from limen.core.face import Box
from limen.evaluation.crowd import Looked, TrueBox, crowd_report, matched, overlap, read_boxes, run_crowd
from limen.evaluation.pictures import PictureSet
from support.vision import FakeVision, make_face, unit


def box(x: float, y: float, width: float, *, height: float | None = None) -> Box:
    """A box; square unless a height is given."""
    return Box(x_px=x, y_px=y, width_px=width, height_px=width if height is None else height)


def true(x: float, width: float, label: str = "with_mask") -> TrueBox:
    """A marked face at the upper border."""
    return TrueBox(box=box(x, 0, width), label=label)


boxes = st.builds(box, st.floats(0, 50), st.floats(0, 50), st.floats(1, 50), height=st.floats(1, 50))


def test_overlap_by_hand() -> None:
    """Half of a square on its neighbour is a third of both; apart and touching is nothing; the same is all."""
    assert overlap(box(0, 0, 10), box(5, 0, 10)) == pytest.approx(1 / 3, abs=1e-12)
    assert overlap(box(0, 0, 10), box(10, 0, 10)) == overlap(box(0, 0, 10), box(30, 30, 10)) == 0.0
    assert overlap(box(0, 0, 10), box(0, 0, 10)) == 1.0


@given(one=boxes, other=boxes)
def test_overlap_is_a_share_either_way(one: Box, other: Box) -> None:
    """It lies within 0 to 1 and does not depend on which box comes first."""
    assert 0.0 <= overlap(one, other) <= 1.0 + 1e-12
    assert overlap(one, other) == pytest.approx(overlap(other, one))


@given(found=st.lists(boxes, max_size=6), truth=st.lists(boxes, max_size=6))
def test_each_face_is_found_once(found: list[Box], truth: list[Box]) -> None:
    """No detection finds two faces, no face is found twice, and all that are matched overlap enough."""
    pairs = matched(found, truth)
    assert len(set(pairs.values())) == len(pairs)
    assert all(overlap(found[place], truth[other]) >= 0.4 for place, other in pairs.items())


def test_the_surest_detection_chooses_first() -> None:
    """Two detections of one face: the first finds it, the second is a false one."""
    assert matched([box(1, 0, 10), box(0, 0, 10)], [box(0, 0, 10)]) == {0: 0}
    assert matched([], [box(0, 0, 10)]) == matched([box(0, 0, 10)], []) == {}


def test_a_crowd_counted_by_hand() -> None:
    """Three faces, two found, one detection on nothing; a picture that failed keeps its face in the denominator."""
    report = crowd_report(
        [
            Looked(
                truth=(true(0, 10), true(100, 30, "without_mask"), true(200, 100)),
                found=(box(200, 0, 90), box(101, 0, 30), box(400, 0, 15)),
            ),
            Looked(truth=(true(0, 30),), found=(), failed=True),
        ]
    )
    assert (report["n"], report["n_failed"]) == (2, 1)
    assert (report["recall"], report["recall_counts"]) == (0.5, {"errors": 2, "trials": 4})
    assert (report["precision"], report["precision_counts"]) == (2 / 3, {"errors": 1, "trials": 3})
    assert report["recall_by_width"] == {
        "under 12 px": 0.0,
        "12 to 20 px": None,
        "20 to 40 px": 0.5,
        "40 to 80 px": None,
        "80 px and more": 1.0,
    }
    assert report["precision_by_width"]["12 to 20 px"] == 0.0
    assert report["recall_by_label"] == {"with_mask": 1 / 3, "without_mask": 1.0}
    assert report["recall_interval"][0] < 0.5 < report["recall_interval"][1]


def test_no_picture_at_all() -> None:
    """Nothing to count gives no rates and no exception."""
    report = crowd_report([])
    assert report["recall"] is report["precision"] is report["recall_interval"] is None


def test_pictures_are_looked_at_and_nobody_is_embedded(tmp_path: Path) -> None:
    """One of two faces is found, an unreadable picture is counted, and no probe is made of anybody."""
    encoded = cv2.imencode(".png", np.full((240, 320, 3), 128, dtype=np.uint8))[1].tobytes()
    (tmp_path / "a.png").write_bytes(encoded)
    (tmp_path / "b.png").write_bytes(b"no picture")
    vision = FakeVision()
    vision.shows(unit(1), source="a.png")
    face = make_face(x_px=120.0).box
    truth = {
        "a.png": (TrueBox(box=face, label="x"), true(250, 20, "x")),
        "b.png": (true(0, 20, "x"),),
    }
    told: list[int] = []
    report = run_crowd(truth, PictureSet([tmp_path]), vision=vision, threads=2, progress=told.append)
    assert report["recall_counts"] == {"errors": 2, "trials": 3}
    assert (report["n_failed"], vision.given, told[-1]) == (1, [], 2)


def test_boxes_are_read(tmp_path: Path) -> None:
    """Columns may stand in any order among others; a picture may have several boxes."""
    path = tmp_path / "boxes.csv"
    path.write_text("label,file,xmin,ymin,xmax,ymax,z\na,./1.jpg,1,2,11,22,\nb,1.jpg,0,0,5,5,\n", "utf-8")
    assert read_boxes(path) == {
        "1.jpg": (TrueBox(box=box(1, 2, 10, height=20), label="a"), TrueBox(box=box(0, 0, 5), label="b"))
    }


def test_boxes_may_be_given_by_their_size(tmp_path: Path) -> None:
    """A corner, width and height do as well, and a label need not be there."""
    path = tmp_path / "boxes.csv"
    path.write_text("file,x,y,w,h,truth\n1.jpg,1,2,10,20,gt\n", "utf-8")
    assert read_boxes(path) == {"1.jpg": (TrueBox(box=box(1, 2, 10, height=20), label=""),)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,x,y,w,h\na,0,0,5,-1\n", "line 2: no picture, or not a box"),
        ("", "no column file, xmax"),
        ("file,xmin,ymin,xmax,ymax,label\n", "no boxes"),
        ("file,xmin,ymin,xmax,ymax,label\n,0,0,1,1,a\n", "line 2: no picture, or not a box"),
        ("file,xmin,ymin,xmax,ymax,label\na,0,0,0,1,a\n", "line 2: no picture, or not a box"),
        ("file,xmin,ymin,xmax,ymax,label\na,0,0,nan,1,a\n", "line 2: no picture, or not a box"),
        ("file,xmin,ymin,xmax,ymax,label\na,0,0,x,1,a\n", "line 2: no picture, or not a box"),
        ("file,xmin,ymin,xmax,ymax,label\na,0,0\n", "line 2: no picture, or not a box"),
        ("file,xmin,ymin,xmax,ymax,label\n../a,0,0,1,1,a\n", "leads out of the set"),
    ],
)
def test_mistakes_in_boxes_are_named(tmp_path: Path, text: str, message: str) -> None:
    """Each is told with the file and the line."""
    path = tmp_path / "boxes.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        read_boxes(path)


def test_no_file(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_boxes(tmp_path / "none.csv")
