"""The report of presentation attacks: counted by hand, and labels that cannot be used are named with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.core.probe import Attack, Live, Undetermined
from limen.evaluation.attacks import BONA_FIDE, attacks_report, decided, read_presentations
from limen.evaluation.report import rows_of

LIVE, ATTACK, UNDECIDED = Live(), Attack(species="print"), Undetermined(reason="no model")


def test_a_small_set_counted_by_hand() -> None:
    """One of two prints passes, no replay does; of three honest people one is refused and one undecided."""
    report = attacks_report(
        [
            ("print", LIVE),
            ("print", ATTACK),
            ("replay", UNDECIDED),
            ("replay", None),
            (BONA_FIDE, LIVE),
            (BONA_FIDE, ATTACK),
            (BONA_FIDE, UNDECIDED),
        ]
    )
    assert report["apcer"] == {"print": {"n": 2, "rate": 0.5}, "replay": {"n": 1, "rate": 0.0}}
    assert report["bpcer"] == {"n": 3, "rate": 2 / 3}
    assert report["apcer_worst"] == 0.5
    assert report["fta"] == {"images": 7, "failed": 1, "rate": 1 / 7}
    assert report["apcer_counts"]["print"] == {"errors": 1, "trials": 2}
    assert decided(report)


def test_the_worst_species_counts() -> None:
    """A species that always passes is not hidden behind a hundred that never do."""
    report = attacks_report([("mask", LIVE), *[("print", ATTACK)] * 100])
    assert report["apcer_worst"] == 1.0


def test_where_nothing_was_decided_there_is_no_rate() -> None:
    """Presentations are counted per species; no rate is made up, least of all a perfect one."""
    report = attacks_report([("print", UNDECIDED), ("print", UNDECIDED), (BONA_FIDE, UNDECIDED)])
    assert report["apcer"] == {"print": {"n": 2, "rate": None}}
    assert report["bpcer"] == {"n": 1, "rate": None}
    assert report["apcer_worst"] is None
    assert not decided(report)


def test_nothing_at_all() -> None:
    """No pictures give no rates and no exception."""
    report = attacks_report([])
    assert (report["n"], report["apcer"], report["bpcer"]) == (0, {}, {"n": 0, "rate": None})


def test_a_report_has_a_line_for_each_species() -> None:
    """The page says rate and counts of every species and of honest people."""
    rows = {
        row.measure: row for row in rows_of(attacks_report([("print", LIVE), ("print", ATTACK), (BONA_FIDE, LIVE)]))
    }
    assert (rows["APCER print"].value, rows["APCER print"].counts) == ("50.0 %", "1 wrong of 2")
    assert rows["BPCER"].counts == "0 wrong of 1"
    assert rows["BPCER"].remark


def test_labels_are_read(tmp_path: Path) -> None:
    """Columns may stand in any order among others; a species may have any name."""
    path = tmp_path / "labels.csv"
    path.write_text("kind,label,file\nx,bona_fide,a.jpg\ny,print,./b//c.jpg\nz,latex-mask,d.jpg\n", "utf-8")
    assert read_presentations(path) == {"a.jpg": BONA_FIDE, "b/c.jpg": "print", "d.jpg": "latex-mask"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: no column file, label"),
        ("file,label\n", "no labels"),
        ("file,label\na.jpg,\n", "line 2: unknown label"),
        ("file,label\na.jpg,Print Out\n", "line 2: unknown label"),
        ("file,label\na.jpg\n", "line 2: unknown label"),
        ("file,label\n../a.jpg,print\n", "leads out of the set"),
        ("file,label\na.jpg,print\na.jpg,replay\n", "line 3: this picture has two labels"),
    ],
)
def test_labels_that_cannot_be_used_are_named(tmp_path: Path, text: str, message: str) -> None:
    """The file, the line and the cause stand in one sentence."""
    path = tmp_path / "labels.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message):
        read_presentations(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    """No file, no labels."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_presentations(tmp_path / "none.csv")
