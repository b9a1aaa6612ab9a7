"""The mask-state report: counted by hand, and labels that cannot be used are named with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.core.probe import MaskState
from limen.evaluation.masks import masks_report, read_mask_labels

NONE, INCORRECT, WORN = MaskState.NONE, MaskState.INCORRECT, MaskState.WORN


def test_a_small_set_counted_by_hand() -> None:
    """Four worn (one unsure, one without a face), two bare, one worn wrong that reads as worn."""
    report = masks_report(
        [
            (WORN, "worn"),
            (WORN, "worn"),
            (WORN, "unsure"),
            (WORN, "fta"),
            (NONE, "none"),
            (NONE, "none"),
            (INCORRECT, "worn"),
        ]
    )
    assert report["n"] == 7
    assert report["fta"] == {"images": 7, "failed": 1, "rate": 1 / 7}
    assert report["confusion"]["worn"] == {"none": 0, "incorrect": 0, "worn": 2, "unsure": 1, "fta": 1}
    assert report["recall"] == {"none": 1.0, "incorrect": 0.0, "worn": 0.5}
    assert report["macro_recall"] == 0.5
    assert report["balanced_accuracy_worn_none"] == 0.75


def test_without_one_label_there_is_no_mean() -> None:
    """A mean over three recalls of which one is unknown is unknown."""
    report = masks_report([(WORN, "worn"), (NONE, "none")])
    assert report["recall"]["incorrect"] is None
    assert report["macro_recall"] is None
    assert report["balanced_accuracy_worn_none"] == 1.0


def test_nothing_at_all() -> None:
    """No pictures give no rates and no exception."""
    report = masks_report([])
    assert (report["n"], report["fta"]["rate"], report["macro_recall"]) == (0, None, None)


def test_labels_are_read(tmp_path: Path) -> None:
    """Columns may stand in any order among others."""
    path = tmp_path / "labels.csv"
    path.write_text("source,label,file\nx,with_mask,a.jpg\ny,without_mask,b/c.jpg\nz,worn_wrong,d.jpg\n", "utf-8")
    assert read_mask_labels(path) == {"a.jpg": WORN, "b/c.jpg": NONE, "d.jpg": INCORRECT}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column"),
        ("file,kind\na.jpg,with_mask\n", "line 1: no column label"),
        ("file,label\na.jpg,masked\n", "line 2: unknown label 'masked'"),
        ("file,label\na.jpg\n", "line 2: unknown label"),
        ("file,label\n", "no labels"),
        ("file,label\n../a.jpg,with_mask\n", "cannot be read"),
    ],
)
def test_unusable_labels(tmp_path: Path, text: str, message: str) -> None:
    """What is wrong is said with file and line."""
    path = tmp_path / "labels.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        read_mask_labels(path)


def test_no_file(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_mask_labels(tmp_path / "none.csv")
