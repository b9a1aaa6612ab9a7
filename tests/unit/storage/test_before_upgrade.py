"""An upgrade leaves a copy by which it can be taken back; how a store stands is told without changing it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.errors import StorageError
from limen.core.ledger import AuditTag
from limen.storage import Options, migrate, open_site
from limen.storage.backup import read_backup, read_header
from limen.storage.backup_keys import BackupKeys
from limen.storage.before_upgrade import UpgradeBackup
from limen.storage.engine import DATABASE_NAME
from limen.storage.private_files import write_new
from limen.storage.site_key import KEY_NAME
from limen.storage.standing import standing_of
from limen.storage.store import SqlStore
from support.clock import FakeClock
from support.people import enrol, make_person
from support.sites import ROOMS, born

_OLDER = "0008"


def _older(folder: Path) -> None:
    """A store with one person as the step before has left it."""
    store = born(folder)
    with store.begin() as unit:
        enrol(unit, *make_person("Ada"))
        unit.commit()
    with store._engine.begin() as connection:
        connection.execute(text("DROP TABLE links"))
        connection.execute(text("ALTER TABLE sealed_templates DROP COLUMN wrong_pins_sealed"))
        connection.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": _OLDER})
    store.close()


def _plan(folder: Path) -> UpgradeBackup:
    keys = BackupKeys(folder / "backup-keys")
    return UpgradeBackup(folder=folder / "before-upgrade", keys=keys, validity=timedelta(days=7))


def _opened(folder: Path) -> SqlStore:
    return open_site(folder, rooms=ROOMS, clock=FakeClock(), before_upgrade=_plan(folder))


def test_an_upgrade_leaves_a_copy_and_says_so_in_the_chain(tmp_path: Path) -> None:
    """The store takes the step, the copy is at the step before, and a receipt can say until when it opens."""
    _older(tmp_path)
    store = _opened(tmp_path)
    (copy,) = (tmp_path / "before-upgrade").iterdir()
    header = read_header(copy)
    with store.read() as unit:
        told = [record for record in unit.audit.records() if record.tag is AuditTag.SITE_BACKED_UP]
        assert [record.detail["backup"] for record in told] == [header.backup_id]
        assert unit.audit.verify().broken_at is None
    assert standing_of(tmp_path, options=Options()).step == migrate.HEAD
    store.close()
    _opened(tmp_path).close()
    assert len(list((tmp_path / "before-upgrade").iterdir())) == 1


def test_an_upgrade_can_be_taken_back(tmp_path: Path) -> None:
    """The copy becomes a store of the older step again, with everybody in it, as the older limen would open it."""
    _older(tmp_path / "site")
    _opened(tmp_path / "site").close()
    (copy,) = (tmp_path / "site" / "before-upgrade").iterdir()
    plan, header = _plan(tmp_path / "site"), read_header(copy)
    back = tmp_path / "back"
    back.mkdir(mode=0o700)
    (back / KEY_NAME).write_bytes((tmp_path / "site" / KEY_NAME).read_bytes())
    (back / KEY_NAME).chmod(0o600)
    key = plan.keys.get(header.backup_id, at=FakeClock().now())
    write_new(back / DATABASE_NAME, [read_backup(copy, key=key)])
    standing = standing_of(back, options=Options())
    assert (standing.step, standing.templates, standing.migration_due) == (_OLDER, {"test-model@0": 2}, True)
    store = _opened(back)
    with store.read() as unit:
        assert [person.name for person in unit.subjects.all()] == ["Ada"]
    store.close()


def test_without_a_copy_the_tables_stay_as_they_are(tmp_path: Path) -> None:
    """If the copy cannot be written, the store is not touched."""
    _older(tmp_path)
    (tmp_path / "backup-keys").write_text("no folder", "utf-8")
    with pytest.raises(StorageError):
        _opened(tmp_path)
    assert standing_of(tmp_path, options=Options()).step == _OLDER


def test_looking_changes_nothing(tmp_path: Path) -> None:
    """How a store stands is told while its file stays as it is; where there is none, that is said."""
    _older(tmp_path)
    before = (tmp_path / DATABASE_NAME).read_bytes()
    assert standing_of(tmp_path, options=Options()).migration_due
    assert (tmp_path / DATABASE_NAME).read_bytes() == before
    with pytest.raises(StorageError, match="no limen site"):
        standing_of(tmp_path / "none", options=Options())
