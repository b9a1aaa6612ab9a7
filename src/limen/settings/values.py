"""Settings of a door -> the values its room works with: policy, zone, what is still missing before it may start."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

from limen.core.errors import ConfigError
from limen.door.policy import Attendance, AttendedDoor, Opening, Policy, UnattendedDoor, UnsafeFaceOnly
from limen.door.schedule import ALWAYS, Hours
from limen.door.zone import Zone
from limen.settings import Settings
from limen.settings.calendar import ALWAYS_NAME, schedule_of
from limen.settings.devices import secret_in
from limen.settings.doors import DoorSettings
from limen.settings.mistakes import temperature_of

__all__ = ["KIOSK", "camera_of", "check_kiosk", "door_of", "fpir_of", "not_ready", "policy_of", "zone_of"]

KIOSK = "kiosk"
"""A camera of this name is the browser of a paired device."""

_TEST_HOLDS = timedelta(days=366)
_ATTENDANCE: dict[str, Attendance] = {
    "attended": AttendedDoor(),
    "unattended": UnattendedDoor(),
    "unsafe_face_only": UnsafeFaceOnly(),
}
_NO_RULES = {
    "camera",
    "camera_password_file",
    "thermal",
    "zone",
    "line",
    "actuator",
    "sensor",
    "other_way",
    "patience_s",
}


def door_of(settings: Settings, name: str) -> DoorSettings:
    """The settings of a door.

    Raises:
        ConfigError: there is no door of that name.
    """
    if name not in settings.door:
        there = f"there are {', '.join(sorted(settings.door))}" if settings.door else "there is none yet"
        raise ConfigError(f"door {name}: not in limen.toml", advice=f"{there}; `limen door new {name}` shows how")
    return settings.door[name]


def policy_of(door: DoorSettings, settings: Settings) -> Policy:
    """The rules of a door. Its version is a digest of whatever they follow from, and changes when that does.

    Raises:
        ConfigError: a rule of temperature without the alarms it leads to.
    """
    return Policy(
        version=_version(door, settings),
        attendance=_ATTENDANCE[door.attendance],
        opens_for=tuple(Opening(group=group, hours=_hours(name, settings)) for group, name in door.access.items()),
        direction=door.direction,
        min_quality=door.min_quality,
        one_at_a_time=door.one_at_a_time,
        mask=door.mask.rule,
        mask_asked=door.mask.asked,
        mask_exempt=frozenset(door.mask.exempt),
        temperature=temperature_of(door.temperature),
        second_factor=door.second_factor,
        passback=door.passback,
        passback_bypass=frozenset(door.passback_bypass),
        most_inside=door.most_inside,
        occupancy_bypass=frozenset(door.occupancy_bypass),
        alarm_disarm=frozenset(door.alarm_disarm),
        two_person=door.two_person,
        lockdown_bypass=frozenset(door.lockdown_bypass),
    )


def zone_of(door: DoorSettings) -> Zone:
    """The door's space in its picture."""
    zone = door.zone
    return Zone(
        corners=zone.corners,
        least_eyes_px=zone.least_eyes_px,
        most_yaw_deg=zone.most_yaw_deg,
        most_pitch_deg=zone.most_pitch_deg,
        sign_needed=zone.sign_needed,
    )


def fpir_of(door: DoorSettings, settings: Settings) -> float:
    """Share of strangers that may be let in here."""
    return settings.gallery.fpir if door.fpir is None else door.fpir


def camera_of(door: DoorSettings) -> str:
    """The camera, with its password where it has one; not for logs or errors.

    Raises:
        ConfigError: the file with the password cannot be read, or holds no user and password.
    """
    if door.camera_password_file is None:
        return door.camera
    user, colon, password = secret_in(door.camera_password_file).partition(":")
    if not colon:
        raise ConfigError(
            f"{door.camera_password_file}: expected user:password", advice="write both, with a colon between"
        )
    scheme, _, rest = door.camera.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{_quoted(user)}:{_quoted(password)}@{host.rpartition('@')[2]}{slash}{path}"


def check_kiosk(door: DoorSettings, *, name: str) -> None:
    """Refuse a door that a browser may not be the camera of (docs/adr/0026).

    Whoever holds the device chooses the pixels. So a person has to watch, or a badge or PIN is asked for beside the
    face; and temperature is not measured by another camera than the one it is calibrated with.

    Raises:
        ConfigError: its camera is no kiosk, or a face alone would open it unattended, or it measures temperature.
    """
    if door.camera != KIOSK:
        raise ConfigError(f"door {name}: its camera is no kiosk", advice=f'write camera = "{KIOSK}" in [door.{name}]')
    if door.attendance == "unsafe_face_only":
        raise ConfigError(
            f"door {name}: with a kiosk for a camera, a face alone does not open an unattended door",
            advice='write attendance = "attended", or "unattended" with badge or PIN',
        )
    if door.thermal:
        raise ConfigError(
            f"door {name}: a kiosk's camera has no thermal camera beside it",
            advice="leave out `thermal`, or use a camera",
        )


def not_ready(door: DoorSettings, *, on: date) -> tuple[str, ...]:
    """Why nobody may be searched for at this door yet (promise 5), in sentences; empty if it may start.

    Args:
        door: its settings.
        on: today, in the time zone of the site.
    """
    way = door.other_way
    if way.kind == "none":
        return ("other_way.kind: there is no other way in; declare one that does not run through limen",)
    if way.tested_on is None:
        return ("other_way.tested_on: switch limen off, let somebody go in the other way, and write down the day",)
    if way.tested_on > on:
        return ("other_way.tested_on: that day is still to come",)
    if on - way.tested_on > _TEST_HOLDS:
        return ("other_way.tested_on: more than a year ago; test it again",)
    return ()


def _quoted(text: str) -> str:
    """Text as it may stand before the host of an address (RFC 3986, 2.1)."""
    return "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or byte in b"-._~") else f"%{byte:02X}"
        for byte in text.encode()
    )


def _hours(name: str, settings: Settings) -> Hours:
    if name == ALWAYS_NAME:
        return ALWAYS
    return schedule_of(settings.schedule[name], time_zone=settings.site.time_zone, holidays=settings.site.holidays)


def _version(door: DoorSettings, settings: Settings) -> str:
    used = sorted(set(door.access.values()) - {ALWAYS_NAME})
    document = {
        "door": door.model_dump(mode="json", exclude=_NO_RULES),
        "schedules": {name: settings.schedule[name].model_dump(mode="json") for name in used},
        "site": [settings.site.time_zone, *settings.site.holidays],
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return f"p-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
