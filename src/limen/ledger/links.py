"""Codes of links in the store: the hash of each, and whose it is.

Rule kept: the code is told once and kept nowhere. It has 100 random bits, so that a plain SHA-256 tells nothing about
it, finds its row at once, and needs no salt.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import delete, insert, select

from limen.core.people import SubjectId
from limen.core.typed_codes import new_code, plain_code
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.schema import links

__all__ = ["SqlLinks"]

_GROUPS = 5


class SqlLinks:
    """Implements `limen.core.links.LinkStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def issue(self, subject_id: SubjectId) -> str:
        """A new code, in place of any before.

        Raises:
            StorageError: nobody of that id is enrolled, or the store cannot be written.
        """
        self._session.key(subject_id)
        code = new_code(groups=_GROUPS)
        self.destroy(subject_id)
        self._connection.execute(insert(links).values(subject_id=subject_id, code_hash=_hash(code)))
        return code

    def owner(self, code: str) -> SubjectId | None:
        """Whose page a code opens, or None.

        Raises:
            StorageError: the row cannot be read.
        """
        query = select(links.c.subject_id).where(links.c.code_hash == _hash(code))
        with reading("links"):
            found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else SubjectId(found)

    def destroy(self, subject_id: SubjectId) -> int:
        """Take a person's code away; how many there were."""
        mine = links.c.subject_id == subject_id
        stored = self._connection.execute(select(links.c.code_hash).where(mine)).scalars().all()
        self._session.forget(stored)
        self._connection.execute(delete(links).where(mine))
        return len(stored)


def _hash(code: str) -> bytes:
    return sha256(b"limen/1/link " + plain_code(code).encode()).digest()
