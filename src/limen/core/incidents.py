"""Incidents: what somebody reports about a door, and who asked, with whose approval, whom an event was about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

from limen.core.people import SubjectId

__all__ = ["EventOpening", "Incident", "IncidentId", "IncidentKind", "IncidentStore", "OpeningId"]

IncidentId = NewType("IncidentId", str)
OpeningId = NewType("OpeningId", str)


class IncidentKind(StrEnum):
    """What was reported."""

    NOT_ME = "not_me"
    SOMETHING_HAPPENED = "something_happened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that was reported, with what the door had written down of it: no picture, and nobody who is meant.

    Attributes:
        incident_id: random id.
        kind: what was reported.
        opened_at: UTC.
        closed_at: UTC, or None while it is open.
        subject_id: whose face pass or hands-free list it is about; None where something else happened.
        event: the door's event, or empty.
        door: its door, or empty.
        happened_at: UTC, of the event; None where no event is given.
        facts: what the door wrote down: outcome, rates and quality, as (name, value).
        note: a few words.
        opened_by: id of the account that opened it, or ``self`` for the person's own page.
    """

    incident_id: IncidentId
    kind: IncidentKind
    opened_at: datetime
    closed_at: datetime | None = None
    subject_id: SubjectId | None = None
    event: str = ""
    door: str = ""
    happened_at: datetime | None = None
    facts: tuple[tuple[str, str], ...] = ()
    note: str = field(default="", repr=False)
    opened_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOpening:
    """Somebody asks whom an event was about; somebody of another role approves, or nobody does.

    Attributes:
        opening_id: random id.
        incident_id: for which.
        event: which.
        reason: why, in a few words.
        asked_by, asked_role: account and role.
        asked_at: UTC.
        approved_by, approved_role: account and role; empty until then.
        until: UTC; from then on nothing is shown. None until it is approved.
    """

    opening_id: OpeningId
    incident_id: IncidentId
    event: str
    reason: str = field(repr=False)
    asked_by: str
    asked_role: str
    asked_at: datetime
    approved_by: str = ""
    approved_role: str = ""
    until: datetime | None = None


class IncidentStore(Protocol):
    """Incidents and openings of events; part of every unit of work."""

    def add(self, incident: Incident) -> None:
        """Store an incident, sealed under the key of the person it is about.

        Raises:
            StorageError: the store cannot be written, or nobody of that id is enrolled.
        """

    def get(self, incident_id: IncidentId) -> Incident | None:
        """One incident, or None."""

    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first."""

    def close(self, incident_id: IncidentId, *, at: datetime) -> None:
        """Say that an incident is settled."""

    def put_opening(self, opening: EventOpening) -> None:
        """Store an opening, in place of the one of its id."""

    def openings(self) -> Sequence[EventOpening]:
        """Every opening, oldest first."""
