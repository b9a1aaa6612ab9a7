"""What makes Home Assistant show a door by itself: one retained message an entity, below its discovery prefix.

An event entity, binary sensors for the contact, forced, held, and whether limen is there. No entity takes a command:
nobody opens a door of limen from there.

Source: https://www.home-assistant.io/integrations/mqtt (discovery), event.mqtt, binary_sensor.mqtt.
"""

from __future__ import annotations

from limen.core.messages import EventKind
from limen.door.actuators.options import Place
from limen.door.wire import encode

__all__ = ["AVAILABILITY", "OFFLINE", "ONLINE", "discovery"]

AVAILABILITY = "availability"
ONLINE, OFFLINE = b"online", b"offline"

_EVENT = '{"event_type": "{{ value_json.kind }}", "outcome": "{{ value_json.outcome or \'\' }}"}'
_FLAG = "{{ 'ON' if value_json.%s else 'OFF' }}"
_CONTACT = "{{ {'open': 'ON', 'closed': 'OFF'}.get(value_json.contact, 'None') }}"


def discovery(place: Place, *, prefix: str) -> dict[str, bytes]:
    """Topic and payload of every entity of a door."""
    state = {"state_topic": f"{place.topic}/state"}
    entities: dict[tuple[str, str], dict[str, object]] = {
        ("event", "happened"): {
            "name": "Event",
            "state_topic": f"{place.topic}/event",
            "event_types": [kind.value for kind in EventKind],
            "value_template": _EVENT,
        },
        ("binary_sensor", "contact"): {
            **state,
            "name": None,
            "device_class": "door",
            "value_template": _CONTACT,
        },
        ("binary_sensor", "forced"): {
            **state,
            "name": "Forced open",
            "device_class": "safety",
            "value_template": _FLAG % "forced",
        },
        ("binary_sensor", "held"): {
            **state,
            "name": "Held open",
            "device_class": "problem",
            "value_template": _FLAG % "held",
        },
        ("binary_sensor", "online"): {
            "name": "Online",
            "state_topic": f"{place.topic}/{AVAILABILITY}",
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "payload_on": ONLINE.decode(),
            "payload_off": OFFLINE.decode(),
        },
    }
    return {
        f"{prefix}/{component}/{_node(place)}/{name}/config": encode(_entity(place, name=name, what=what))
        for (component, name), what in entities.items()
    }


def _node(place: Place) -> str:
    return f"limen_{place.site}_{place.door}"


def _entity(place: Place, *, name: str, what: dict[str, object]) -> dict[str, object]:
    node = _node(place)
    shared: dict[str, object] = {
        "unique_id": f"{node}_{name}",
        "device": {"identifiers": [node], "name": f"{place.site} {place.door}", "manufacturer": "limen"},
        "origin": {"name": "limen"},
        "qos": 1,
    }
    if name != "online":
        shared["availability_topic"] = f"{place.topic}/{AVAILABILITY}"
    return {**what, **shared}
