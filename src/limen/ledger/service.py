"""What the service keeps, in the store: every row sealed under the site key and tied to its table, key, holder and end.

One mechanism for all of it: a row is found by its key, ends with its holder or at its time, and is otherwise
unreadable; an edited, moved or swapped row does not open.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Row, Table, delete, insert, select, update

from limen.core.accounts import Account, ApiToken, GivenAnswer, KeptItem, OneTimeLink, SessionRecord
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.schema import accounts, api_tokens, given_answers, one_time_links, sessions, utc_text
from limen.storage.vault import Vault, associated

__all__ = ["SqlService", "reseal_service"]

_TABLES = (accounts, sessions, api_tokens, one_time_links, given_answers)
_ACCOUNT = TypeAdapter(Account)
_SESSION = TypeAdapter(SessionRecord)
_TOKEN = TypeAdapter(ApiToken)
_LINK = TypeAdapter(OneTimeLink)
_ANSWER = TypeAdapter(GivenAnswer)

Item = TypeVar("Item", bound=KeptItem)


class SqlService:
    """Implements `limen.core.accounts.ServiceStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def accounts(self) -> _SqlKept[Account]:
        """Who runs the site."""
        return _SqlKept(self._session, accounts, _ACCOUNT)

    @cached_property
    def sessions(self) -> _SqlKept[SessionRecord]:
        """Who is signed in."""
        return _SqlKept(self._session, sessions, _SESSION)

    @cached_property
    def tokens(self) -> _SqlKept[ApiToken]:
        """Which programs may ask."""
        return _SqlKept(self._session, api_tokens, _TOKEN)

    @cached_property
    def links(self) -> _SqlKept[OneTimeLink]:
        """Links that were not opened yet."""
        return _SqlKept(self._session, one_time_links, _LINK)

    @cached_property
    def answers(self) -> _SqlKept[GivenAnswer]:
        """Answers to changes."""
        return _SqlKept(self._session, given_answers, _ANSWER)


class _SqlKept(Generic[Item]):
    """Implements `limen.core.accounts.Kept` on one table."""

    def __init__(self, session: Session, table: Table, shape: TypeAdapter[Item]) -> None:
        self._session = session
        self._table = table
        self._shape = shape

    def put(self, item: Item) -> None:
        """Store an item, in place of the one with its key."""
        until = None if item.until is None else utc_text(item.until)
        bound = associated(self._table.name, item.key, item.holder, until)
        sealed = self._session.vault.seal(self._shape.dump_json(item), bound=bound)
        values = {"holder": item.holder, "until": until, "sealed": sealed}
        changed = update(self._table).where(self._table.c.key == item.key).values(values)
        if not self._session.connection.execute(changed).rowcount:
            self._session.connection.execute(insert(self._table).values(key=item.key, **values))

    def get(self, key: str) -> Item | None:
        """The item, or None.

        Raises:
            StorageError: the row was altered.
        """
        with reading(self._table.name):
            query = select(self._table).where(self._table.c.key == key)
            row = self._session.connection.execute(query).one_or_none()
            return None if row is None else self._opened(row)

    def all(self) -> tuple[Item, ...]:
        """Every item, in the order they came.

        Raises:
            StorageError: a row was altered.
        """
        with reading(self._table.name):
            rows = self._session.connection.execute(select(self._table).order_by(self._table.c.row_id)).all()
            return tuple(self._opened(row) for row in rows)

    def remove(self, key: str) -> bool:
        """Forget an item; whether there was one. Of an account nothing is left after a commit with a scrub."""
        return bool(self._removed(self._table.c.key == key, personal=self._table is accounts))

    def remove_of(self, holder: str) -> int:
        """Forget what is somebody's; how many. The caller commits with a scrub."""
        return self._removed(self._table.c.holder == holder, personal=True)

    def prune(self, *, at: datetime) -> int:
        """Forget what has ended; how many."""
        return self._removed(self._table.c.until <= utc_text(at), personal=False)

    def _removed(self, which: Any, *, personal: bool) -> int:
        if personal:
            sealed = self._session.connection.execute(select(self._table.c.sealed).where(which)).scalars().all()
            self._session.forget(sealed)
        return self._session.connection.execute(delete(self._table).where(which)).rowcount

    def _opened(self, row: Row[Any]) -> Item:
        bound = associated(self._table.name, row.key, row.holder, row.until)
        place = f"{self._table.name} row {row.row_id}"
        return self._shape.validate_json(self._session.vault.open(row.sealed, bound=bound, row=place))


def reseal_service(session: Session, before: Vault) -> None:
    """Seal anew what was sealed under another site key (`limen.storage.rotate`).

    Raises:
        StorageError: a row was altered.
    """
    for table in _TABLES:
        for row in session.connection.execute(select(table)).all():
            bound = associated(table.name, row.key, row.holder, row.until)
            plain = before.open(row.sealed, bound=bound, row=f"{table.name} row {row.row_id}")
            session.forget([row.sealed])
            sealed = session.vault.seal(plain, bound=bound)
            session.connection.execute(update(table).where(table.c.row_id == row.row_id).values(sealed=sealed))
