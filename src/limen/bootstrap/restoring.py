"""A data folder from a backup, wired."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from limen.bootstrap.clock import SystemClock
from limen.bootstrap.site import ROOMS, backup_keys_of, storage_options
from limen.core.ledger import Statement
from limen.flows.back_up import Replay, Replayed
from limen.flows.two_people import Operators
from limen.settings import load_settings
from limen.storage.backup import BackupHeader
from limen.storage.restore import restore
from limen.storage.store import SqlStore

__all__ = ["restore_site"]


def restore_site(
    backup: Path, data: Path | None, *, digests: Sequence[Statement], codes: Sequence[str] = ()
) -> Replayed:
    """Make the database of a data folder from a backup; nothing can open it before all erasures are replayed.

    Args:
        backup: the file.
        data: the data folder, without a database, with its site key (and that of the backup, where settings say).
        digests: from outside, the newest among them; none only where the operator accepts it.
        codes: of two operators, as the backup knows them, where two are needed.

    Raises:
        RefusedError: the backup is too old or its key is gone, the digests are older than the backup, or two operators
            are needed.
        StorageError: there is a site already; a file is altered or unreadable; the site key does not fit.
        LedgerError: a digest is another site's, or the chain in the backup is broken.
    """
    settings = load_settings(data)
    clock = SystemClock()

    def replay(store: SqlStore, header: BackupHeader) -> Replayed:
        two = Operators(store=store, clock=clock, alone=settings.site.profile == "home")
        two.approve(codes, what="restore a backup")
        return Replay(store=store, clock=clock)(digests, backup_id=header.backup_id, made_at=header.made_at)

    return restore(
        backup,
        settings.data,
        keys=backup_keys_of(settings),
        rooms=ROOMS,
        clock=clock,
        options=storage_options(settings),
        replay=replay,
    )
