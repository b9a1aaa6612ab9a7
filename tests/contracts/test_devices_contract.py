"""What every store promises about the kiosks at doors."""

from __future__ import annotations

from datetime import timedelta

import pytest

from limen.core.devices import Device, DeviceId
from limen.core.door import DoorId
from limen.core.errors import StorageError
from limen.core.ports import Store
from support.clock import NOON

_UNTIL = NOON + timedelta(minutes=10)


def _device(name: str) -> Device:
    return Device(device_id=DeviceId(name), door=DoorId("front"), offered_until=_UNTIL)


def test_a_code_pairs_one_device_once(store: Store) -> None:
    """It is used up with the key it gives, and the key is known from then on; other words are nobody's."""
    with store.begin() as unit:
        first, second = unit.devices.offer(_device("k-1")), unit.devices.offer(_device("k-2"))
        with pytest.raises(StorageError):
            unit.devices.offer(_device("k-1"))
        assert (unit.devices.who(first), unit.devices.pair("0000", at=NOON)) == (None, None)
        paired = unit.devices.pair(first, at=NOON)
        assert paired is not None
        device, key = paired
        assert (device.device_id, device.door, device.paired_at) == ("k-1", "front", NOON)
        assert (unit.devices.pair(first, at=NOON), unit.devices.pair(key, at=NOON)) == (None, None)
        assert [unit.devices.who(secret) for secret in (key, first, second, "")] == [device, None, None, None]
        assert [item.paired_at for item in unit.devices.all()] == [NOON, None]
        unit.commit()
    with store.read() as unit:
        assert unit.devices.who(key) == device


def test_a_code_that_is_too_late_pairs_nothing(store: Store) -> None:
    """At the moment it ends it is worth nothing."""
    with store.begin() as unit:
        code = unit.devices.offer(_device("k-1"))
        assert unit.devices.pair(code, at=_UNTIL) is None
        assert unit.devices.pair(code, at=_UNTIL - timedelta(microseconds=1)) is not None


def test_a_kiosk_that_is_forgotten_is_known_no_more(store: Store) -> None:
    """Its key is worth nothing; forgetting it again does nothing."""
    with store.begin() as unit:
        paired = unit.devices.pair(unit.devices.offer(_device("k-1")), at=NOON)
        assert paired is not None
        assert (unit.devices.remove(DeviceId("k-1")), unit.devices.remove(DeviceId("k-1"))) == (True, False)
        assert (unit.devices.who(paired[1]), unit.devices.all()) == (None, ())
