"""Boxes of faces in a video, carried over the frames in which the detector missed them.

1. The boxes of one face in successive frames are one run; a run may have gaps of up to ``_GAP_S``, and in a gap the
   box moves evenly from where it was to where it is again.
2. A run begins ``_BEFORE_S`` before its first box and ends ``_AFTER_S`` after its last: a face turns away and towards
   the camera, and just before and after it is not found it is still there.
3. A carried box is larger than a seen one, the more the longer nothing was seen.

Whether two boxes are one face is told from where they are, as a door's tracks do; a run is a list of boxes and no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from limen.core.face import Box

__all__ = ["held"]

_GAP_S = 1.5
_BEFORE_S = _AFTER_S = 0.5
_REACH = 1.0
_SPEED = 2.0
"""How far a face may have gone in a second without a box, in its widths."""

_LEAST_SIZE_RATIO = 0.5
_GROW_A_SECOND = 0.6
_GROW_MOST = 0.5

_Run = list[tuple[int, Box]]


def held(found: Sequence[Sequence[Box]], *, times_s: Sequence[float]) -> list[tuple[Box, ...]]:
    """What to cover in each frame.

    Args:
        found: boxes found, frame by frame.
        times_s: of the frames, growing.

    Returns:
        Frame by frame, the boxes found and the boxes carried over.
    """
    result: list[list[Box]] = [list(boxes) for boxes in found]
    for run in _runs(found, times_s):
        for (first, one), (last, other) in pairwise(run):
            for frame in range(first + 1, last):
                share = (frame - first) / (last - first)
                unseen_s = min(times_s[frame] - times_s[first], times_s[last] - times_s[frame])
                result[frame].append(_grown(_between(one, other, share), unseen_s))
        for frame, box in _ends(run, times_s):
            result[frame].append(box)
    return [tuple(boxes) for boxes in result]


def _runs(found: Sequence[Sequence[Box]], times_s: Sequence[float]) -> list[_Run]:
    done: list[_Run] = []
    alive: list[_Run] = []
    for frame, boxes in enumerate(found):
        now = times_s[frame]
        done += [run for run in alive if now - times_s[run[-1][0]] > _GAP_S]
        alive = [run for run in alive if now - times_s[run[-1][0]] <= _GAP_S]
        pairs = sorted(
            (distance, number, place)
            for number, run in enumerate(alive)
            for place, box in enumerate(boxes)
            if (distance := _distance(run[-1][1], box, passed_s=now - times_s[run[-1][0]])) is not None
        )
        used: set[int] = set()
        extended: set[int] = set()
        for _, number, place in pairs:
            if number not in extended and place not in used:
                alive[number].append((frame, boxes[place]))
                extended.add(number)
                used.add(place)
        alive += [[(frame, box)] for place, box in enumerate(boxes) if place not in used]
    return done + alive


def _distance(before: Box, now: Box, *, passed_s: float) -> float | None:
    """How far apart two boxes are, in widths of the larger; None if they cannot be one face."""
    larger = max(before.width_px, now.width_px)
    if min(before.width_px, now.width_px) < _LEAST_SIZE_RATIO * larger:
        return None
    aside = max(abs(before.centre[0] - now.centre[0]), abs(before.centre[1] - now.centre[1])) / larger
    return aside if aside <= _REACH + _SPEED * passed_s else None


def _ends(run: _Run, times_s: Sequence[float]) -> Iterator[tuple[int, Box]]:
    """The frames just before and just after a run (2), and what to cover there."""
    last = len(times_s)
    for (seen, box), frames, at_most_s in (
        (run[0], range(run[0][0] - 1, -1, -1), _BEFORE_S),
        (run[-1], range(run[-1][0] + 1, last), _AFTER_S),
    ):
        for frame in frames:
            unseen_s = abs(times_s[frame] - times_s[seen])
            if unseen_s > at_most_s:
                break
            yield frame, _grown(box, unseen_s)


def _between(one: Box, other: Box, share: float) -> Box:
    def mix(a: float, b: float) -> float:
        return a + (b - a) * share

    return Box(
        x_px=mix(one.x_px, other.x_px),
        y_px=mix(one.y_px, other.y_px),
        width_px=mix(one.width_px, other.width_px),
        height_px=mix(one.height_px, other.height_px),
    )


def _grown(box: Box, unseen_s: float) -> Box:
    more = min(_GROW_MOST, _GROW_A_SECOND * unseen_s)
    return Box(
        x_px=box.x_px - box.width_px * more / 2,
        y_px=box.y_px - box.height_px * more / 2,
        width_px=box.width_px * (1 + more),
        height_px=box.height_px * (1 + more),
    )
