"""Passes, badge-locked templates, rights, doors and kiosks of a store in memory."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime

from limen.core.devices import Device, DeviceId
from limen.core.door import Counted, Direction, DoorId, DoorRequest, HourCount, Standing
from limen.core.errors import RefusedError, StorageError
from limen.core.passes import PassId, PassRecord, SealedTemplate, SiteSecret
from limen.core.people import (
    Rights,
    SubjectId,
)
from support.memory_state import MemoryState

__all__ = ["MemoryDevices", "MemoryDoors", "MemoryPasses", "MemoryRights", "MemorySealed"]


class MemoryDevices:
    """Implements `limen.core.devices.DeviceStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def offer(self, device: Device) -> str:
        """Store a device that waits for its code."""
        if device.device_id in self._state.devices:
            raise StorageError("there is one of that id", advice="choose another")
        code = secrets.token_hex(8)
        self._state.devices[device.device_id] = (device, code)
        return code

    def pair(self, code: str, *, at: datetime) -> tuple[Device, str] | None:
        """Use a code up."""
        found = self._find(code, paired=False)
        if found is None or at >= found.offered_until:
            return None
        device, key = replace(found, paired_at=at), secrets.token_hex(16)
        self._state.devices[device.device_id] = (device, key)
        return device, key

    def who(self, key: str) -> Device | None:
        """Whose key it is."""
        return self._find(key, paired=True)

    def all(self) -> tuple[Device, ...]:
        """Every device."""
        return tuple(device for device, _ in self._state.devices.values())

    def remove(self, device_id: DeviceId) -> bool:
        """Forget a device."""
        return self._state.devices.pop(device_id, None) is not None

    def _find(self, secret: str, *, paired: bool) -> Device | None:
        held = self._state.devices.values()
        return next((d for d, kept in held if kept == secret and (d.paired_at is not None) is paired), None)


class MemoryPasses:
    """Implements `limen.core.pass_ports.PassStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def key(self, *, at: datetime) -> SiteSecret:
        """The newest key."""
        if not self._state.pass_keys:
            self._state.pass_keys = (_secret(1, at),)
        return self._state.pass_keys[-1]

    def keys(self, *, at: datetime) -> tuple[SiteSecret, ...]:
        """The keys accepted at a moment."""
        return tuple(k for k in self._state.pass_keys if k.accepted_until is None or at < k.accepted_until)

    def rotate(self, *, at: datetime, accept_until: datetime) -> SiteSecret:
        """A new key; the older are retired or destroyed."""
        number = self._state.pass_keys[-1].number + 1 if self._state.pass_keys else 1
        if number > 255:
            raise RefusedError("too many keys", advice="make a new folder", reason="pass_keys_used_up")
        ends = [(item, min(accept_until, item.accepted_until or accept_until)) for item in self._state.pass_keys]
        kept = (replace(item, accepted_until=until) for item, until in ends if until > at)
        self._state.pass_keys = (*kept, _secret(number, at))
        return self._state.pass_keys[-1]

    def add(self, record: PassRecord) -> None:
        """Store a record."""
        if record.terms.pass_id in self._state.passes or record.subject_id not in self._state.subjects:
            raise StorageError("issued already, or to nobody", advice="choose another id")
        self._state.passes[record.terms.pass_id] = record

    def get(self, pass_id: PassId) -> PassRecord | None:
        """The record, or None."""
        return self._state.passes.get(pass_id)

    def of(self, subject_id: SubjectId) -> tuple[PassRecord, ...]:
        """The passes of one person."""
        return tuple(item for item in self._state.passes.values() if item.subject_id == subject_id)

    def all(self) -> tuple[PassRecord, ...]:
        """Every pass."""
        return tuple(self._state.passes.values())

    def revoke(self, pass_id: PassId, *, at: datetime) -> None:
        """Refuse a pass from now on."""
        record = self._state.passes.get(pass_id)
        if record is not None and record.revoked_at is None:
            self._state.passes[pass_id] = replace(record, revoked_at=at)


