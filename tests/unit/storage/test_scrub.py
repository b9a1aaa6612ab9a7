"""After a withdrawal nothing of the person is in any file: in good order, when killed, when others hold the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from limen.core.errors import StorageError
from limen.core.people import Subject
from limen.storage import Options, SqlStore
from limen.storage.schema import agreements, data_keys, scrubs_owed, subject_references, subjects
from limen.storage.scrub import found_in
from support.children import run
from support.people import enrol, make_person
from support.sites import born, reopened

_BLOCK = 8 << 20


def _secrets(store: SqlStore) -> list[bytes]:
    """All sealed bytes of everybody, as they lie in the file."""
    columns = (data_keys.c.wrapped, subjects.c.name_sealed, subject_references.c.template_sealed, agreements.c.seal)
    with store._engine.connect() as connection:
        return [value for column in columns for value in connection.execute(select(column)).scalars()]


def _left(folder: Path, secrets: list[bytes]) -> list[str]:
    """The files that hold a piece of a secret."""
    return sorted(path.name for path in folder.glob("limen.db*") if found_in(path, secrets))


def _owed(store: SqlStore) -> int:
    with store._engine.connect() as connection:
        return len(connection.execute(select(scrubs_owed)).all())


def _enrolled(store: SqlStore, *, n_references: int = 2) -> Subject:
    subject, references = make_person(n_references=n_references)
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    return subject


def _withdraw(store: SqlStore, subject: Subject, *, scrub: bool = True) -> None:
    with store.begin() as unit:
        unit.subjects.destroy(subject.subject_id)
        unit.agreements.destroy(subject.agreement.agreement_id)
        unit.commit(scrub=scrub)


@contextmanager
def _reader(folder: Path) -> Iterator[None]:
    """Another process that is in the middle of reading."""
    with closing(sqlite3.connect(folder / "limen.db", isolation_level=None)) as raw:
        raw.execute("BEGIN")
        raw.execute("SELECT count(*) FROM subjects").fetchone()
        yield


def test_a_withdrawn_person_is_in_no_file(tmp_path: Path) -> None:
    """When the withdrawal returns, the log is empty and key, name, templates and agreement are in no file."""
    store = born(tmp_path / "data")
    subject = _enrolled(store)
    secrets = _secrets(store)
    assert _left(tmp_path / "data", secrets) == ["limen.db-wal"]
    _withdraw(store, subject)
    assert _left(tmp_path / "data", secrets) == []
    assert (tmp_path / "data" / "limen.db-wal").stat().st_size == 0
    assert _owed(store) == 0
    store.close()


def test_without_a_scrub_the_log_still_holds_the_person(tmp_path: Path) -> None:
    """The control: the search finds what is there, and the unscrubbed withdrawal is on record as owed."""
    store = born(tmp_path / "data")
    subject = _enrolled(store)
    secrets = _secrets(store)
    _withdraw(store, subject, scrub=False)
    assert _left(tmp_path / "data", secrets) == ["limen.db-wal"]
    assert _owed(store) == 1
    store.close()


def test_an_owed_scrub_is_done_when_the_store_is_opened(tmp_path: Path) -> None:
    """Opening finishes what another process left, while that process still lives."""
    store = born(tmp_path / "data")
    subject = _enrolled(store)
    secrets = _secrets(store)
    _withdraw(store, subject, scrub=False)
    again = reopened(tmp_path / "data")
    assert _left(tmp_path / "data", secrets) == []
    assert _owed(again) == 0
    for opened in (store, again):
        opened.close()


def test_an_owed_scrub_is_done_with_the_next_withdrawal(tmp_path: Path) -> None:
    """A process that goes on for weeks finishes older scrubs when it does its next."""
    store = born(tmp_path / "data")
    first, second = _enrolled(store), _enrolled(store)
    secrets = _secrets(store)
    _withdraw(store, first, scrub=False)
    _withdraw(store, second)
    assert _left(tmp_path / "data", secrets) == []
    assert _owed(store) == 0
    store.close()


_KILLED_AFTER_COMMIT = """
import os, signal
from support.people import enrol, make_person
from support.sites import born
from limen.storage import store as room
from sqlalchemy import select
from limen.storage.schema import data_keys

store = born(FOLDER)
subject, references = make_person()
with store.begin() as unit:
    enrol(unit, subject, references)
    unit.commit()
with store._engine.connect() as connection:
    print(connection.execute(select(data_keys.c.wrapped)).scalar_one().hex(), flush=True)
