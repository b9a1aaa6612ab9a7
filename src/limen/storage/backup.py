"""A backup as a file: a consistent copy of the database, encrypted in blocks, without the site key.

    line 1   limen-backup-1
    line 2   JSON: backup (id), site, made_at, expires_at, prefix (7 bytes)
    then     blocks: length (4 bytes), AES-256-GCM of 1 MiB or less; nonce = prefix, number (4), last or not (1)

Rules kept: the copy is taken within one transaction that only reads, straight into memory, so that no unencrypted file
ever exists; blocks cannot be changed, exchanged, dropped or cut off, nor the lines before them (they are bound into
every block); without the backup's own key, and without the site key for what is inside, the file is noise.

Source: Hoang, Reyhanitabar, Rogaway, Vizár, Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance
(CRYPTO 2015), the STREAM construction.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from limen.core.errors import StorageError
from limen.storage.backup_keys import BackupKey
from limen.storage.failures import storage_error
from limen.storage.private_files import write_new

__all__ = ["BackupHeader", "read_backup", "read_header", "write_backup"]

_MAGIC = b"limen-backup-1\n"
_BLOCK = 1 << 20
_TAG = 16
_PREFIX = 7
_LONGEST_LINE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupHeader:
    """What a backup says about itself in clear.

    Attributes:
        backup_id: finds its key.
        site_id: whose.
        made_at: UTC.
        expires_at: UTC.
        prefix: the first 7 bytes of every nonce.
    """

    backup_id: str
    site_id: str
    made_at: datetime
    expires_at: datetime
    prefix: bytes

    def line(self) -> bytes:
        """The two lines of the file, and what every block binds."""
        told = {
            "backup": self.backup_id,
            "site": self.site_id,
            "made_at": self.made_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "prefix": self.prefix.hex(),
        }
        return _MAGIC + json.dumps(told, sort_keys=True).encode("ascii") + b"\n"


def write_backup(copy: bytes, out: Path, *, key: BackupKey, site_id: str, made_at: datetime) -> None:
    """Write a new backup file, mode 0600.

    Args:
        copy: the database, as `SqlStore.copy` gives it.
        out: where; must not exist.
        key: of this backup alone.
        site_id: whose copy it is.
        made_at: UTC.

    Raises:
        StorageError: it cannot be written; nothing is left of it.
    """
    header = BackupHeader(
        backup_id=key.backup_id,
        site_id=site_id,
        made_at=made_at,
        expires_at=key.expires_at,
        prefix=secrets.token_bytes(_PREFIX),
    )
    try:
        write_new(out, _sealed(copy, header, AESGCM(key.secret)))
    except OSError as cause:
        raise storage_error(cause, place=out) from cause


def read_header(path: Path) -> BackupHeader:
    """What a backup says about itself; not believed before a block has opened.

    Raises:
        StorageError: unreadable, or no backup.
    """
    try:
        with path.open("rb") as file:
            return _header(file, path)
    except OSError as cause:
        raise storage_error(cause, place=path) from cause


def read_backup(path: Path, *, key: BackupKey) -> bytes:
    """The database in a backup.

    Raises:
        StorageError: unreadable, altered, cut off, or of another key.
    """
    try:
        with path.open("rb") as file:
            header = _header(file, path)
            return b"".join(_opened(file, header, AESGCM(key.secret)))
    except OSError as cause:
        raise storage_error(cause, place=path) from cause
    except InvalidTag as cause:
        raise StorageError(
            f"{path} does not open with the key of backup {key.backup_id}: it was altered or is cut off",
            advice="take another copy of the backup, or another backup",
        ) from cause


def _sealed(copy: bytes, header: BackupHeader, cipher: AESGCM) -> Iterator[bytes]:
    bound = header.line()
    yield bound
    count = max(1, -(-len(copy) // _BLOCK))
    for number in range(count):
        nonce = _nonce(header, number, last=number == count - 1)
        block = cipher.encrypt(nonce, copy[number * _BLOCK : (number + 1) * _BLOCK], bound)
        yield len(block).to_bytes(4) + block


def _opened(file: BufferedReader, header: BackupHeader, cipher: AESGCM) -> Iterator[bytes]:
    bound, number, last = header.line(), 0, False
    while not last:
        length = int.from_bytes(file.read(4))
        if not _TAG <= length <= _BLOCK + _TAG:
            raise InvalidTag
        block = file.read(length)
        last = not file.peek(1)
        yield cipher.decrypt(_nonce(header, number, last=last), block, bound)
        number += 1


def _nonce(header: BackupHeader, number: int, *, last: bool) -> bytes:
    return header.prefix + number.to_bytes(4) + bytes([last])


def _header(file: BufferedReader, path: Path) -> BackupHeader:
    try:
        if file.readline(_LONGEST_LINE) != _MAGIC:
            raise ValueError("first line")
        told = json.loads(file.readline(_LONGEST_LINE))
        made_at, expires_at = (datetime.fromisoformat(told[name]) for name in ("made_at", "expires_at"))
        prefix = bytes.fromhex(told["prefix"])
        if len(prefix) != _PREFIX or made_at.tzinfo is None or expires_at.tzinfo is None:
            raise ValueError("prefix or time")
        ids = {"backup_id": str(told["backup"]), "site_id": str(told["site"])}
    except (KeyError, TypeError, ValueError) as cause:
        raise StorageError(f"{path} is no backup of limen", advice="give a file from `limen site backup`") from cause
    return BackupHeader(**ids, made_at=made_at, expires_at=expires_at, prefix=prefix)
