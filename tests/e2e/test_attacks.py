"""`limen evaluate attacks` on drawn faces: presentations are counted, and no rate is made up."""

from __future__ import annotations

from pathlib import Path

import cv2

from limen.evaluation.speed import door_frame
from limen.frames.drawn import PERSON, draw_face
from support.cli import limen


def test_without_a_liveness_model_attacks_are_counted_and_refused(tmp_path: Path) -> None:
    """Each species and the bona fide pictures are counted, every rate is null, and the exit code is 1."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("honest.png", "print.png"):
        cv2.imwrite(str(folder / name), door_frame(draw_face(PERSON)).pixels)
    labels = tmp_path / "labels.csv"
    labels.write_text("file,label\nhonest.png,bona_fide\nprint.png,print\n", "utf-8")
    answer = limen("evaluate", "attacks", "--images", folder, "--labels", labels)
    assert answer.code == 1
    assert answer.document["apcer"] == {"print": {"n": 1, "rate": None}}
    assert answer.document["bpcer"] == {"n": 1, "rate": None}
    assert answer.document["fta"]["failed"] == 0
    assert "no liveness model" in answer.document["says"]


def test_labels_that_do_not_fit_are_misuse(tmp_path: Path) -> None:
    """A picture that is not there is one line and exit code 2."""
    labels = tmp_path / "labels.csv"
    labels.write_text("file,label\nnone.png,print\n", "utf-8")
    assert limen("evaluate", "attacks", "--images", tmp_path, "--labels", labels).code == 2
