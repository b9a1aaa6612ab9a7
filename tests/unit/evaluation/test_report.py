"""The report: every number with its counts, what no error proves, how it was made, and never a picture."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limen.core.errors import ConfigError
from limen.core.probe import MaskState
from limen.evaluation.curves import identification_curves, verification_curves
from limen.evaluation.identification import MatedProbes, identification_report
from limen.evaluation.masks import masks_report
from limen.evaluation.rates import Rate
from limen.evaluation.report import evaluation_report, provenance, read_result, rows_of
from limen.evaluation.verification import verification_report
from limen.vision.manifest import bundled_cards
from support.calibrations import make_calibration

TODAY = date(2026, 11, 23)


def verification() -> dict[str, Any]:
    """A small verification document with curves and provenance, as it comes out of a file."""
    rng = np.random.default_rng(0)
    mated, nonmated = rng.normal(4, 1, 200), rng.normal(0, 1, 2000)
    values = np.concatenate([mated, nonmated])
    report = verification_report(
        values,
        np.arange(values.size) < mated.size,
        failed=np.zeros(values.size, dtype=np.bool_),
        acquisition=Rate(errors=0, trials=300),
        model_id="test-model@0",
        seconds=1.0,
    )
    return {
        **report,
        "error_versus_discard": {"0": 0.02, "0.1": 0.01},
        "curves": verification_curves(mated, nonmated, points={"FMR 1e-3": 3.0}, scale="made up"),
        "provenance": provenance(
            ["limen", "evaluate", "verification", "--images", "a b.tar"],
            cards=bundled_cards().values(),
            calibration=make_calibration(),
            seeds={"bootstrap": 20260101},
            caveats=["Pictures of <nobody>."],
        ),
    }


def rendered(*documents: dict[str, Any]) -> str:
    """The page of documents that went through JSON."""
    return evaluation_report([json.loads(json.dumps(document)) for document in documents], made_on=TODAY)


def test_a_report_says_how_it_was_made() -> None:
    """Command, versions, digest and licence of every model, calibration, seeds, caveats and day are in the page."""
    page = unescape(rendered(verification()))
    assert "limen evaluate verification --images 'a b.tar'" in page
    for card in bundled_cards().values():
        assert card.sha256 in page
        assert card.licence in page
    for words in ("numpy 2", "onnxruntime 1", "bootstrap 20260101", "Pictures of <nobody>.", "2026-11-23", "made up"):
        assert words in page
    assert "calibrated 2026-11-22 on nothing: made up" in page


def test_a_report_has_counts_intervals_and_what_no_error_proves() -> None:
    """A rate stands beside its counts, and no failure among 300 pictures is not sold as none ever."""
    page = unescape(rendered(verification()))
    assert "0 wrong of 300" in page
    assert "0 % to 1.00 %" in page
    assert "no error was seen in 300 trials" in page
    assert "up to 1.00 % would be compatible" in page


def test_a_report_holds_no_picture_and_loads_nothing() -> None:
    """There is no picture, script, link or frame in the page, and its policy lets the browser load nothing."""
    page = rendered(verification())
    assert re.findall(r"<(?:img|image|script|iframe|object|embed|link|video|a)\b|data:|url\(|\bsrc=|href=", page) == []
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert page.count("<svg") == 3


def test_several_results_make_one_page() -> None:
    """Verification, identification and masks stand under headings of their own, with their plots."""
    mated = MatedProbes(own=np.array([5.0, 4.0, 1.0]), ranks=np.array([1, 1, 2]))
    top = np.linspace(0, 3, 200)
    identification = {
        **identification_report(mated, top, n_gallery=3, acquisition=Rate(errors=0, trials=9)),
        "curves": identification_curves(mated, top, points={"FPIR 1 %": 2.9}, scale="made up"),
    }
    masks = masks_report([(MaskState.NONE, "none"), (MaskState.WORN, "unsure")])
    page = rendered(verification(), identification, masks)
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings == ["Verification: one to one", "Identification: open-set search, one to many", "Mask states"]
    assert page.count("<svg") == 3 + 3 + 1
    assert "does not say which command made it" in page


def test_words_of_a_result_are_escaped_and_others_not_shown() -> None:
    """What a file holds beside numbers and provenance is not shown; what is shown cannot become an element."""
    page = rendered({"n": 1, "note": "SECRET", "people": ["SECRET"], "model_id": "<b>x</b>", "<i>key": 2})
    assert "SECRET" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;x" in page


def test_rows_speak_of_every_number() -> None:
    """Flat and nested values, one entry for several values, nothing measurable, and refused groups."""
    rows = {
        row.measure: row
        for row in rows_of(
            {
                "n": 1234567,
                "flag": True,
                "accuracy_10fold": {"mean": 0.9972, "std": 0.0026},
                "accuracy_10fold_counts": {"errors": 7, "trials": 2460},
                "accuracy_10fold_interval": [0.9941, 0.9986],
                "tpr_at_fmr": {"1e-2": 1.0, "1e-4": None},
                "tpr_at_fmr_counts": {"1e-2": {"errors": 0, "trials": 50, "false_matches": 4}, "1e-4": None},
                "tpr_at_fmr_interval": {"1e-2": [0.94, 1.0], "1e-4": None},
                "group_refused": {"fmr A": "fewer than 10 people"},
            }
        )
    }
    assert "flag" not in rows
    assert rows["pictures"].value == "1,234,567"
    mean, deviation = rows["ten-fold accuracy, mean"], rows["ten-fold accuracy, standard deviation"]
    assert (mean.value, mean.counts) == ("99.720 %", "7 wrong of 2,460")
    assert (deviation.value, deviation.counts) == ("0.0026", "")
    assert rows["TPR at FMR 1e-2"].counts == "0 wrong of 50; false matches 4"
    assert "one up to 6.00 %" in rows["TPR at FMR 1e-2"].remark
    assert rows["TPR at FMR 1e-4"].interval == ""
    assert rows["group FMR A"].counts == "fewer than 10 people"


def test_what_no_error_proves_is_what_the_interval_says() -> None:
    """Forty pictures of ten people without an error prove what ten trials prove, in the sentence as in the table."""
    counts = {"errors": 0, "trials": 40}
    rows = rows_of({"fnir": 0.0, "fnir_counts": counts, "fnir_interval": [0.0, 0.3], "eer": 0.0, "eer_counts": counts})
    assert ["30.0 %" in row.remark or "7.50 %" in row.remark for row in rows] == [True, True]


def test_large_numbers_are_written_out() -> None:
    """A year's entries are no power of ten."""
    assert [row.value for row in rows_of({"entries_per_year": 146000.0, "refusals_per_year": 12.5})] == [
        "146,000",
        "12.5",
    ]


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0 %"), (1.0, "100 %"), (0.99996, "99.99600 %"), (0.346, "34.6 %"), (3e-5, "0.00300 %")]
)
def test_a_share_is_never_rounded_to_all(value: float, shown: str) -> None:
    """A little less than all is not shown as all, and a little more than nothing not as nothing."""
    (row,) = rows_of({"rate": value, "rate_counts": {"errors": 1, "trials": 10}})
    assert row.value == shown


