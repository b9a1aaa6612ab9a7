"""pin_try: a PIN that was typed for a badge, counted before anything is known of it.

1. A typed PIN counts once, durably, before it is tried; the count begins anew only when badge, PIN and face have fitted
   together. So neither a killed process nor a pulled plug gives a guess for nothing.
2. Whether the PIN was right is told to nobody while the face is not the holder's: the same answer, the same work, the
   same writes. So a right PIN beside another face counts like a wrong one.
3. After `MOST_WRONG_PINS` of them in a row no PIN opens the badge until the desk unlocks it; that it is locked stands
   on record, about the badge's holder and not about whoever typed.

Source: docs/adr/0018.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import wipe
from limen.core.door import DoorId
from limen.core.ledger import AuditTag, Detail
from limen.core.match import UnknownReason
from limen.core.pass_ports import BadgeLock
from limen.core.passes import MOST_WRONG_PINS, SealedTemplate, SiteSecret
from limen.core.ports import Store, UnitOfWork
from limen.flows.open_pass import standing

__all__ = ["PinTry", "TryPin", "badge_of"]


@dataclass(slots=True, kw_only=True, eq=False)
class PinTry:
    """One typed PIN, in memory for seconds.

    Attributes:
        sealed: of the badge; its count includes this try.
        vector: the template, float32 (d,), unit norm; None after another PIN, or where the badge is locked.
        fitted: whether the face has fitted, too.
    """

    sealed: SealedTemplate
    vector: NDArray[np.float32] | None = field(repr=False)
    fitted: bool = False

    @property
    def refusal(self) -> UnknownReason:
        """What it is called while it does not fit."""
        return UnknownReason.BADGE_PIN_LOCKED if self.sealed.is_locked_out else UnknownReason.BADGE_PIN_WRONG

    def wipe(self) -> None:
        """Overwrite the template with zeros."""
        if self.vector is not None:
            wipe(self.vector)
            self.vector = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryPin:
    """Counts and tries PINs.

    Attributes:
        store: of the site.
        lock: opens badge-locked templates.
    """

    store: Store
    lock: BadgeLock

    def __call__(self, raw: bytes, pin: str, *, at: datetime) -> PinTry | UnknownReason:
        """Count a PIN that was typed for a badge, then try it; whoever gets it gives it back by `end`.

        Raises:
            StorageError: it cannot be counted; then it was not tried.
        """
        with self.store.begin() as unit:
            found = badge_of(unit, raw, lock=self.lock, at=at)
            if isinstance(found, UnknownReason):
                return found
            sealed, pepper = found
            counted = replace(sealed, wrong_pins=sealed.wrong_pins + 1)
            unit.sealed.set_wrong_pins(sealed, counted.wrong_pins)
            unit.commit()
        tried = PinTry(sealed=counted, vector=self.lock.unlock(sealed, badge=raw, pepper=pepper, pin=pin))
        if sealed.is_locked_out:
            tried.wipe()
        return tried

    def fits(self, tried: PinTry, *, at: datetime) -> bool:
        """Take a face for the holder's: the count begins anew. Whether that still may be.

        It may not when the holder has withdrawn meanwhile, or a PIN was typed for this badge elsewhere.

        Raises:
            StorageError: it cannot be written; the door stays shut.
        """
        if tried.fitted or tried.vector is None:
            return tried.fitted
        with self.store.begin() as unit:
            kept = unit.sealed.find(tried.sealed.locator)
            if kept is None or kept.wrong_pins != tried.sealed.wrong_pins:
                return False
            if standing(unit, kept.subject_id, at=at, gone=UnknownReason.BADGE_UNKNOWN) is not None:
                return False
            unit.sealed.set_wrong_pins(kept, 0)
            unit.commit()
        tried.fitted = True
        return True

    def end(self, tried: PinTry, *, at: datetime, door: DoorId | None = None) -> None:
        """Overwrite what was tried; if it has locked the badge, that is put on record.

        Raises:
            StorageError: it cannot be written.
        """
        tried.wipe()
        if tried.fitted or tried.sealed.wrong_pins != MOST_WRONG_PINS:
            return
        with self.store.begin() as unit:
            kept = unit.sealed.find(tried.sealed.locator)
            if kept is None or not kept.is_locked_out:
                return
            detail: Detail = {"door": door, "reason": UnknownReason.BADGE_PIN_LOCKED.value}
            alias = unit.subjects.alias(kept.subject_id)
            unit.audit.append(AuditTag.BADGE_PIN_LOCKED, at=at, alias=alias, detail=detail)
            unit.commit()


def badge_of(
    unit: UnitOfWork, raw: bytes, *, lock: BadgeLock, at: datetime
) -> tuple[SealedTemplate, SiteSecret] | UnknownReason:
    """What the store keeps for a badge, still locked, and the site's part of the lock; or why nobody is known by it.

    Args:
        unit: may be a view.
        raw: bytes of a badge.
        lock: of the site.
        at: the moment that counts.
    """
    pepper = unit.sealed.pepper()
    if pepper is None:
        return UnknownReason.BADGE_UNKNOWN
    locator = lock.locator(raw, pepper=pepper)
    if isinstance(locator, UnknownReason):
        return locator
    sealed = unit.sealed.find(locator)
    if sealed is None:
        return UnknownReason.BADGE_UNKNOWN
    return standing(unit, sealed.subject_id, at=at, gone=UnknownReason.BADGE_UNKNOWN) or (sealed, pepper)
