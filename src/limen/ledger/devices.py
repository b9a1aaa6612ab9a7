"""Devices of kiosks in the store: a door and the hash of a secret, authenticated, so that writing to it pairs none.

Rule kept: a code (80 random bits, for minutes) and a key (256) are told once; the store has their SHA-256. Random
secrets of that length are not guessed, so a slow hash would only slow the kiosk.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Row, delete, insert, select, update

from limen.core.devices import Device, DeviceId
from limen.core.door import DoorId
from limen.core.errors import LedgerError
from limen.storage import Session
from limen.storage.release_codes import new_code, plain_code
from limen.storage.schema import devices, utc_text
from limen.storage.vault import Vault, associated

__all__ = ["SqlDevices", "reseal_devices"]

_KEY_BYTES = 32


class SqlDevices:
    """Implements `limen.core.devices.DeviceStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._vault = session.vault
        self._connection = session.connection

    def offer(self, device: Device) -> str:
        """Store a device that is still to be paired; its one-time code."""
        code = new_code()
        values = _values(self._vault, device, _digest(plain_code(code)))
        self._connection.execute(insert(devices).values(values))
        return code

    def pair(self, code: str, *, at: datetime) -> tuple[Device, str] | None:
        """Use a code up, in time; the device and its key."""
        offered = self._find(_digest(plain_code(code)))
        if offered is None or offered.paired_at is not None or at >= offered.offered_until:
            return None
        paired, key = replace(offered, paired_at=at), secrets.token_urlsafe(_KEY_BYTES)
        mine = devices.c.device_id == paired.device_id
        self._connection.execute(update(devices).where(mine).values(_values(self._vault, paired, _digest(key))))
        return paired, key

    def who(self, key: str) -> Device | None:
        """Whose key it is."""
        found = self._find(_digest(key))
        return None if found is None or found.paired_at is None else found

    def all(self) -> tuple[Device, ...]:
        """Every device, in the order they were offered."""
        return tuple(device for device, _ in self.rows())

    def remove(self, device_id: DeviceId) -> bool:
        """Forget a device."""
        mine = devices.c.device_id == device_id
        return bool(self._connection.execute(delete(devices).where(mine)).rowcount)

    def rows(self) -> Iterator[tuple[Device, str]]:
        """Every device with the hash of its secret."""
        for row in self._connection.execute(select(devices).order_by(devices.c.row_id)).all():
            yield _checked(self._vault, row), row.secret_hash

    def _find(self, digest: str) -> Device | None:
        row = self._connection.execute(select(devices).where(devices.c.secret_hash == digest)).one_or_none()
        return None if row is None else _checked(self._vault, row)


def reseal_devices(session: Session, before: Vault) -> None:
    """Authenticate anew what was authenticated under another site key (`limen.storage.rotate`).

    Raises:
        LedgerError: a row was not written by limen.
    """
    for device, digest in list(SqlDevices(Session(connection=session.connection, vault=before)).rows()):
        mine = devices.c.device_id == device.device_id
        session.connection.execute(update(devices).where(mine).values(_values(session.vault, device, digest)))


def _values(vault: Vault, device: Device, digest: str) -> dict[str, object]:
    told = {
        "device_id": str(device.device_id),
        "door": str(device.door),
        "offered_until": utc_text(device.offered_until),
        "paired_at": "" if device.paired_at is None else utc_text(device.paired_at),
        "secret_hash": digest,
    }
    return {**told, "seal": vault.record_mac(associated("device", *told.values()))}


def _checked(vault: Vault, row: Row[tuple[object, ...]]) -> Device:
    device = Device(
        device_id=DeviceId(row.device_id),
        door=DoorId(row.door),
        offered_until=datetime.fromisoformat(row.offered_until),
        paired_at=datetime.fromisoformat(row.paired_at) if row.paired_at else None,
    )
    if not hmac.compare_digest(row.seal, _values(vault, device, row.secret_hash)["seal"]):
        raise LedgerError(
            f"devices row {row.row_id} was not written by limen", advice="ask who had access to the data folder"
        )
    return device


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
