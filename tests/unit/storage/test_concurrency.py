"""Several writers: they wait for each other, or are told, and nothing is lost or half-done."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from limen.core.errors import StorageError
from limen.core.ledger import AuditTag
from limen.storage import Options, SqlStore, sqlite
from support.children import start
from support.clock import NOON
from support.people import enrol, make_person
from support.sites import born, reopened

_HOLDER = """
import sqlite3
raw = sqlite3.connect(FOLDER / "limen.db", isolation_level=None)
raw.execute("BEGIN IMMEDIATE")
print("held", flush=True)
input()
raw.execute("UPDATE generation SET value = value + 100")
raw.execute("COMMIT")
raw.close()
print("released", flush=True)
"""


def _enrol_somebody(store: SqlStore) -> None:
    with store.begin() as unit:
        enrol(unit, *make_person())
        unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={})
        unit.commit()


def test_every_connection_keeps_the_rules(tmp_path: Path) -> None:
    """Power loss, deleted bytes, temporary files and contradictions are guarded on each connection."""
    store = born(tmp_path / "data", options=Options(busy_timeout_ms=1234))
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "busy_timeout": 1234,
    }
    with store._engine.connect() as one, store._engine.connect() as other:
        for connection in (one, other):
            raw = sqlite._driver(connection)
            assert {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in expected} == expected
    store.close()


def test_a_second_process_is_told_who_waits_for_whom(tmp_path: Path) -> None:
    """While another process writes, a short wait ends in a StorageError; afterwards writing works."""
    store = born(tmp_path / "data", options=Options(busy_timeout_ms=20))
    with start(_HOLDER, tmp_path / "data") as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StorageError, match="locked by another process") as caught:
            _enrol_somebody(store)
        assert "close the other limen process" in caught.value.advice()
        with store.read() as unit:
            assert unit.subjects.generation() == 0
        holder.communicate("go\n")
    _enrol_somebody(store)
    with store.read() as unit:
        assert unit.subjects.generation() == 101
    store.close()


def test_a_second_process_waits_and_then_writes(tmp_path: Path) -> None:
    """With time to wait, the second writer goes on where the first ended, and sees what it wrote."""
    store = born(tmp_path / "data", options=Options(busy_timeout_ms=60_000))
    with start(_HOLDER, tmp_path / "data") as holder, ThreadPoolExecutor(1) as pool:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiting = pool.submit(_enrol_somebody, store)
        assert not waiting.done()
        holder.communicate("go\n")
        waiting.result()
    with store.read() as unit:
        assert unit.subjects.generation() == 101
    store.close()


def test_opening_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    """A site can be opened and read while another process is writing to it."""
    born(tmp_path / "data").close()
    with start(_HOLDER, tmp_path / "data") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        store = reopened(tmp_path / "data", options=Options(busy_timeout_ms=20))
        with store.read() as unit:
            assert unit.subjects.generation() == 0
        store.close()
        holder.communicate("go\n")


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    """Forty enrolments from four threads are forty people and an unbroken chain."""
    store = born(tmp_path / "data", options=Options(busy_timeout_ms=60_000))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(_enrol_somebody, store) for _ in range(40)]:
            done.result()
    with store.read() as unit:
        assert (len(unit.subjects.all()), unit.subjects.generation()) == (40, 40)
        assert (unit.audit.verify().n_records, unit.audit.verify().problem) == (41, None)
    store.close()


def test_a_change_by_another_process_is_seen(tmp_path: Path) -> None:
    """The generation of an open store moves when another one writes."""
    first = born(tmp_path / "data")
    second = reopened(tmp_path / "data")
    _enrol_somebody(second)
    with first.read() as unit:
        assert unit.subjects.generation() == 1
    for store in (first, second):
        store.close()


def test_the_last_to_close_leaves_no_log(tmp_path: Path) -> None:
    """After an orderly end there is one file of data, which opens without the others."""
    store = born(tmp_path / "data")
    _enrol_somebody(store)
    store.close()
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"limen.db", "site.key"}
    with closing(sqlite3.connect(tmp_path / "data" / "limen.db")) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
