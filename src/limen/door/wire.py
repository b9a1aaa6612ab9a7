"""The messages of a door as JSON, and back: what the schemas in `docs/reference/messages` describe.

One document a message, one form for every way out. Times are ISO 8601 in UTC. What comes in is read strictly: an
unknown key, a wrong type or more than 4 KiB is refused with `ActuatorError`, and nothing of it is used.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from limen.core.door import Direction, DoorSignal, OpenOrder, SignalKind
from limen.core.errors import ActuatorError
from limen.core.messages import DoorEvent, DoorState

__all__ = ["encode", "event_document", "order_document", "read_signal", "state_document"]

_MOST_BYTES = 4096


def order_document(order: OpenOrder, *, site: str, credential: bool) -> dict[str, object]:
    """An order to open.

    Args:
        order: which.
        site: name of the site.
        credential: whether the number that an access controller knows the person by goes with it.

    Raises:
        ActuatorError: the number is wanted, and the person has none.
    """
    document: dict[str, object] = {
        "type": "limen.order",
        "decision_id": order.decision_id,
        "site": site,
        "door": order.door,
        "issued_at": _moment(order.issued_at),
        "not_after": _moment(order.not_after),
    }
    if credential:
        if order.credential is None:
            raise ActuatorError(
                "access controller: the person has no number there", advice="give the person the controller's number"
            )
        document["credential"] = order.credential
    return document


def event_document(event: DoorEvent) -> dict[str, object]:
    """What has happened at a door."""
    return {
        "type": "limen.event",
        "event_id": event.event_id,
        "site": event.site,
        "door": event.door,
        "at": _moment(event.at),
        "kind": event.kind.value,
        "outcome": None if event.outcome is None else event.outcome.value,
        "reasons": [reason.value for reason in event.reasons],
        "policy_version": event.policy_version,
    }


def state_document(state: DoorState) -> dict[str, object]:
    """How a door stands."""
    return {
        "type": "limen.state",
        "site": state.site,
        "door": state.door,
        "at": _moment(state.at),
        "contact": state.contact.value,
        "forced": state.forced,
        "held": state.held,
        "banners": [banner.value for banner in state.banners],
        "occupancy": state.occupancy,
    }


def encode(document: dict[str, object]) -> bytes:
    """A document as UTF-8 JSON without spaces."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def read_signal(content: bytes, *, at: datetime) -> DoorSignal:
    """What a door's contacts have told.

    Args:
        content: one JSON document, ``{"signal": …}`` with or without ``"direction"``.
        at: when it arrived. A time in the document would be another clock's, and is refused as an unknown key.

    Raises:
        ActuatorError: it is not such a document.
    """
    if len(content) > _MOST_BYTES:
        raise _unreadable(f"more than {_MOST_BYTES} bytes")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _unreadable("not JSON") from error
    if not isinstance(document, dict) or "signal" not in document or not document.keys() <= {"signal", "direction"}:
        raise _unreadable('expected the keys "signal" and, if need be, "direction"')
    try:
        kind, direction = SignalKind(document["signal"]), Direction(document.get("direction", Direction.IN))
    except ValueError as error:
        raise _unreadable("unknown signal or direction") from error
    return DoorSignal(kind=kind, at=at, direction=direction)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _unreadable(why: str) -> ActuatorError:
    return ActuatorError(
        f"door sensor: a message cannot be read ({why})",
        advice="see docs/reference/messages/sensor.schema.json for what a sensor may send",
    )
