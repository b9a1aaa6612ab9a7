"""People and references in SQLite: what lies in the file, and what happens when it was edited."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.errors import StorageError
from limen.core.people import Reference, Subject
from limen.core.ports import UnitOfWork
from limen.storage import SqlStore
from support.people import enrol, make_person
from support.sites import born

_LATER = "2099-01-01T00:00:00.000000+00:00"


@pytest.fixture
def people() -> list[tuple[Subject, tuple[Reference, ...]]]:
    """Two people, whose references are not confirmed."""
    return [make_person("Ada Lovelace-Byron", confirmed=False), make_person("Max Mustermann-Beispiel", confirmed=False)]


@pytest.fixture
def store(tmp_path: Path, people: list[tuple[Subject, tuple[Reference, ...]]]) -> SqlStore:
    """A site with these two."""
    opened = born(tmp_path / "data")
    with opened.begin() as unit:
        for subject, references in people:
            enrol(unit, subject, references)
        unit.commit()
    return opened


def _edit(store: SqlStore, statement: str) -> None:
    with store._engine.connect() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(text(statement))
        connection.commit()


def _all_and_blocks(unit: UnitOfWork) -> None:
    unit.subjects.all()
    _blocks(unit)


def _blocks(unit: UnitOfWork) -> None:
    list(unit.subjects.blocks(known=frozenset())[0])


def _references(unit: UnitOfWork) -> None:
    unit.subjects.references(known=frozenset())


def _read_all(unit: UnitOfWork) -> None:
    unit.subjects.all()
    unit.subjects.references(known=frozenset())


def test_neither_name_nor_template_lies_in_any_file(
    store: SqlStore, tmp_path: Path, people: list[tuple[Subject, tuple[Reference, ...]]]
) -> None:
    """In the files of the store there is no name and no piece of a template."""
    content = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    for subject, references in people:
        assert subject.name.encode() not in content
        for reference in references:
            assert reference.vector.tobytes()[:16] not in content
    store.close()


@pytest.mark.parametrize(
    "edit",
    [
        "confirmed = 1",
        f"expires_at = '{_LATER}'",
        "model_id = 'another-model'",
        "scheme_id = 'another-scheme'",
        "mask = 'worn'",
        "quality = 100",
        "reference_id = 'r-another'",
        "template_sealed = (SELECT template_sealed FROM subject_references WHERE row_id = 2)",
        "template_sealed = (SELECT template_sealed FROM subject_references WHERE row_id = 3)",
        "template_sealed = (SELECT name_sealed FROM subjects WHERE row_id = 1)",
        "template_sealed = zeroblob(541)",
        "template_sealed = x''",
    ],
)
def test_an_edited_reference_does_not_open(store: SqlStore, edit: str) -> None:
    """No column of a reference can be changed without being found, one by one or in blocks; the row alone is named."""
    _edit(store, f"UPDATE subject_references SET {edit} WHERE row_id = 1")  # noqa: S608  literals above
    for reads in (_references, _blocks):
        with store.read() as unit, pytest.raises(StorageError, match="references row 1 does not open") as caught:
            reads(unit)
        assert "s-" not in str(caught.value)
        assert "Ada" not in str(caught.value)
    store.close()


def test_a_reference_cannot_be_given_to_another_person(
    store: SqlStore, people: list[tuple[Subject, tuple[Reference, ...]]]
) -> None:
    """Moving a template under another person's name is found."""
    other = people[1][0].subject_id
    _edit(store, f"UPDATE subject_references SET subject_id = '{other}' WHERE row_id = 1")  # noqa: S608  a random id
    for reads in (_references, _blocks):
        with store.read() as unit, pytest.raises(StorageError, match="row 1 does not open"):
            reads(unit)
    store.close()


@pytest.mark.parametrize(
    "edit",
    [
        "kind = 'pass'",
        "enrolled_at = '2020-01-01T00:00:00.000000+00:00'",
        "agreement_id = (SELECT agreement_id FROM agreements WHERE row_id = 2)",
        "name_sealed = (SELECT name_sealed FROM subjects WHERE row_id = 2)",
    ],
)
def test_an_edited_person_does_not_open(store: SqlStore, edit: str) -> None:
    """Kind, date, agreement and name of a person are bound together under the person's key."""
    _edit(store, f"UPDATE subjects SET {edit} WHERE row_id = 1")  # noqa: S608  literals above
    with store.read() as unit, pytest.raises(StorageError, match="subjects row 1 does not open"):
        unit.subjects.all()
    store.close()


@pytest.mark.parametrize("edit", ["version = 2", "wrapped = (SELECT wrapped FROM data_keys WHERE row_id = 2)"])
def test_an_edited_key_does_not_open(
    store: SqlStore, edit: str, people: list[tuple[Subject, tuple[Reference, ...]]]
) -> None:
    """A person's key belongs to the person and to its version."""
    _edit(store, f"UPDATE data_keys SET {edit} WHERE row_id = 1")  # noqa: S608  literals above
    with store.read() as unit:
        whose = people[0][0].subject_id
        for reads in (unit.subjects.all, lambda: unit.subjects.alias(whose), lambda: _blocks(unit)):
            with pytest.raises(StorageError, match="data_keys row 1 does not open"):
                reads()
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subjects SET kind = 'robot'",
        "UPDATE subjects SET enrolled_at = 'once'",
        "UPDATE subjects SET name_sealed = 'text'",
        "UPDATE data_keys SET wrapped = 'text'",
        "UPDATE subject_references SET template_sealed = 'text'",
    ],
)
def test_a_row_that_makes_no_sense_is_told(store: SqlStore, statement: str) -> None:
    """A value of another type or word is an error with advice, not a crash."""
    _edit(store, statement)
    for reads in (_read_all, _all_and_blocks):
        with store.read() as unit, pytest.raises(StorageError) as caught:
            reads(unit)
        assert caught.value.advice()
    store.close()


def test_a_confirmed_reference_keeps_its_place(store: SqlStore) -> None:
    """Confirming changes rows where they are: nothing is deleted that would have to be scrubbed."""
    with store.begin() as unit:
        first = unit.subjects.all()[0]
        unit.subjects.confirm(first.subject_id)
        unit.commit()
    with store._engine.connect() as connection:
        rows = connection.execute(text("SELECT row_id, confirmed FROM subject_references ORDER BY row_id")).all()
        owed = connection.execute(text("SELECT count(*) FROM scrubs_owed")).scalar_one()
    assert [tuple(row) for row in rows] == [(1, 1), (2, 1), (3, 0), (4, 0)]
    assert owed == 0
    store.close()
