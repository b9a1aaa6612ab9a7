"""Faces of successive frames -> tracks: the same face again, by where it is. Anonymous, in memory, gone with the visit.

A track has a number that means nothing, counts within one door and is never written. Whether two people swapped places
between frames is not seen here but by what they look like (``gathering``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from limen.core.face import Box, Face

__all__ = ["Track", "Tracker"]

_LOST_AFTER = timedelta(seconds=0.6)
_LEAST_OVERLAP = 0.15
_REACH = 1.0
_LEAST_SIZE_RATIO = 0.6
_STILL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """One face over time.

    Attributes:
        number: of the track at this door, from 1.
        face: where it was last.
        first_at, seen_at: when it was first and last seen.
        frames: how often.
        first_box: where it began.
        moved: the farthest its middle or size has been from there, in widths of the face.
    """

    number: int
    face: Face
    first_at: datetime
    seen_at: datetime
    frames: int
    first_box: Box
    moved: float

    @property
    def still(self) -> bool:
        """Whether it has hardly moved in all its time, as a poster on the wall does."""
        return self.moved < _STILL


class Tracker:
    """Follows faces from frame to frame."""

    def __init__(self) -> None:
        self._tracks: dict[int, Track] = {}
        self._next = 1

    def update(self, faces: Sequence[Face], *, at: datetime) -> tuple[Track, ...]:
        """The track of each face, in the order of the faces.

        A clock that jumps back ends no track; one that jumps ahead ends all of them.

        Args:
            faces: of one frame.
            at: its time.
        """
        pairs = sorted(
            (
                (score, number, place)
                for number, track in self._tracks.items()
                for place, face in enumerate(faces)
                if (score := _likeness(track.face.box, face.box)) is not None
            ),
            reverse=True,
        )
        taken: dict[int, int] = {}
        for _, number, place in pairs:
            if place not in taken and number not in taken.values():
                taken[place] = number
        result = []
        for place, face in enumerate(faces):
            before = self._tracks.get(taken.get(place, 0))
            track = self._begun(face, at) if before is None else _continued(before, face, at)
            self._tracks[track.number] = track
            result.append(track)
        return tuple(result)

    def ended(self, *, at: datetime) -> tuple[int, ...]:
        """Numbers of the tracks that have not been seen for a while; they are forgotten by this call."""
        gone = tuple(number for number, track in self._tracks.items() if at - track.seen_at > _LOST_AFTER)
        for number in gone:
            del self._tracks[number]
        return gone

    def _begun(self, face: Face, at: datetime) -> Track:
        number, self._next = self._next, self._next + 1
        return Track(number=number, face=face, first_at=at, seen_at=at, frames=1, first_box=face.box, moved=0.0)


def _continued(track: Track, face: Face, at: datetime) -> Track:
    first, now = track.first_box, face.box
    aside = max(abs(first.centre[0] - now.centre[0]), abs(first.centre[1] - now.centre[1])) / first.width_px
    moved = max(track.moved, aside, abs(now.width_px / first.width_px - 1.0))
    return replace(track, face=face, seen_at=max(at, track.seen_at), frames=track.frames + 1, moved=moved)


def _likeness(before: Box, now: Box) -> float | None:
    """How well a box follows another: overlap first, else nearness of one about as large; None if it cannot."""
    ratio = min(before.width_px, now.width_px) / max(before.width_px, now.width_px)
    if ratio < _LEAST_SIZE_RATIO:
        return None
    overlap = _overlap(before, now)
    if overlap >= _LEAST_OVERLAP:
        return 1.0 + overlap
    away = max(abs(before.centre[0] - now.centre[0]), abs(before.centre[1] - now.centre[1]))
    away /= max(before.width_px, now.width_px)
    return 1.0 - away if away < _REACH else None


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.x_px + one.width_px, other.x_px + other.width_px) - max(one.x_px, other.x_px)
    height = min(one.y_px + one.height_px, other.y_px + other.height_px) - max(one.y_px, other.y_px)
    if width <= 0.0 or height <= 0.0:
        return 0.0
    shared = width * height
    return shared / (one.width_px * one.height_px + other.width_px * other.height_px - shared)
