"""rotate_passes: a new pass key. What a stolen door box could read, no door takes any more.

At once, every pass made so far is waste paper and the old keys are destroyed; or, for an ordinary change, old passes
are accepted until a date and renewed at leisure. Everybody needs a new pass either way: the site has no template to
make one from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from limen.core.ledger import AuditTag
from limen.core.ports import Clock, Store

__all__ = ["RotatePasses", "Rotated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """The new key's number, and how many passes that still hold were made with older ones."""

    number: int
    to_replace: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RotatePasses:
    """Changes the pass key."""

    store: Store
    clock: Clock

    def __call__(self, *, accept_for: timedelta) -> Rotated:
        """Make a new key.

        Args:
            accept_for: how long older passes are still accepted; zero: not at all, and their keys are destroyed.

        Raises:
            RefusedError: there have been 255 keys already.
            StorageError: the store cannot be written; nothing was, unless the text says only the scrub is missing.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            key = unit.passes.rotate(at=now, accept_until=now + accept_for)
            held = [item for item in unit.passes.all() if item.revoked_at is None and now < item.terms.valid_until]
            detail = {"key": key.number, "accept_hours": accept_for // timedelta(hours=1)}
            unit.audit.append(AuditTag.PASS_KEYS_ROTATED, at=now, alias=None, detail=detail)
            unit.commit(scrub=True)
        return Rotated(number=key.number, to_replace=len(held))
