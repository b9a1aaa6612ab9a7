"""Kiosks in the database: hashes alone, authenticated, and still known after a rotation of the site key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.devices import Device, DeviceId
from limen.core.door import DoorId
from limen.core.errors import LedgerError
from limen.storage import SqlStore
from support.clock import NOON
from support.sites import born


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A site that was just born."""
    opened = born(tmp_path / "data")
    yield opened
    opened.close()


def _paired(store: SqlStore) -> tuple[str, str]:
    device = Device(device_id=DeviceId("k-1"), door=DoorId("front"), offered_until=NOON + timedelta(minutes=1))
    with store.begin() as unit:
        code = unit.devices.offer(device)
        paired = unit.devices.pair(code.lower().replace("-", " "), at=NOON)
        unit.commit()
    assert paired is not None
    return code, paired[1]


def test_neither_code_nor_key_is_in_the_files(store: SqlStore, tmp_path: Path) -> None:
    """The store has hashes, and a code may be typed in small letters."""
    secrets = _paired(store)
    files = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir() if path.is_file())
    assert [secret.encode() in files for secret in secrets] == [False, False]


@pytest.mark.parametrize("change", ["door = 'vault'", "secret_hash = 'ab'", "device_id = 'k-2'", "paired_at = ''"])
def test_a_changed_row_is_found(store: SqlStore, change: str) -> None:
    """Whoever writes to the database pairs no kiosk, and moves none to another door."""
    _paired(store)
    with store._engine.begin() as connection:
        connection.execute(text(f"UPDATE devices SET {change}"))  # noqa: S608  the four changes above
    with store.read() as unit, pytest.raises(LedgerError, match="devices row 1"):
        unit.devices.all()


def test_a_kiosk_is_known_after_the_site_key_was_rotated(store: SqlStore) -> None:
    """Its row is authenticated anew."""
    _, key = _paired(store)
    store.rotate_key(at=NOON)
    with store.read() as unit:
        found = unit.devices.who(key)
    assert found is not None
    assert found.door == "front"
