"""Devices of kiosks: a tablet at one door, known by a key that was given to it once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from limen.core.door import DoorId

__all__ = ["Device", "DeviceId", "DeviceStore"]

DeviceId = NewType("DeviceId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device that shows one door's page and sends that door's frames. What it is, and whose, is not kept.

    Attributes:
        device_id: random.
        door: it stands at.
        offered_until: its one-time code is good before this moment, UTC.
        paired_at: when it took its key; None while the code waits.
    """

    device_id: DeviceId
    door: DoorId
    offered_until: datetime
    paired_at: datetime | None = None


class DeviceStore(Protocol):
    """Devices of kiosks; part of every unit of work. Codes and keys are told once and stored as hashes."""

    def offer(self, device: Device) -> str:
        """Store a device that is still to be paired; its one-time code.

        Raises:
            StorageError: there is one of that id.
        """

    def pair(self, code: str, *, at: datetime) -> tuple[Device, str] | None:
        """Use a code up, in time; the device and its key, or None for any other code.

        Raises:
            LedgerError: a row was not written by limen.
        """

    def who(self, key: str) -> Device | None:
        """Whose key it is, or None.

        Raises:
            LedgerError: a row was not written by limen.
        """

    def all(self) -> tuple[Device, ...]:
        """Every device, in the order they were offered.

        Raises:
            LedgerError: a row was not written by limen.
        """

    def remove(self, device_id: DeviceId) -> bool:
        """Forget a device, so that its key is worth nothing; whether there was one."""
