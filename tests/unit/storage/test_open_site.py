"""Opening a data folder: birth, kind, key, and everything that can be wrong with it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.errors import LedgerError, StorageError
from limen.core.ledger import AuditTag
from limen.core.operators import Approved
from limen.core.people import SiteKind
from limen.storage import Options, open_site
from limen.storage.engine import database_url, open_engine
from limen.storage.scrub import found_in
from support.children import run
from support.clock import FakeClock
from support.people import enrol, make_person
from support.sites import ROOMS, born, reopened


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_missing_folder_is_told_how_to_be_made(tmp_path: Path) -> None:
    """Without being asked to, limen creates nothing."""
    with pytest.raises(StorageError, match="holds no limen site") as caught:
        reopened(tmp_path / "data")
    assert "limen site new" in caught.value.advice()
    assert not (tmp_path / "data").exists()


def test_everything_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The folder is 0700, every file in it 0600, the log and its index too."""
    folder = tmp_path / "data"
    store = born(folder)
    with store.begin() as unit:
        enrol(unit, *make_person())
        unit.commit()
    assert _mode(folder) == 0o700
    assert {path.name for path in folder.iterdir()} == {"limen.db", "limen.db-wal", "limen.db-shm", "site.key"}
    assert {_mode(path) for path in folder.iterdir()} == {0o600}
    store.close()


def test_a_database_that_a_copy_opened_to_others_is_closed_again(tmp_path: Path) -> None:
    """Whatever mode a backup left, opening takes the database from everybody else."""
    born(tmp_path / "data").close()
    (tmp_path / "data" / "limen.db").chmod(0o644)
    reopened(tmp_path / "data").close()
    assert _mode(tmp_path / "data" / "limen.db") == 0o600


@pytest.mark.parametrize("kind", list(SiteKind))
def test_a_folder_keeps_its_kind(tmp_path: Path, kind: SiteKind) -> None:
    """The kind given at birth is the kind for ever, and asking for it again opens the site."""
    born(tmp_path / "data", kind=kind).close()
    for store in (reopened(tmp_path / "data"), born(tmp_path / "data", kind=kind)):
        assert store.site_kind is kind
        store.close()


def test_birth_is_the_first_audit_record(tmp_path: Path) -> None:
    """The chain begins with the site's creation and its kind, once."""
    born(tmp_path / "data", kind=SiteKind.LIVE).close()
    store = born(tmp_path / "data", kind=SiteKind.LIVE)
    with store.read() as unit:
        records = list(unit.audit.records())
    store.close()
    assert [(record.tag, record.detail) for record in records] == [(AuditTag.SITE_CREATED, {"kind": "live"})]


@pytest.mark.parametrize(("kind", "other"), [(SiteKind.TRIAL, SiteKind.LIVE), (SiteKind.LIVE, SiteKind.TRIAL)])
def test_a_folder_never_becomes_the_other_kind(tmp_path: Path, kind: SiteKind, other: SiteKind) -> None:
    """Asking for the other kind is refused and changes nothing."""
    born(tmp_path / "data", kind=kind).close()
    before = _files(tmp_path / "data")
    with pytest.raises(StorageError, match=f"is a {kind} folder and can never become a {other} one"):
        born(tmp_path / "data", kind=other)
    assert _files(tmp_path / "data") == before


def test_an_edited_kind_is_found(tmp_path: Path) -> None:
    """Whoever edits trial to live without the site key gets an error, not a live site."""
    born(tmp_path / "data").close()
    with sqlite3.connect(tmp_path / "data" / "limen.db") as raw:
        raw.execute("UPDATE site SET kind = 'live'")
    raw.close()
    with pytest.raises(StorageError, match="was altered"):
        reopened(tmp_path / "data")


@pytest.mark.parametrize("kind", ["'demo'", "NULL || 'x'", "x'00ff'", "''"])
def test_a_kind_that_is_none_is_found(tmp_path: Path, kind: str) -> None:
    """A site row with nonsense in it is an error with advice."""
    born(tmp_path / "data").close()
    with sqlite3.connect(tmp_path / "data" / "limen.db") as raw:
        raw.execute(f"UPDATE OR IGNORE site SET kind = coalesce({kind}, 'nothing')")  # noqa: S608  literals above
    raw.close()
    with pytest.raises(StorageError):
        reopened(tmp_path / "data")


def test_another_key_is_told_before_anything_else(tmp_path: Path) -> None:
    """A wrong key is a clear error and changes nothing."""
    born(tmp_path / "data").close()
    (tmp_path / "data" / "site.key").write_bytes(bytes(32))
    before = _files(tmp_path / "data")
    with pytest.raises(StorageError, match="this key does not open this store"):
        reopened(tmp_path / "data")
    assert _files(tmp_path / "data") == before


def test_a_lost_key_is_not_made_anew(tmp_path: Path) -> None:
    """A database without its key is an error, also where a new site was asked for."""
    born(tmp_path / "data").close()
    (tmp_path / "data" / "site.key").unlink()
    for opening in (reopened, born):
        with pytest.raises(StorageError, match="missing"):
            opening(tmp_path / "data")
    assert not (tmp_path / "data" / "site.key").exists()


