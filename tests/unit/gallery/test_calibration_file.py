"""A calibration file comes back as it was written, and a wrong one is a ModelError and never a threshold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limen.core.errors import ModelError
from limen.core.match import Condition
from limen.gallery.calibration import Calibration
from limen.gallery.calibration_file import FORMAT, bundled_calibration, read_calibration, write_calibration
from limen.gallery.tail import Tail
from limen.vision.embed import model_id_of
from limen.vision.manifest import bundled_cards
from support.calibrations import make_masked_calibration, make_rates

_SHIPPED = "sface-2021dec"

Document = dict[str, Any]


def _made() -> Calibration:
    """Numbers that do not fit a short decimal, all conditions and a masked map."""
    rng = np.random.default_rng(6)
    odd = make_rates(Tail(start=1 / 3, share=1e-3 / 7, shape=0.1, scale=0.04 / 3))
    made = make_masked_calibration()
    return replace(
        made,
        centre=rng.standard_normal(128).astype(np.float32),
        conditions={**made.conditions, Condition.BARE_BARE: odd},
    )


def _same(one: Calibration, other: Calibration) -> None:
    assert (one.model_id, one.model, one.made_on, one.made_from, one.method) == (
        other.model_id,
        other.model,
        other.made_on,
        other.made_from,
        other.method,
    )
    np.testing.assert_array_equal(one.centre, other.centre)
    assert one.masked_map is not None
    assert other.masked_map is not None
    np.testing.assert_array_equal(one.masked_map.shift, other.masked_map.shift)
    np.testing.assert_array_equal(one.masked_map.matrix, other.masked_map.matrix)
    assert set(one.conditions) == set(other.conditions)
    for condition, rates in one.conditions.items():
        twin = other.conditions[condition]
        assert (rates.tail, rates.llr_slope, rates.llr_intercept) == (twin.tail, twin.llr_slope, twin.llr_intercept)
        assert (rates.n_nonmated, rates.n_mated, rates.n_people) == (twin.n_nonmated, twin.n_mated, twin.n_people)
        np.testing.assert_array_equal(rates.grid, twin.grid)
        np.testing.assert_allclose(rates.nonmated, twin.nonmated, rtol=1e-5)
        np.testing.assert_allclose(rates.mated, twin.mated, rtol=1e-5, atol=1e-12)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """The centre, the tails and the counts come back exactly, the tables to six digits."""
    made = _made()
    write_calibration(made, tmp_path / "c.json")
    _same(made, read_calibration(tmp_path / "c.json"))


def test_reading_and_writing_again_changes_no_byte(tmp_path: Path) -> None:
    """A file that was read and written again is the same file."""
    write_calibration(_made(), tmp_path / "one.json")
    write_calibration(read_calibration(tmp_path / "one.json"), tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_the_file_says_how_it_was_made(tmp_path: Path) -> None:
    """Format, model, date, origin, method and counts stand in the file in words."""
    write_calibration(_made(), tmp_path / "c.json")
    document = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert set(document) == {
        "format",
        "model_id",
        "model",
        "made_on",
        "made_from",
        "method",
        "conditions",
        "centre",
        "masked_map",
    }
    assert (document["format"], document["made_from"]) == (FORMAT, "nothing: made up")
    assert document["conditions"]["bare/bare"]["n_people"] == 500


def test_writing_replaces_the_file_whole_and_leaves_no_other(tmp_path: Path) -> None:
    """An old calibration gives way to the new one, and nothing temporary stays."""
    path = tmp_path / "c.json"
    path.write_text("old")
    write_calibration(_made(), path)
    assert [item.name for item in tmp_path.iterdir()] == ["c.json"]
    assert read_calibration(path).model == "test-model"


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """A missing folder is a ModelError with advice, and nothing appears."""
    with pytest.raises(ModelError, match="cannot be written"):
        write_calibration(_made(), tmp_path / "no-such-folder" / "c.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"3", b"not json", b"\xff\xfe\x00", b"[" * 100_000, b'{"format": 2}'],
    ids=["empty", "empty object", "list", "null", "number", "text", "not text", "endless nesting", "format alone"],
)
def test_a_file_that_is_no_calibration_is_refused(tmp_path: Path, content: bytes) -> None:
    """Anything else is a ModelError that names the file."""
    path = tmp_path / "c.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"c\.json: "):
        read_calibration(path)


@pytest.mark.parametrize("version", [0, 1, "2", None])
def test_another_format_is_refused(tmp_path: Path, version: object) -> None:
    """A file of another format version says which."""
    with pytest.raises(ModelError, match="is not the one known here"):
        _read_changed(tmp_path, lambda document: document.update(format=version))


def _read_changed(folder: Path, change: Callable[[Document], object]) -> Calibration:
    write_calibration(_made(), folder / "c.json")
    document = json.loads((folder / "c.json").read_text("utf-8"))
    change(document)
    (folder / "c.json").write_text(json.dumps(document), "utf-8")
    return read_calibration(folder / "c.json")


def _rates(document: Document) -> Document:
    rates: Document = document["conditions"]["bare/bare"]
    return rates


_WRONG: dict[str, Callable[[Document], object]] = {
    "no model": lambda d: d.pop("model"),
    "model a number": lambda d: d.update(model=3),
    "no centre": lambda d: d.pop("centre"),
    "empty centre": lambda d: d.update(centre=[]),
    "centre of words": lambda d: d.update(centre=["a"]),
    "nested centre": lambda d: d.update(centre=[[0.0]]),
    "centre not finite": lambda d: d.update(centre=[float("nan")] * 128),
    "date": lambda d: d.update(made_on="yesterday"),
    "date a number": lambda d: d.update(made_on=20261122),
    "no conditions": lambda d: d.update(conditions={}),
    "conditions a list": lambda d: d.update(conditions=[]),
    "unknown condition": lambda d: d["conditions"].update({"hat/hat": _rates(d)}),
    "only masked": lambda d: d["conditions"].pop("bare/bare"),
    "no tail": lambda d: _rates(d).pop("tail"),
    "tail a number": lambda d: _rates(d).update(tail=3),
    "more in the tail": lambda d: _rates(d)["tail"].update(more=1),
    "negative scale": lambda d: _rates(d)["tail"].update(scale=-1),
    "start not a number": lambda d: _rates(d)["tail"].update(start=float("nan")),
    "start infinite": lambda d: _rates(d)["tail"].update(start=float("inf")),
    "start a word": lambda d: _rates(d)["tail"].update(start="0.3"),
    "scale null": lambda d: _rates(d)["tail"].update(scale=None),
    "count a truth": lambda d: _rates(d).update(n_people=True),
    "count a fraction": lambda d: _rates(d).update(n_mated=1.5),
    "slope a word": lambda d: _rates(d).update(llr_slope="steep"),
    "slope not a number": lambda d: _rates(d).update(llr_slope=float("nan")),
    "grid falling": lambda d: _rates(d)["grid"].reverse(),
    "nonmated rising": lambda d: _rates(d)["nonmated"].reverse(),
    "table too short": lambda d: _rates(d)["mated"].pop(),
    "table empty": lambda d: _rates(d).update(grid=[], nonmated=[], mated=[]),
    "table a word": lambda d: _rates(d).update(nonmated="falling"),
    "table with a hole": lambda d: _rates(d)["nonmated"].__setitem__(3, None),
}


@pytest.mark.parametrize("change", _WRONG.values(), ids=_WRONG)
def test_a_wrong_field_is_refused(tmp_path: Path, change: Callable[[Document], object]) -> None:
    """Each missing, malformed or impossible field makes the file a ModelError with advice, in one line."""
    with pytest.raises(ModelError, match=r"c\.json: not a calibration file") as caught:
        _read_changed(tmp_path, change)
    assert "\n" not in str(caught.value)
    assert "limen evaluate calibrate" in caught.value.advice()


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """No file, no calibration."""
    with pytest.raises(ModelError, match="cannot be read"):
        read_calibration(tmp_path / "c.json")


@pytest.mark.parametrize("model", ["no-such-model", "yunet-2023mar", "../secrets", ""])
def test_a_model_without_calibration_is_refused(model: str) -> None:
    """There is no guessing what its similarities mean."""
    with pytest.raises(ModelError, match="has no calibration"):
        bundled_calibration(model)


def test_a_model_added_by_hand_brings_its_own(tmp_path: Path) -> None:
    """The calibration beside the model's file is the one used."""
    write_calibration(_made(), tmp_path / "calibration.json")
    _same(_made(), bundled_calibration("whatever", folder=tmp_path))
    (tmp_path / "calibration.json").unlink()
    with pytest.raises(ModelError, match=r"calibration\.json: cannot be read"):
        bundled_calibration("whatever", folder=tmp_path)


