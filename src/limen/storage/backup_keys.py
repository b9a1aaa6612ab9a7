"""Keys of backups: one random key a backup, in a file of its own, destroyed when its time is up.

Rule kept: a backup can be opened as long as its key exists, at most 30 days. What was withdrawn on this machine is in
older backups still; it dies with their keys, wherever copies of the backups lie. Keys therefore never go where backups
go (docs/adr/0019).
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from limen.core.errors import RefusedError, StorageError
from limen.core.people import new_id
from limen.storage.failures import storage_error
from limen.storage.private_files import destroy_file, write_new
from limen.storage.site_key import sync_folder

__all__ = ["LONGEST", "BackupKey", "BackupKeys"]

LONGEST = timedelta(days=30)

_KEY_BYTES = 32
_ID = re.compile(r"b-[0-9a-f]{20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupKey:
    """One backup's key.

    Attributes:
        backup_id: of the backup.
        expires_at: UTC; from then on the key is destroyed at the next opening of a site, and never used.
        secret: 32 bytes.
    """

    backup_id: str
    expires_at: datetime
    secret: bytes = field(repr=False)


class BackupKeys:
    """A folder of backup keys.

    Args:
        folder: made for its owner alone when the first key is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, *, at: datetime, validity: timedelta) -> BackupKey:
        """A fresh key, written and synced.

        Raises:
            ValueError: a validity of more than 30 days, or of none.
            StorageError: the folder cannot be written.
        """
        if not timedelta(0) < validity <= LONGEST:
            raise ValueError(f"validity: expected up to {LONGEST.days} days, got {validity}")
        key = BackupKey(backup_id=new_id("b"), expires_at=at + validity, secret=secrets.token_bytes(_KEY_BYTES))
        told = {"backup": key.backup_id, "expires_at": key.expires_at.isoformat(), "key": key.secret.hex()}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_new(self._path(key.backup_id), [json.dumps(told).encode("ascii")])
            sync_folder(self._folder)
        except OSError as cause:
            raise storage_error(cause, place=self._folder) from cause
        return key

    def get(self, backup_id: str, *, at: datetime) -> BackupKey:
        """The key of a backup that is not too old.

        Raises:
            RefusedError: its time is up, or its key is not there.
            StorageError: the key file cannot be read.
        """
        try:
            key = _read(self._path(backup_id))
        except FileNotFoundError as cause:
            raise RefusedError(
                f"the key of backup {backup_id} is not in {self._folder}",
                advice="a backup lives at most 30 days; if this one is younger, name the folder of its key",
                reason="backup_key_missing",
            ) from cause
        if at >= key.expires_at:
            raise RefusedError(
                f"backup {backup_id} was to be used until {key.expires_at:%Y-%m-%d} at the latest",
                advice="take a newer one; people who withdrew since rely on this",
                reason="backup_expired",
            )
        return key

    def destroy_expired(self, *, at: datetime) -> int:
        """Destroy every key whose time is up; how many.

        Raises:
            StorageError: a key cannot be read or removed.
        """
        due = [path for path in sorted(self._folder.glob("b-*.key")) if at >= _read(path).expires_at]
        try:
            for path in due:
                destroy_file(path)
            if due:
                sync_folder(self._folder)
        except OSError as cause:
            raise storage_error(cause, place=self._folder) from cause
        return len(due)

    def _path(self, backup_id: str) -> Path:
        if not _ID.fullmatch(backup_id):
            raise StorageError("the backup has no id that limen gives", advice="give a file that limen wrote")
        return self._folder / f"{backup_id}.key"


def _read(path: Path) -> BackupKey:
    try:
        told = json.loads(path.read_bytes())
        secret, expires_at = bytes.fromhex(told["key"]), datetime.fromisoformat(told["expires_at"])
        if len(secret) != _KEY_BYTES or expires_at.tzinfo is None:
            raise ValueError("key: expected 32 bytes and a time zone")
        return BackupKey(backup_id=str(told["backup"]), expires_at=expires_at, secret=secret)
    except FileNotFoundError:
        raise
    except OSError as cause:
        raise storage_error(cause, place=path) from cause
    except (KeyError, TypeError, ValueError) as cause:
        raise StorageError(f"{path} is no backup key", advice="move it away, or restore it from a copy") from cause
