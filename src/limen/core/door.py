"""What passes between a door and limen: orders to open, and signals of what the door saw.

An order names the decision it follows from, so that a door opens once for one decision however often the order arrives,
and the moment after which it must be dropped: no door opens late on a stale message (DESIGN section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

__all__ = [
    "OPEN_WITHIN",
    "Counted",
    "Direction",
    "DoorId",
    "DoorRequest",
    "DoorSignal",
    "HourCount",
    "OpenOrder",
    "RequestKind",
    "SignalKind",
    "Standing",
]

DoorId = NewType("DoorId", str)
"""The name of a door in ``limen.toml``: small letters, digits and hyphens."""

OPEN_WITHIN = timedelta(seconds=2)
"""How long an order to open is worth following."""


class Direction(StrEnum):
    """Which way somebody went through a door."""

    IN = "in"
    OUT = "out"


class SignalKind(StrEnum):
    """What a door's contacts tell. None of it says who."""

    OPENED = "opened"
    CLOSED = "closed"
    PASSED = "passed"
    EXIT_REQUESTED = "exit_requested"
    FORCED_OPEN = "forced_open"
    HELD_OPEN = "held_open"
    TAMPERED = "tampered"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSignal:
    """One thing a door's contacts have told.

    Attributes:
        kind: what.
        at: when it arrived here, time zone aware.
        direction: which way somebody passed; IN where the door cannot tell.
    """

    kind: SignalKind
    at: datetime
    direction: Direction = Direction.IN

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at: expected a time with a time zone, got a naive one")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """The order to open one door once.

    Attributes:
        decision_id: of the grant it follows from; a door that has followed it does nothing when it comes again.
        door: which.
        issued_at: when, time zone aware.
        not_after: from then on it must be dropped.
        credential: the number that an access controller behind limen knows the person by; None everywhere else.
    """

    decision_id: str
    door: DoorId
    issued_at: datetime
    not_after: datetime
    credential: str | None = None

    def __post_init__(self) -> None:
        if self.issued_at.tzinfo is None or self.not_after.tzinfo is None:
            raise ValueError("order: expected times with a time zone, got a naive one")

    def is_late(self, *, at: datetime) -> bool:
        """Whether it must be dropped at a moment; a clock that jumped back makes it late, too."""
        return not self.issued_at - OPEN_WITHIN <= at < self.not_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a door stands by the word of a person, until another one.

    Attributes:
        locked_down: shut for everybody.
        alarm_set: the intruder alarm behind it is armed.
    """

    locked_down: bool = False
    alarm_set: bool = False


class Counted(StrEnum):
    """What is counted by the hour at a door, as totals. None of it tells of one person."""

    UNKNOWN = "unknown"
    GRANTED = "granted"
    DENIED = "denied"
    REFERRED = "referred"
    PASSED_IN = "passed_in"
    PASSED_OUT = "passed_out"
    PASSED_UNGRANTED = "passed_ungranted"


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """How often something happened within one hour.

    Attributes:
        hour: its beginning, UTC.
        what: was counted.
        count: how often.
    """

    hour: datetime
    what: Counted
    count: int


class RequestKind(StrEnum):
    """What a person at the desk asks of a running door."""

    OPEN = "open"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRequest:
    """Something a person asks of a running door; it is followed once, in time or not at all.

    Attributes:
        request_id: random.
        door: which.
        kind: open it once, or clear a referral.
        about: the evidence id of what is cleared; empty for opening.
        not_after: from then on it is dropped.
    """

    request_id: str
    door: DoorId
    kind: RequestKind
    about: str
    not_after: datetime