class MemorySealed:
    """Implements `limen.core.pass_ports.SealedStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def pepper(self) -> SiteSecret | None:
        """The site's part of every lock."""
        return self._state.pepper

    def make_pepper(self, *, at: datetime) -> SiteSecret:
        """The same, made if there is none."""
        self._state.pepper = self._state.pepper or _secret(1, at)
        return self._state.pepper

    def add(self, sealed: SealedTemplate) -> None:
        """Store a locked template."""
        if sealed.locator in self._state.sealed or sealed.subject_id not in self._state.subjects:
            raise StorageError("locked already, or nobody's", advice="make another badge")
        self._state.sealed[sealed.locator] = sealed

    def find(self, locator: bytes) -> SealedTemplate | None:
        """The locked template, or None."""
        return self._state.sealed.get(locator)

    def of(self, subject_id: SubjectId) -> SealedTemplate | None:
        """See the port."""
        return next((item for item in self._state.sealed.values() if item.subject_id == subject_id), None)

    def set_wrong_pins(self, sealed: SealedTemplate, number: int) -> None:
        """See the port."""
        kept = self._state.sealed[sealed.locator]
        self._state.sealed[sealed.locator] = replace(kept, wrong_pins=number)


class MemoryRights:
    """Implements `limen.core.door_ports.RightsStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def get(self, subject_id: SubjectId) -> Rights:
        """A person's rights."""
        return self._state.rights.get(subject_id, Rights())

    def put(self, subject_id: SubjectId, rights: Rights) -> None:
        """Lay them down."""
        if subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.rights[subject_id] = rights


class MemoryDoors:
    """Implements `limen.core.door_ports.DoorStore`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def standing(self, door: DoorId) -> Standing:
        """How a door stands."""
        return self._state.standings.get(door, Standing())

    def set_standing(self, door: DoorId, standing: Standing) -> None:
        """Otherwise."""
        self._state.standings[door] = standing

    def set_leaf(self, door: DoorId, *, is_open: bool, at: datetime) -> None:
        """Open or shut."""
        self._state.leaves[door] = (is_open, at)

    def is_shut(self, door: DoorId, *, since: datetime) -> bool:
        """Shut, and told lately."""
        is_open, at = self._state.leaves.get(door, (True, since))
        return not is_open and at >= since

    def inside(self, subject_id: SubjectId) -> bool:
        """Whether somebody is inside."""
        return subject_id in self._state.inside

    def occupancy(self) -> int:
        """How many are."""
        return self._state.people_inside

    def passed(self, direction: Direction, *, subject_id: SubjectId | None) -> None:
        """Somebody went through."""
        inward = direction is Direction.IN
        self._state.people_inside = max(0, self._state.people_inside + (1 if inward else -1))
        if subject_id is not None:
            self._state.inside = self._state.inside | {subject_id} if inward else self._state.inside - {subject_id}

    def empty(self) -> None:
        """Nobody is inside."""
        self._state.inside, self._state.people_inside = frozenset(), 0

    def count(self, door: DoorId, what: Counted, *, at: datetime) -> None:
        """One more."""
        key = (door, _hour(at), what)
        self._state.counts[key] = self._state.counts.get(key, 0) + 1

    def counts(self, door: DoorId, *, since: datetime) -> tuple[HourCount, ...]:
        """Totals."""
        here = [(hour, what, n) for (name, hour, what), n in self._state.counts.items() if name == door]
        return tuple(HourCount(hour=h, what=w, count=n) for h, w, n in sorted(here) if h >= _hour(since))

    def prune(self, *, before: datetime) -> int:
        """Forget old totals and late requests."""
        old = [key for key in self._state.counts if key[1] < _hour(before)]
        late = [request for request in self._state.requests if request.not_after <= before]
        for key in old:
            del self._state.counts[key]
        self._state.requests = tuple(request for request in self._state.requests if request not in late)
        return len(old) + len(late)

    def ask(self, request: DoorRequest) -> None:
        """Leave a request."""
        self._state.requests = (*self._state.requests, request)

    def asked(self, door: DoorId) -> bool:
        """Whether there is one."""
        return any(request.door == door for request in self._state.requests)

    def take(self, door: DoorId, *, at: datetime) -> tuple[DoorRequest, ...]:
        """Those in time."""
        here = [request for request in self._state.requests if request.door == door]
        self._state.requests = tuple(request for request in self._state.requests if request.door != door)
        return tuple(request for request in here if at < request.not_after)


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _secret(number: int, at: datetime) -> SiteSecret:
    return SiteSecret(number=number, secret=secrets.token_bytes(32), made_at=at, accepted_until=None)
