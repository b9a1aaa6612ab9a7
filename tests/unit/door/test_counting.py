"""Crossings of a line are counted once each way, swaying is not, and nothing is kept but two totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.core.door import Direction
from limen.core.face import Box, Face
from limen.door.counting import Line, LineCounter, shown
from limen.door.tracks import Track, Tracker
from support.clock import NOON

_WIDTH = 40.0
_LEVEL = Line(start=(600.0, 300.0), end=(0.0, 300.0))
"""Drawn from right to left: its right hand is up in the picture, so whoever goes up goes in."""


def _face(x: float, y: float) -> Face:
    box = Box(x_px=x - _WIDTH / 2, y_px=y - _WIDTH / 2, width_px=_WIDTH, height_px=_WIDTH)
    return Face(box=box, landmarks=np.zeros((5, 2), np.float32), confidence=0.9)


def _track(number: int, x: float, y: float) -> Track:
    face = _face(x, y)
    return Track(number=number, face=face, first_at=NOON, seen_at=NOON, frames=1, first_box=face.box, moved=0.0)


def _walk(*heights: float, x: float = 300.0, line: Line = _LEVEL) -> tuple[int, int]:
    counter = LineCounter(line)
    for height in heights:
        counter.update([_track(1, x, height)])
    return counter.totals[Direction.IN], counter.totals[Direction.OUT]


@pytest.mark.parametrize(
    ("heights", "expected"),
    [
        ([], (0, 0)),
        ([200], (0, 0)),
        ([400, 350, 305, 295, 250], (1, 0)),
        ([200, 400], (0, 1)),
        ([400, 200, 400], (1, 1)),
        ([400, 309, 291, 309, 291, 400], (0, 0)),
        ([400, 291, 200, 309, 200], (1, 0)),
        ([300, 200], (0, 0)),
    ],
    ids=["nobody", "stays", "in", "out in one step", "there and back", "sways", "in and sways", "begins on the line"],
)
def test_crossings(heights: Sequence[float], expected: tuple[int, int]) -> None:
    """Each way of walking leads to these totals of in and out."""
    assert _walk(*heights) == expected


def test_only_between_the_ends() -> None:
    """Walking round an end is no crossing, and coming back through the line afterwards counts from the new side."""
    assert _walk(400, 200, x=700) == (0, 0)
    counter = LineCounter(_LEVEL)
    for x, y in ((700, 400), (700, 200), (300, 200), (300, 400)):
        counter.update([_track(1, x, y)])
    assert counter.totals == {Direction.IN: 0, Direction.OUT: 1}


def test_swapped_ends_swap_the_ways() -> None:
    """A line drawn the other way counts the same crossing as the other direction."""
    assert _walk(400, 200, line=Line(start=_LEVEL.end, end=_LEVEL.start)) == (0, 1)


def test_a_line_has_two_ends() -> None:
    """A point is refused as a line."""
    with pytest.raises(ValueError, match="two different ends"):
        Line(start=(1.0, 1.0), end=(1.0, 1.0))


def test_nothing_is_kept_of_a_track_that_ended() -> None:
    """After ``forget`` only the totals are left; a number used again begins anew."""
    counter = LineCounter(_LEVEL)
    counter.update([_track(1, 300, 400), _track(2, 100, 200)])
    counter.forget([1, 2, 3])
    assert counter._sides == {}
    counter.update([_track(1, 300, 200)])
    assert counter.totals == {Direction.IN: 0, Direction.OUT: 0}


@pytest.mark.parametrize(("total", "words"), [(0, "fewer than 10"), (9, "fewer than 10"), (10, "10"), (4711, "4711")])
def test_small_totals_are_hidden(total: int, words: str) -> None:
    """Below ten, people are shown only that it is below ten."""
    assert shown(total) == words


angles = st.floats(0, 6.28)


@given(st.lists(st.floats(-200, 200), max_size=30), angles, st.integers(0, 100))
def test_ways_alternate_and_swaying_adds_nothing(aways: list[float], angle: float, seed: int) -> None:
    """However a track moves and the line lies: ins and outs differ by at most one, and swaying in between adds none."""
    along = np.array([np.cos(angle), np.sin(angle)])
    aside = np.array([-along[1], along[0]])
    middle = np.array([500.0, 500.0])
    start, end = middle - 400 * along, middle + 400 * along
    line = Line(start=(float(start[0]), float(start[1])), end=(float(end[0]), float(end[1])))
    plain, swaying = LineCounter(line), LineCounter(line)
    rng = np.random.default_rng(seed)
    for away in aways:
        x, y = middle + away * aside
        plain.update([_track(1, float(x), float(y))])
        for sway in rng.uniform(-0.24, 0.24, 3) * _WIDTH:
            x, y = middle + sway * aside
            swaying.update([_track(1, float(x), float(y))])
        x, y = middle + away * aside
        swaying.update([_track(1, float(x), float(y))])
    assert plain.totals == swaying.totals
    assert abs(plain.totals[Direction.IN] - plain.totals[Direction.OUT]) <= 1


def test_five_hundred_faces_in_a_frame() -> None:
    """Five hundred people who cross at once, each a track, are counted one by one."""
    tracker, counter = Tracker(), LineCounter(Line(start=(60_000.0, 300.0), end=(0.0, 300.0)))
    for step, height in enumerate((330, 320, 310, 300, 290, 280, 270)):
        faces = [_face(100.0 * place + 50, height) for place in range(500)]
        counter.update(tracker.update(faces, at=NOON + timedelta(seconds=0.1 * step)))
    assert counter.totals == {Direction.IN: 500, Direction.OUT: 0}
    counter.forget(tracker.ended(at=NOON + timedelta(minutes=1)))
    assert counter._sides == {}
