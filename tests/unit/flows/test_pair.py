"""Pairing a kiosk: on record, once, in time, and over when somebody says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from limen.core.devices import DeviceId
from limen.core.door import DoorId
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.flows.pair import OFFER_HOLDS, Pair
from support.clock import FakeClock
from support.stores import MemoryStore

_FRONT = DoorId("front")


def _made() -> tuple[Pair, FakeClock, MemoryStore]:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    return Pair(store=store, clock=clock), clock, store


def test_a_kiosk_is_offered_paired_and_revoked_on_record() -> None:
    """Each is one record with door and id, and none has code or key."""
    pair, _, store = _made()
    offered, code = pair.offer(_FRONT)
    device, key = pair.claim(code)
    assert (device.device_id, pair.who(key), pair.all()) == (offered.device_id, device, (device,))
    assert pair.revoke(device.device_id) == device
    assert (pair.who(key), pair.all()) == (None, ())
    records = store.state.audit[1:]
    tags = [AuditTag.DEVICE_OFFERED, AuditTag.DEVICE_PAIRED, AuditTag.DEVICE_REVOKED]
    assert [record.tag for record in records] == tags
    assert {tuple(record.detail.items()) for record in records} == {(("device", device.device_id), ("door", "front"))}


def test_a_code_pairs_once_and_in_time() -> None:
    """Used up, too late or never made: refused alike, and nothing is written."""
    pair, clock, store = _made()
    _, code = pair.offer(_FRONT)
    pair.claim(code)
    _, late = pair.offer(_FRONT)
    clock.advance(OFFER_HOLDS)
    before = len(store.state.audit)
    for wrong in (code, late, "0000-0000-0000-0000"):
        with pytest.raises(RefusedError) as caught:
            pair.claim(wrong)
        assert caught.value.reason == "no_such_code"
    assert len(store.state.audit) == before


def test_codes_that_nobody_used_are_forgotten_with_the_next_offer() -> None:
    """Paired kiosks stay."""
    pair, clock, _ = _made()
    device, _ = pair.claim(pair.offer(_FRONT)[1])
    pair.offer(_FRONT)
    clock.advance(OFFER_HOLDS + timedelta(seconds=1))
    newest, _ = pair.offer(_FRONT)
    assert [item.device_id for item in pair.all()] == [device.device_id, newest.device_id]


def test_a_kiosk_that_is_not_there_cannot_be_revoked() -> None:
    """It is said, with where to look."""
    pair, _, _ = _made()
    with pytest.raises(RefusedError, match="no kiosk k-1"):
        pair.revoke(DeviceId("k-1"))
