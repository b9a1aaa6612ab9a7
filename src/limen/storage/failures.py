"""What the database says when it fails, told so that an administrator can act; nothing foreign leaves this room.

Every error of the database driver becomes a StorageError with cause and advice: `watch` hooks the translation into the
engine, so that no caller can forget it. Statements and their parameters are never part of the text.

Source: SQLite result codes, https://www.sqlite.org/rescode.html.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from limen.core.errors import StorageError

__all__ = ["reading", "storage_error", "watch"]

_LOCKED = ("is locked by another process", "close the other limen process, or try again when it has finished")
_FULL = ("cannot grow: the disk is full", "free some space on this disk and try again; nothing was changed")
_IO = (
    "cannot be read or written: the disk fails, is full or is limited",
    "check the disk and its quota, then try again",
)
_CORRUPT = ("is damaged", "restore the data folder from a backup")
_NOT_OURS = ("is not a database", "check the data folder, or restore it from a backup")
_READ_ONLY = ("cannot be written: read-only", "give this user the right to write the data folder and the files in it")
_CANNOT_OPEN = ("cannot be opened", "check that the data folder exists and that this user may read and write it")
_CONTRADICTION = ("refused a record that contradicts it", "run `limen doctor`; nothing was changed")
_MEMORY = ("could not be used: out of memory", "close other programs and try again")
_CROWDED = ("has too many transactions open in this process", "try again; if it stays so, restart limen")
_UNEXPECTED = ("failed in a way limen does not know", "run `limen doctor` and report this line; nothing was changed")

_BY_CODE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _IO,
    sqlite3.SQLITE_NOLFS: _IO,
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_FORMAT: _CORRUPT,
    sqlite3.SQLITE_SCHEMA: _CORRUPT,
    sqlite3.SQLITE_EMPTY: _CORRUPT,
    sqlite3.SQLITE_NOTADB: _NOT_OURS,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_AUTH: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_OPEN,
    sqlite3.SQLITE_NOTFOUND: _CANNOT_OPEN,
    sqlite3.SQLITE_CONSTRAINT: _CONTRADICTION,
    sqlite3.SQLITE_MISMATCH: _CONTRADICTION,
    sqlite3.SQLITE_RANGE: _CONTRADICTION,
    sqlite3.SQLITE_TOOBIG: _CONTRADICTION,
    sqlite3.SQLITE_NOMEM: _MEMORY,
    sqlite3.SQLITE_ABORT: _UNEXPECTED,
    sqlite3.SQLITE_ERROR: _UNEXPECTED,
    sqlite3.SQLITE_INTERNAL: _UNEXPECTED,
    sqlite3.SQLITE_INTERRUPT: _UNEXPECTED,
    sqlite3.SQLITE_MISUSE: _UNEXPECTED,
}

_PRIMARY_CODE = 0xFF


def storage_error(cause: BaseException, *, place: Path) -> StorageError:
    """The StorageError for an error of the database driver; raise it ``from`` the cause.

    Args:
        cause: an error of sqlite3, SQLAlchemy or the operating system.
        place: the file or folder it is about.
    """
    if isinstance(cause, OSError):
        return StorageError(
            f"{place} cannot be used: {cause.strerror or type(cause).__name__}",
            advice="check the path, the rights of this user and the disk",
        )
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(cause, PoolTimeoutError):
        told, advice = _CROWDED
    else:
        told, advice = _UNEXPECTED if code is None else _BY_CODE.get(code & _PRIMARY_CODE, _UNEXPECTED)
    name = getattr(cause, "sqlite_errorname", None) or type(cause).__name__
    return StorageError(f"{place} {told} ({name})", advice=advice)


def watch(engine: Engine, *, place: Path) -> None:
    """Have every driver error that passes through ``engine`` raised as a StorageError about ``place``."""

    @event.listens_for(engine, "handle_error", retval=True)
    def translate(context: ExceptionContext) -> BaseException | None:
        cause = context.original_exception
        return storage_error(cause, place=place) if isinstance(cause, sqlite3.Error) else None


@contextmanager
def reading(table: str) -> Iterator[None]:
    """Within it, a row that is not what limen writes there (another type, another word) is a StorageError."""
    try:
        yield
    except (TypeError, ValueError) as cause:
        raise StorageError(
            f"{table} holds a row that cannot be read: it was altered",
            advice="restore the data folder from a backup, and ask who had access to it",
        ) from cause
