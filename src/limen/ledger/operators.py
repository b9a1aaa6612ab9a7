"""Operators in the store: an id and the hash of a code; and approvals: a setting and how far it may go.

Both are authenticated, so that writing to the database adds none.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from sqlalchemy import delete, insert, select, update

from limen.core.errors import LedgerError
from limen.core.operators import Approved, OperatorId
from limen.storage import Session
from limen.storage.release_codes import code_fits, hash_of, new_code
from limen.storage.schema import approvals, operators
from limen.storage.vault import Vault, associated

__all__ = ["SqlOperators", "reseal_operators"]


class SqlOperators:
    """Implements `limen.core.operators.OperatorStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._vault = session.vault
        self._connection = session.connection

    def add(self, operator_id: OperatorId) -> str:
        """Store a new operator; the operator's code, which is told once and stored as a hash.

        Raises:
            StorageError: there is one of that id.
        """
        code = new_code()
        stored = hash_of(code)
        values = {"operator_id": operator_id, "code_hash": stored, "seal": _seal(self._vault, operator_id, stored)}
        self._connection.execute(insert(operators).values(values))
        return code

    def all(self) -> tuple[OperatorId, ...]:
        """Every operator, in the order they came.

        Raises:
            LedgerError: a row was not written by limen.
        """
        return tuple(operator_id for operator_id, _ in self._rows())

    def who(self, code: str) -> OperatorId | None:
        """Whose code it is, or None.

        Raises:
            LedgerError: a row was not written by limen.
        """
        return next((operator_id for operator_id, stored in self._rows() if code_fits(code, stored)), None)

    def remove(self, operator_id: OperatorId) -> bool:
        """Forget an operator; whether there was one."""
        mine = operators.c.operator_id == operator_id
        return bool(self._connection.execute(delete(operators).where(mine)).rowcount)

    def approved(self, what: Approved) -> int | None:
        """How far a setting was approved, or None if it never was.

        Raises:
            LedgerError: a row was not written by limen.
        """
        row = self._connection.execute(select(approvals).where(approvals.c.what == what.value)).one_or_none()
        if row is None:
            return None
        if not hmac.compare_digest(row.seal, _approval_seal(self._vault, what, row.value)):
            raise LedgerError(
                f"the approval of {what.value} was not written by limen", advice="ask who had access to the data folder"
            )
        return int(row.value)

    def approve(self, what: Approved, value: int) -> None:
        """A setting is approved up to a value, higher or lower than before."""
        self._connection.execute(delete(approvals).where(approvals.c.what == what.value))
        seal = _approval_seal(self._vault, what, value)
        self._connection.execute(insert(approvals).values(what=what.value, value=value, seal=seal))

    def _rows(self) -> Iterator[tuple[OperatorId, str]]:
        for row in self._connection.execute(select(operators).order_by(operators.c.row_id)).all():
            if not hmac.compare_digest(row.seal, _seal(self._vault, row.operator_id, row.code_hash)):
                raise LedgerError(
                    f"operators row {row.row_id} was not written by limen",
                    advice="ask who had access to the data folder",
                )
            yield OperatorId(row.operator_id), row.code_hash


def reseal_operators(session: Session, before: Vault) -> None:
    """Authenticate anew what was authenticated under another site key (`limen.storage.rotate`).

    Raises:
        LedgerError: a row was not written by limen.
    """
    old = SqlOperators(Session(connection=session.connection, vault=before))
    for operator_id, stored in list(old._rows()):  # noqa: SLF001  one module
        seal = _seal(session.vault, operator_id, stored)
        session.connection.execute(update(operators).where(operators.c.operator_id == operator_id).values(seal=seal))
    new = SqlOperators(session)
    for what in Approved:
        value = old.approved(what)
        if value is not None:
            new.approve(what, value)


def _approval_seal(vault: Vault, what: Approved, value: int) -> bytes:
    return vault.record_mac(associated("approval", what.value, value))


def _seal(vault: Vault, operator_id: str, stored: str) -> bytes:
    return vault.record_mac(associated("operator", operator_id, stored))
