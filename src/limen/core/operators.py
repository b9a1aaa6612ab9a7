"""Operators: people who run a site, known by a code alone; nothing else is kept about them."""

from __future__ import annotations

from typing import NewType, Protocol

__all__ = ["OperatorId", "OperatorStore"]

OperatorId = NewType("OperatorId", str)


class OperatorStore(Protocol):
    """Who may stand for an act that takes two people; part of every unit of work."""

    def add(self, operator_id: OperatorId) -> str:
        """Store a new operator; the operator's code, which is told once and stored as a hash.

        Raises:
            StorageError: there is one of that id.
        """

    def all(self) -> tuple[OperatorId, ...]:
        """Every operator, in the order they came.

        Raises:
            LedgerError: a row was not written by limen.
        """

    def who(self, code: str) -> OperatorId | None:
        """Whose code it is, or None.

        Raises:
            LedgerError: a row was not written by limen.
        """

    def remove(self, operator_id: OperatorId) -> bool:
        """Forget an operator; whether there was one."""
