"""After a withdrawal no file of the store holds a byte of what was withdrawn; this is looked at, not assumed.

Two places can still hold deleted bytes after COMMIT (temporary files are off): the write-ahead log, which keeps old
page images; and the database itself, where SQLite overwrites a deleted row, but when it had moved the row between pages
before, a stale copy may sit in the gap of the old page, ``secure_delete`` or not (measured with SQLite 3.40: 3 times in
38,000 random withdrawals). So a scrub

(1) notes, inside the withdrawal's own transaction, that a scrub is owed;
(2) after COMMIT writes the log into the database and cuts it to zero bytes;
(3) searches the database file for pieces of every destroyed value, and if one is found, or if another scrub was owed,
    writes the whole database anew and searches again;
(4) strikes out the note and cuts the log again.

If the process is killed before COMMIT, nothing was withdrawn. If it is killed after COMMIT, before (4), nothing was
acknowledged, the person is gone, and the note makes the next process that opens the store, or the next withdrawal in
any process, write the database anew. Not covered: blocks that the file system or the flash memory under it keeps of a
file's past, and backups; the templates in them are sealed, the person's key beside them too, under the site key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from limen.core.errors import StorageError
from limen.core.people import new_id
from limen.storage import sqlite
from limen.storage.schema import scrubs_owed

__all__ = ["found_in", "owe_scrub", "scrub_committed", "scrub_leftovers"]

_PIECE_BYTES = 16
_WHOLE_BYTES = 64
_PIECES_OF_LONG = 4
_BLOCK_BYTES = 8 << 20


def owe_scrub(connection: Connection) -> str:
    """Note inside the present transaction that its deleted bytes are still to be scrubbed; the id of the note."""
    scrub_id = new_id("x")
    connection.execute(insert(scrubs_owed).values(scrub_id=scrub_id))
    return scrub_id


def scrub_committed(connection: Connection, *, path: Path, forgotten: Sequence[bytes], own: str | None) -> None:
    """Leave nothing of ``forgotten`` in the database file, nor anything in its log. After COMMIT.

    Args:
        connection: outside a transaction.
        path: the database file.
        forgotten: the sealed bytes that were deleted.
        own: the note of this withdrawal, or None if it destroyed nothing.

    Raises:
        StorageError: committed, but not scrubbed.
    """
    try:
        owed = _owed(connection)
        _cut(connection, path)
        if owed - {own} or found_in(path, forgotten):
            sqlite.compact(connection, path=path)
            _cut(connection, path)
            if found_in(path, forgotten):
                raise StorageError(f"{path} still holds deleted bytes", advice="report this line")
        _strike_out(connection, owed)
        _cut(connection, path)
    except (StorageError, OSError) as cause:
        raise StorageError(
            f"the change is committed, but deleted bytes may still be in {sqlite.log_path(path)} ({cause})",
            advice="close other limen processes on this folder, then run any limen command on it: it cleans up first",
        ) from cause


def scrub_leftovers(connection: Connection, *, path: Path) -> bool:
    """Finish the scrubs that a killed process owes; whether nothing is owed any more.

    Where another process holds the store just now, the notes stay and the next opening tries again.
    """
    try:
        owed = _owed(connection)
        if owed:
            sqlite.compact(connection, path=path)
            _cut(connection, path)
            _strike_out(connection, owed)
        return sqlite.log_size(path) == 0 or sqlite.truncate_log(connection, path=path)
    except StorageError:
        return False


def found_in(path: Path, values: Sequence[bytes]) -> bool:
    """Whether a file holds a piece of 16 bytes of any of the values: every piece of short ones, four of long ones."""
    needles = [piece for value in values for piece in _pieces(value)]
    if not needles:
        return False
    before = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            text = before + block
            if any(needle in text for needle in needles):
                return True
            before = text[1 - _PIECE_BYTES :]
    return False


def _pieces(value: bytes) -> Iterator[bytes]:
    last = len(value) - _PIECE_BYTES
    if last < 0:
        raise ValueError(f"value: expected {_PIECE_BYTES} bytes or more, got {len(value)}")
    step = _PIECE_BYTES if len(value) <= _WHOLE_BYTES else max(_PIECE_BYTES, last // (_PIECES_OF_LONG - 1))
    for start in range(0, last + 1, step):
        yield value[start : start + _PIECE_BYTES]


def _owed(connection: Connection) -> frozenset[str]:
    with connection.begin():
        return frozenset(connection.execute(select(scrubs_owed.c.scrub_id)).scalars())


def _strike_out(connection: Connection, owed: frozenset[str]) -> None:
    if owed:
        with connection.begin():
            connection.execute(delete(scrubs_owed).where(scrubs_owed.c.scrub_id.in_(owed)))


def _cut(connection: Connection, path: Path) -> None:
    if not sqlite.truncate_log(connection, path=path):
        raise StorageError(
            f"{path} is in use by another limen process",
            advice="close it, or try again when it has finished",
        )
