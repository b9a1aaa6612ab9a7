"""Tables: what a store gets when it is born, and what happens to a store of another age."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from limen.core.errors import StorageError
from limen.storage import Options, migrate
from limen.storage.engine import database_url, open_engine
from limen.storage.schema import metadata
from support.sites import born, reopened


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine on a file that does not exist yet."""
    return open_engine(database_url(tmp_path), options=Options())


def test_the_migrated_schema_is_the_metadata(engine: Engine) -> None:
    """Following the steps gives exactly the tables that the code speaks of."""
    with engine.begin() as connection:
        migrate.upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in metadata.tables.values():
            found = {tuple(key["constrained_columns"]) for key in inspect(connection).get_foreign_keys(table.name)}
            assert found == {tuple(key.column_keys) for key in table.foreign_key_constraints}
    engine.dispose()


def test_the_head_is_the_newest_step() -> None:
    """The constant that an ordinary start compares with is what the files say."""
    scripts = ScriptDirectory(str(migrate._SCRIPTS))
    assert scripts.get_current_head() == migrate.HEAD


def test_steps_are_part_of_the_callers_transaction(engine: Engine) -> None:
    """Rolled back, a birth leaves no table."""
    with engine.connect() as connection:
        connection.begin()
        migrate.upgrade(connection)
        connection.rollback()
        assert inspect(connection).get_table_names() == []
        assert migrate.revision_of(connection) is None
    engine.dispose()


def test_a_store_of_a_newer_limen_is_refused_unchanged(tmp_path: Path) -> None:
    """An unknown step is told with both numbers, and nothing is changed."""
    store = born(tmp_path / "data")
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    before = (tmp_path / "data" / "limen.db").read_bytes()
    with pytest.raises(StorageError, match=rf"newer limen.*9999.*{migrate.HEAD}") as caught:
        reopened(tmp_path / "data")
    assert "install the newer limen" in caught.value.advice()
    assert (tmp_path / "data" / "limen.db").read_bytes() == before


def test_an_older_store_takes_the_missing_steps_when_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store at a known step that is not the newest is led to the newest of the files, and opens."""
    born(tmp_path / "data").close()
    monkeypatch.setattr(migrate, "HEAD", "9998")
    reopened(tmp_path / "data").close()


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    """A store whose tables contradict its step is an error, and stays as it is."""
    store = born(tmp_path / "data")
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    store.close()
    before = (tmp_path / "data" / "limen.db").read_bytes()
    with pytest.raises(StorageError):
        born(tmp_path / "data")
    assert (tmp_path / "data" / "limen.db").read_bytes() == before


def test_a_database_that_is_not_limens_is_refused(engine: Engine) -> None:
    """Somebody else's tables are left alone."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
        with pytest.raises(StorageError, match="not made by limen"):
            migrate.revision_of(connection)
    engine.dispose()
