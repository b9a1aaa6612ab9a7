"""What ends with a person: the incidents about that person, and who asked about them."""

from __future__ import annotations

from sqlalchemy import delete, select

from limen.core.people import SubjectId
from limen.storage.schema import event_openings, incidents
from limen.storage.session import Session

__all__ = ["destroy_incidents"]


def destroy_incidents(session: Session, subject_id: SubjectId) -> None:
    """Delete a person's incidents; part of destroying the person."""
    mine = incidents.c.subject_id == subject_id
    theirs = event_openings.c.incident_id.in_(select(incidents.c.incident_id).where(mine))
    for table, which in ((event_openings, theirs), (incidents, mine)):
        session.forget(session.connection.execute(select(table.c.sealed).where(which)).scalars().all())
        session.connection.execute(delete(table).where(which))
