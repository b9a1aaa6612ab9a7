"""How a store stands without being changed: which step its tables are at, and which models its templates come from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from limen.core.errors import StorageError
from limen.storage import sqlite
from limen.storage.engine import DATABASE_NAME, Options, database_url, open_engine
from limen.storage.migrate import HEAD, check_known, revision_of
from limen.storage.schema import passes, sealed_templates, subject_references

__all__ = ["StoreStanding", "standing_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStanding:
    """How a store stands.

    Attributes:
        step: its tables are at.
        newest: the step that this limen works with.
        templates: how many come from each model: references, badge-locked templates and passes that are not revoked.
    """

    step: str
    newest: str
    templates: dict[str, int]

    @property
    def migration_due(self) -> bool:
        """Whether opening the store would change its tables."""
        return self.step != self.newest


def standing_of(folder: Path, *, options: Options) -> StoreStanding:
    """Look at a store; nothing is written, migrated or decrypted.

    Raises:
        StorageError: no site there, not limen's, or made by a newer limen.
    """
    if not (folder / DATABASE_NAME).is_file():
        raise StorageError(f"{folder} holds no limen site", advice="check the path of the data folder")
    engine = open_engine(database_url(folder), options=options)
    try:
        with engine.connect().execution_options(**{sqlite.READ_ONLY_VIEW: True}) as connection:
            step = revision_of(connection)
            check_known(step)
            if step is None:
                raise StorageError(f"{folder} holds no limen site", advice="make one: limen site new")
            found: Counter[str] = Counter()
            for table in (subject_references, sealed_templates, passes):
                query = select(table.c.model_id, func.count()).group_by(table.c.model_id)
                if table is passes:
                    query = query.where(passes.c.revoked_at.is_(None))
                found.update(dict(connection.execute(query).tuples().all()))
    finally:
        engine.dispose()
    return StoreStanding(step=step, newest=HEAD, templates=dict(found))
