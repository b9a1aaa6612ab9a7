"""A backup becomes the database of a data folder, after the caller has brought it up to date and not before.

Rule kept: until then it lies in a folder of its own that nothing else opens; killed on the way, the data folder has no
database, and the next try begins anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from limen.core.errors import StorageError
from limen.core.ports import Clock
from limen.storage.backup import BackupHeader, read_backup, read_header
from limen.storage.backup_keys import BackupKeys
from limen.storage.engine import DATABASE_NAME, Options
from limen.storage.failures import storage_error
from limen.storage.private_files import write_new
from limen.storage.site import open_site
from limen.storage.site_key import KEY_NAME, sync_folder
from limen.storage.store import Rooms, SqlStore

__all__ = ["restore"]

_Answer = TypeVar("_Answer")


def restore(
    backup: Path,
    folder: Path,
    *,
    keys: BackupKeys,
    rooms: Rooms,
    clock: Clock,
    options: Options,
    replay: Callable[[SqlStore, BackupHeader], _Answer],
) -> _Answer:
    """Make the database of ``folder`` from a backup.

    Args:
        backup: the file.
        folder: the data folder, without a database, with its site key.
        keys: where the backup's key is.
        rooms: how the rooms above storage make their ports.
        clock: tells whether the backup is too old.
        options: of the store.
        replay: brings the restored store up to date; what it answers is the answer.

    Raises:
        RefusedError: the backup is too old or its key is gone, or ``replay`` refuses.
        StorageError: there is a site already; a file is altered or unreadable; the site key does not fit.
    """
    if (folder / DATABASE_NAME).exists():
        raise StorageError(f"{folder} holds a site already", advice="restore into another folder, or move it away")
    header = read_header(backup)
    copy = read_backup(backup, key=keys.get(header.backup_id, at=clock.now()))
    waiting = folder / "restoring"
    shutil.rmtree(waiting, ignore_errors=True)
    try:
        waiting.mkdir(mode=0o700, parents=True)
        write_new(waiting / DATABASE_NAME, [copy])
        options = replace(options, key_file=options.key_file or folder / KEY_NAME)
        store = open_site(waiting, rooms=rooms, clock=clock, options=options)
        try:
            answer = replay(store, header)
        finally:
            store.close()
        (waiting / DATABASE_NAME).rename(folder / DATABASE_NAME)
        sync_folder(folder)
    except OSError as cause:
        raise storage_error(cause, place=waiting) from cause
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return answer
