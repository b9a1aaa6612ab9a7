"""Operators: people who run a site, known by a code alone; and what two of them have approved of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NewType, Protocol

__all__ = ["SHIPPED", "Approved", "OperatorId", "OperatorStore"]

OperatorId = NewType("OperatorId", str)


class Approved(StrEnum):
    """Settings that hold in a live folder as far as two operators have approved them, each a whole number."""

    GALLERY = "gallery"
    UNUSED_DAYS = "unused_days"
    BACKUP_DAYS = "backup_days"


SHIPPED: Mapping[Approved, int] = MappingProxyType(
    {Approved.GALLERY: 0, Approved.UNUSED_DAYS: 30, Approved.BACKUP_DAYS: 30}
)
"""What holds before anybody has approved anything: no hands-free list (1 allows it), and the settings' own limits."""


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

    def approved(self, what: Approved) -> int | None:
        """How far a setting was approved, or None if it never was.

        Raises:
            LedgerError: a row was not written by limen.
        """

    def approve(self, what: Approved, value: int) -> None:
        """A setting is approved up to a value, higher or lower than before."""
