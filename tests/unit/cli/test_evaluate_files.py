"""`limen evaluate import` and `report`: files in, files out, no model needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.cli import limen


def _folders(folder: Path) -> Path:
    for person in range(6):
        for picture in range(1 + person % 3):
            place = folder / "pictures" / f"p{person}" / f"{picture}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"")
    return folder / "pictures"


def test_a_folder_becomes_both_protocols(tmp_path: Path) -> None:
    """Pairs and an open set are written, and the answer counts them."""
    answer = limen(
        "evaluate",
        "import",
        "--folders",
        _folders(tmp_path),
        "--pairs",
        tmp_path / "p.csv",
        "--open-set",
        tmp_path / "o",
    )
    assert answer.code == 0
    assert answer.document["pairs"] == len((tmp_path / "p.csv").read_text("utf-8").splitlines()) - 1
    assert len(json.loads((tmp_path / "o").read_text("utf-8"))["gallery"]) == answer.document["enrolled"]


def test_a_list_of_lfw_becomes_pairs(tmp_path: Path) -> None:
    """LFW's rows come out as limen's."""
    (tmp_path / "pairs.txt").write_text("1\nA 1 2\nA 1 B 1\n", "utf-8")
    answer = limen("evaluate", "import", "--lfw", tmp_path / "pairs.txt", "--pairs", tmp_path / "p.csv")
    assert (answer.code, answer.document) == (0, {"pairs": 2})
    assert (tmp_path / "p.csv").read_text("utf-8").startswith("left,right,same\nA/A_0001.jpg,A/A_0002.jpg,1\n")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--lfw", "x"],
        ["--pairs", "x"],
        ["--lfw", "x", "--folders", "y", "--pairs", "z"],
        ["--lfw", "x", "--pairs", "y", "--open-set", "z"],
    ],
)
def test_too_little_or_too_much_is_misuse(words: list[str]) -> None:
    """One source and at least one file to write; an open set cannot come from LFW's pairs."""
    assert limen("evaluate", "import", *words).code == 2


def test_results_become_a_page(tmp_path: Path) -> None:
    """The page holds the numbers, and the answer says where it is."""
    (tmp_path / "r.json").write_text(json.dumps({"n": 4711, "model_id": "m"}), "utf-8")
    answer = limen("evaluate", "report", tmp_path / "r.json", "--out", tmp_path / "r.html")
    assert (answer.code, list(answer.document["written"])) == (0, [str(tmp_path / "r.html")])
    assert "4,711" in (tmp_path / "r.html").read_text("utf-8")


def test_what_is_no_result_or_no_place_is_misuse(tmp_path: Path) -> None:
    """Both are one line."""
    (tmp_path / "r.json").write_text("[]", "utf-8")
    assert limen("evaluate", "report", tmp_path / "r.json", "--out", tmp_path / "r.html").code == 2
    (tmp_path / "r.json").write_text("{}", "utf-8")
    assert limen("evaluate", "report", tmp_path / "r.json", "--out", tmp_path / "none" / "r.html").code == 2
