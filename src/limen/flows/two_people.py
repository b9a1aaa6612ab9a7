"""two_people: in a live folder, what reaches many people or brings old data back takes two operators, not one.

An operator is a random id and a code; names are not kept. The first two are added freely, later ones, and removing one,
take two themselves. In the profile `home` one person is enough while there are no two operators, and in a trial folder
nobody is asked. Not covered:
somebody who can change the settings, or who got both codes (docs/limits.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag, Detail
from limen.core.operators import OperatorId
from limen.core.people import SiteKind, new_id
from limen.core.ports import Clock, Store, UnitOfWork

__all__ = ["ENOUGH", "Operators"]

ENOUGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Operators:
    """Adds operators, and asks for two where two are needed.

    Attributes:
        store: of the site.
        clock: tells when.
        alone: whether one person is enough until there are two operators (profile `home`).
    """

    store: Store
    clock: Clock
    alone: bool

    def add(self, codes: Sequence[str]) -> tuple[OperatorId, str]:
        """A new operator and the operator's code, told once.

        Args:
            codes: of two operators, once there are two.

        Raises:
            RefusedError: two are needed and were not given.
            StorageError: the store cannot be written.
        """
        operator_id = OperatorId(new_id("o"))
        with self.store.begin() as unit:
            if len(unit.operators.all()) >= ENOUGH:
                self.stand(unit, codes, what="add an operator")
            code = unit.operators.add(operator_id)
            self._record(unit, AuditTag.OPERATOR_ADDED, {"operator": operator_id})
            unit.commit()
        return operator_id, code

    def remove(self, operator_id: OperatorId, codes: Sequence[str]) -> None:
        """Forget an operator.

        Raises:
            RefusedError: there is none of that id, or two are needed and were not given.
            StorageError: the store cannot be written.
        """
        with self.store.begin() as unit:
            self.stand(unit, codes, what="remove an operator")
            if not unit.operators.remove(operator_id):
                raise RefusedError(
                    f"there is no operator {operator_id}", advice="limen site operator list", reason="no_operator"
                )
            self._record(unit, AuditTag.OPERATOR_REMOVED, {"operator": operator_id})
            unit.commit()

    def approve(self, codes: Sequence[str], *, what: str) -> None:
        """Two operators stand for an act, on record; in a home or a trial folder nobody has to.

        Args:
            codes: theirs.
            what: the act, in a few words.

        Raises:
            RefusedError: two are needed and were not given; nothing was changed.
            StorageError: the store cannot be written.
        """
        with self.store.begin() as unit:
            if self.stand(unit, codes, what=what):
                unit.commit()

    def one_is_enough(self, unit: UnitOfWork) -> bool:
        """Whether nobody is asked: in a trial folder, and at home as long as there are no two operators."""
        if self.store.site_kind is SiteKind.TRIAL:
            return True
        return self.alone and len(unit.operators.all()) < ENOUGH

    def stand(self, unit: UnitOfWork, codes: Sequence[str], *, what: str) -> bool:
        """Whether two people were asked for, and stand for an act of this transaction, on record.

        Args:
            unit: the transaction that the act is part of; not committed here.
            codes: theirs.
            what: the act, in a few words.

        Raises:
            RefusedError: two are needed and were not given.
        """
        if self.one_is_enough(unit):
            return False
        who = {operator_id for operator_id in map(unit.operators.who, codes) if operator_id is not None}
        if len(who) < ENOUGH:
            raise RefusedError(
                f"to {what} takes two operators",
                advice="give both codes (--operator-code, twice); who has none yet: limen site operator add",
                reason="two_people",
            )
        first, second = sorted(who)[:ENOUGH]
        self._record(unit, AuditTag.ACT_APPROVED, {"act": what, "first": first, "second": second})
        return True

    def _record(self, unit: UnitOfWork, tag: AuditTag, detail: Detail) -> None:
        unit.audit.append(tag, at=self.clock.now(), alias=None, detail=detail)
