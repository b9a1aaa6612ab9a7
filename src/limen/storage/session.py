"""What a room gets to work with inside one transaction, and the keys of people, which every room shares.

Rule kept: a person's key is created with the person and destroyed with the person, in one transaction; whoever destroys
sealed bytes says which (`Session.forget`), so that the scrub can look for them afterwards instead of trusting that they
are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from limen.core.errors import StorageError
from limen.core.people import SubjectId
from limen.storage.failures import reading
from limen.storage.schema import data_keys
from limen.storage.vault import KEY_VERSION, PersonKey, Vault

__all__ = ["Session"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One open transaction of one site.

    Attributes:
        connection: inside the transaction.
        vault: opened with the site key.
        forgotten: bytes that this transaction removes and that no file may hold once it is acknowledged.
    """

    connection: Connection = field(repr=False)
    vault: Vault = field(repr=False)
    forgotten: list[bytes] = field(default_factory=list, repr=False)

    def create_key(self, subject_id: SubjectId) -> PersonKey:
        """A new random key for a new person, stored wrapped.

        Raises:
            StorageError: the person has one already, or the store cannot be written.
        """
        key = PersonKey.new()
        wrapped = self.vault.wrap(key, subject_id=subject_id)
        values = {"subject_id": subject_id, "version": KEY_VERSION, "wrapped": wrapped}
        self.connection.execute(insert(data_keys).values(values))
        return key

    def key(self, subject_id: SubjectId) -> PersonKey:
        """A person's key.

        Raises:
            StorageError: nobody of that id is enrolled, or the row was altered.
        """
        query = select(data_keys.c.row_id, data_keys.c.version, data_keys.c.wrapped)
        with reading("data_keys"):
            row = self.connection.execute(query.where(data_keys.c.subject_id == subject_id)).one_or_none()
            if row is None:
                raise StorageError(
                    "nobody of that id is enrolled here",
                    advice="run `limen people list` to see who is enrolled",
                )
            return self.unwrap(row.wrapped, subject_id=subject_id, version=row.version, row_id=row.row_id)

    def unwrap(self, wrapped: bytes, *, subject_id: str, version: int, row_id: int) -> PersonKey:
        """A person's key from a row of ``data_keys`` that the caller has read.

        Raises:
            StorageError: the row was altered.
        """
        return self.vault.unwrap(wrapped, subject_id=subject_id, version=version, row=f"data_keys row {row_id}")

    def destroy_key(self, subject_id: SubjectId) -> None:
        """Delete a person's key; what was sealed with it never opens again."""
        mine = data_keys.c.subject_id == subject_id
        self.forget(self.connection.execute(select(data_keys.c.wrapped).where(mine)).scalars().all())
        self.connection.execute(delete(data_keys).where(mine))

    def forget(self, blobs: Sequence[bytes]) -> None:
        """Note sealed bytes that this transaction removes."""
        self.forgotten.extend(blobs)
