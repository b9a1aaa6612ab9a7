"""back_up: an encrypted copy of the data folder's database that dies with its key, and how it comes back.

The copy is without the site key, and its own key is destroyed after 30 days at the latest; the chain records that it
was made and until when it can be opened, so that a receipt can say when the last backup dies. A restored copy forgets
again, before anything can match, whoever has been erased since: the signed erasures come from a digest that was kept
outside (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from limen.core.errors import LedgerError, RefusedError
from limen.core.ledger import AuditTag, Detail, Statement
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.attest import DIGEST
from limen.flows.forget import Also, forget

__all__ = ["RecordBackup", "Replay", "Replayed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBackup:
    """Records that a backup is made; before it is, so that the record is in it too."""

    store: Store

    def __call__(self, backup_id: str, *, at: datetime, expires_at: datetime) -> None:
        """Record one backup.

        Raises:
            StorageError: the store cannot be written.
        """
        detail: Detail = {"backup": backup_id, "expires_at": expires_at.isoformat()}
        with self.store.begin() as unit:
            unit.audit.append(AuditTag.SITE_BACKED_UP, at=at, alias=None, detail=detail)
            unit.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a restore has done.

    Attributes:
        erased: people who had been erased since the backup was made, and are again.
        known_until: up to when erasures were known; None if none were given.
    """

    erased: int
    known_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Brings a restored store up to the erasures that happened since.

    Attributes:
        store: restored, not yet where a door could open it.
        clock: tells when.
        also: what else ends with a person.
    """

    store: Store
    clock: Clock
    also: Sequence[Also] = ()

    def __call__(self, digests: Sequence[Statement], *, backup_id: str, made_at: datetime) -> Replayed:
        """Forget whoever the digests say is erased.

        Args:
            digests: from `Attest.digest`, one of them newer than the backup; none where that is accepted.
            backup_id: of the backup.
            made_at: when it was made.

        Raises:
            LedgerError: a digest is not this site's, or the restored chain is broken.
            RefusedError: all digests are older than the backup.
            StorageError: the store cannot be written.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            verdict = unit.audit.verify()
            if verdict.problem is not None:
                raise LedgerError(
                    f"the chain in the backup is broken at record {verdict.broken_at}: {verdict.problem}",
                    advice="take another backup",
                )
            known_until = _known_until(unit, digests)
            if known_until is not None and known_until < made_at:
                raise RefusedError(
                    f"the digest is of {known_until:%Y-%m-%d %H:%M} UTC, older than the backup",
                    advice="give the newest that `limen audit digest` wrote",
                    reason="digest_too_old",
                )
            erased = self._erase(unit, dict(_erasures(digests)), now)
            detail: Detail = {"backup": backup_id, "erasures": erased}
            unit.audit.append(AuditTag.SITE_RESTORED, at=now, alias=None, detail=detail)
            unit.commit(scrub=True)
        return Replayed(erased=erased, known_until=known_until)

    def _erase(self, unit: UnitOfWork, receipts: dict[str, Detail], now: datetime) -> int:
        """Whose alias is erased; an alias comes from the person's own key, which the backup still has."""
        erased = 0
        for subject in unit.subjects.all():
            detail = receipts.get(unit.subjects.alias(subject.subject_id))
            if detail is not None:
                tag = AuditTag.ERASURE_REPLAYED
                forget(unit, subject.subject_id, tag=tag, at=now, detail=detail, also=self.also)
                erased += 1
        return erased


def _known_until(unit: UnitOfWork, digests: Sequence[Statement]) -> datetime | None:
    for statement in digests:
        unit.audit.check(statement)
        if statement.get("statement") != DIGEST:
            raise LedgerError("the file is no digest", advice="give one from `limen audit digest`")
    return max((datetime.fromisoformat(str(statement["at"])) for statement in digests), default=None)


def _erasures(digests: Sequence[Statement]) -> Iterator[tuple[str, Detail]]:
    """Alias -> number of the receipt, if it has one. The statements are checked already."""
    for statement in digests:
        erasures = statement["erasures"]
        assert isinstance(erasures, list)  # as this site signed it
        for erasure in erasures:
            receipt = erasure.get("receipt")
            yield str(erasure["alias"]), {} if receipt is None else {"receipt": str(receipt)}
