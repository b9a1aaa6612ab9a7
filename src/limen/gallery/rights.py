"""What is laid down for people at doors, readable only with each person's own key."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from limen.core.people import Rights, SubjectId
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.rights_bytes import rights_bytes, rights_of
from limen.storage.schema import subject_rights
from limen.storage.vault import associated

__all__ = ["SqlRights"]


class SqlRights:
    """Implements `limen.core.door_ports.RightsStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def get(self, subject_id: SubjectId) -> Rights:
        """A person's rights; none if nothing was laid down.

        Raises:
            StorageError: the row was altered.
        """
        query = select(subject_rights.c.row_id, subject_rights.c.sealed)
        row = self._connection.execute(query.where(subject_rights.c.subject_id == subject_id)).one_or_none()
        if row is None:
            return Rights()
        place = f"subject_rights row {row.row_id}"
        plain = self._session.key(subject_id).open(row.sealed, bound=_bound(subject_id), row=place)
        with reading("subject_rights"):
            return rights_of(plain)

    def put(self, subject_id: SubjectId, rights: Rights) -> None:
        """Lay down a person's rights in place of those before.

        Raises:
            StorageError: nobody of that id is enrolled.
        """
        key = self._session.key(subject_id)
        sealed = key.seal(rights_bytes(rights), bound=_bound(subject_id))
        self.destroy(subject_id)
        self._connection.execute(insert(subject_rights).values(subject_id=subject_id, sealed=sealed))

    def destroy(self, subject_id: SubjectId) -> None:
        """Delete a person's rights; part of destroying the person."""
        mine = subject_rights.c.subject_id == subject_id
        self._session.forget(self._connection.execute(select(subject_rights.c.sealed).where(mine)).scalars().all())
        self._connection.execute(delete(subject_rights).where(mine))


def _bound(subject_id: SubjectId) -> bytes:
    return associated("rights", subject_id)
