"""`limen anonymise` from end to end: faces gone for the project's own detector, one report, errors in one line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.bootstrap import DOOR, PICTURES, build_vision
from limen.frames.drawn import STRANGER, draw_face
from limen.frames.sources import open_source
from limen.settings import load_settings
from support.cli import limen
from support.clock import FakeClock
from support.videos import drawn_scene, write_video


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture of two people, and a video with sound of one who walks."""
    (tmp_path / "in" / "films").mkdir(parents=True)
    pair = np.hstack([draw_face(STRANGER, side_px=256), draw_face(STRANGER, side_px=256, seed=2)])
    cv2.imwrite(str(tmp_path / "in" / "pair.jpg"), pair)
    write_video(tmp_path / "in" / "films" / "walk.mp4", [drawn_scene(20 * n) for n in range(8)], rate=10, sound=True)
    return tmp_path / "in"


def test_no_face_is_found_afterwards(folder: Path, tmp_path: Path) -> None:
    """Every frame and picture of a folder showed a face before and shows none after, in the door's way or the other."""
    answer = limen("anonymise", folder, tmp_path / "out", data=tmp_path / "none")
    assert answer.code == 0
    assert [(item["frames"], item["faces"]) for item in answer.document["files"]] == [(8, 1), (1, 2)]
    assert answer.document["failed"] == []
    for options in (DOOR, PICTURES):
        vision = build_vision(load_settings(tmp_path / "none"), None, options=options)
        for place, expected in ((folder, 1), (tmp_path / "out", 0)):
            for spec in (place, place / "films" / "walk.mp4"):
                source = open_source(str(spec), clock=FakeClock())
                counts = {min(1, len(vision.detect(frame))) for frame in source.frames()}
                source.close()
                assert counts == {expected}


def test_one_broken_file_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    """Of a folder, what can be read is done; what cannot is named, and the exit code is 2."""
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "films" / "broken.mkv").write_bytes(b"no film")
    answer = limen("anonymise", folder, tmp_path / "out", data=tmp_path / "none")
    assert answer.code == 2
    assert len(answer.document["files"]) == 2
    assert {Path(item["in"]).name for item in answer.document["failed"]} == {"broken.jpg", "broken.mkv"}
    assert not list((tmp_path / "out").rglob("*broken*"))


def test_the_file_itself_is_refused(folder: Path, tmp_path: Path) -> None:
    """IN as OUT is misuse, told in one line."""
    answer = limen("anonymise", folder / "pair.jpg", folder / "pair.jpg", data=tmp_path / "none")
    assert (answer.code, answer.document["error"]["code"]) == (2, "capture")
