"""What a door tells the systems around it: how it stands, and what has happened at it.

No message says who. There is no field for a name, a subject, a credential or a template, and somebody who is not
recognised is no message at all: the passage of a stranger is told by the contact of the door, as anybody's is.
Of the reasons of a decision only those are told that everybody at the door may see (`PUBLIC_REASONS`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from limen.core.decision import Decision, Deny, Grant, Reason, Refer
from limen.core.door import DoorId, SignalKind

__all__ = [
    "PUBLIC_REASONS",
    "Banner",
    "Contact",
    "DoorEvent",
    "DoorMessage",
    "DoorState",
    "EventKind",
    "Outcome",
    "attempt_event",
    "signal_event_kind",
]

PUBLIC_REASONS = frozenset(
    {
        Reason.RECOGNISED,
        Reason.MASK_MISSING,
        Reason.MASK_INCORRECT,
        Reason.MASK_UNSURE,
        Reason.SECOND_FACTOR_MISSING,
        Reason.LOCKED_DOWN,
        Reason.INTERLOCK,
        Reason.OCCUPANCY_FULL,
    }
)
"""Reasons that may leave the machine. Whatever tells of somebody's health, rights or hours, or of a suspicion, stays,
and so does a reason that is not named here."""


class Contact(StrEnum):
    """What is known of the leaf or arm of a door."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Banner(StrEnum):
    """What everybody who looks at a door has to be told."""

    TRIAL = "trial"
    UNSAFE_FACE_ONLY = "unsafe_face_only"
    LOCKED_DOWN = "locked_down"


class Outcome(StrEnum):
    """How an attempt ended."""

    GRANT = "grant"
    DENY = "deny"
    REFER = "refer"


class EventKind(StrEnum):
    """What can happen at a door."""

    ATTEMPT = "attempt"
    PASSAGE = "passage"
    FORCED_OPEN = "forced_open"
    HELD_OPEN = "held_open"
    TAMPERED = "tampered"
    EXIT_REQUESTED = "exit_requested"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorState:
    """How a door stands now; the newest one replaces every other.

    Attributes:
        site: name of the site.
        door: which.
        at: since when, time zone aware.
        contact: of the leaf or arm.
        forced: whether it was opened without an order and has not been closed since.
        held: whether it stands open for too long.
        banners: what everybody has to be told, in no order of importance.
        occupancy: how many people are inside; None where nobody counts.
    """

    site: str
    door: DoorId
    at: datetime
    contact: Contact = Contact.UNKNOWN
    forced: bool = False
    held: bool = False
    banners: tuple[Banner, ...] = ()
    occupancy: int | None = None

    def __post_init__(self) -> None:
        _check_time(self.at)
        if self.occupancy is not None and self.occupancy < 0:
            raise ValueError(f"occupancy: expected 0 or more, got {self.occupancy}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEvent:
    """One thing that has happened at a door.

    Attributes:
        event_id: of the record that those who may know can look up; the same when the message comes again.
        site: name of the site.
        door: which.
        at: when, time zone aware.
        kind: what.
        outcome: of an attempt; None for every other kind.
        reasons: of an attempt, as far as everybody may know them.
        policy_version: the rules that an attempt was decided by; None for every other kind.
    """

    event_id: str
    site: str
    door: DoorId
    at: datetime
    kind: EventKind
    outcome: Outcome | None = None
    reasons: tuple[Reason, ...] = ()
    policy_version: str | None = None

    def __post_init__(self) -> None:
        _check_time(self.at)
        attempt = self.kind is EventKind.ATTEMPT
        if attempt != (self.outcome is not None) or attempt != (self.policy_version is not None):
            raise ValueError("event: expected outcome and policy version with an attempt, and with nothing else")
        if self.reasons and not attempt:
            raise ValueError("event: expected reasons with an attempt alone")
        if kept := [reason.value for reason in self.reasons if reason not in PUBLIC_REASONS]:
            raise ValueError(f"reasons: expected those that may leave the machine, got {', '.join(kept)}")


DoorMessage = DoorEvent | DoorState
"""What an `EventSink` takes."""


_OUTCOMES: dict[type[Decision], Outcome] = {Grant: Outcome.GRANT, Deny: Outcome.DENY, Refer: Outcome.REFER}


def attempt_event(decision: Decision, *, event_id: str, site: str, door: DoorId, at: datetime) -> DoorEvent:
    """The message about an attempt of somebody who was recognised, with the reasons that may be told.

    Whether somebody was recognised is not checked here: whoever calls this has a record of the attempt, and there is
    none of unknown people.
    """
    return DoorEvent(
        event_id=event_id,
        site=site,
        door=door,
        at=at,
        kind=EventKind.ATTEMPT,
        outcome=_OUTCOMES[type(decision)],
        reasons=tuple(reason for reason in decision.reasons if reason in PUBLIC_REASONS),
        policy_version=decision.policy_version,
    )


def signal_event_kind(kind: SignalKind) -> EventKind | None:
    """The kind of event that a signal of the contacts makes; None where it only changes the state of the door."""
    match kind:
        case SignalKind.OPENED | SignalKind.CLOSED:
            return None
        case SignalKind.PASSED:
            return EventKind.PASSAGE
        case SignalKind.EXIT_REQUESTED | SignalKind.FORCED_OPEN | SignalKind.HELD_OPEN | SignalKind.TAMPERED:
            return EventKind(kind.value)


def _check_time(at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("at: expected a time with a time zone, got a naive one")
