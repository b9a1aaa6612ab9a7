"""The site key: 32 random bytes in a file that its owner alone can read; whoever lacks it reads nothing of the store.

Rules kept: a key comes into being whole or not at all (written and synced under another name, then linked, which
fails if somebody else was first); it is replaced by a rotation alone, whose new key lies beside it until the store has
turned to it, so that at every moment one of the two files opens the store (docs/adr/0020); a key that others on this
machine could read is refused, not repaired, because it may have been read already.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from limen.core.errors import StorageError
from limen.storage.failures import storage_error
from limen.storage.private_files import destroy_file, write_new

__all__ = [
    "KEY_BYTES",
    "KEY_NAME",
    "create_next_key",
    "create_site_key",
    "current_site_key",
    "next_key_path",
    "read_site_key",
    "sync_folder",
    "take_next_key",
]

KEY_BYTES = 32
KEY_NAME = "site.key"

_OWNER_ONLY = 0o600
_OTHERS = 0o077
_UNFINISHED = ".new"


def read_site_key(path: Path) -> bytes:
    """The site key in a file, 32 bytes.

    Also removes what an interrupted creation may have left beside it.

    Raises:
        StorageError: missing, not a file, unreadable, open to other users, or of another length.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as cause:
        raise StorageError(
            f"the site key {path} is missing",
            advice="restore the key file from its backup; without it nothing in this store can be read",
        ) from cause
    except OSError as cause:
        raise storage_error(cause, place=path) from cause
    try:
        _check(path, os.fstat(descriptor))
        key = os.read(descriptor, KEY_BYTES + 1)
    except OSError as cause:
        raise storage_error(cause, place=path) from cause
    finally:
        os.close(descriptor)
    if len(key) != KEY_BYTES:
        raise StorageError(
            f"the site key {path} is not {KEY_BYTES} bytes long",
            advice="restore the key file from its backup; do not edit it",
        )
    for leftover in path.parent.glob(f"{path.name}.*{_UNFINISHED}"):
        with suppress(OSError):  # another process was first, or the folder is read-only
            leftover.unlink()
    return key


def create_site_key(path: Path) -> bytes:
    """The site key in a file, which is created with fresh random bytes, mode 0600, if there is none.

    Raises:
        StorageError: it cannot be created, or what is there cannot be used.
    """
    if path.exists():
        return read_site_key(path)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_UNFINISHED}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(descriptor)
        _link(unfinished, path)
        unfinished.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as cause:
        unfinished.unlink(missing_ok=True)
        raise storage_error(cause, place=path) from cause
    return read_site_key(path)


def next_key_path(path: Path) -> Path:
    """Where a rotation keeps the key that is to come."""
    return path.with_name(f"{path.name}.next")


def create_next_key(path: Path) -> bytes:
    """A fresh key beside the present one; one that an interrupted rotation left, and the store never took, is replaced.

    Raises:
        StorageError: it cannot be created.
    """
    next_path = next_key_path(path)
    try:
        if next_path.exists():
            destroy_file(next_path)
        write_new(next_path, [secrets.token_bytes(KEY_BYTES)])
        sync_folder(path.parent)
    except OSError as cause:
        raise storage_error(cause, place=next_path) from cause
    return read_site_key(next_path)


def take_next_key(path: Path) -> None:
    """Put the next key in the place of the present one, whose bytes are overwritten.

    Raises:
        StorageError: it cannot be put there; both files are as they were, or the new one is in place.
    """
    old = path.with_name(f"{path.name}.old")
    try:
        old.unlink(missing_ok=True)
        old.hardlink_to(path)  # to overwrite its bytes once its name is gone
        next_key_path(path).replace(path)
        sync_folder(path.parent)
        destroy_file(old)
    except FileNotFoundError:
        return  # another process has done it
    except OSError as cause:
        raise storage_error(cause, place=path) from cause


def current_site_key(path: Path, *, fits: Callable[[bytes], bool]) -> bytes:
    """The key that the store has turned to: the present file, or the next one if a rotation stopped before the end.

    Args:
        path: of the present key.
        fits: whether a key is the store's.

    Raises:
        StorageError: a file cannot be used. A key that does not fit is given back as it is; the caller says so.
    """
    key = read_site_key(path)
    if fits(key) or not next_key_path(path).exists():
        return key
    following = read_site_key(next_key_path(path))
    if not fits(following):
        return read_site_key(path)  # another process may have put a newer one in place just now
    take_next_key(path)
    return following


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive power loss.

    Raises:
        OSError: the folder cannot be opened or synced.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _link(unfinished: Path, path: Path) -> None:
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        return  # another process was first; its key is the key
    except FileNotFoundError:
        if not path.exists():  # otherwise: another process was first and has tidied up already
            raise


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise StorageError(f"the site key {path} is not a file", advice="give the path of the key file itself")
    if found.st_mode & _OTHERS:
        raise StorageError(
            f"the site key {path} can be read by other users (mode {stat.S_IMODE(found.st_mode):04o})",
            advice=f"run `chmod 600 {path}`, and ask who may have read it",
        )
