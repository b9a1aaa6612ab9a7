"""Passes and locked templates in SQLite: what lies in the file, and what happens when it was edited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.errors import StorageError
from limen.core.people import TemplateKind
from limen.core.ports import UnitOfWork
from limen.storage import SqlStore
from support.clock import NOON
from support.passes import carrier, make_record, make_sealed
from support.sites import born, reopened

_LOCATOR = b"8 bytes."


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    """Two visitors with passes, somebody with a badge, and the keys of both."""
    opened = born(tmp_path / "data")
    with opened.begin() as unit:
        for name, pass_id in (("Ada", "a" * 16), ("Max", "b" * 16)):
            subject = carrier(unit, name=name)
            unit.passes.add(make_record(subject.subject_id, pass_id=pass_id, host="Grace Brewster-Hopper"))
        subject = carrier(unit, kind=TemplateKind.SEALED)
        unit.sealed.add(make_sealed(subject.subject_id, locator=_LOCATOR, locked=b"a locked template" * 9))
        unit.passes.key(at=NOON)
        unit.sealed.make_pepper(at=NOON)
        unit.commit()
    return opened


def _edit(store: SqlStore, statement: str) -> None:
    with store._engine.connect() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(text(statement))
        connection.commit()


def _read_all(unit: UnitOfWork) -> None:
    unit.passes.all()
    unit.passes.keys(at=NOON)
    unit.sealed.pepper()
    unit.sealed.find(_LOCATOR)


@pytest.mark.parametrize(
    "edit",
    [
        "passes SET subject_id = (SELECT subject_id FROM passes WHERE row_id = 2)",
        "passes SET valid_until = '2099-01-01T00:00:00.000000+00:00'",
        "passes SET valid_from = '2020-01-01T00:00:00.000000+00:00'",
        "passes SET revoked_at = '2026-11-22T12:00:00.000000+00:00'",
        "passes SET key_number = 2",
        "passes SET model_id = 'another'",
        "passes SET host_sealed = (SELECT host_sealed FROM passes WHERE row_id = 2)",
        "passes SET pass_id = 'cccccccccccccccc'",
        "site_secrets SET number = 7",
        "site_secrets SET accepted_until = '2099-01-01T00:00:00.000000+00:00'",
        "site_secrets SET made_at = '2020-01-01T00:00:00.000000+00:00'",
        "site_secrets SET wrapped = (SELECT wrapped FROM site_secrets WHERE row_id = 2)",
        "sealed_templates SET with_pin = 1",
        "sealed_templates SET model_id = 'another'",
        "sealed_templates SET subject_id = (SELECT subject_id FROM passes WHERE row_id = 1)",
        "sealed_templates SET template_sealed = zeroblob(200)",
        "sealed_templates SET wrong_pins_sealed = zeroblob(29)",
        "sealed_templates SET wrong_pins_sealed = template_sealed",
    ],
)
def test_an_edited_row_is_found(store: SqlStore, edit: str) -> None:
    """No column can be changed without being found; the error names the row and nobody."""
    _edit(store, f"UPDATE {edit} WHERE row_id = 1")
    with store.read() as unit, pytest.raises(StorageError, match="row 1") as caught:
        _read_all(unit)
    assert "s-" not in str(caught.value)
    store.close()


def test_a_revocation_cannot_be_taken_back(store: SqlStore) -> None:
    """Emptying the column of a revoked pass is found."""
    with store.begin() as unit:
        unit.passes.revoke(unit.passes.all()[0].terms.pass_id, at=NOON)
        unit.commit()
    _edit(store, "UPDATE passes SET revoked_at = NULL WHERE row_id = 1")
    with store.read() as unit, pytest.raises(StorageError, match="passes row 1 was altered"):
        unit.passes.all()
    store.close()


def test_a_count_of_wrong_pins_that_was_emptied_locks_the_badge(store: SqlStore) -> None:
    """So it does for a badge that was made before there was a count; a badge without a PIN has none."""
    with store.begin() as unit:
        before = unit.sealed.find(_LOCATOR)
        assert before is not None
        with_pin = replace(make_sealed(carrier(unit).subject_id, locator=b"with PIN"), with_pin=True, wrong_pins=3)
        unit.sealed.add(with_pin)
        assert unit.sealed.find(with_pin.locator) == with_pin
        unit.commit()
    _edit(store, "UPDATE sealed_templates SET wrong_pins_sealed = NULL")
    with store.read() as unit:
        assert unit.sealed.find(with_pin.locator) == replace(with_pin, wrong_pins=5)
        assert unit.sealed.find(_LOCATOR) == before
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passes SET valid_from = 'once'",
        "UPDATE passes SET host_sealed = 'text'",
        "UPDATE site_secrets SET made_at = 'once'",
        "UPDATE sealed_templates SET template_sealed = 'text'",
    ],
)
def test_a_row_that_makes_no_sense_is_told(store: SqlStore, statement: str) -> None:
    """A value of another type is an error with advice, not a crash."""
    _edit(store, statement)
    with store.read() as unit, pytest.raises(StorageError) as caught:
        _read_all(unit)
    assert caught.value.advice()
    store.close()


def test_neither_host_nor_keys_nor_locked_template_lie_in_the_file(store: SqlStore, tmp_path: Path) -> None:
    """What tells of a person, and what opens passes and locks, is encrypted."""
    with store.read() as unit:
        secrets = [key.secret for key in unit.passes.keys(at=NOON)]
        pepper = unit.sealed.pepper()
    assert pepper is not None
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.name != "site.key")
    for hidden in (b"Grace", b"a locked template", pepper.secret, *secrets):
        assert hidden not in content
    store.close()


def test_a_destroyed_key_is_in_no_file(store: SqlStore, tmp_path: Path) -> None:
    """After a rotation at once the wrapped old key has left the files of the store."""
    with store._engine.connect() as connection:
        wrapped = connection.execute(text("SELECT wrapped FROM site_secrets WHERE purpose = 'pass'")).scalar_one()
    with store.begin() as unit:
        unit.passes.rotate(at=NOON, accept_until=NOON)
        unit.commit(scrub=True)
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert wrapped not in content
    store.close()


def test_the_tag_of_a_site_is_its_own_and_stays(tmp_path: Path) -> None:
    """Two sites have two tags, and one site the same whenever it is opened."""
    one, two = born(tmp_path / "one"), born(tmp_path / "two")
    tags = {one.site_tag(), two.site_tag()}
    one.close()
    again = reopened(tmp_path / "one")
    assert (len(tags), again.site_tag() in tags, {len(tag) for tag in tags}) == (2, True, {4})
    again.close()
    two.close()


def test_a_new_site_key_changes_no_pass(store: SqlStore, tmp_path: Path) -> None:
    """Pass keys, pepper, records, hosts and locked templates are the same under another site key; the old wraps go."""
    with store._engine.connect() as connection:
        wrapped = connection.execute(text("SELECT wrapped FROM site_secrets")).scalars().all()
    with store.read() as unit:
        before = (unit.passes.all(), unit.passes.keys(at=NOON), unit.sealed.pepper(), unit.sealed.find(_LOCATOR))
    tag = store.site_tag()
    store.rotate_key(at=NOON)
    for opened in (store, reopened(tmp_path / "data")):
        with opened.read() as unit:
            after = (unit.passes.all(), unit.passes.keys(at=NOON), unit.sealed.pepper(), unit.sealed.find(_LOCATOR))
        assert after == before
        assert opened.site_tag() == tag
        opened.close()
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert [blob for blob in wrapped if blob in content] == []
