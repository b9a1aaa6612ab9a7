"""Whoever can write to the database, but has no key, opens no door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.door import DoorId, DoorRequest, RequestKind, Standing
from limen.core.errors import LedgerError, StorageError
from limen.core.people import Rights
from limen.storage import SqlStore
from support.clock import NOON
from support.people import enrol, make_person
from support.sites import born

_FRONT = DoorId("front")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A site that was just born."""
    opened = born(tmp_path / "data")
    yield opened
    opened.close()


def _forge(store: SqlStore, statement: str) -> None:
    with store._engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    "column", ["kind = 'clear'", "about = 'e-1'", "not_after = '2099-01-01T00:00:00.000000+00:00'"]
)
def test_an_altered_request_is_not_followed(store: SqlStore, column: str) -> None:
    """A request is followed as it was asked, or not at all."""
    end = NOON + timedelta(seconds=2)
    request = DoorRequest(request_id="q-1", door=_FRONT, kind=RequestKind.OPEN, about="", not_after=end)
    with store.begin() as unit:
        unit.doors.ask(request)
        unit.commit()
    _forge(store, f"UPDATE door_requests SET {column}")  # noqa: S608  the test's own words
    with store.begin() as unit, pytest.raises(LedgerError, match="was not written by limen"):
        unit.doors.take(_FRONT, at=NOON)


def test_a_door_that_was_released_by_hand_stays_locked_down(store: SqlStore) -> None:
    """Writing another standing into the database is found, and no decision is made on it."""
    with store.begin() as unit:
        unit.doors.set_standing(_FRONT, Standing(locked_down=True))
        unit.commit()
    _forge(store, "UPDATE doors SET locked_down = 0")
    with store.read() as unit, pytest.raises(LedgerError, match="was not written by limen"):
        unit.doors.standing(_FRONT)


def test_rights_moved_to_another_person_do_not_open(store: SqlStore) -> None:
    """Rights are sealed under the key of the person they were laid down for."""
    people = [make_person(name, seed=seed) for seed, name in enumerate(("Ada", "Eve"))]
    with store.begin() as unit:
        for subject, references in people:
            enrol(unit, subject, references)
        unit.rights.put(people[0][0].subject_id, Rights(groups=frozenset({"staff"})))
        unit.commit()
    _forge(store, f"UPDATE subject_rights SET subject_id = '{people[1][0].subject_id}'")  # noqa: S608  as above
    with store.read() as unit, pytest.raises(StorageError, match="does not open with its key"):
        unit.rights.get(people[1][0].subject_id)
