"""pair: a device becomes the kiosk of one door by a one-time code, and stops being it when somebody says so.

1. An operator offers; whoever types the code into the device within ten minutes has paired it. The code is used up.
2. The device gets a key that opens one door's kiosk page and takes one door's frames, and nothing else. It is hashed in
   the store: who reads the store cannot stand in for the device.
3. Both are on record. What the device is, and who paired it, is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from limen.core.devices import Device, DeviceId
from limen.core.door import DoorId
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import new_id
from limen.core.ports import Clock, Store, UnitOfWork

__all__ = ["OFFER_HOLDS", "Pair"]

OFFER_HOLDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Pairs devices with doors.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def offer(self, door: DoorId) -> tuple[Device, str]:
        """A device that may be paired with a door, and its one-time code; that there is such a door is not checked.

        Raises:
            StorageError: the store cannot be written.
        """
        now = self.clock.now()
        device = Device(device_id=DeviceId(new_id("k")), door=door, offered_until=now + OFFER_HOLDS)
        with self.store.begin() as unit:
            for other in unit.devices.all():
                if other.paired_at is None and other.offered_until <= now:
                    unit.devices.remove(other.device_id)
            code = unit.devices.offer(device)
            self._record(unit, AuditTag.DEVICE_OFFERED, device)
            unit.commit()
        return device, code

    def claim(self, code: str) -> tuple[Device, str]:
        """The device whose code it is, and its key, told once.

        Raises:
            RefusedError: no such code, used up, or too late.
            StorageError: the store cannot be written.
        """
        with self.store.begin() as unit:
            paired = unit.devices.pair(code, at=self.clock.now())
            if paired is None:
                raise RefusedError(
                    "this code pairs no kiosk",
                    advice="get a fresh one with `limen door pair NAME`; it holds for ten minutes, once",
                    reason="no_such_code",
                )
            self._record(unit, AuditTag.DEVICE_PAIRED, paired[0])
            unit.commit()
        return paired

    def who(self, key: str) -> Device | None:
        """Whose key it is, or None."""
        with self.store.read() as unit:
            return unit.devices.who(key)

    def all(self) -> tuple[Device, ...]:
        """Every device: paired, or waiting for its code."""
        with self.store.read() as unit:
            return unit.devices.all()

    def revoke(self, device_id: DeviceId) -> Device:
        """Forget a device; its key is worth nothing from now on.

        Raises:
            RefusedError: there is none of that id.
            StorageError: the store cannot be written.
        """
        with self.store.begin() as unit:
            device = next((item for item in unit.devices.all() if item.device_id == device_id), None)
            if device is None:
                raise RefusedError(
                    f"there is no kiosk {device_id}", advice="limen door kiosks lists them", reason="no_device"
                )
            unit.devices.remove(device_id)
            self._record(unit, AuditTag.DEVICE_REVOKED, device)
            unit.commit()
        return device

    def _record(self, unit: UnitOfWork, tag: AuditTag, device: Device) -> None:
        detail = {"device": str(device.device_id), "door": str(device.door)}
        unit.audit.append(tag, at=self.clock.now(), alias=None, detail=detail)
