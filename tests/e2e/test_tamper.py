"""Every byte of every record of the chain, changed in the database file: found, and found at that record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from limen.core.ledger import AuditTag
from limen.storage import SqlStore
from support.clock import NOON
from support.sites import born

_COLUMNS = ("at", "tag", "alias", "detail", "previous", "digest")
_CHANGES = (0x01, 0x20, 0x80)
"""One bit at the low end, the one between small and capital letters, and one that makes the text no UTF-8.
`benchmarks/tamper.py` goes through all 255."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A site with one record of every tag, whose triggers are gone so that it can be attacked."""
    opened = born(tmp_path / "data")
    with opened.begin() as unit:
        for number, tag in enumerate(AuditTag):
            unit.audit.append(tag, at=NOON, alias=f"{number:032x}", detail={"number": number, "rate": 0.001})
        unit.commit()
    with closing(sqlite3.connect(tmp_path / "data" / "limen.db")) as raw:
        raw.execute("DROP TRIGGER audit_refuses_update")
    yield opened
    opened.close()


def test_every_byte_of_every_record_is_covered(store: SqlStore, tmp_path: Path) -> None:
    """Whichever byte of whichever column of whichever row is changed, the verdict names that very record."""
    missed, tried = [], 0
    with closing(sqlite3.connect(tmp_path / "data" / "limen.db", isolation_level=None)) as raw:
        columns = ", ".join(f"CAST({column} AS BLOB)" for column in _COLUMNS)
        rows = raw.execute(f"SELECT sequence, {columns} FROM audit ORDER BY sequence").fetchall()  # noqa: S608  ours
        for sequence, *cells in rows:
            for column, before in zip(_COLUMNS, cells, strict=True):
                write = f"UPDATE audit SET {column} = CAST(? AS TEXT) WHERE sequence = ?"  # noqa: S608  ours
                for place in range(len(before or b"")):
                    change = _CHANGES[(place + sequence) % len(_CHANGES)]
                    changed = before[:place] + bytes([before[place] ^ change]) + before[place + 1 :]
                    raw.execute(write, (changed, sequence))
                    with store.read() as unit:
                        verdict = unit.audit.verify()
                    tried += 1
                    if verdict.broken_at != sequence:
                        missed.append((sequence, column, place, change))
                raw.execute(write, (before, sequence))
    assert missed == []
    assert tried == sum(len(cell or b"") for _, *cells in rows for cell in cells)
    with store.read() as unit:
        assert unit.audit.verify().problem is None


def test_every_record_taken_out_or_exchanged_is_found(store: SqlStore, tmp_path: Path) -> None:
    """Any one record removed, and any two neighbours exchanged, break the chain at the first of them."""
    with closing(sqlite3.connect(tmp_path / "data" / "limen.db", isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER audit_refuses_delete")
        for sequence in range(1, len(AuditTag) + 2):
            row = raw.execute("SELECT * FROM audit WHERE sequence = ?", (sequence,)).fetchone()
            raw.execute("DELETE FROM audit WHERE sequence = ?", (sequence,))
            with store.read() as unit:
                assert unit.audit.verify().broken_at == sequence
            raw.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for sequence in range(1, len(AuditTag) + 1):
            _exchange(raw, sequence)
            with store.read() as unit:
                assert unit.audit.verify().broken_at == sequence
            _exchange(raw, sequence)


def _exchange(raw: sqlite3.Connection, sequence: int) -> None:
    for old, new in ((sequence, -1), (sequence + 1, sequence), (-1, sequence + 1)):
        raw.execute("UPDATE audit SET sequence = ? WHERE sequence = ?", (new, old))
