"""Plots: well-formed, labelled, told apart without colour, and drawn where the numbers are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from limen.evaluation.curves import probit
from limen.evaluation.plots import cmc_plot, confusion_plot, det_plot, discard_plot, distribution_plot
from limen.evaluation.svg import STYLE, WIDTH, Axis, PlotArea

DET: dict[str, Any] = {
    "rates": ["FMR", "FNMR"],
    "fmr": [0.0, 0.01, 1.0],
    "fnmr": [1.0, 0.1, 0.0],
    "n_mated": 1000,
    "n_nonmated": 20000,
}
DISTRIBUTIONS: dict[str, Any] = {
    "scale": "made up",
    "edges": [0.0, 1.0, 2.0, 3.0],
    "mated": [0, 1, 9],
    "nonmated": [90, 9, 1],
    "mated_failed": 2,
    "nonmated_failed": 0,
}
CONFUSION = {
    "none": {"none": 9, "worn": 1, "fta": 0},
    "worn": {"none": 0, "worn": 0, "fta": 0},
}
POINTS = {"FMR 1e-3 <here> & now": {"threshold": 1.5, "fmr": 1e-3, "fnmr": 0.2}}
PLOTS = {
    "det": det_plot({"bare": DET, "masked": DET}, points=POINTS),
    "cmc": cmc_plot({"all": {"errors": [20, 10, 0], "trials": 100}}),
    "distributions": distribution_plot(DISTRIBUTIONS, POINTS),
    "discard": discard_plot({"0": 0.03, "0.1": 0.02, "0.2": 0.01}),
    "confusion": confusion_plot(CONFUSION),
}
LABELS = {
    "det": ["false match rate (FMR)", "false non-match rate (FNMR)", "bare: 1,000 mated, 20,000 non-mated"],
    "cmc": ["rank", "found within that rank, no threshold", "all: 100 probes, band 95 %"],
    "distributions": ["similarity: made up", "share of comparisons per bin (log)", "mated: 12", "non-mated: 100"],
    "discard": ["FNMR of the rest", "share of mated comparisons left out, worst quality first", "left out by lot"],
    "confusion": ["answer", "true state", "90.0 %", "none"],
}


def _texts(svg: str) -> list[str]:
    return ["".join(item.itertext()) for item in _every(svg, "text")]


def _every(svg: str, name: str) -> Iterator[ET.Element]:
    return ET.fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{name}")  # noqa: S314 - made by the test


def _corners(svg: str, kind: str) -> list[tuple[float, float]]:
    (line,) = (item for item in _every(svg, "polyline") if item.get("class") == kind)
    points = [point.split(",") for point in (line.get("points") or "").split()]
    return [(float(x), float(y)) for x, y in points]


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_labelled(name: str) -> None:
    """It is XML with a title, a description, both axes and a legend, and no word or picture from outside."""
    root = ET.fromstring(PLOTS[name])  # noqa: S314 - made above
    assert root.get("role") == "img"
    assert all(any(item.text for item in _every(PLOTS[name], kind)) for kind in ("title", "desc"))
    assert set(LABELS[name]) <= set(_texts(PLOTS[name]))
    assert re.findall(r"<image|href|url\(|<script", PLOTS[name]) == []


@pytest.mark.parametrize("name", PLOTS)
def test_nothing_is_drawn_beside_the_picture(name: str) -> None:
    """Every letter begins, and every point lies, within the picture's frame."""
    height = float(ET.fromstring(PLOTS[name]).get("height") or 0)  # noqa: S314 - made above
    for points in re.findall(r'points="([^"]*)"', PLOTS[name]):
        for x, y in (map(float, point.split(",")) for point in points.split()):
            assert 0 <= x <= WIDTH
            assert 0 <= y <= height
    for item in _every(PLOTS[name], "text"):
        x, y = float(item.get("x") or -1), float(item.get("y") or -1)
        across, down = (y, -x) if item.get("transform") else (x, y)
        assert 0 <= across <= WIDTH
        assert 0 <= down <= height


def test_words_are_escaped() -> None:
    """A name with angle brackets and an ampersand is shown and never becomes an element."""
    for name in ("det", "distributions"):
        assert "FMR 1e-3 <here> & now" in _texts(PLOTS[name])
        assert list(_every(PLOTS[name], "here")) == []


def test_the_same_numbers_give_the_same_bytes() -> None:
    """Nothing in a plot depends on the moment it is made."""
    assert det_plot({"bare": DET, "masked": DET}, points=POINTS) == PLOTS["det"]


