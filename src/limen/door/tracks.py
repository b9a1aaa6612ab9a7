"""Faces of successive frames -> tracks: the same face again, by where it is. Anonymous, in memory, gone with the visit.

A track has a number that means nothing, counts within one door and is never written. Whether two people swapped places
between frames is not seen here but by what they look like (``gathering``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from limen.core.face import Box, Face

__all__ = ["LOST_AFTER", "Track", "Tracker"]

LOST_AFTER = timedelta(seconds=0.6)
"""How long a face may be out of sight, before a camera that gives ten pictures a second or more."""
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
    """Follows faces from frame to frame.

    Args:
        lost_after: how long a face may be out of sight; longer where frames come seldom.
    """

    def __init__(self, *, lost_after: timedelta = LOST_AFTER) -> None:
        self._lost_after = lost_after
        self._tracks: dict[int, Track] = {}
        self._next = 1

    def update(self, faces: Sequence[Face], *, at: datetime) -> tuple[Track, ...]:
        """The track of each face, in the order of the faces.

        A clock that jumps back ends no track; after one that jumps ahead, all faces are new.

        Args:
            faces: of one frame.
            at: its time.
        """
        taken: dict[int, int] = {}
        alive = [track for track in self._tracks.values() if at - track.seen_at <= self._lost_after]
        for number, place in _pairs(alive, faces):
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
        gone = tuple(number for number, track in self._tracks.items() if at - track.seen_at > self._lost_after)
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


def _pairs(tracks: Sequence[Track], faces: Sequence[Face]) -> list[tuple[int, int]]:
    """(track number, place of the face) of all that may belong together, likeliest first.

    Overlap counts first, then nearness; a face much larger or smaller is another one.
    """
    if not tracks or not faces:
        return []
    before, now = _boxes([track.face for track in tracks])[:, None], _boxes(faces)[None]
    size = before[..., 2:] - before[..., :2], now[..., 2:] - now[..., :2]
    larger, smaller = np.maximum(size[0], size[1])[..., 0], np.minimum(size[0], size[1])[..., 0]
    corners = np.maximum(before[..., :2], now[..., :2]), np.minimum(before[..., 2:], now[..., 2:])
    shared = np.clip(corners[1] - corners[0], 0.0, None).prod(axis=-1)
    overlap = shared / (size[0].prod(axis=-1) + size[1].prod(axis=-1) - shared)
    middles = (before[..., :2] + before[..., 2:] - now[..., :2] - now[..., 2:]) / 2
    away = np.abs(middles).max(axis=-1) / larger
    likeness = np.where(overlap >= _LEAST_OVERLAP, 1.0 + overlap, 1.0 - away)
    possible = (smaller >= _LEAST_SIZE_RATIO * larger) & ((overlap >= _LEAST_OVERLAP) | (away < _REACH))
    places = np.argwhere(possible)
    order = np.argsort(-likeness[possible], kind="stable")
    return [(tracks[row].number, int(column)) for row, column in places[order]]


def _boxes(faces: Sequence[Face]) -> NDArray[np.float64]:
    """Float64 (n, 4): left, top, right, bottom."""
    return np.array(
        [(b.x_px, b.y_px, b.x_px + b.width_px, b.y_px + b.height_px) for b in (face.box for face in faces)]
    ).reshape(-1, 4)
