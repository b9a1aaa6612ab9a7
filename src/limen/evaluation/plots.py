"""Curves documents -> five small SVG plots: DET, CMC, distributions, error versus discard, mask confusion.

1. Every plot has a title, labelled axes and a legend that says how many trials stand behind each line.
2. Where no error was seen a line ends on the border, which stands for half an error; it never goes beyond the trials.
3. Counts go in, never pictures; all words are escaped by ``limen.evaluation.svg``.
Source: ISO/IEC 19795-1 (DET, CMC); Martin et al., 1997 (probit axes); ISO/IEC 29794-1 (error versus discard).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

from limen.evaluation.curves import probit
from limen.evaluation.intervals import proportion
from limen.evaluation.svg import WIDTH, Axis, PlotArea, document, text

__all__ = ["cmc_plot", "confusion_plot", "det_plot", "discard_plot", "distribution_plot"]

_DET_TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.2, 0.5)
_DET_HIGHEST = 0.6
_DET_LOWEST = 1e-7
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_TICKS = 6
_CELL_WIDTH, _CELL_HEIGHT, _CELLS_LEFT, _CELLS_TOP = 88, 62, 130, 92
_FAINT, _FULL = 0.04, 0.62


def det_plot(
    curves: Mapping[str, Mapping[str, Any]], *, points: Mapping[str, Mapping[str, float]] | None = None
) -> str:
    """A detection error trade-off on probit axes, with the line where both errors are equal.

    Args:
        curves: name -> ``det`` of a curves document; the first one's ``rates`` name the axes.
        points: name -> ``fmr`` and ``fnmr`` of each operating point, marked on the plot.

    Raises:
        ValueError: no curve.
    """
    if not curves:
        raise ValueError("DET: expected at least one curve")
    false, missed = next(iter(curves.values()))["rates"]
    plot = PlotArea(
        title=f"Detection error trade-off: {missed} against {false}",
        description=f"{missed} falls as {false} is allowed to rise; lines nearer the lower left corner are better.",
        x=_probit_axis(_FULL_NAMES.get(false, false), [curve["n_nonmated"] for curve in curves.values()]),
        y=_probit_axis(_FULL_NAMES.get(missed, missed), [curve["n_mated"] for curve in curves.values()]),
    )
    plot.diagonal(name="both errors equal")
    for series, (name, curve) in enumerate(curves.items()):
        trials = f"{curve['n_mated']:,} mated, {curve['n_nonmated']:,} non-mated"
        plot.line(curve["fmr"], curve["fnmr"], series=series, name=f"{name}: {trials}" if len(curves) > 1 else trials)
    for name, point in (points or {}).items():
        plot.mark(point["fmr"], point["fnmr"], name=name)
    return plot.svg()


def cmc_plot(curves: Mapping[str, Mapping[str, Any]]) -> str:
    """Cumulative match characteristic, with 95 % intervals as bands.

    Args:
        curves: name -> ``cmc`` of a curves document: ``errors`` by rank, and ``trials``.

    Raises:
        ValueError: no curve, or one without trials or ranks.
    """
    if not curves or not all(curve["trials"] and curve["errors"] for curve in curves.values()):
        raise ValueError("CMC: expected at least one curve with trials and ranks")
    ranks = max(len(curve["errors"]) for curve in curves.values())
    bands = {name: [_interval(errors, curve["trials"]) for errors in curve["errors"]] for name, curve in curves.items()}
    low = min(edge for band in bands.values() for edge, _ in band)
    bottom, ticks = _linear(max(0.0, low - 0.1 * (1.0 - low)), 1.0)
    shown = sorted({1, *range(0, ranks + 1, max(1, ceil(ranks / 10)))} - {0})
    plot = PlotArea(
        title="Cumulative match characteristic",
        description="Share of probes of enrolled people whose own person is among the first so many; higher is better.",
        x=Axis(label="rank", low=0.5, high=ranks + 0.5, ticks=[(rank, str(rank)) for rank in shown]),
        y=Axis(label="found within that rank, no threshold", low=bottom, high=1.0, ticks=ticks),
    )
    for series, (name, curve) in enumerate(curves.items()):
        trials, errors = curve["trials"], curve["errors"]
        at = [float(rank) for rank in range(1, len(errors) + 1)]
        plot.band(at, [low for low, _ in bands[name]], [high for _, high in bands[name]], series=series)
        words = f"{name}: {trials:,} probes, band 95 %"
        plot.line(at, [1.0 - wrong / trials for wrong in errors], series=series, name=words)
    return plot.svg()


def distribution_plot(distributions: Mapping[str, Any], points: Mapping[str, Mapping[str, float]]) -> str:
    """Mated and non-mated similarities on a logarithmic axis, with the operating points drawn in.

    Args:
        distributions: of a curves document.
        points: name -> ``threshold``.

    Raises:
        ValueError: no comparison has a similarity.
    """
    edges = distributions["edges"]
    sides = {
        name: (counts, sum(counts) + distributions[f"{key}_failed"])
        for key, name in (("nonmated", "non-mated"), ("mated", "mated"))
        if sum(counts := distributions[key])
    }
    if not sides:
        raise ValueError("distributions: expected at least one similarity")
    least = min(1.0 / total for _, total in sides.values()) / 2.0
    most = max(max(counts) / total for counts, total in sides.values())
    powers = range(ceil(log10(least)), floor(log10(most)) + 1)
    plot = PlotArea(
        title="Similarities of mated and non-mated comparisons",
        description="Share of each kind in every bin; what lies right of an operating point matches.",
        x=Axis(label=f"similarity: {distributions['scale']}", low=edges[0], high=edges[-1], ticks=_round(edges)),
        y=Axis(
            label="share of comparisons per bin (log)",
            low=least,
            high=most * 1.6,
            ticks=[(10.0**power, _power(power)) for power in powers],
            scale=log10,
        ),
    )
    for series, (name, (counts, total)) in enumerate(sides.items()):
        shares = [count / total for count in counts]
        heights = [*shares, shares[-1]]
        plot.line(edges, heights, series=series, name=f"{name}: {total:,}", stepped=True)
    for level, (name, point) in enumerate(sorted(points.items(), key=lambda item: item[1]["threshold"])):
        plot.upright(point["threshold"], name=name, level=level)
    return plot.svg()


def discard_plot(fnmr: Mapping[str, float], *, name: str = "unified quality") -> str:
    """Error versus discard: FNMR after the worst pictures have gone.

    Args:
        fnmr: share discarded (as text, rising from 0) -> FNMR of what is left, as ``error_versus_discard`` has it.
        name: of the quality measure.

    Raises:
        ValueError: fewer than two points.
    """
    shares, rates = [float(share) for share in fnmr], list(fnmr.values())
    if len(shares) < 2:  # noqa: PLR2004 - a line
        raise ValueError("error versus discard: expected at least two points")
    _, down = _linear(shares[0], shares[-1])
    top, up = _linear(0.0, max(*rates, 1e-3) * 1.15)
    plot = PlotArea(
        title="Error versus discard",
        description="A quality measure that works lets FNMR fall as the worst pictures are left out.",
        x=Axis(label="share of mated comparisons left out, worst quality first", low=0.0, high=shares[-1], ticks=down),
        y=Axis(label="FNMR of the rest", low=top, high=max(*rates, 1e-3) * 1.15, ticks=up),
    )
    plot.line(shares, rates, series=0, name=name)
    plot.line([shares[0], shares[-1]], [rates[0], rates[0]], series=1, name="left out by lot")
    return plot.svg()


def confusion_plot(confusion: Mapping[str, Mapping[str, int]]) -> str:
    """What was answered for each true mask state: counts, and shares of the row as depth of colour.

    Args:
        confusion: true state -> answer -> pictures.

    Raises:
        ValueError: no row, or rows with different answers.
    """
    columns = list(next(iter(confusion.values()), {}))
    too_wide = _CELLS_LEFT + len(columns) * _CELL_WIDTH > WIDTH
    if not columns or too_wide or any(list(row) != columns for row in confusion.values()):
        raise ValueError("confusion: expected rows with the same answers, one to five")
    parts = [
        text(24, 26, "Mask states: what was seen", anchor="start", kind="title"),
        text(_CELLS_LEFT + len(columns) * _CELL_WIDTH / 2, 56, "answer"),
        text(-(_CELLS_TOP + len(confusion) * _CELL_HEIGHT / 2), 18, "true state", turned=True),
    ]
    for place, answer in enumerate(columns):
        parts.append(text(_CELLS_LEFT + (place + 0.5) * _CELL_WIDTH, _CELLS_TOP - 10, answer))
    for line, (truth, row) in enumerate(confusion.items()):
        top = _CELLS_TOP + line * _CELL_HEIGHT
        parts.append(text(_CELLS_LEFT - 8, top + _CELL_HEIGHT / 2 + 4, truth, anchor="end"))
        for place, answer in enumerate(columns):
            parts += _cell(
                _CELLS_LEFT + place * _CELL_WIDTH, top, (row[answer], sum(row.values())), hit=answer == truth
            )
    below = _CELLS_TOP + len(confusion) * _CELL_HEIGHT + 28
    legend = "Depth of colour: share of the row. Framed: answered rightly."
    parts.append(text(_CELLS_LEFT, below, legend, anchor="start", kind="soft"))
    right = [f"{truth} {row.get(truth, 0)} of {sum(row.values())}" for truth, row in confusion.items()]
    said = f"Rightly answered: {', '.join(right)}."
    return document("".join(parts), title="Mask states: what was seen", description=said, height=below + 16)


_FULL_NAMES = {
    "FMR": "false match rate (FMR)",
    "FNMR": "false non-match rate (FNMR)",
    "FPIR": "false positive identification rate (FPIR)",
    "FNIR": "false negative identification rate (FNIR)",
}


def _cell(left: float, top: float, counts: tuple[int, int], *, hit: bool) -> Iterable[str]:
    count, total = counts
    share = count / total if total else 0.0
    edge = 'class="mark"' if hit else 'class="frame"'
    size = f'x="{left}" y="{top}" width="{_CELL_WIDTH}" height="{_CELL_HEIGHT}"'
    yield f'<rect class="cell" fill-opacity="{_FAINT + (_FULL - _FAINT) * share:.2f}" {size}/>'
    yield f'<rect {edge} style="fill:none" {size}/>'
    yield text(left + _CELL_WIDTH / 2, top + 27, f"{count:,}")
    yield text(left + _CELL_WIDTH / 2, top + 46, f"{100 * share:.1f} %" if total else "none")


def _probit_axis(label: str, trials: Sequence[int]) -> Axis:
    """From half an error of the largest test to where errors stop mattering."""
    low = max(_DET_LOWEST, min(0.5 / max(1, *trials, 1), 0.05))
    ticks = [(rate, f"{100 * rate:g} %") for rate in _DET_TICKS if rate >= low]
    return Axis(label=label, low=low, high=_DET_HIGHEST, ticks=ticks, scale=probit)


def _linear(low: float, high: float) -> tuple[float, list[tuple[float, str]]]:
    """A low end on a tick, and ticks up to the high end, as percentages."""
    step = next((size for size in _STEPS if (high - low) / size <= _TICKS), _STEPS[-1])
    first, last = floor(low / step + 1e-9), floor(high / step + 1e-9)
    return first * step, [(place * step, f"{100 * place * step:.4g} %") for place in range(first, last + 1)]


def _round(edges: Sequence[float]) -> list[tuple[float, str]]:
    """Round numbers between the first and the last edge."""
    rough = (edges[-1] - edges[0]) / _TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    places = range(ceil(edges[0] / step - 1e-9), floor(edges[-1] / step + 1e-9) + 1)
    return [(place * step, f"{place * step:.4g}") for place in places]


def _interval(errors: int, trials: int) -> tuple[float, float]:
    """95 % interval of the share of probes that were found."""
    return proportion(trials - errors, trials) or (0.0, 1.0)


def _power(power: int) -> str:
    return f"1e{power}" if power else "1"
