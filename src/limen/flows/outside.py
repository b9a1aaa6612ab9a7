"""What reaches a running door otherwise than through its camera: contacts, badges and PINs, requests of the desk.

Contacts are followed whether or not the camera works. Requests are taken from the store, in time or not at all. Doors
of one airlock tell each other through the store whether they are shut; what nobody told lately is not shut.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from limen.core.door import OPEN_WITHIN, DoorId, DoorRequest, DoorSignal, OpenOrder, RequestKind, SignalKind
from limen.core.errors import LedgerError, LimenError, StorageError
from limen.core.frame import Frame
from limen.core.messages import Contact, DoorEvent, DoorState, signal_event_kind
from limen.core.people import new_id
from limen.core.ports import DoorSensor, EventSink, Store
from limen.flows.alarms import Alarms
from limen.flows.moments import Moments
from limen.flows.passage import Passage
from limen.flows.show_code import ShowCode

__all__ = ["Come", "Outside"]

_POLL_S = 0.2
_SIGN_HOLDS = timedelta(seconds=10)
_LEAF_FRESH = timedelta(seconds=15)
_LEAF_TOLD_EVERY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Come:
    """What has come since the last look.

    Attributes:
        again: whether everybody is to be judged anew.
        orders: of the desk, to open.
    """

    again: bool
    orders: tuple[OpenOrder, ...]


@dataclass(slots=True, kw_only=True)
class Outside:
    """Follows everything but the camera at one door.

    Attributes:
        door, site: names.
        store: of the site.
        sensor, events: of the door.
        passage, moments, alarms: of the door.
        airlock: other doors none of which may stand open.
        state: the message that tells how the door stands at a moment.
        presented: badges, PINs and codes as somebody shows them; an empty one is the button.
        codes: takes face passes and badges, where the door takes any.
    """

    door: DoorId
    site: str
    store: Store
    sensor: DoorSensor
    events: EventSink
    passage: Passage
    moments: Moments
    alarms: Alarms
    state: Callable[[datetime], DoorState]
    airlock: tuple[DoorId, ...] = ()
    presented: SimpleQueue[str] = field(default_factory=SimpleQueue)
    codes: ShowCode | None = None
    _signed_at: datetime | None = None
    _asked_at: float = float("-inf")
    _contact: Contact = Contact.UNKNOWN
    _leaf_told_at: datetime | None = None

    def follow(self, now: datetime) -> Come:
        """Follow what has come."""
        self._follow_contacts()
        self._tell_leaf(now)
        again, orders = self._follow_presented(now), []
        self._forget_codes(now)
        for request in self._requests(now):
            if request.kind is RequestKind.CLEAR:
                again = self.moments.clear(request.about, at=now) or again
            else:
                orders.append(self._order(request, now))
        return Come(again=again, orders=tuple(orders))

    def see(self, frame: Frame) -> None:
        """A frame that may show a code."""
        if self.codes is not None:
            self.codes.see(frame)

    def is_signed(self, at: datetime) -> bool:
        """Whether somebody has pressed, tapped or shown something lately."""
        return self._signed_at is not None and self._signed_at <= at < self._signed_at + _SIGN_HOLDS

    def interlocked(self, now: datetime) -> bool:
        """Whether another door of the airlock stands open, or may."""
        if not self.airlock:
            return False
        with self.store.read() as unit:
            return not all(unit.doors.is_shut(door, since=now - _LEAF_FRESH) for door in self.airlock)

    def publish_state(self, at: datetime) -> None:
        """Tell how the door stands."""
        self.events.publish(self.state(at))

    def _follow_contacts(self) -> None:
        try:
            for signal in self.sensor.signals():
                self._signalled(signal)
        except LimenError as error:
            self.alarms.fails("sensor", error)
        else:
            self.alarms.works("sensor")

    def _signalled(self, signal: DoorSignal) -> None:
        try:
            self.passage(signal)
        except (StorageError, LedgerError) as error:
            self.alarms.fails("store", error)
        if signal.kind in (SignalKind.OPENED, SignalKind.CLOSED):
            self._contact = Contact.OPEN if signal.kind is SignalKind.OPENED else Contact.CLOSED
            self._leaf_told_at = None
        kind = signal_event_kind(signal.kind)
        if kind is not None:
            event = DoorEvent(event_id=new_id("e"), site=self.site, door=self.door, at=signal.at, kind=kind)
            self.events.publish(event)
        self.publish_state(signal.at)

    def _follow_presented(self, now: datetime) -> bool:
        again = False
        while True:
            try:
                secret = self.presented.get_nowait()
            except Empty:
                return again
            again, self._signed_at = True, now
            if secret and not self._is_code(secret, now):
                self.moments.present(secret, at=now)

    def _is_code(self, secret: str, now: datetime) -> bool:
        """Whether it is for ``codes``; what cannot be told without the store is dropped."""
        if self.codes is None:
            return False
        try:
            return self.codes.take(secret, at=now)
        except (StorageError, LedgerError) as error:
            self.alarms.fails("store", error)
            return True

    def _forget_codes(self, now: datetime) -> None:
        if self.codes is not None:
            try:
                self.codes.forget(at=now)
            except (StorageError, LedgerError) as error:
                self.alarms.fails("store", error)

    def _requests(self, now: datetime) -> tuple[DoorRequest, ...]:
        if time.monotonic() - self._asked_at < _POLL_S:
            return ()
        self._asked_at = time.monotonic()
        try:
            with self.store.read() as unit:
                if not unit.doors.asked(self.door):
                    return ()
            with self.store.begin() as unit:
                taken = unit.doors.take(self.door, at=now)
                unit.commit()
        except (StorageError, LedgerError) as error:
            self.alarms.fails("store", error)
            return ()
        return taken

    def _order(self, request: DoorRequest, now: datetime) -> OpenOrder:
        end = min(request.not_after, now + OPEN_WITHIN)
        return OpenOrder(decision_id=request.request_id, door=self.door, issued_at=now, not_after=end)

    def _tell_leaf(self, now: datetime) -> None:
        """Tell other doors of the airlock whether this one is shut, while it is known."""
        due = self._leaf_told_at is None or now - self._leaf_told_at >= _LEAF_TOLD_EVERY
        if not self.airlock or self._contact is Contact.UNKNOWN or not due:
            return
        try:
            with self.store.begin() as unit:
                unit.doors.set_leaf(self.door, is_open=self._contact is Contact.OPEN, at=now)
                unit.commit()
        except StorageError as error:
            self.alarms.fails("store", error)
        else:
            self._leaf_told_at = now
