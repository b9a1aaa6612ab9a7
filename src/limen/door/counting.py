"""How many people walked in and out over a line in the picture: two totals, and nothing else.

1. Who they were, when each of them crossed and where else they were seen is not asked. A track's number is known here
   only as long as the track lives, and its last side of the line with it.
2. A track crosses when its middle has been clearly on one side and is clearly on the other: farther from the line than
   a share of its own width. One that sways on the line does not cross; one that goes and comes back counts once each
   way.
3. Only crossings between the ends of the line count; whoever walks round an end takes the new side without a count.
4. Where a total is shown to people it is hidden below ten: "2 in" at night tells of two persons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from limen.core.door import Direction
from limen.door.tracks import Track

__all__ = ["HIDDEN_BELOW", "Line", "LineCounter", "shown"]

HIDDEN_BELOW = 10

_CLEARLY = 0.25
"""How far from the line counts as clearly on a side, in widths of the face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where to count.

    Attributes:
        start, end: (x, y) in frame pixels. Who crosses from the left hand to the right hand of somebody looking from
            start to end in the picture goes in; swap the ends to turn that round.
    """

    start: tuple[float, float]
    end: tuple[float, float]

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError(f"line: expected two different ends, got {self.start} twice")


class LineCounter:
    """Counts crossings of one line at one door.

    Args:
        line: where.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._length = ((line.end[0] - line.start[0]) ** 2 + (line.end[1] - line.start[1]) ** 2) ** 0.5
        self._sides: dict[int, int] = {}
        self._totals = dict.fromkeys(Direction, 0)

    @property
    def totals(self) -> dict[Direction, int]:
        """How many crossed, each way, since counting began. Show them through ``shown``."""
        return dict(self._totals)

    def update(self, tracks: Iterable[Track]) -> None:
        """Take in the tracks of one frame."""
        for track in tracks:
            along, away = self._place(track.face.box.centre)
            if abs(away) <= _CLEARLY * track.face.box.width_px:
                continue
            side = 1 if away > 0 else -1
            before = self._sides.get(track.number, side)
            self._sides[track.number] = side
            if side != before and 0.0 <= along <= 1.0:
                self._totals[Direction.IN if side > 0 else Direction.OUT] += 1

    def forget(self, numbers: Iterable[int]) -> None:
        """Forget tracks that have ended."""
        for number in numbers:
            self._sides.pop(number, None)

    def _place(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where along the line a point is, 0 to 1 between its ends, and how far to its right hand, in pixels."""
        (x0, y0), (x1, y1) = self._line.start, self._line.end
        dx, dy = (x1 - x0) / self._length, (y1 - y0) / self._length
        px, py = point[0] - x0, point[1] - y0
        return (px * dx + py * dy) / self._length, dx * py - dy * px


def shown(total: int) -> str:
    """A total as people may see it (4)."""
    return str(total) if total >= HIDDEN_BELOW else f"fewer than {HIDDEN_BELOW}"
