"""What a door does, in sentences for whoever set it up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from limen.core.match import Condition
from limen.door.policy import EVERYBODY, MaskAsked, MaskRule, Passback, SecondFactor
from limen.door.temperature import expected_alarms
from limen.gallery.calibration import Calibration
from limen.settings import Settings
from limen.settings.calendar import ALWAYS_NAME, ScheduleSettings
from limen.settings.doors import DoorSettings
from limen.settings.mistakes import temperature_of

__all__ = ["access_words", "cost_of", "cost_words", "door_words"]

_PICTURES_EACH = 3

_WATCHED = {
    "attended": "A person watches this door; a face is enough.",
    "unattended": "Nobody watches this door; a face alone does not open it.",
    "unsafe_face_only": "UNSAFE: nobody watches, and a face alone opens. Whoever holds up a photograph comes in.",
}
_OPENED_BY = {
    "none": "Nothing: this door only says what to do.",
    "mqtt": "A relay behind the broker",
    "webhook": "A web server",
    "command": "A program on this machine",
    "gpio": "A relay on pin",
    "wiegand": "An access controller, by a credential number",
}


def door_words(door: DoorSettings, settings: Settings) -> Iterator[tuple[str, str]]:
    """What is so at a door: (what, sentence); rules that are off are left out."""
    yield "camera", _camera(door)
    yield "opens for", access_words(door, settings)
    yield "watched", _WATCHED[door.attendance]
    if door.second_factor is not SecondFactor.NONE:
        yield "second factor", f"Beside the face, a {door.second_factor.value} of the same person is shown."
    if door.mask.rule is not MaskRule.OFF:
        yield "masks", _masks(door)
    if door.temperature.rule != "off":
        yield "temperature", _temperature(door)
    yield from _counted(door)
    yield from _standing(door)
    yield "opened by", _opened_by(door)
    yield "other way in", _other_way(door)


def access_words(door: DoorSettings, settings: Settings) -> str:
    """Who may use a door and when."""
    parts = []
    for group, name in door.access.items():
        who = "Everybody who is enrolled" if group == EVERYBODY else f"Group {group}"
        hours = "at any hour" if name == ALWAYS_NAME else _hours(settings.schedule[name], settings)
        parts.append(f"{who}, {hours}.")
    return " ".join(parts)


def cost_of(calibration: Calibration, *, fpir: float, people: int) -> dict[str, Any]:
    """What a strictness costs at a size, from the calibration.

    Args:
        calibration: of the embedding model.
        fpir: share of strangers that may be let in.
        people: enrolled.
    """
    n_references = _PICTURES_EACH * people
    refused = {
        condition.value: calibration.operating_point(
            fpir_target=fpir, n_references=n_references, condition=condition
        ).fnir_expected
        for condition in (Condition.BARE_BARE, Condition.BARE_MASKED)
    }
    return {"fpir": fpir, "people": people, "references": n_references, "fnir_single_picture": refused}


def cost_words(cost: dict[str, Any]) -> str:
    """The same in sentences."""
    bare, masked = (100 * share for share in cost["fnir_single_picture"].values())
    return (
        f"Of 1,000 walk-ups by strangers {1000 * cost['fpir']:g} may be taken for somebody. With {cost['people']:,} "
        f"people of {_PICTURES_EACH} pictures each, {bare:.1f} % of single pictures of enrolled people are not enough, "
        f"{masked:.1f} % with a mask; a walk-up has several. From a calibration, not from your camera."
    )


def _hours(schedule: ScheduleSettings, settings: Settings) -> str:
    week = ", ".join(schedule.week) or "on no day of the week"
    off = ", ".join(schedule.on_holidays) or "closed"
    days = len(settings.site.holidays)
    count = len(schedule.single_days)
    more = "1 single day with hours of its own" if count == 1 else f"{count} single days with hours of their own"
    single = f"; {more}" if count else ""
    return f"{week} ({settings.site.time_zone}); on {days} holidays {off}{single}"


def _camera(door: DoorSettings) -> str:
    zone, sign = door.zone, ", after a press, tap or call" if door.zone.sign_needed else ""
    return (
        f"{door.camera}: looks at people inside the zone of {len(zone.corners)} corners whose eyes are at least "
        f"{zone.least_eyes_px:g} pixels apart{sign}."
    )


def _masks(door: DoorSettings) -> str:
    of_whom = "everybody in the zone" if door.mask.asked is MaskAsked.BEFORE else "those who are recognised"
    exempt = f" Not of {', '.join(door.mask.exempt)}." if door.mask.exempt else ""
    if door.mask.rule is MaskRule.ADVISE:
        return f"The door asks for a mask and opens all the same.{exempt}"
    return f"A mask over nose and mouth is required of {of_whom}; where that cannot be told a person looks.{exempt}"


def _temperature(door: DoorSettings) -> str:
    rule = temperature_of(door.temperature)
    alarms = expected_alarms(rule.limit)  # type: ignore[union-attr]  # asked for only where it is on
    then = "is referred to a person" if door.temperature.rule == "refer" else "comes in, with a remark to the desk"
    return (
        f"Whoever reads above the limit {then}. Of 1,000 entries expect {alarms.per_1000:.0f} alarms, "
        f"{alarms.false_per_1000:.0f} of them false, and {alarms.missed_per_1000:.1f} people missed. No medical device."
    )


def _counted(door: DoorSettings) -> Iterator[tuple[str, str]]:
    if door.passback is not Passback.OFF:
        then = "is refused" if door.passback is Passback.HARD else "comes in, and the desk is told"
        yield "anti-passback", f"Whoever went in and has not come out {then}.{_but(door.passback_bypass)}"
    if door.most_inside is not None:
        yield "most inside", f"{door.most_inside} people; then the door stays shut.{_but(door.occupancy_bypass)}"
    if door.one_at_a_time:
        yield "one at a time", "While more than one person is in the zone, nobody comes in."
    if door.two_person:
        yield "two persons", "It opens only while a second person who may come in is there."


def _standing(door: DoorSettings) -> Iterator[tuple[str, str]]:
    if door.airlock_with:
        yield "airlock", f"It stays shut while one of these is open: {', '.join(door.airlock_with)}."
    may = f"{', '.join(door.alarm_disarm)} may go in to switch it off." if door.alarm_disarm else "nobody comes in."
    yield "alarm", f"While it is set {may}"
    yield "lock-down", f"It keeps everybody out.{_but(door.lockdown_bypass)}"


def _but(groups: tuple[str, ...]) -> str:
    return f" Not for {', '.join(groups)}." if groups else ""


def _opened_by(door: DoorSettings) -> str:
    actuator = door.actuator
    where = {
        "webhook": f": {actuator.url}.",
        "command": f": {' '.join(actuator.argv)}.",
        "gpio": f" {actuator.pin}, for {actuator.pulse_s:g} s.",
        "none": "",
    }
    return _OPENED_BY[actuator.kind] + where.get(actuator.kind, ".")


def _other_way(door: DoorSettings) -> str:
    way = door.other_way
    if way.kind == "none":
        return "None declared."
    where = f", {way.where}" if way.where else ""
    tested = f"tested on {way.tested_on}" if way.tested_on else "never tested"
    return f"{way.kind.capitalize()}{where}; {tested}."
