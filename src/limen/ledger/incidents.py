"""Incidents in the store: what was reported, sealed under the key of the person it is about or else under the site's.

Rules kept: an incident holds what the door had written down anyway, and no picture; whom an event was about stands in
none of these rows; with the person go the incidents about the person, and who asked about them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from limen.core.incidents import EventOpening, Incident, IncidentId, IncidentKind, OpeningId
from limen.core.people import SubjectId
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.schema import event_openings, incidents, utc_text
from limen.storage.vault import PersonKey, Vault, associated

__all__ = ["SqlIncidents", "reseal_incidents"]


class SqlIncidents:
    """Implements `limen.core.incidents.IncidentStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def add(self, incident: Incident) -> None:
        """Store an incident.

        Raises:
            StorageError: the store cannot be written, or nobody of that id is enrolled.
        """
        self._connection.execute(
            insert(incidents).values(
                incident_id=incident.incident_id,
                subject_id=incident.subject_id,
                opened_at=utc_text(incident.opened_at),
                sealed=_seal(self._key(incident.subject_id), incident),
            )
        )

    def get(self, incident_id: IncidentId) -> Incident | None:
        """One incident, or None.

        Raises:
            StorageError: the row was altered.
        """
        query = select(incidents).where(incidents.c.incident_id == incident_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else self._incident(row)

    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first.

        Raises:
            StorageError: a row was altered.
        """
        rows = self._connection.execute(select(incidents).order_by(incidents.c.row_id)).all()
        return tuple(map(self._incident, rows))

    def close(self, incident_id: IncidentId, *, at: datetime) -> None:
        """Say that an incident is settled."""
        mine = incidents.c.incident_id == incident_id
        self._connection.execute(update(incidents).where(mine).values(closed_at=utc_text(at)))

    def put_opening(self, opening: EventOpening) -> None:
        """Store an opening, in place of the one of its id."""
        mine = event_openings.c.opening_id == opening.opening_id
        self._connection.execute(delete(event_openings).where(mine))
        sealed = _seal_opening(self._session.vault, opening)
        values = {"opening_id": opening.opening_id, "incident_id": opening.incident_id, "sealed": sealed}
        self._connection.execute(insert(event_openings).values(values))

    def openings(self) -> Sequence[EventOpening]:
        """Every opening, oldest first.

        Raises:
            StorageError: a row was altered.
        """
        rows = self._connection.execute(select(event_openings).order_by(event_openings.c.row_id)).all()
        return tuple(self._opening(row) for row in rows)

    def _key(self, subject_id: SubjectId | None) -> PersonKey | Vault:
        return self._session.vault if subject_id is None else self._session.key(subject_id)

    def _incident(self, row: Row[Any]) -> Incident:
        place = f"incidents row {row.row_id}"
        bound = associated("incident", row.incident_id, row.subject_id, row.opened_at)
        plain = self._key(row.subject_id).open(row.sealed, bound=bound, row=place)
        with reading("incidents"):
            told = json.loads(plain)
            return Incident(
                incident_id=IncidentId(row.incident_id),
                kind=IncidentKind(told["kind"]),
                opened_at=datetime.fromisoformat(row.opened_at),
                closed_at=_moment(row.closed_at),
                subject_id=None if row.subject_id is None else SubjectId(row.subject_id),
                event=told["event"],
                door=told["door"],
                happened_at=_moment(told["happened_at"]),
                facts=tuple((name, value) for name, value in told["facts"]),
                note=told["note"],
                opened_by=told["opened_by"],
            )

    def _opening(self, row: Row[Any]) -> EventOpening:
        bound = associated("opening", row.opening_id, row.incident_id)
        plain = self._session.vault.open(row.sealed, bound=bound, row=f"event_openings row {row.row_id}")
        with reading("event_openings"):
            told = json.loads(plain)
            told |= {"asked_at": datetime.fromisoformat(told["asked_at"]), "until": _moment(told["until"])}
            return EventOpening(opening_id=OpeningId(row.opening_id), incident_id=IncidentId(row.incident_id), **told)


def reseal_incidents(session: Session, before: Vault) -> None:
    """Seal anew what was sealed under another site key (`limen.storage.rotate`).

    Raises:
        StorageError: a row was altered.
    """
    old = SqlIncidents(Session(connection=session.connection, vault=before))
    about_nobody = select(incidents).where(incidents.c.subject_id.is_(None))
    for row in session.connection.execute(about_nobody).all():
        sealed = _seal(session.vault, old._incident(row))  # noqa: SLF001  one module
        mine = incidents.c.row_id == row.row_id
        session.connection.execute(update(incidents).where(mine).values(sealed=sealed))
    for opening in old.openings():
        sealed = _seal_opening(session.vault, opening)
        mine = event_openings.c.opening_id == opening.opening_id
        session.connection.execute(update(event_openings).where(mine).values(sealed=sealed))


def _seal(key: PersonKey | Vault, incident: Incident) -> bytes:
    told = {
        "kind": incident.kind.value,
        "event": incident.event,
        "door": incident.door,
        "happened_at": None if incident.happened_at is None else utc_text(incident.happened_at),
        "facts": incident.facts,
        "note": incident.note,
        "opened_by": incident.opened_by,
    }
    bound = associated("incident", incident.incident_id, incident.subject_id, utc_text(incident.opened_at))
    return key.seal(json.dumps(told, sort_keys=True).encode(), bound=bound)


def _seal_opening(vault: Vault, opening: EventOpening) -> bytes:
    told = {name: value for name, value in asdict(opening).items() if name not in {"opening_id", "incident_id"}}
    told["asked_at"] = utc_text(opening.asked_at)
    told["until"] = None if opening.until is None else utc_text(opening.until)
    bound = associated("opening", opening.opening_id, opening.incident_id)
    return vault.seal(json.dumps(told, sort_keys=True).encode(), bound=bound)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
