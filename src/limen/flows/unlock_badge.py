"""unlock_badge: a badge that wrong PINs have locked may be tried again, for a reason that stands on record."""

from __future__ import annotations

from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import SubjectId
from limen.core.ports import Clock, Store
from limen.flows.desk import stated

__all__ = ["UnlockBadge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockBadge:
    """Unlocks badges.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def __call__(self, subject_id: SubjectId, *, reason: str) -> int:
        """How many typed PINs in a row had not opened the person's badge; the count begins anew.

        Raises:
            RefusedError: no reason is given, the person has no badge with a PIN, or it is not locked.
            StorageError: the store cannot be written; it stays locked.
        """
        told = stated(reason)
        with self.store.begin() as unit:
            sealed = unit.sealed.of(subject_id)
            if sealed is None or not sealed.is_locked_out:
                raise RefusedError(
                    f"{subject_id} has no badge that wrong PINs have locked",
                    advice="see `limen people list`, and `limen door events` for what was locked",
                    reason="not_locked",
                )
            unit.sealed.set_wrong_pins(sealed, 0)
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.BADGE_UNLOCKED, at=self.clock.now(), alias=alias, detail={"reason": told})
            unit.commit()
        return sealed.wrong_pins
