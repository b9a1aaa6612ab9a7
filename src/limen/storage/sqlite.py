"""Everything that is true of SQLite alone; another database gets a sibling of this module.

Rules kept: what was committed survives power loss (WAL with ``synchronous=FULL``); a writer takes its lock when it
begins, so that two writers wait for each other and never fail half-way; deleted bytes are overwritten
(``secure_delete``), never spill into temporary files, and files are for their owner alone.

Source: https://www.sqlite.org/pragma.html, https://www.sqlite.org/wal.html.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from limen.storage.failures import storage_error

__all__ = [
    "READ_ONLY_VIEW",
    "compact",
    "configure",
    "create_file",
    "log_path",
    "log_size",
    "protect_file",
    "serialise",
    "truncate_log",
]

READ_ONLY_VIEW = "limen_view"
"""Execution option of a connection whose transactions only read; all others take the writer's lock when they begin."""

_OWNER_ONLY = 0o600
_TRUNCATE_ATTEMPTS = 20
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA fullfsync=ON",
    "PRAGMA checkpoint_fullfsync=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cell_size_check=ON",
)


def configure(engine: Engine, *, busy_timeout_ms: int) -> None:
    """Make every connection of ``engine`` keep the rules above.

    Args:
        engine: an engine of the sqlite3 driver.
        busy_timeout_ms: how long a writer, or a scrub, waits for another process.
    """

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: object) -> None:  # the driver's connection has no common type
        raw.isolation_level = None  # the driver begins nothing by itself; `begin` below does
        raw.execute(f"PRAGMA busy_timeout={busy_timeout_ms:d}")
        for pragma in _PRAGMAS:
            raw.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READ_ONLY_VIEW, False)
        connection.exec_driver_sql("BEGIN DEFERRED" if reads else "BEGIN IMMEDIATE")


def create_file(path: Path) -> None:
    """Create the database file, empty, readable by its owner alone; SQLite gives -wal and -shm the same mode.

    An existing file stays as it is.

    Raises:
        StorageError: it cannot be created.
    """
    try:
        path.touch(mode=_OWNER_ONLY, exist_ok=True)
    except OSError as cause:
        raise storage_error(cause, place=path) from cause


def protect_file(path: Path) -> None:
    """Take the database file from everybody but its owner, whatever a copy or a backup made of its mode.

    Raises:
        StorageError: the file belongs to another user.
    """
    try:
        if path.stat().st_mode & 0o077:
            path.chmod(_OWNER_ONLY)
    except OSError as cause:
        raise storage_error(cause, place=path) from cause


def log_path(path: Path) -> Path:
    """The write-ahead log of a database file."""
    return path.with_name(f"{path.name}-wal")


def log_size(path: Path) -> int:
    """Bytes in the write-ahead log of a database file; 0 if there is none."""
    try:
        return log_path(path).stat().st_size
    except FileNotFoundError:
        return 0


def truncate_log(connection: Connection, *, path: Path) -> bool:
    """Write the log into the database and cut it to zero bytes; whether that was possible.

    Waits for readers and writers of other connections up to the busy timeout. Outside a transaction only.

    Raises:
        StorageError: the disk fails.
    """
    raw = _driver(connection)
    try:
        for _ in range(_TRUNCATE_ATTEMPTS):
            busy, frames, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                return False
            if frames == 0 and log_size(path) == 0:
                return True
            # Another process wrote between the cut and the look: what is there now may be new, but cut again.
    except sqlite3.Error as cause:
        raise storage_error(cause, place=path) from cause
    return False


def compact(connection: Connection, *, path: Path) -> None:
    """Write the whole database anew, page by page (VACUUM), so that no stale copy of a row is left inside a page.

    Outside a transaction only.

    Raises:
        StorageError: locked, or no room for it.
    """
    try:
        _driver(connection).execute("VACUUM")
    except sqlite3.Error as cause:
        raise storage_error(cause, place=path) from cause


def serialise(connection: Connection, *, path: Path) -> bytes:
    """The database as the present transaction sees it, log included, as the bytes of a file (sqlite3_serialize).

    Raises:
        StorageError: unreadable, or no memory for it.
    """
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection) or not raw.in_transaction:
        raise RuntimeError("expected a connection of sqlite3 inside a transaction")
    try:
        raw.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on the view stands still
        return raw.serialize()
    except (sqlite3.Error, MemoryError) as cause:
        raise storage_error(cause, place=path) from cause


def _driver(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection) or raw.in_transaction:
        raise RuntimeError("expected a connection of sqlite3 outside a transaction")
    return raw
