"""Forced and held open, told from a door's contact, its orders and its exit button.

A door that opens had to be ordered open, or its exit button pressed, a moment before; one permission covers one
opening. Whatever else opens is forced. A door that stands open for too long is held. Both are told once until the door
closes. The state is a value and `step`, `ordered` and `looked_at` are pure; time comes in with each call, and a clock
that jumps back makes no permission last longer.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from limen.core.door import DoorSignal, OpenOrder, SignalKind
from limen.core.errors import ActuatorError
from limen.core.messages import Contact
from limen.core.ports import Actuator, Clock, DoorSensor

__all__ = ["ContactOptions", "ContactState", "WatchedDoor", "looked_at", "ordered", "step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactOptions:
    """How long is too long.

    Attributes:
        open_within_s: after an order the door has to be opened within this time, or its opening is forced.
        exit_within_s: the same, after its exit button.
        held_after_s: open for longer is held open.
    """

    open_within_s: float = 5.0
    exit_within_s: float = 5.0
    held_after_s: float = 30.0

    def __post_init__(self) -> None:
        if mistakes := [f"{n}: expected 0.5 to 600" for n in self.__slots__ if not 0.5 <= getattr(self, n) <= 600]:  # noqa: PLR2004  the range is this check
            raise ValueError("; ".join(mistakes))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactState:
    """What is known of the leaf.

    Attributes:
        contact: open, closed, or not heard of yet.
        open_since: when it opened; None unless it is open.
        allowed: the first and the last moment at which an opening is lawful; None if none is.
        forced: whether this opening was told as forced.
        held: whether this opening was told as held.
    """

    contact: Contact = Contact.UNKNOWN
    open_since: datetime | None = None
    allowed: tuple[datetime, datetime] | None = None
    forced: bool = False
    held: bool = False


def ordered(state: ContactState, order: OpenOrder, *, at: datetime, options: ContactOptions) -> ContactState:
    """The state after an order was given to the door at a moment."""
    return replace(state, allowed=(min(order.issued_at, at), at + timedelta(seconds=options.open_within_s)))


def step(
    state: ContactState, signal: DoorSignal, *, options: ContactOptions
) -> tuple[ContactState, tuple[DoorSignal, ...]]:
    """The state after a signal, and what is to be told: the signal itself, and FORCED_OPEN behind a forced opening."""
    match signal.kind:
        case SignalKind.EXIT_REQUESTED:
            window = (signal.at, signal.at + timedelta(seconds=options.exit_within_s))
            return replace(state, allowed=window), (signal,)
        case SignalKind.CLOSED:
            return ContactState(contact=Contact.CLOSED, allowed=state.allowed), (signal,)
        case SignalKind.OPENED if state.contact is Contact.OPEN:
            return state, ()
        case SignalKind.OPENED:
            lawful = state.allowed is not None and state.allowed[0] <= signal.at <= state.allowed[1]
            told = (signal,) if lawful else (signal, replace(signal, kind=SignalKind.FORCED_OPEN))
            return ContactState(contact=Contact.OPEN, open_since=signal.at, forced=not lawful), told
        case SignalKind.FORCED_OPEN | SignalKind.HELD_OPEN:
            return _told_by_the_door(state, signal)
        case SignalKind.PASSED | SignalKind.TAMPERED:
            return state, (signal,)


def looked_at(
    state: ContactState, *, at: datetime, options: ContactOptions
) -> tuple[ContactState, tuple[DoorSignal, ...]]:
    """The state at a moment without a signal, and HELD_OPEN if the door has stood open for too long by then."""
    too_long = state.open_since is not None and at - state.open_since >= timedelta(seconds=options.held_after_s)
    if state.held or not too_long:
        return state, ()
    return replace(state, held=True), (DoorSignal(kind=SignalKind.HELD_OPEN, at=at),)


def _told_by_the_door(state: ContactState, signal: DoorSignal) -> tuple[ContactState, tuple[DoorSignal, ...]]:
    """A door that finds forced and held openings by itself; each is told once all the same."""
    forced = state.forced or signal.kind is SignalKind.FORCED_OPEN
    held = state.held or signal.kind is SignalKind.HELD_OPEN
    now = replace(state, forced=forced, held=held)
    return now, () if now == state else (signal,)


class WatchedDoor:
    """An actuator and the contacts of the same door, joined; implements `Actuator` and `DoorSensor`.

    Orders and signals may come from two threads: a gate may stand open before its actuator has answered, so an order
    permits an opening from the moment it is given. If the actuator refuses it, it permits none from then on.
    """

    def __init__(self, actuator: Actuator, sensor: DoorSensor, *, clock: Clock, options: ContactOptions) -> None:
        self._actuator = actuator
        self._sensor = sensor
        self._clock = clock
        self._options = options
        self._lock = threading.Lock()
        self._state = ContactState()

    @property
    def state(self) -> ContactState:
        """What is known of the leaf, as of the last call of `signals`."""
        return self._state

    def open(self, order: OpenOrder) -> None:
        """Give the order to the actuator.

        Raises:
            ActuatorError: the door cannot be told.
        """
        allowed = self._allow(order)
        try:
            self._actuator.open(order)
        except ActuatorError:
            with self._lock:
                if self._state.allowed == allowed:
                    self._state = replace(self._state, allowed=None)
            raise
        with self._lock:
            if self._state.allowed == allowed:  # not used yet: its end counts from the answer, its beginning stays
                end = self._clock.now() + timedelta(seconds=self._options.open_within_s)
                self._state = replace(self._state, allowed=(allowed[0], end))

    def signals(self) -> tuple[DoorSignal, ...]:
        """What has been told since the last call, with what follows from it.

        Raises:
            ActuatorError: the contacts are out of reach.
        """
        told: list[DoorSignal] = []
        heard = self._sensor.signals()
        with self._lock:
            for signal in heard:
                self._state, more = step(self._state, signal, options=self._options)
                told.extend(more)
            self._state, more = looked_at(self._state, at=self._clock.now(), options=self._options)
        return (*told, *more)

    def _allow(self, order: OpenOrder) -> tuple[datetime, datetime]:
        with self._lock:
            self._state = ordered(self._state, order, at=self._clock.now(), options=self._options)
            assert self._state.allowed is not None, "an order allows an opening"
            return self._state.allowed

    def close(self) -> None:
        """Let both devices go."""
        self._actuator.close()
        self._sensor.close()
