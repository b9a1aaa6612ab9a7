"""A plot area written as SVG by hand: axes, lines, bands, markers, a legend; no plotting library at run time.

1. A plot says everything in one file: title, axis labels with units, legend, and a description for screen readers.
2. Colours are of Okabe and Ito's palette, told apart by colour-blind people; every series has its own dash besides.
3. Ink, grid and colours follow ``prefers-color-scheme``; the paper stays see-through, and print is always light.
4. 600 units wide with letters of 13: readable at 600 px. Numbers are rounded to a tenth of a unit, so that the same
   data gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

__all__ = ["HEIGHT", "STYLE", "WIDTH", "Axis", "PlotArea", "document", "text"]

WIDTH, HEIGHT = 600, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 584, 44, 330
_LEGEND_TOP, _LEGEND_STEP = 394, 18
_SHORT_NAME = 30
_SERIES = 4

STYLE = """
.lp{--ink:#1d2430;--soft:#596273;--grid:#d9dee6;--halo:#fff;--c0:#0072b2;--c1:#d55e00;--c2:#007a5a;--c3:#a6558a;
font:13px system-ui,sans-serif;color:var(--ink);max-width:100%;height:auto}
@media screen and (prefers-color-scheme:dark){.lp{--ink:#e8ebf0;--soft:#a9b2c0;--grid:#3a4250;--halo:#14181f;
--c0:#56b4e9;--c1:#e69f00;--c2:#3ccfa4;--c3:#e3a0cb}}
.lp text{fill:var(--ink)}.lp .soft{fill:var(--soft)}.lp .title{font-size:16px;font-weight:600}
.lp .halo{paint-order:stroke;stroke:var(--halo);stroke-width:4px;stroke-linejoin:round}
.lp .grid{stroke:var(--grid);stroke-width:1}.lp .frame{stroke:var(--soft);fill:none}
.lp .line{fill:none;stroke-width:2.2;stroke-linejoin:round}.lp .guide{stroke:var(--soft);stroke-width:1.4}
.lp .band{opacity:.18;stroke:none}.lp .cell{fill:var(--c0)}
.lp .s0{stroke:var(--c0)}.lp .s1{stroke:var(--c1);stroke-dasharray:9 3}
.lp .s2{stroke:var(--c2);stroke-dasharray:3 3}.lp .s3{stroke:var(--c3);stroke-dasharray:10 3 2 3}
.lp .f0{fill:var(--c0)}.lp .f1{fill:var(--c1)}.lp .f2{fill:var(--c2)}.lp .f3{fill:var(--c3)}
.lp .mark{fill:var(--halo);stroke:var(--ink);stroke-width:2}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis.

    Attributes:
        label: what is on it, with its unit.
        low: the value at the left or lower end.
        high: the value at the other end.
        ticks: value and words, ends not included unless they are given.
        scale: value to position, rising; any unit.
    """

    label: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    scale: Callable[[float], float] = field(default=float)

    def place(self, value: float) -> float:
        """Where a value is between the two ends, 0 to 1; values beyond an end are drawn at it."""
        low, high = self.scale(self.low), self.scale(self.high)
        inside = min(max(value, self.low), self.high)
        return (self.scale(inside) - low) / (high - low)


class PlotArea:
    """A plot with two axes, filled series by series.

    Args:
        title: one line.
        description: what a reader who cannot see it should know, in a sentence.
        x: the axis below.
        y: the axis on the left.
    """

    def __init__(self, *, title: str, description: str, x: Axis, y: Axis) -> None:
        self._title, self._description = title, description
        self._x, self._y = x, y
        self._body: list[str] = []
        self._legend: list[tuple[str, str]] = []

    def line(self, x: Iterable[float], y: Iterable[float], *, series: int, name: str, stepped: bool = False) -> None:
        """A line through points; ``stepped`` holds each value until the next one."""
        points = [(self._at_x(a), self._at_y(b)) for a, b in zip(x, y, strict=True)]
        if stepped:
            points = [*(turn for one, after in pairwise(points) for turn in (one, (after[0], one[1]))), *points[-1:]]
        self._body.append(f'<polyline class="line s{series % _SERIES}" points="{_points(points)}"/>')
        self._legend.append((f"line s{series % _SERIES}", name))

    def band(self, x: Sequence[float], low: Sequence[float], high: Sequence[float], *, series: int) -> None:
        """The space between two lines, for instance an interval."""
        there = [(self._at_x(a), self._at_y(b)) for a, b in zip(x, low, strict=True)]
        back = [(self._at_x(a), self._at_y(b)) for a, b in zip(reversed(x), reversed(high), strict=True)]
        self._body.append(f'<polygon class="band f{series % _SERIES}" points="{_points([*there, *back])}"/>')

    def diagonal(self, *, name: str) -> None:
        """Where both axes have the same value."""
        low, high = max(self._x.low, self._y.low), min(self._x.high, self._y.high)
        ends = f'x1="{self._at_x(low):.1f}" y1="{self._at_y(low):.1f}"'
        ends += f' x2="{self._at_x(high):.1f}" y2="{self._at_y(high):.1f}"'
        self._body.append(f'<line class="guide" stroke-dasharray="2 5" {ends}/>')
        self._legend.append(("guide", name))

    def upright(self, x: float, *, name: str, level: int = 0) -> None:
        """An upright line at a value, with its name beside it; ``level`` puts the name lower."""
        at = self._at_x(x)
        side, anchor = (6, "start") if at < (_LEFT + _RIGHT) / 2 else (-6, "end")
        self._body.append(
            f'<line class="guide" stroke-dasharray="6 4" x1="{at:.1f}" y1="{_TOP}" x2="{at:.1f}" y2="{_BOTTOM}"/>'
            + text(at + side, _TOP + 16 + 17 * level, name, anchor=anchor, kind="halo")
        )

    def mark(self, x: float, y: float, *, name: str) -> None:
        """A point with its name beside it."""
        at, height = self._at_x(x), self._at_y(y)
        side, anchor = (9, "start") if at < (_LEFT + _RIGHT) / 2 else (-9, "end")
        self._body.append(
            f'<circle class="mark" cx="{at:.1f}" cy="{height:.1f}" r="5"/>'
            + text(at + side, max(height - 7, _TOP + 14), name, anchor=anchor, kind="halo")
        )

    def svg(self) -> str:
        """The whole picture."""
        columns = 2 if all(len(name) <= _SHORT_NAME for _, name in self._legend) else 1
        rows = -(-len(self._legend) // columns)
        height = _LEGEND_TOP + max(0, rows - 1) * _LEGEND_STEP + 16
        middle = (_LEFT + _RIGHT) / 2
        parts = [
            text(_LEFT, 26, self._title, anchor="start", kind="title"),
            *self._grid(),
            text(middle, _BOTTOM + 38, self._x.label),
            text(-(_TOP + _BOTTOM) / 2, 16, self._y.label, turned=True),
            *self._body,
            *self._keys(columns),
        ]
        return document("".join(parts), title=self._title, description=self._description, height=height)

    def _grid(self) -> Iterable[str]:
        yield f'<rect class="frame" x="{_LEFT}" y="{_TOP}" width="{_RIGHT - _LEFT}" height="{_BOTTOM - _TOP}"/>'
        for value, words in self._x.ticks:
            at = self._at_x(value)
            yield f'<line class="grid" x1="{at:.1f}" y1="{_TOP}" x2="{at:.1f}" y2="{_BOTTOM}"/>'
            yield text(at, _BOTTOM + 18, words, kind="soft")
        for value, words in self._y.ticks:
            at = self._at_y(value)
            yield f'<line class="grid" x1="{_LEFT}" y1="{at:.1f}" x2="{_RIGHT}" y2="{at:.1f}"/>'
            yield text(_LEFT - 7, at + 4.5, words, anchor="end", kind="soft")

    def _keys(self, columns: int) -> Iterable[str]:
        width = (_RIGHT - _LEFT) / columns
        for place, (kind, name) in enumerate(self._legend):
            x = _LEFT + width * (place % columns)
            y = _LEGEND_TOP + _LEGEND_STEP * (place // columns)
            dotted = ' stroke-dasharray="2 5"' if kind == "guide" else ""
            yield f'<line class="{kind}"{dotted} x1="{x:.1f}" y1="{y - 4}" x2="{x + 30:.1f}" y2="{y - 4}"/>'
            yield text(x + 37, y, name, anchor="start")

    def _at_x(self, value: float) -> float:
        return _LEFT + self._x.place(value) * (_RIGHT - _LEFT)

    def _at_y(self, value: float) -> float:
        return _BOTTOM - self._y.place(value) * (_BOTTOM - _TOP)


def document(body: str, *, title: str, description: str, height: int = HEIGHT) -> str:
    """An SVG document that stands alone and may also stand inside a page.

    Args:
        body: elements, already escaped.
        title: what it is; escaped here.
        description: for screen readers; escaped here.
        height: in units; the width is ``WIDTH``.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lp" role="img" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
        f"<style>{STYLE}</style>{body}</svg>"
    )


def text(x: float, y: float, words: str, *, anchor: str = "middle", kind: str = "", turned: bool = False) -> str:
    """One line of words, escaped; ``turned`` ones read upwards, x and y being given in the turned frame."""
    turn = ' transform="rotate(-90)"' if turned else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}>{escape(words)}</text>'


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