def test_a_det_is_drawn_on_probit_axes() -> None:
    """1 % against 10 % lies at its normal deviates between half an error and 60 %; 0 and 1 at the border."""
    start, middle, end = _corners(det_plot({"this": DET}), "line s0")
    low_x, low_y, high = probit(0.5 / 20000), probit(0.5 / 1000), probit(0.6)
    x = 78 + (probit(0.01) - low_x) / (high - low_x) * 506
    y = 330 - (probit(0.1) - low_y) / (high - low_y) * 286
    assert (start, end) == ((78.0, 44.0), (584.0, 330.0))
    assert middle == pytest.approx((x, y), abs=0.06)


def test_an_operating_point_is_drawn_at_its_threshold() -> None:
    """A threshold halfway along the similarities stands in the middle of the plot."""
    svg = distribution_plot(DISTRIBUTIONS, POINTS)
    upright = [item.get("x1") for item in _every(svg, "line") if item.get("class") == "guide"]
    assert upright == ["331.0"]


def test_a_cmc_is_drawn_from_counts() -> None:
    """80, 90 and 100 of 100 rise to the upper border."""
    heights = [y for _, y in _corners(PLOTS["cmc"], "line s0")]
    assert heights[2] == 44.0
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.11)


def test_the_colours_can_be_told_apart() -> None:
    """Every series has a dash or none of its own, every colour a light and a dark form, and print is never dark."""
    dashes = dict(re.findall(r"\.s(\d)\{[^}]*?(?:stroke-dasharray:([^};]+))?\}", STYLE))
    assert len(dashes) == len(set(dashes.values())) == 4
    assert len(re.findall(r"--c\d:", STYLE)) == 8
    assert "@media screen and (prefers-color-scheme:dark)" in STYLE


@pytest.mark.parametrize("background", ["#ffffff", "#14181f"])
def test_lines_and_letters_stand_out(background: str) -> None:
    """Letters have a contrast of at least 4.5 to their paper and lines of at least 3, light or dark (WCAG 2.1)."""
    light, dark = STYLE.split("@media", 1)
    part = light if background == "#ffffff" else dark
    colours = {name: _full(value) for name, value in re.findall(r"--(\w+):(#[0-9a-f]+)", part)}
    for name in ("ink", "soft"):
        assert _contrast(colours[name], background) >= 4.5
    for series in range(4):
        assert _contrast(colours[f"c{series}"], background) >= 3.0


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: det_plot({}), "at least one curve"),
        (lambda: cmc_plot({}), "at least one curve"),
        (lambda: cmc_plot({"x": {"errors": [0], "trials": 0}}), "with trials"),
        (lambda: distribution_plot({**DISTRIBUTIONS, "mated": [0, 0, 0], "nonmated": [0, 0, 0]}, {}), "one similarity"),
        (lambda: discard_plot({"0": 0.1}), "two points"),
        (lambda: confusion_plot({}), "same answers"),
        (lambda: confusion_plot({"a": {"a": 1}, "b": {"b": 1}}), "same answers"),
        (lambda: confusion_plot({"a": dict.fromkeys("abcdef", 1)}), "one to five"),
    ],
)
def test_nothing_to_draw_is_misuse(draw: Any, message: str) -> None:
    """Without a curve there is no empty plot that looks like a result."""
    with pytest.raises(ValueError, match=message):
        draw()


def test_one_kind_of_comparison_is_enough() -> None:
    """Distributions without mated comparisons show the others."""
    svg = distribution_plot({**DISTRIBUTIONS, "mated": [0, 0, 0]}, {})
    assert any(text.startswith("non-mated") for text in _texts(svg))
    assert not any(text.startswith("mated") for text in _texts(svg))


def test_no_error_at_all_is_drawn_on_the_border() -> None:
    """An error-free curve and an error-free discard stay inside the plot."""
    perfect = {**DET, "fmr": [0.0, 0.0, 1.0], "fnmr": [1.0, 0.0, 0.0]}
    assert _corners(det_plot({"this": perfect}), "line s0")[1] == (78.0, 330.0)
    assert {y for _, y in _corners(discard_plot({"0": 0.0, "0.3": 0.0}), "line s0")} == {330.0}


def test_a_legend_has_two_columns_only_for_short_names() -> None:
    """A name of more than thirty letters puts each on a line of its own."""
    axis = Axis(label="x", low=0.0, high=1.0, ticks=[])
    heights = []
    for name in ("short", "x" * 31):
        plot = PlotArea(title="t", description="d", x=axis, y=axis)
        plot.line([0, 1], [0, 1], series=0, name=name)
        plot.line([0, 1], [1, 0], series=1, name="other")
        heights.append(float(ET.fromstring(plot.svg()).get("height") or 0))  # noqa: S314 - made above
    assert heights[1] - heights[0] == 18


def _full(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def _contrast(one: str, other: str) -> float:
    first, second = sorted((_luminance(one), _luminance(other)))
    return (second + 0.05) / (first + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