def test_the_shipped_file_belongs_to_the_model_in_use() -> None:
    """Its model id is the one that today's preparation and its own centre give."""
    shipped = bundled_calibration(_SHIPPED)
    assert shipped.model_id == model_id_of(bundled_cards()[_SHIPPED], shipped.centre)
    assert (shipped.model, len(shipped.centre)) == (_SHIPPED, 128)


def test_the_shipped_file_rests_on_enough() -> None:
    """It tells on how many people and comparisons it rests, and these carry the rates read off it."""
    rates = bundled_calibration(_SHIPPED).rates(Condition.BARE_BARE)
    assert rates.n_people > 1000
    assert rates.n_nonmated > 1_000_000
    assert rates.n_mated > 1000
    assert rates.n_nonmated * rates.tail.share > 1000


def test_the_shipped_rates_are_plausible() -> None:
    """One in a million strangers lies between 0.3 and 0.6, and the two distributions cross where they should."""
    shipped = bundled_calibration(_SHIPPED)
    rates = shipped.rates(Condition.BARE_BARE)
    assert 0.3 < rates.threshold(1e-6) < 0.6
    assert rates.threshold(1e-7) > rates.threshold(1e-6)
    assert shipped.compare(0.1, Condition.BARE_BARE).log_likelihood_ratio < 0
    assert shipped.compare(0.7, Condition.BARE_BARE).log_likelihood_ratio > 0
    assert rates.fnmr(rates.threshold(1e-4)) < 0.05


def test_the_shipped_file_holds_no_person() -> None:
    """There are rates, two mean vectors and a matrix in it: no name, no picture, no place on a disk."""
    text = files("limen.gallery").joinpath("calibrations", f"{_SHIPPED}.json").read_text("utf-8")
    document = json.loads(text)
    said = {"format", "model_id", "model", "made_on", "made_from", "method"}
    assert set(document) == {*said, "conditions", "centre", "masked_map"}
    for pattern in (r"\.(jpe?g|png)", r"_\d{4}", r"(?<!\w)/\w", r"[A-Z]:\\\\"):
        assert re.search(pattern, text) is None