def test_no_result_is_no_report() -> None:
    """Nothing to report is told."""
    with pytest.raises(ConfigError, match="no result"):
        evaluation_report([], made_on=TODAY)


@pytest.mark.parametrize(
    "document",
    [
        {"curves": {"det": {}}},
        {"curves": {"det": {"rates": ["a"], "fmr": "x"}}},
        {"curves": []},
        {"curves": {"cmc": {"trials": 3, "errors": ["x"]}}},
        {"confusion": {"none": 3}},
        {"error_versus_discard": {"a": 1, "b": 2}},
        {"provenance": {"models": [{}]}},
        {"provenance": 7},
        {"n": 1, "n_interval": ["a", "b"]},
        {"fta": {"images": 1}},
        {"rate": 0.0, "rate_counts": {"errors": 0, "trials": -1}},
    ],
)
def test_a_result_that_makes_no_sense_is_told(document: dict[str, Any]) -> None:
    """Half a result, or one of other types, is one line and no page."""
    if document.get("curves") == []:
        assert "<svg" not in rendered(document)
        return
    with pytest.raises(ConfigError, match="cannot be drawn") as caught:
        rendered(document)
    assert "\n" not in str(caught.value)


def test_a_result_is_read(tmp_path: Path) -> None:
    """What was printed with --json comes back."""
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"n": 3}), "utf-8")
    assert read_result(path) == {"n": 3}


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff\xfe", b"[" * 100_000, b"3"])
def test_what_is_no_result_is_named(tmp_path: Path, content: bytes) -> None:
    """An empty, damaged or other file is one line with its name."""
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"result\.json"):
        read_result(path)


def test_a_missing_result_is_named(tmp_path: Path) -> None:
    """No file is one line with its name."""
    with pytest.raises(ConfigError, match=r"none\.json"):
        read_result(tmp_path / "none.json")
