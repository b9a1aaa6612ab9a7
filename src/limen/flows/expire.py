"""expire: agreements that have ended take their templates with them, without anybody having to ask.

Matching stops by itself at the very moment (the gallery looks at the time of each search). Here the person's key,
references, name and agreement are destroyed, as in a withdrawal; it runs whenever a site is opened. A clock that has
leapt destroys nobody: if the newest record is more than a year old, somebody has to look first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from limen.core.ledger import AuditTag
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.forget import Also, forget

__all__ = ["LEAP", "Expire"]

LEAP = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """Destroys what is held about people whose agreement has ended.

    Attributes:
        store: of the site.
        clock: tells when.
        also: what else ends with a person.
    """

    store: Store
    clock: Clock
    also: Sequence[Also] = ()

    def __call__(self) -> int:
        """Destroy what is due; how many people that was.

        Raises:
            StorageError: the store cannot be written; nothing was changed, unless the text says only the scrub is
                missing.
        """
        now = self.clock.now()
        with self.store.read() as unit:
            due = unit.subjects.expired(at=now)
            if not due or _leapt(unit, now):
                return 0
        with self.store.begin() as unit:
            for subject_id in unit.subjects.expired(at=now):
                forget(unit, subject_id, tag=AuditTag.SUBJECT_EXPIRED, at=now, detail={}, also=self.also)
            unit.commit(scrub=True)
        return len(due)


def _leapt(unit: UnitOfWork, now: datetime) -> bool:
    """Whether the clock stands implausibly far after the newest record."""
    newest = max((record.at for record in unit.audit.records()), default=now)
    return now - newest > LEAP
