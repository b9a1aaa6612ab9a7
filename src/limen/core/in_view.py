"""Who stands before a door in one frame, as rectangles alone: for a preview, and for what to ask of the nearest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NOBODY", "Absence", "InView", "Rectangle"]

Rectangle = tuple[float, float, float, float]
"""Left, top, width, height, as shares of the picture's width and height."""


class Absence(StrEnum):
    """Why somebody in the picture does not take part."""

    OUTSIDE = "outside"
    TOO_FAR = "too_far"
    TURNED_AWAY = "turned_away"
    NO_SIGN = "no_sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class InView:
    """One frame of a door. It tells of nobody who, and of nobody whether known.

    Attributes:
        present: the faces of those who take part.
        looked_at: whether one of them is being looked at and nothing is decided yet.
        absence: why the nearest of the others does not take part; None where there is nobody else.
    """

    present: tuple[Rectangle, ...] = ()
    looked_at: bool = False
    absence: Absence | None = None


NOBODY = InView()