room.scrub_committed = lambda *_args, **_named: os.kill(os.getpid(), signal.SIGKILL)
with store.begin() as unit:
    unit.subjects.destroy(subject.subject_id)
    unit.agreements.destroy(subject.agreement.agreement_id)
    unit.commit(scrub=True)
"""


def test_killed_between_commit_and_scrub_the_next_opening_scrubs(tmp_path: Path) -> None:
    """SIGKILL right after COMMIT: the person is gone, the bytes are still in the log, and opening removes them."""
    folder = tmp_path / "data"
    child = run(_KILLED_AFTER_COMMIT, folder)
    assert child.returncode == -9, child.stderr
    secrets = [bytes.fromhex(child.stdout)]
    assert _left(folder, secrets) == ["limen.db-wal"]
    store = reopened(folder)
    assert _left(folder, secrets) == []
    with store.read() as unit:
        assert (unit.subjects.all(), unit.agreements.all()) == ((), ())
    assert _owed(store) == 0
    store.close()


def test_a_reader_that_does_not_go_is_told(tmp_path: Path) -> None:
    """While another process reads, the withdrawal is committed, says that the scrub is missing, and stays owed."""
    folder = tmp_path / "data"
    store = born(folder, options=Options(busy_timeout_ms=20))
    subject = _enrolled(store)
    secrets = _secrets(store)
    with _reader(folder):
        with pytest.raises(StorageError, match="committed, but deleted bytes may still be in") as caught:
            _withdraw(store, subject)
        assert "close other limen processes" in caught.value.advice()
        with store.read() as unit:
            assert unit.subjects.all() == ()
        assert _left(folder, secrets) != []
        reopened(folder, options=Options(busy_timeout_ms=20)).close()
        assert _owed(store) == 1
    reopened(folder).close()
    assert _left(folder, secrets) == []
    assert _owed(store) == 0
    store.close()


def test_a_stale_copy_inside_the_database_is_found_and_removed(tmp_path: Path) -> None:
    """Where SQLite left a copy in the gap of a page, the search finds it and the database is written anew."""
    folder = tmp_path / "data"
    store = born(folder)
    subject = _enrolled(store, n_references=1)
    secrets = _secrets(store)
    with closing(sqlite3.connect(folder / "limen.db", isolation_level=None)) as careless:
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("CREATE TABLE elsewhere (copy BLOB)")
        careless.executemany("INSERT INTO elsewhere VALUES (?)", [(secret,) for secret in secrets])
        careless.execute("DELETE FROM elsewhere")
        careless.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert (folder / "limen.db").read_bytes().count(secrets[0]) == 2
    _withdraw(store, subject)
    assert _left(folder, secrets) == []
    store.close()


def test_a_value_that_is_kept_on_purpose_is_reported(tmp_path: Path) -> None:
    """If even a database written anew holds the bytes, the withdrawal says so."""
    folder = tmp_path / "data"
    store = born(folder)
    subject = _enrolled(store)
    with closing(sqlite3.connect(folder / "limen.db", isolation_level=None)) as hostile:
        hostile.execute("CREATE TABLE elsewhere (copy BLOB)")
        hostile.executemany("INSERT INTO elsewhere VALUES (?)", [(secret,) for secret in _secrets(store)])
    with pytest.raises(StorageError, match="still holds deleted bytes"):
        _withdraw(store, subject)
    store.close()


@pytest.mark.parametrize("length", [16, 17, 61, 64, 65, 541, 5000])
def test_the_search_finds_whole_values_and_their_ends(tmp_path: Path, length: int) -> None:
    """A value is found wherever it lies, and also when only its first 16 bytes are left."""
    value = bytes(number * 7 % 251 for number in range(length))
    path = tmp_path / "file"
    for left in (value, value[:16]):
        path.write_bytes(bytes(1000) + left + bytes(1000))
        assert found_in(path, [b"\xff" * 20, value])
    path.write_bytes(bytes(2000) + value[:15])
    assert not found_in(path, [value])


@pytest.mark.parametrize("offset", [-32, -16, -9, -1, 0, 1])
def test_the_search_sees_across_its_blocks(tmp_path: Path, offset: int) -> None:
    """A value that lies across the border of two blocks is found."""
    value = bytes(range(1, 17))
    path = tmp_path / "file"
    path.write_bytes(bytes(_BLOCK + offset) + value)
    assert found_in(path, [value])


def test_nothing_to_search_for_is_not_found(tmp_path: Path) -> None:
    """Without values the file is not even opened; a value too short to be told apart is misuse."""
    assert not found_in(tmp_path / "missing", [])
    with pytest.raises(ValueError, match="16 bytes or more"):
        found_in(tmp_path / "missing", [b"short"])
