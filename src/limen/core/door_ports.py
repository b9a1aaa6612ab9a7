"""The seams through which a door reads and writes the store; part of every unit of work."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from limen.core.door import Counted, Direction, DoorId, DoorRequest, HourCount, Standing
from limen.core.people import Rights, SubjectId

__all__ = ["DoorStore", "RightsStore"]


class RightsStore(Protocol):
    """What is laid down for people at doors."""

    def get(self, subject_id: SubjectId) -> Rights:
        """A person's rights; none if nothing was laid down."""

    def put(self, subject_id: SubjectId, rights: Rights) -> None:
        """Lay down a person's rights in place of those before, sealed under the person's key.

        Raises:
            StorageError: nobody of that id is enrolled.
        """


class DoorStore(Protocol):
    """How doors stand, who is inside, what was counted, what was asked. No history of anybody."""

    def standing(self, door: DoorId) -> Standing:
        """How a door stands; calm if nobody has said anything."""

    def set_standing(self, door: DoorId, standing: Standing) -> None:
        """Let a door stand otherwise."""

    def set_leaf(self, door: DoorId, *, is_open: bool, at: datetime) -> None:
        """Whether a door stands open, told by whoever runs it; for other doors of its airlock."""

    def is_shut(self, door: DoorId, *, since: datetime) -> bool:
        """Whether a door was told to be shut, and not before a moment; unknown is not shut."""

    def inside(self, subject_id: SubjectId) -> bool:
        """Whether a person went in and has not come out."""

    def occupancy(self) -> int:
        """People inside, as passages were counted; never below zero."""

    def passed(self, direction: Direction, *, subject_id: SubjectId | None) -> None:
        """Somebody went through: one more or fewer inside, and where it is known who, inside or not."""

    def empty(self) -> None:
        """Nobody is inside, whatever was counted."""

    def count(self, door: DoorId, what: Counted, *, at: datetime) -> None:
        """One more in this hour."""

    def counts(self, door: DoorId, *, since: datetime) -> tuple[HourCount, ...]:
        """Totals by the hour, oldest first."""

    def prune(self, *, before: datetime) -> int:
        """Delete counts of hours before a moment, and requests that are late; how many."""

    def ask(self, request: DoorRequest) -> None:
        """Leave a request for a running door."""

    def asked(self, door: DoorId) -> bool:
        """Whether there is any request for a door."""

    def take(self, door: DoorId, *, at: datetime) -> tuple[DoorRequest, ...]:
        """Requests for a door that are not late, oldest first; they are deleted, late ones too."""
