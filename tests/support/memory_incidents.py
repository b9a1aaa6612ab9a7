"""Incidents of a store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from limen.core.errors import StorageError
from limen.core.incidents import EventOpening, Incident, IncidentId
from support.memory_state import MemoryState

__all__ = ["MemoryIncidents"]


class MemoryIncidents:
    """Implements `limen.core.incidents.IncidentStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def add(self, incident: Incident) -> None:
        """Store an incident."""
        if incident.subject_id is not None and incident.subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.incidents[incident.incident_id] = incident

    def get(self, incident_id: IncidentId) -> Incident | None:
        """One, or None."""
        return self._state.incidents.get(incident_id)

    def all(self) -> tuple[Incident, ...]:
        """Every one."""
        return tuple(self._state.incidents.values())

    def close(self, incident_id: IncidentId, *, at: datetime) -> None:
        """Settled."""
        self._state.incidents[incident_id] = replace(self._state.incidents[incident_id], closed_at=at)

    def put_opening(self, opening: EventOpening) -> None:
        """Store an opening."""
        self._state.openings.pop(opening.opening_id, None)
        self._state.openings[opening.opening_id] = opening

    def openings(self) -> Sequence[EventOpening]:
        """Every one."""
        return tuple(self._state.openings.values())
