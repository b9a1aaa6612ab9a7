"""`limen upgrade`: what is due is told without changing anything, and done with a copy made before."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from support.cli import limen


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A trial folder whose tables are two steps behind."""
    limen("site", "new", "--kind", "trial", data=tmp_path)
    with sqlite3.connect(tmp_path / "limen.db") as connection:
        connection.execute("DROP TABLE links")
        connection.execute("ALTER TABLE sealed_templates DROP COLUMN wrong_pins_sealed")
        connection.execute("UPDATE alembic_version SET version_num = '0008'")
    connection.close()
    return tmp_path


def test_an_upgrade_is_announced_made_and_not_made_twice(older: Path) -> None:
    """The check says that a migration is due and nobody enrols again; afterwards nothing is, and a copy is there."""
    asked = limen("upgrade", "--check", data=older)
    due = asked.document
    assert asked.code == 1
    assert (due["migration_due"], due["re_enrolment_due"], due["templates"]) == (True, False, 0)
    assert limen("upgrade", data=older).document["migrated"]
    assert len(list((older / "before-upgrade").iterdir())) == 1
    assert not limen("upgrade", "--check", data=older).document["migration_due"]
