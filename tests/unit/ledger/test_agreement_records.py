"""Agreement records in SQLite: an edited record is found when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.errors import LedgerError, StorageError
from limen.storage import SqlStore
from support.people import make_agreement
from support.sites import born

_EDITS = {
    "expires_at": "2099-01-01T00:00:00.000000+00:00",
    "given_at": "2020-01-01T00:00:00.000000+00:00",
    "subject_id": "s-somebody-else",
    "text_sha256": "cd" * 32,
    "text_version": "1999-01",
    "language": "fr",
    "how": "in_person_paper",
    "agreement_id": "a-another",
    "purpose": "every door",
}


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    """A site with one agreement."""
    opened = born(tmp_path / "data")
    with opened.begin() as unit:
        unit.agreements.add(make_agreement())
        unit.commit()
    return opened


@pytest.mark.parametrize("column", sorted(_EDITS))
def test_an_edited_record_is_found(store: SqlStore, column: str) -> None:
    """No column of a record can be changed without the site key; the error names the row."""
    with store._engine.begin() as connection:
        connection.execute(text(f"UPDATE agreements SET {column} = :value"), {"value": _EDITS[column]})  # noqa: S608
    with store.read() as unit, pytest.raises(LedgerError, match="agreements row 1 was altered"):
        unit.agreements.all()
    store.close()


@pytest.mark.parametrize(("column", "value"), [("how", "by_telepathy"), ("given_at", "yesterday"), ("expires_at", "")])
def test_a_record_that_makes_no_sense_is_told(store: SqlStore, column: str, value: str) -> None:
    """Values that no agreement can have are a damaged store, not a crash."""
    with store._engine.begin() as connection:
        connection.execute(text(f"UPDATE agreements SET {column} = :value"), {"value": value})  # noqa: S608
    with store.read() as unit, pytest.raises(StorageError, match="agreements holds a row that cannot be read"):
        unit.agreements.all()
    store.close()
