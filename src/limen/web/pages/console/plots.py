"""A plot of lines, drawn here as SVG: axes, two lines told apart by dash as well as colour, one mark, a description."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

from markupsafe import Markup, escape

__all__ = ["Axis", "Line", "plot"]

_WIDTH, _HEIGHT = 600, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 560, 44, 290


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis.

    Attributes:
        label: what is on it, with its unit.
        low, high: values at its ends.
        ticks: value and words.
        logarithmic: whether equal steps are equal factors.
    """

    label: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value is between the ends, 0 to 1; beyond them, at them."""
        scale: Callable[[float], float] = log10 if self.logarithmic else float
        low, high = scale(self.low), scale(self.high)
        return (scale(min(max(value, self.low), self.high)) - low) / (high - low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line with its name."""

    name: str
    points: Sequence[tuple[float, float]]


def plot(*, title: str, description: str, x: Axis, y: Axis, lines: Sequence[Line], mark: tuple[float, float]) -> Markup:
    """A plot for a page.

    Args:
        title: one line.
        description: what it shows, for whoever cannot see it.
        x: the axis below.
        y: the axis on the left.
        lines: up to two.
        mark: where the site is now.
    """
    parts = [
        Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            _WIDTH, _HEIGHT, f"{title}. {description}"
        ),
        Markup('<text class="title" x="{}" y="24">{}</text>').format(_LEFT, title),
        *(_tick_x(x.place(value), words) for value, words in x.ticks),
        *(_tick_y(y.place(value), words) for value, words in y.ticks),
        Markup('<text class="soft" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            (_LEFT + _RIGHT) // 2, _BOTTOM + 42, x.label
        ),
        Markup('<text class="soft" x="{}" y="{}">{}</text>').format(_LEFT, _TOP - 4, y.label),
    ]
    for place, line in enumerate(lines):
        points = " ".join(f"{_x(x.place(a)):.1f},{_y(y.place(b)):.1f}" for a, b in line.points)
        level = _BOTTOM + 62 + 18 * place
        parts.append(Markup('<polyline class="s{}" points="{}"/>').format(place, points))
        ends = Markup('<polyline class="s{}" points="{},{} {},{}"/>')
        parts.append(ends.format(place, _LEFT, level, _LEFT + 36, level))
        parts.append(Markup('<text x="{}" y="{}">{}</text>').format(_LEFT + 46, level + 4, line.name))
    ring = Markup('<circle class="mark" cx="{:.1f}" cy="{:.1f}" r="6"/>')
    parts.append(ring.format(_x(x.place(mark[0])), _y(y.place(mark[1]))))
    return Markup("").join([*parts, Markup("</svg>")])


def _x(share: float) -> float:
    return _LEFT + share * (_RIGHT - _LEFT)


def _y(share: float) -> float:
    return _BOTTOM - share * (_BOTTOM - _TOP - 10)


def _tick_x(share: float, words: str) -> Markup:
    at = f"{_x(share):.1f}"
    line = Markup('<path class="grid" d="M{} {}V{}"/>').format(at, _BOTTOM, _TOP + 10)
    return line + Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(at, _BOTTOM + 20, escape(words))


def _tick_y(share: float, words: str) -> Markup:
    at = f"{_y(share):.1f}"
    line = Markup('<path class="grid" d="M{} {}H{}"/>').format(_LEFT, at, _RIGHT)
    return line + Markup('<text x="{}" y="{}" dy="4" text-anchor="end">{}</text>').format(_LEFT - 8, at, escape(words))
