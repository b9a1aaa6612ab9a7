"""Every failure of the database is a StorageError with a cause, a place and advice, and changes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, exc, text

from limen.core.errors import StorageError
from limen.storage import Options, SqlStore, failures
from limen.storage.failures import reading, storage_error
from support.children import run
from support.people import enrol, make_person
from support.sites import born, reopened

_PLACE = Path("data/limen.db")
_NOBODY = 65534


def _enrol_somebody(store: SqlStore, *, n_references: int = 2) -> None:
    with store.begin() as unit:
        enrol(unit, *make_person(n_references=n_references))
        unit.commit()


def test_every_result_code_of_sqlite_has_its_words() -> None:
    """All primary error codes (1 to 26) are known; none falls through."""
    assert set(failures._BY_CODE) == set(range(1, 27))


@pytest.mark.parametrize(
    "kind", [kind for kind in vars(sqlite3).values() if isinstance(kind, type) and issubclass(kind, sqlite3.Error)]
)
def test_every_error_class_of_the_driver_is_told(kind: type[sqlite3.Error]) -> None:
    """Whatever class the driver raises, the administrator gets one line and advice."""
    told = storage_error(kind("detail with s-ada in it"), place=_PLACE)
    assert str(told).startswith("data/limen.db ")
    assert "s-ada" not in str(told)
    assert told.advice()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_BUSY, "locked by another process"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked by another process"),
        (sqlite3.SQLITE_FULL, "disk is full"),
        (sqlite3.SQLITE_IOERR_WRITE, "disk fails, is full or is limited"),
        (sqlite3.SQLITE_CORRUPT, "is damaged"),
        (sqlite3.SQLITE_NOTADB, "is not a database"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "read-only"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be opened"),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, "contradicts"),
        (sqlite3.SQLITE_NOMEM, "out of memory"),
        (sqlite3.SQLITE_MISUSE, "does not know"),
        (255, "does not know"),
    ],
)
def test_the_cause_is_told_in_words(code: int, words: str) -> None:
    """Each cause that an administrator can act on is told apart, extended codes too."""
    cause = sqlite3.OperationalError("x")
    cause.sqlite_errorcode = code
    assert words in str(storage_error(cause, place=_PLACE))


def test_a_pool_without_a_free_connection_is_told(tmp_path: Path) -> None:
    """More transactions at once than there are connections: an error, not a hang."""
    store = born(tmp_path / "data", options=Options(busy_timeout_ms=20))
    held = [store.read() for _ in range(15)]
    for view in held:
        view.__enter__()
    with pytest.raises(StorageError, match="too many transactions") as caught, store.read():
        pass
    assert isinstance(caught.value.__cause__, exc.TimeoutError)
    for view in held:
        view.__exit__(None, None, None)
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT nothing FROM nowhere",
        "INSERT INTO generation VALUES (2, 0)",
        "INSERT INTO site DEFAULT VALUES",
        "NONSENSE",
    ],
)
def test_errors_inside_a_transaction_are_translated_with_their_cause(tmp_path: Path, statement: str) -> None:
    """Whatever a statement fails with, no error of SQLAlchemy or sqlite3 leaves storage, and the cause is kept."""
    store = born(tmp_path / "data")
    with store._engine.connect() as connection, pytest.raises(StorageError) as caught:
        connection.execute(text(statement))
    assert isinstance(caught.value.__cause__, sqlite3.Error)
    assert statement not in str(caught.value)
    store.close()


def test_a_row_that_cannot_be_read_is_told() -> None:
    """A value of another type or word in a row becomes a StorageError that names the table."""
    with pytest.raises(StorageError, match="subjects holds a row that cannot be read"), reading("subjects"):
        raise ValueError("'robot' is not a valid TemplateKind")


def test_a_full_database_refuses_and_stays_as_it_was(tmp_path: Path) -> None:
    """When no page can be added, the enrolment fails as a whole and everything before is there."""
    store = born(tmp_path / "data")
    _enrol_somebody(store)
    store._engine.dispose()

    @event.listens_for(store._engine, "connect")
    def limit(raw: sqlite3.Connection, _record: object) -> None:
        raw.execute("PRAGMA max_page_count=1")  # SQLite takes this as: no more pages than there are

    with pytest.raises(StorageError, match="the disk is full"):
        _enrol_somebody(store, n_references=500)
    with store.read() as unit:
        assert len(unit.subjects.all()) == 1
    store.close()


_TOO_LARGE = """
import resource
from limen.core.errors import StorageError
from support.people import enrol, make_person
from support.sites import reopened

store = reopened(FOLDER)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    with store.begin() as unit:
        enrol(unit, *make_person(n_references=1000))
        unit.commit()
except StorageError as error:
    print(error, "|", error.advice())
"""


def test_a_disk_that_takes_no_more_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """When the operating system refuses to write, nothing is half-written and the next process works on."""
    folder = tmp_path / "data"
    store = born(folder)
    _enrol_somebody(store)
    store.close()
    child = run(_TOO_LARGE, folder)
    assert "check the disk and its quota" in child.stdout, child.stderr
    store = reopened(folder)
    with store.read() as unit:
        assert len(unit.subjects.all()) == 1
        assert unit.audit.verify().problem is None
    _enrol_somebody(store)
    store.close()


_READ_ONLY = f"""
import os
from limen.core.errors import StorageError
from support.people import enrol, make_person
from support.sites import reopened

if os.getuid() == 0:
    os.setgid({_NOBODY})
    os.setuid({_NOBODY})
try:
    store = reopened(FOLDER)
    with store.begin() as unit:
        enrol(unit, *make_person())
        unit.commit()
except StorageError as error:
    print(error, "|", error.advice())
"""


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that a user other than root may reach, too."""
    folder = Path(tempfile.mkdtemp(prefix="limen-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_written_is_told(shared_folder: Path) -> None:
    """A store on a read-only folder is an error with advice, not a crash."""
    folder = shared_folder / "data"
    born(folder).close()
    for path in (*folder.iterdir(), folder):
        path.chmod(0o500 if path.is_dir() else 0o400)
        if os.getuid() == 0:
            os.chown(path, _NOBODY, _NOBODY)
    child = run(_READ_ONLY, folder)
    folder.chmod(0o700)
    assert "limen.db" in child.stdout, child.stderr
    assert "this user" in child.stdout


def test_a_file_of_another_user_is_told(tmp_path: Path) -> None:
    """What the operating system refuses arrives with its own words."""
    told = storage_error(PermissionError(13, "Permission denied"), place=tmp_path)
    assert str(told) == f"{tmp_path} cannot be used: Permission denied"
