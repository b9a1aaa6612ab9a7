"""expire: what has ended, or was begun and never finished, goes without anybody having to ask.

1. People whose agreement has ended. Matching stops by itself at the very moment (the gallery looks at the time of each
   search); here the key, references, name and agreement are destroyed, as in a withdrawal.
2. In a live folder, people enrolled from pictures who never came to confirm it.
3. Agreements that nobody was enrolled by, and invitations that nobody took.

It runs whenever a site is opened. A clock that has leapt destroys nobody: if the newest record is more than a year old,
somebody has to look first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from limen.core.ledger import AuditTag, Detail
from limen.core.people import AgreementId, InvitationId, SiteKind, SubjectId
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.forget import Also, forget

__all__ = ["LEAP", "UNUSED", "Expire"]

LEAP = timedelta(days=366)
UNUSED = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """What goes now."""

    ended: tuple[SubjectId, ...]
    unconfirmed: tuple[SubjectId, ...]
    unused: tuple[AgreementId, ...]
    invited: tuple[InvitationId, ...]

    def __len__(self) -> int:
        return len(self.ended) + len(self.unconfirmed) + len(self.unused) + len(self.invited)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """Destroys what has ended or was never used.

    Attributes:
        store: of the site.
        clock: tells when.
        unused: how long an enrolment waits for its confirmation, and an agreement for its enrolment.
        also: what else ends with a person.
    """

    store: Store
    clock: Clock
    unused: timedelta = UNUSED
    also: Sequence[Also] = ()

    def __call__(self) -> int:
        """Destroy what is due; how many people, agreements and invitations that was.

        Raises:
            StorageError: the store cannot be written; nothing was changed, unless the text says only the scrub is
                missing.
        """
        now = self.clock.now()
        with self.store.read() as unit:
            if not len(self._due(unit, now)) or _leapt(unit, now):
                return 0
        with self.store.begin() as unit:
            due = self._due(unit, now)
            for subject_id in due.ended:
                self._forget(unit, subject_id, now, detail={})
            for subject_id in due.unconfirmed:
                self._forget(unit, subject_id, now, detail={"never_confirmed": True})
            for agreement_id in due.unused:
                unit.agreements.destroy(agreement_id)
            if due.unused:
                detail: Detail = {"agreements": len(due.unused)}
                unit.audit.append(AuditTag.AGREEMENT_EXPIRED, at=now, alias=None, detail=detail)
            pictures = sum(unit.invitations.destroy(invitation_id) for invitation_id in due.invited)
            if due.invited:
                detail = {"invitations": len(due.invited), "pictures": pictures}
                unit.audit.append(AuditTag.INVITATION_EXPIRED, at=now, alias=None, detail=detail)
            unit.commit(scrub=True)
        return len(due)

    def _due(self, unit: UnitOfWork, now: datetime) -> _Due:
        ended = unit.subjects.expired(at=now)
        live = self.store.site_kind is SiteKind.LIVE
        waiting = unit.subjects.unconfirmed(before=now - self.unused) if live else ()
        unconfirmed = tuple(subject_id for subject_id in waiting if subject_id not in ended)
        unused = unit.agreements.unused(before=now - self.unused)
        return _Due(ended=ended, unconfirmed=unconfirmed, unused=unused, invited=unit.invitations.expired(at=now))

    def _forget(self, unit: UnitOfWork, subject_id: SubjectId, now: datetime, *, detail: Detail) -> None:
        forget(unit, subject_id, tag=AuditTag.SUBJECT_EXPIRED, at=now, detail=detail, also=self.also)


def _leapt(unit: UnitOfWork, now: datetime) -> bool:
    """Whether the clock stands implausibly far after the newest record."""
    newest = max((record.at for record in unit.audit.records()), default=now)
    return now - newest > LEAP
