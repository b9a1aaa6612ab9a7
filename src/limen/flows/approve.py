"""approve: in a live folder some settings hold only as far as two operators have approved them.

Settings are a file that one person can change. So the store keeps, authenticated and on record, how far two operators
have approved the hands-free list and how long data is kept; where the file asks for more, what would use it is refused
or stays at what was approved. Where one person is enough, nothing is kept back.

Source: docs/adr/0023.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.operators import SHIPPED, Approved
from limen.core.ports import Store, UnitOfWork
from limen.flows.two_people import Operators

__all__ = ["Approvals"]

_WORDS = {
    Approved.GALLERY: "the hands-free list",
    Approved.UNUSED_DAYS: "privacy.unused_days",
    Approved.BACKUP_DAYS: "backup.days",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Compares the settings in force with what was approved.

    Attributes:
        store: of the site.
        operators: asks for two.
        asked: the settings in force.
    """

    store: Store
    operators: Operators
    asked: Mapping[Approved, int]

    def approve(self, codes: Sequence[str]) -> bool:
        """Approve the settings in force, no further; whether that was needed here at all.

        Args:
            codes: of two operators.

        Raises:
            RefusedError: two are needed and were not given; nothing was changed.
            StorageError: the store cannot be written.
        """
        values = ", ".join(f"{what.value}={self.asked[what]}" for what in Approved)
        with self.store.begin() as unit:
            if not self.operators.stand(unit, codes, what=f"approve the settings {values}"):
                return False
            for what in Approved:
                unit.operators.approve(what, self.asked[what])
            unit.commit()
        return True

    def bounded(self, what: Approved) -> int:
        """The setting in force, or what was approved where that is less."""
        with self.store.read() as unit:
            return min(self.asked[what], self._bound(unit, what))

    def missing(self, *which: Approved) -> tuple[str, ...]:
        """Which of these settings go beyond what was approved, in words.

        Raises:
            LedgerError: an approval was not written by limen.
        """
        with self.store.read() as unit:
            return tuple(_WORDS[what] for what in which if self.asked[what] > self._bound(unit, what))

    def check(self, *which: Approved) -> None:
        """Refuse to go on with settings that go beyond what was approved.

        Raises:
            RefusedError: with what has to be approved, and how.
            LedgerError: an approval was not written by limen.
        """
        missing = self.missing(*which)
        if missing:
            raise RefusedError(
                f"two operators have not approved {' and '.join(missing)} as the settings are",
                advice="limen site approve --operator-code CODE --operator-code CODE",
                reason="not_approved",
            )

    def _bound(self, unit: UnitOfWork, what: Approved) -> int:
        if self.operators.one_is_enough(unit):
            return self.asked[what]
        approved = unit.operators.approved(what)
        return SHIPPED[what] if approved is None else approved
