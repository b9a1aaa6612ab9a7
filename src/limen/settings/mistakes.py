"""Every mistake in the settings at once, with where it stands, in words for an administrator.

1. What a single key cannot hold is found by its field.
2. What two keys, or two doors, cannot say together is found here. For that the settings are read once more without
   the keys that were wrong, so that the first kind does not hide the second.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from limen.core.door import Direction
from limen.core.errors import ConfigError
from limen.door.policy import EVERYBODY, Passback, SecondFactor
from limen.door.temperature import (
    AboveOthers,
    TemperatureOff,
    TemperaturePolicy,
    TemperatureRule,
    Threshold,
    switched_on,
)
from limen.settings.calendar import ALWAYS_NAME
from limen.settings.devices import pins_of, wrong_keys
from limen.settings.doors import DoorSettings, DoorTemperatureSettings

__all__ = ["contradictions", "field_mistakes", "temperature_of", "without"]

Place = tuple[str | int, ...]
Mistake = tuple[Place, str]

_PLAIN = {
    "extra_forbidden": "there is no such setting",
    "model_type": "expected a table",
    "dict_type": "expected a table",
    "tuple_type": "expected a list",
}

_MOVED: dict[Place, str] = {("privacy", "why_not_a_badge"): "is written for each kind of template now: see [kinds]"}
"""Settings that there were before, and what to do."""


def field_mistakes(error: ValidationError) -> list[Mistake]:
    """What is wrong with single keys, and where."""
    found = []
    for item in error.errors():
        place = tuple(part for part in item["loc"] if part != "[key]")
        words = _MOVED.get(place) or _PLAIN.get(item["type"], item["msg"].removeprefix("Value error, "))
        found.append((place, words))
    return found


def without(tables: Mapping[str, Any], places: list[Place]) -> dict[str, Any]:
    """The same tables less what stands at these places; a wrong key is left out with all below it."""
    return _pruned(tables, set(places), ())


def contradictions(
    *, door: Mapping[str, DoorSettings], schedule: Mapping[str, BaseModel], broker: bool, told: Collection[Place]
) -> Iterator[Mistake]:
    """What cannot hold together.

    Args:
        door: all doors by name.
        schedule: all schedules by name.
        broker: whether there is one.
        told: places of keys that were wrong and have been left out; what rests on one of them is not told as well.
    """
    if ALWAYS_NAME in schedule:
        yield ("schedule", ALWAYS_NAME), "this name is taken: it means at any hour"
    for name, one in door.items():
        found = (*_about(one), *_times(one, set(schedule)), *_rules(one), *_devices(one, broker=broker))
        for key, words in (*found, *_airlock(name, one, set(door))):
            place: Place = ("door", name, *key.split("."))
            if not any(_touches(place, wrong) for wrong in told) and _stands(one, place, told):
                yield place, words
    yield from _pins(door)


def _stands(door: DoorSettings, place: Place, told: Collection[Place]) -> bool:
    """Whether a contradiction at a place is one, and does not come of something else that was left out."""
    _, name, *key = place
    here: Place = ("door", name)
    rests_on: list[Place] = [("broker",)] if key[-1] == "kind" else []
    match key:
        case ["second_factor"]:
            rests_on.append((*here, "attendance"))
        case ["camera_password_file"]:
            rests_on.append((*here, "camera"))
        case ["actuator" | "sensor" as device, _]:
            rests_on.append((*here, device, "kind"))
        case ["access", group]:
            rests_on.append(("schedule", door.access[str(group)]))
        case ["airlock_with"]:
            rests_on += [("door", other) for other in door.airlock_with if other != name]
        case _:
            pass
    return not any(wrong[: len(base)] == base for wrong in told for base in rests_on)


def _touches(place: Place, wrong: Place) -> bool:
    """Whether one of two places is, or lies in, the other."""
    return wrong[: len(place)] == place or place[: len(wrong)] == wrong


def temperature_of(settings: DoorTemperatureSettings) -> TemperaturePolicy:
    """A door's rule about temperature.

    Raises:
        ConfigError: it is on, and the number of alarms to expect is missing or wrong.
    """
    if settings.rule == "off":
        return TemperatureOff()
    absolute, relative = Threshold(at_24_c=settings.threshold_c), AboveOthers(above_k=settings.above_others_k)
    stated = settings.expected_alarms_per_1000
    return switched_on(
        TemperatureRule(settings.rule),
        limit=absolute if settings.blackbody else relative,
        # without a number none is near enough
        expected_alarms_per_1000=math.nan if stated is None else stated,
    )


def _about(door: DoorSettings) -> Iterator[tuple[str, str]]:
    if not door.camera:
        yield "camera", "is needed: a number, a device, or an address like rtsp://camera.example/1"
    _, is_address, rest = door.camera.partition("://")
    if ":" in rest.partition("/")[0].rpartition("@")[0]:
        yield "camera", "a password stands in it; write user:password into a file and name it in camera_password_file"
    if not is_address and door.camera_password_file is not None:
        yield "camera_password_file", "only an address takes a password"


def _times(door: DoorSettings, schedules: set[str]) -> Iterator[tuple[str, str]]:
    if not door.access:
        yield "access", f'is needed: who may use the door, and when, for instance {EVERYBODY} = "{ALWAYS_NAME}"'
    for group, name in door.access.items():
        if name not in schedules and name != ALWAYS_NAME:
            yield f"access.{group}", f"there is no [schedule.{name}]"


def _rules(door: DoorSettings) -> Iterator[tuple[str, str]]:
    out = door.direction is Direction.OUT
    if door.attendance == "unattended" and door.second_factor is SecondFactor.NONE:
        yield "second_factor", "badge or pin is needed, as nobody watches this door (attendance)"
    if out and door.passback is Passback.HARD:
        yield "passback", "leaving never depends on limen: soft or off on a way out"
    if out and door.most_inside is not None:
        yield "most_inside", "nobody is kept from leaving: the limit stands on the ways in"
    if door.two_person and door.one_at_a_time:
        yield "two_person", "two cannot be there where one_at_a_time is set"
    if door.temperature.rule != "off" and not door.thermal:
        yield "thermal", f"a thermal camera is needed, as temperature.rule is {door.temperature.rule!r}"
    try:
        temperature_of(door.temperature)
    except ConfigError as error:
        yield "temperature.expected_alarms_per_1000", f"{error}; {error.advice()}"


def _devices(door: DoorSettings, *, broker: bool) -> Iterator[tuple[str, str]]:
    for name, device in (("actuator", door.actuator), ("sensor", door.sensor)):
        for key, words in wrong_keys(device):
            yield f"{name}.{key}", words
        if device.kind == "mqtt" and not broker:
            yield f"{name}.kind", "[broker] with a host is needed for mqtt"
    if door.sensor.kind == "none" and (door.passback is not Passback.OFF or door.most_inside is not None):
        yield "sensor.kind", "contacts are needed: passages are counted, not grants (passback, most_inside)"


def _airlock(name: str, door: DoorSettings, doors: set[str]) -> Iterator[tuple[str, str]]:
    for other in door.airlock_with:
        if other == name or other not in doors:
            yield "airlock_with", f"there is no other door {other!r}"


def _pins(doors: Mapping[str, DoorSettings]) -> Iterator[Mistake]:
    """One pin is one wire."""
    taken: dict[int, Place] = {}
    for name, door in doors.items():
        for device, settings in (("actuator", door.actuator), ("sensor", door.sensor)):
            for key, pin in pins_of(settings).items():
                place: Place = ("door", name, device, key)
                if pin in taken:
                    yield place, f"pin {pin} is in use: {'.'.join(map(str, taken[pin]))}"
                taken.setdefault(pin, place)


def _pruned(tables: Mapping[str, Any], places: set[Place], here: Place) -> dict[str, Any]:
    kept = {}
    for key, value in tables.items():
        place = (*here, key)
        if any(wrong[: len(place)] == place and _is_leaf(value, wrong[len(place) :]) for wrong in places):
            continue
        kept[key] = _pruned(value, places, place) if isinstance(value, Mapping) else value
    return kept


def _is_leaf(value: object, rest: Place) -> bool:
    """Whether a mistake that far below is in this value itself, and not in a table of it."""
    return not rest or not isinstance(value, Mapping)
