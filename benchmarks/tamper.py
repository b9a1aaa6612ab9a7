"""Is every single-byte change of every record of the audit chain found? All 255 changes of every byte.

    python benchmarks/tamper.py

Caveats first. The chain is short (one record of each of four kinds), because every change is checked by reading the
whole chain from the database file, as `limen audit verify` does. Whoever changes something here has the file and not
the key; with the key a whole new chain can be made.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from kill_child import BIRTHDAY, ROOMS, StoppedClock

from limen.core.ledger import AuditTag
from limen.core.people import SiteKind
from limen.storage import SqlStore, open_site

__all__: list[str] = []

_COLUMNS = ("at", "tag", "alias", "detail", "previous", "digest")
_TAGS = (AuditTag.AGREEMENT_RECORDED, AuditTag.SUBJECT_ENROLLED, AuditTag.SUBJECT_WITHDRAWN)


def main() -> None:
    """Change, check, change back; print one JSON document."""
    with tempfile.TemporaryDirectory(prefix="limen-tamper-") as name:
        folder = Path(name) / "data"
        store = open_site(folder, rooms=ROOMS, clock=StoppedClock(), create=SiteKind.TRIAL)
        with store.begin() as unit:
            for number, tag in enumerate(_TAGS):
                unit.audit.append(tag, at=BIRTHDAY, alias=f"{number:032x}", detail={"references": 3, "confirmed": True})
            unit.commit()
        with closing(sqlite3.connect(folder / "limen.db", isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous=OFF")  # the attacker is in a hurry
            raw.execute("DROP TRIGGER audit_refuses_update")
            tried, missed, elsewhere = _changes(store, raw)
        store.close()
    print(json.dumps({"records": 1 + len(_TAGS), "changes": tried, "missed": missed, "told_elsewhere": elsewhere}))


def _changes(store: SqlStore, raw: sqlite3.Connection) -> tuple[int, int, int]:
    """How many changes there were, how many were not found, and how many were found at another record."""
    columns = ", ".join(f"CAST({column} AS BLOB)" for column in _COLUMNS)
    tried = missed = elsewhere = 0
    for sequence, *cells in raw.execute(f"SELECT sequence, {columns} FROM audit").fetchall():  # noqa: S608
        for column, before in zip(_COLUMNS, cells, strict=True):
            write = f"UPDATE audit SET {column} = CAST(? AS TEXT) WHERE sequence = ?"  # noqa: S608
            for place in range(len(before or b"")):
                for change in range(1, 256):
                    changed = before[:place] + bytes([before[place] ^ change]) + before[place + 1 :]
                    raw.execute(write, (changed, sequence))
                    with store.read() as unit:
                        broken_at = unit.audit.verify().broken_at
                    tried += 1
                    missed += broken_at is None
                    elsewhere += broken_at not in {None, sequence}
            raw.execute(write, (before, sequence))
        print(f"record {sequence}: {tried} changes", file=sys.stderr)
    return tried, missed, elsewhere


if __name__ == "__main__":
    main()
