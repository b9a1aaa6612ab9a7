"""Brings a store to today's tables when it is opened, or says that it was made by a newer limen.

Rule kept: a step is part of the caller's transaction; if it fails, the store is as it was. Alembic is loaded only when
there is something to do, so that an ordinary start does not pay for it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from limen.core.errors import StorageError

__all__ = ["HEAD", "check_known", "is_current", "revision_of", "upgrade"]

HEAD = "0010"
"""The newest step; a test holds it to the files."""

_SCRIPTS = Path(__file__).parent / "migrations"


def revision_of(connection: Connection) -> str | None:
    """The last step a store has taken, or None if it has no tables yet.

    Raises:
        StorageError: the store is not a database, or not limen's.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StorageError(
            "the database in the data folder was not made by limen",
            advice="choose another data folder",
        )
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def is_current(connection: Connection) -> bool:
    """Whether a store has taken every step."""
    return revision_of(connection) == HEAD


def check_known(revision: str | None) -> None:
    """Refuse a store of steps that this limen does not know.

    Raises:
        StorageError: it was made by a newer limen.
    """
    if revision in {None, HEAD}:
        return
    from alembic.script import ScriptDirectory  # noqa: PLC0415  an ordinary start does not need it

    known = {step.revision for step in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}
    if revision not in known:
        raise StorageError(
            f"the store was made by a newer limen (its tables are at step {revision}, this limen knows {HEAD})",
            advice="install the newer limen again; this one has changed nothing",
        )


def upgrade(connection: Connection) -> None:
    """Take every step that is missing, within the present transaction.

    Raises:
        StorageError: a step fails; the store is as it was.
    """
    from alembic import command  # noqa: PLC0415  an ordinary start does not need it
    from alembic.config import Config  # noqa: PLC0415  as above

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
