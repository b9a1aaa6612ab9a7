"""Before a store takes a step to newer tables, an encrypted copy of it is made, by which the step can be taken back.

Rule kept: the copy is a backup like any other: it says in the chain that it was made, its key is destroyed in time, and
without the site key nothing in it opens. If it cannot be made, the store is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from limen.core.ledger import AuditTag
from limen.core.ports import AuditLog
from limen.storage import sqlite
from limen.storage.backup import write_backup
from limen.storage.backup_keys import BackupKeys
from limen.storage.key_ring import KeyRing
from limen.storage.session import Session

__all__ = ["FIRST", "UpgradeBackup", "back_up_before"]

FIRST = "0004"
"""The first step whose stores can be backed up like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeBackup:
    """Where the copy goes.

    Attributes:
        folder: made for its owner alone.
        keys: where its key lies.
        validity: how long the step can be taken back.
    """

    folder: Path
    keys: BackupKeys
    validity: timedelta


def back_up_before(
    engine: Engine,
    plan: UpgradeBackup,
    *,
    ring: KeyRing,
    audit: Callable[[Session], AuditLog],
    path: Path,
    revision: str,
    at: datetime,
) -> Path:
    """Make the copy.

    Args:
        engine: of the store, as it is.
        plan: where to.
        ring: opened with the site key.
        audit: makes the chain of a session.
        path: the database file.
        revision: the step that the store is at.
        at: now.

    Returns:
        The new file.

    Raises:
        StorageError: it cannot be made; the store is as it was.
    """
    key = plan.keys.new(at=at, validity=plan.validity)
    plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    out = plan.folder / f"step-{revision}-{key.backup_id}.backup"
    with engine.connect() as connection, connection.begin():
        vault = ring.vault(connection)
        log = audit(Session(connection=connection, vault=vault))
        detail = {"backup": key.backup_id, "expires_at": key.expires_at.isoformat()}
        log.append(AuditTag.SITE_BACKED_UP, at=at, alias=None, detail=detail)
    with engine.connect() as connection, connection.begin():
        copy = sqlite.serialise(connection, path=path)
    write_backup(copy, out, key=key, site_id=vault.site_id, made_at=at)
    return out
