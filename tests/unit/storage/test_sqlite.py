"""What is true of SQLite alone, where the disk or another process does not play along."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from limen.core.errors import StorageError
from limen.core.people import SiteKind
from limen.storage import Options, site, site_key, sqlite
from support.children import start
from support.clock import NOON
from support.sites import ROOMS, born


def test_a_file_is_created_for_its_owner_alone_and_only_once(tmp_path: Path) -> None:
    """An empty file with mode 0600 comes into being; one that is there stays as it is."""
    path = tmp_path / "limen.db"
    sqlite.create_file(path)
    assert (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) == (0o600, b"")
    path.write_bytes(b"content")
    sqlite.create_file(path)
    assert path.read_bytes() == b"content"


def test_a_file_that_cannot_be_created_or_protected_is_told(tmp_path: Path) -> None:
    """Without its folder there is no file: an error with the system's words."""
    for act in (sqlite.create_file, sqlite.protect_file):
        with pytest.raises(StorageError, match="No such file"):
            act(tmp_path / "missing" / "limen.db")


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """After an orderly end there is no log, and its size is zero."""
    assert sqlite.log_size(tmp_path / "limen.db") == 0


def test_the_log_is_not_cut_inside_a_transaction(tmp_path: Path) -> None:
    """Cutting the log or compacting in the middle of a transaction is misuse."""
    store = born(tmp_path / "data")
    with store._engine.connect() as connection:
        connection.begin()
        for act in (sqlite.truncate_log, sqlite.compact):
            with pytest.raises(RuntimeError, match="outside a transaction"):
                act(connection, path=store._path)
    store.close()


def test_a_scrub_that_sqlite_refuses_is_told(tmp_path: Path) -> None:
    """Whatever SQLite says to cutting or compacting arrives as a StorageError with its cause."""
    store = born(tmp_path / "data")
    with store._engine.connect() as connection:
        sqlite._driver(connection).set_authorizer(lambda *_told: sqlite3.SQLITE_DENY)
        for act in (sqlite.truncate_log, sqlite.compact):
            with pytest.raises(StorageError, match=r"limen\.db cannot be written") as caught:
                act(connection, path=store._path)
            assert isinstance(caught.value.__cause__, sqlite3.Error)
        sqlite._driver(connection).set_authorizer(None)
    store.close()


_WRITES_ON = """
import sqlite3
raw = sqlite3.connect(FOLDER / "limen.db", isolation_level=None)
while True:
    raw.execute("UPDATE generation SET value = value + 1")
    print("written", flush=True)
"""


def test_a_log_that_others_go_on_writing_is_cut_or_told(tmp_path: Path) -> None:
    """With another process writing all the time, a cut ends and says truly whether the log was empty."""
    store = born(tmp_path / "data", options=Options(busy_timeout_ms=2000))
    with start(_WRITES_ON, tmp_path / "data") as writer, store._engine.connect() as connection:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        assert sqlite.truncate_log(connection, path=store._path) in {True, False}
        writer.kill()
    with store._engine.connect() as connection:
        assert sqlite.truncate_log(connection, path=store._path)
    assert sqlite.log_size(store._path) == 0
    store.close()


def test_a_second_birth_changes_nothing(tmp_path: Path) -> None:
    """A process that lost the race for the birth leaves the site as the first one made it."""
    store = born(tmp_path / "data")
    key = site_key.read_site_key(tmp_path / "data" / "site.key")
    site._bear(store._engine, site_key=key, kind=SiteKind.LIVE, rooms=ROOMS, at=NOON)
    with store.read() as unit:
        assert len(list(unit.audit.records())) == 1
    store.close()


def test_whoever_links_the_key_first_wins(tmp_path: Path) -> None:
    """The key of the process that was first stays, whether or not it has tidied up already."""
    mine, key = tmp_path / "site.key.aa.new", tmp_path / "site.key"
    mine.write_bytes(b"mine")
    key.write_bytes(b"theirs")
    site_key._link(mine, key)
    mine.unlink()
    site_key._link(mine, key)
    assert key.read_bytes() == b"theirs"
    key.unlink()
    with pytest.raises(FileNotFoundError):
        site_key._link(mine, key)