def test_the_key_may_live_elsewhere(tmp_path: Path) -> None:
    """With a key file of its own, the data folder holds no key, and does not open without that file."""
    options = Options(key_file=tmp_path / "keys.d-site.key")
    born(tmp_path / "data", options=options).close()
    assert not (tmp_path / "data" / "site.key").exists()
    reopened(tmp_path / "data", options=options).close()
    with pytest.raises(StorageError, match="missing"):
        reopened(tmp_path / "data")


def test_the_rotation_seed_is_the_sites_own(tmp_path: Path) -> None:
    """The same site gives the same seed whenever it is opened; another site gives another."""
    first, second = born(tmp_path / "one"), born(tmp_path / "two")
    first.close()
    again = reopened(tmp_path / "one")
    assert first.rotation_seed() == again.rotation_seed() != second.rotation_seed()
    for store in (again, second):
        store.close()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "creation was interrupted"),
        (b"not a database, but long enough to be looked at\n" * 100, "is not a database"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "is not a database|is damaged|cannot be"),
    ],
)
def test_a_file_that_is_no_store_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    """Empty, foreign or damaged: one line with a cause and advice."""
    born(tmp_path / "data").close()
    (tmp_path / "data" / "limen.db").write_bytes(content)
    with pytest.raises(StorageError, match=told) as caught:
        reopened(tmp_path / "data")
    assert caught.value.advice()
    assert "\n" not in str(caught.value)


def _references(folder: Path) -> set[bytes]:
    """What can still be read of a damaged store; nothing where it says that it is damaged."""
    try:
        store = reopened(folder)
    except StorageError:
        return set()
    try:
        with store.read() as unit:
            found, _ = unit.subjects.references(known=frozenset())
    except StorageError:
        return set()
    finally:
        store.close()
    return {reference.vector.tobytes() for reference in found}


@pytest.mark.parametrize("kib", range(0, 60, 3))
def test_a_damaged_page_is_an_error_but_never_a_wrong_template(tmp_path: Path, kib: int) -> None:
    """With any part overwritten, reading fails as StorageError or gives nothing that was not stored."""
    folder = tmp_path / "data"
    store = born(folder)
    subject, references = make_person(n_references=20)
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    store.close()
    content = bytearray((folder / "limen.db").read_bytes())
    start = kib * 1024 % len(content)
    content[start : start + 1024] = b"\xa5" * len(content[start : start + 1024])
    (folder / "limen.db").write_bytes(content)
    assert _references(folder) <= {reference.vector.tobytes() for reference in references}


def test_a_directory_in_place_of_the_database_is_told(tmp_path: Path) -> None:
    """A folder called limen.db is not a database."""
    (tmp_path / "data" / "limen.db").mkdir(parents=True)
    for opening in (reopened, born):
        with pytest.raises(StorageError, match="is not a file"):
            opening(tmp_path / "data")


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    """A data folder that is a file is an error of the operating system, told in one line."""
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageError, match=r"File exists|Not a directory"):
        born(tmp_path / "data")


def test_a_birth_that_was_interrupted_can_be_done_again(tmp_path: Path) -> None:
    """A key and an empty database, as a killed birth leaves them, become a site when asked for."""
    born(tmp_path / "data").close()
    key = (tmp_path / "data" / "site.key").read_bytes()
    (tmp_path / "data" / "limen.db").write_bytes(b"")
    born(tmp_path / "data").close()
    assert (tmp_path / "data" / "site.key").read_bytes() == key


def test_only_the_first_of_two_births_counts(tmp_path: Path) -> None:
    """A process that finds the site born meanwhile opens it."""
    folder = tmp_path / "data"
    scripts = "from support.sites import born\nstore = born(FOLDER)\nprint(store.rotation_seed().hex())\nstore.close()"
    first, second = run(scripts, folder), run(scripts, folder)
    assert first.stdout == second.stdout != ""


def test_the_kind_of_database_is_checked() -> None:
    """An address of another kind of database is refused with advice."""
    url = database_url(Path("data")).set(drivername="postgresql")
    with pytest.raises(StorageError, match="postgresql is not a kind of store") as caught:
        open_engine(url, options=Options())
    assert caught.value.advice()


def test_a_negative_wait_is_misuse() -> None:
    """Nobody waits less than nothing."""
    with pytest.raises(ValueError, match="busy_timeout_ms"):
        Options(busy_timeout_ms=-1)


def test_a_copied_folder_is_the_same_site(tmp_path: Path) -> None:
    """A backup of a closed folder opens and holds the same people."""
    store = born(tmp_path / "data")
    subject, references = make_person()
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    store.close()
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    copy = open_site(tmp_path / "copy", rooms=ROOMS, clock=FakeClock())
    with copy.read() as unit:
        assert unit.subjects.get(subject.subject_id) == subject
    copy.close()
    assert not found_in(tmp_path / "copy" / "limen.db", [subject.name.encode().ljust(16)])


def test_an_approval_that_limen_did_not_write_is_found(tmp_path: Path) -> None:
    """Somebody who writes to the database alone approves nothing."""
    store = born(tmp_path / "data", kind=SiteKind.LIVE)
    with store.begin() as unit:
        unit.operators.approve(Approved.GALLERY, 0)
        unit.commit()
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE approvals SET value = 1"))
    with store.read() as unit, pytest.raises(LedgerError, match="not written by limen"):
        unit.operators.approved(Approved.GALLERY)
    store.close()
