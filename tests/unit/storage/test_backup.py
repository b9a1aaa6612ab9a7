"""Backups as files: what opens them, what does not, and what is left when their time is up."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.errors import RefusedError, StorageError
from limen.core.ledger import AuditTag
from limen.storage.backup import read_backup, read_header, write_backup
from limen.storage.backup_keys import LONGEST, BackupKey, BackupKeys
from support.clock import NOON
from support.people import enrol, make_person
from support.sites import born

_DAY = timedelta(days=1)


@pytest.fixture
def keys(tmp_path: Path) -> BackupKeys:
    """An empty folder of keys."""
    return BackupKeys(tmp_path / "keys")


def _written(path: Path, key: BackupKey, copy: bytes) -> Path:
    write_backup(copy, path, key=key, site_id="site-1", made_at=NOON)
    return path


@pytest.mark.parametrize("length", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (2 << 20) + 7])
def test_what_went_in_comes_out(tmp_path: Path, keys: BackupKeys, length: int) -> None:
    """Nothing, less than a block, whole blocks and blocks and a bit come back to the byte."""
    key = keys.new(at=NOON, validity=_DAY)
    copy = bytes(range(256)) * (length // 256) + bytes(length % 256)
    path = _written(tmp_path / "backup", key, copy)
    assert copy == read_backup(path, key=keys.get(read_header(path).backup_id, at=NOON))
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["header", "length", "first block", "second block", "tag"])
def test_a_changed_byte_does_not_open(tmp_path: Path, keys: BackupKeys, place: str) -> None:
    """Whatever is changed, in clear or not, the backup is an error and nothing of it is given out."""
    key = keys.new(at=NOON, validity=_DAY)
    path = _written(tmp_path / "backup", key, bytes(3 << 19))
    raw = bytearray(path.read_bytes())
    body = raw.index(b"\n", raw.index(b"\n") + 1) + 1
    at = {
        "header": raw.index(b"site-1") + 5,
        "length": body + 3,
        "first block": body + 100,
        "second block": body + (1 << 20) + 100,
        "tag": len(raw) - 1,
    }[place]
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(StorageError, match="altered or is cut off"):
        read_backup(path, key=key)


@pytest.mark.parametrize("cut", [1, (1 << 20) + 20, 3 << 19])
def test_a_cut_off_backup_does_not_open(tmp_path: Path, keys: BackupKeys, cut: int) -> None:
    """Also where it is cut between two blocks."""
    key = keys.new(at=NOON, validity=_DAY)
    path = _written(tmp_path / "backup", key, bytes(2 << 20))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(StorageError, match="altered or is cut off"):
        read_backup(path, key=key)


def test_another_key_does_not_open(tmp_path: Path, keys: BackupKeys) -> None:
    """Each backup has a key of its own."""
    key, other = (keys.new(at=NOON, validity=_DAY) for _ in range(2))
    path = _written(tmp_path / "backup", key, b"copy")
    with pytest.raises(StorageError):
        read_backup(path, key=other)


@pytest.mark.parametrize("content", [b"", b"limen-backup-1\n", b"limen-backup-1\n{}\n", b"SQLite format 3\0" * 100])
def test_what_is_no_backup_is_told(tmp_path: Path, content: bytes) -> None:
    """Another file is an error that names it."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="is no backup of limen"):
        read_header(path)


def test_no_backup_is_written_over_anything(tmp_path: Path, keys: BackupKeys) -> None:
    """A file that is there stays as it is."""
    path = tmp_path / "backup"
    path.write_bytes(b"mine")
    with pytest.raises(StorageError):
        _written(path, keys.new(at=NOON, validity=_DAY), b"copy")
    assert path.read_bytes() == b"mine"


def test_a_key_dies_in_time(keys: BackupKeys, tmp_path: Path) -> None:
    """When its time is up a key is refused although it is there, then destroyed; others stay."""
    dying, living = keys.new(at=NOON, validity=_DAY), keys.new(at=NOON, validity=2 * _DAY)
    with pytest.raises(RefusedError) as caught:
        keys.get(dying.backup_id, at=NOON + _DAY)
    assert caught.value.reason == "backup_expired"
    assert keys.destroy_expired(at=NOON + _DAY) == 1
    with pytest.raises(RefusedError) as caught:
        keys.get(dying.backup_id, at=NOON)
    assert caught.value.reason == "backup_key_missing"
    assert keys.get(living.backup_id, at=NOON) == living
    assert not any(dying.secret.hex() in path.read_text("ascii") for path in (tmp_path / "keys").iterdir())


@pytest.mark.parametrize("validity", [timedelta(0), -_DAY, LONGEST + timedelta(seconds=1)])
def test_no_key_lives_longer_than_thirty_days(keys: BackupKeys, validity: timedelta) -> None:
    """More than 30 days, or no time at all, is misuse."""
    with pytest.raises(ValueError, match="30 days"):
        keys.new(at=NOON, validity=validity)


@pytest.mark.parametrize("backup_id", ["../../site", "b-1", "", "b-" + "0" * 19 + "\n"])
def test_an_id_is_no_path(keys: BackupKeys, backup_id: str) -> None:
    """What a hostile header says cannot lead to another file."""
    with pytest.raises(StorageError):
        keys.get(backup_id, at=NOON)


def test_a_damaged_key_is_told(keys: BackupKeys, tmp_path: Path) -> None:
    """A file that is no key is an error that names it."""
    key = keys.new(at=NOON, validity=_DAY)
    (tmp_path / "keys" / f"{key.backup_id}.key").write_text("{}", "ascii")
    with pytest.raises(StorageError, match="is no backup key"):
        keys.get(key.backup_id, at=NOON)


def test_a_copy_is_consistent_while_others_write(tmp_path: Path) -> None:
    """Copies taken while another thread enrols and withdraws are whole databases whose chain fits their head."""
    store = born(tmp_path / "data")
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            with store.begin() as unit:
                enrol(unit, *make_person("Ada"))
                unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={})
                unit.commit()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        copies = [store.copy() for _ in range(10)]
    finally:
        stop.set()
        worker.join()
    for copy in copies:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(_without_log(copy))
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (count,) = database.execute("SELECT count(*) FROM audit").fetchone()
            assert database.execute("SELECT n_records FROM audit_head").fetchone() == (count,)
            assert database.execute("SELECT count(*) FROM subjects").fetchone() == (count - 1,)
    store.close()


def _without_log(copy: bytes) -> bytes:
    """The same database, saying that it is not in WAL mode, which one in memory cannot be."""
    return copy[:18] + b"\x01\x01" + copy[20:]
