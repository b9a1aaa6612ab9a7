"""`[door.NAME]`: one door, its camera and zone, its rules, what opens it, and the other way in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from limen.core.door import Direction
from limen.door.policy import MaskAsked, MaskRule, Passback, SecondFactor
from limen.settings.devices import ActuatorSettings, SensorSettings
from limen.settings.section import Groups, Name, Section

__all__ = ["DoorSettings", "DoorTemperatureSettings", "MaskSettings", "OtherWaySettings", "ZoneSettings"]

_LEAST_CORNERS = 3
_Corner = tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]]


def _three(corners: tuple[_Corner, ...]) -> tuple[_Corner, ...]:
    if len(corners) < _LEAST_CORNERS:
        raise ValueError(f"three corners at least, got {len(corners)}")
    return corners


class ZoneSettings(Section):
    """The door's own space in the picture. Nobody outside it is looked at more closely."""

    corners: Annotated[tuple[_Corner, ...], AfterValidator(_three)] = Field(
        default=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
        title="Corners",
        description="As shares of the picture's width and height; [0, 0] is top left. By default the whole picture.",
    )
    least_eyes_px: float = Field(
        default=36.0, ge=8, le=400, title="Nearness (px)", description="Smallest distance between the eyes."
    )
    most_yaw_deg: float = Field(
        default=40.0, ge=5, le=90, title="Turn (°)", description="Largest turn of the head to a side."
    )
    most_pitch_deg: float = Field(
        default=35.0, ge=5, le=90, title="Nod (°)", description="Largest turn of the head up or down."
    )
    sign_needed: bool = Field(
        default=False, title="Sign", description="Whether somebody has to press, tap or call before being looked at."
    )


class MaskSettings(Section):
    """Masks over nose and mouth."""

    rule: MaskRule = Field(default=MaskRule.OFF, title="Rule", description="Whether one must be worn to come in.")
    asked: MaskAsked = Field(
        default=MaskAsked.BEFORE,
        title="Of whom",
        description="before: of everybody in the zone. after: only of those who are recognised.",
    )
    exempt: Groups = Field(default=(), title="Exempt groups", description="Of whom none is asked. No reason is kept.")


class DoorTemperatureSettings(Section):
    """Skin temperature; read docs/guide/temperature.md before you switch it on."""

    rule: Literal["off", "advise", "refer"] = Field(
        default="off",
        title="Rule",
        description="Nothing is measured; a remark beside a grant; or a person looks before the door opens.",
    )
    expected_alarms_per_1000: float | None = Field(
        default=None,
        ge=0,
        le=1000,
        title="Alarms that the site expects",
        description="Of 1,000 entries; without the right number the rule is refused, and limen says which it is.",
    )
    blackbody: bool = Field(
        default=False,
        title="Blackbody",
        description="Whether one is in the picture; without, readings are relative.",
    )
    threshold_c: float = Field(
        default=36.12, ge=35.5, le=37.4, title="Limit (°C)", description="Of skin in a room of 24 °C; with a blackbody."
    )
    above_others_k: float = Field(
        default=0.6, ge=0.2, le=2.0, title="Limit above others (K)", description="Where there is no blackbody."
    )
    rig: Path | None = Field(
        default=None,
        title="Rig file",
        description="How the cameras stand, from `limen thermal calibrate`; in the data folder, or a whole path.",
    )
    blackbody_at: tuple[float, float, float, float] | None = Field(
        default=None,
        title="Where the blackbody is",
        description="[x, y, radius, °C]: in pixels of the thermal picture, and what it is set to.",
    )
    blackbody_emissivity: float = Field(
        default=0.97, ge=0.5, le=1.0, title="Blackbody's emissivity", description="From its data sheet."
    )
    room_c: float | None = Field(
        default=None, ge=0, le=45, title="Room (°C)", description="Its temperature, where that is kept steady."
    )
    room_sensor: Path | None = Field(
        default=None,
        title="Room sensor",
        description="A file with thousandths of a degree, such as those of Linux; instead of `room_c`.",
    )
    warm_up_minutes: float = Field(
        default=30.0,
        ge=0,
        le=120,
        title="Warm-up (min)",
        description="From the start, without readings; 0 where the camera is never off.",
    )
    kelvin_per_count: float | None = Field(
        default=None,
        gt=0,
        le=1,
        title="Kelvin per count",
        description="Of a camera that does not say it; without it 0.01, as a Lepton in high gain.",
    )


class OtherWaySettings(Section):
    """The other way in, which does not run through limen. Nobody is searched for before it is tested."""

    kind: Literal["none", "badge", "pin", "reception"] = Field(
        default="none", title="Kind", description="What somebody uses who does not want to be recognised, or is not."
    )
    where: str = Field(default="", max_length=200, title="Where", description="A few words for people at the door.")
    tested_on: date | None = Field(
        default=None, title="Tested on", description="The day somebody last went that way while limen was switched off."
    )


class DoorSettings(Section):
    """A door."""

    camera: str = Field(
        default="",
        title="Camera",
        description="A number, a device, an address like `rtsp://camera.example/1`, or `kiosk`: a paired tablet's.",
    )
    camera_password_file: Path | None = Field(
        default=None, title="Camera's password file", description="Holds `user:password` for the address."
    )
    thermal: str = Field(default="", title="Thermal camera", description="A device; empty is none.")
    direction: Direction = Field(default=Direction.IN, title="Direction", description="Which way the door leads.")
    attendance: Literal["attended", "unattended", "unsafe_face_only"] = Field(
        default="unattended",
        title="Attendance",
        description="Whether a person watches the door. Where nobody does, a face alone does not open it.",
    )
    access: dict[Name, Name] = Field(
        default={},
        title="Who, and when",
        description="Group = name of a schedule, or `always`. The group `everybody` is all who are enrolled.",
    )
    purpose: Annotated[str, Field(max_length=200, pattern=r"^[^;]*$")] = Field(
        default="",
        title="Purpose",
        description="If any, people are known here only if their agreement names it (`consent new --purpose`).",
    )
    second_factor: SecondFactor = Field(
        default=SecondFactor.NONE, title="Second factor", description="What has to be shown beside the face."
    )
    fpir: float | None = Field(
        default=None,
        gt=0,
        le=0.1,
        title="Strangers let in (FPIR)",
        description="For this door instead of `gallery.fpir`.",
    )
    patience_s: float = Field(
        default=2.0, ge=0.5, le=30, title="Patience (s)", description="How long somebody unknown is looked at."
    )
    min_quality: int = Field(
        default=0, ge=0, le=100, title="Least quality", description="Of a picture, unified quality score."
    )
    one_at_a_time: bool = Field(
        default=False, title="One at a time", description="Whether nobody else may be in the zone."
    )
    two_person: bool = Field(
        default=False, title="Two persons", description="Whether a second person who may come in has to be there."
    )
    passback: Passback = Field(
        default=Passback.OFF,
        title="Anti-passback",
        description="Going in twice without coming out: nothing, told beside the grant, or refused.",
    )
    passback_bypass: Groups = Field(default=(), title="Without anti-passback", description="Groups it is not for.")
    most_inside: int | None = Field(
        default=None, ge=1, le=100_000, title="Most people inside", description="Then the place is full."
    )
    occupancy_bypass: Groups = Field(default=(), title="Without that limit", description="Groups it is not for.")
    alarm_disarm: Groups = Field(
        default=(), title="May switch off the alarm", description="Groups that may go in while it is set."
    )
    airlock_with: tuple[Name, ...] = Field(
        default=(), title="Airlock", description="Doors of which none may be open when this one opens."
    )
    lockdown_bypass: Groups = Field(
        default=(), title="Through a lock-down", description="Groups that may come in all the same."
    )
    line: tuple[_Corner, _Corner] | None = Field(
        default=None,
        title="Counting line",
        description="From one end to the other, as shares of the picture; who crosses it to its right hand goes in.",
    )
    zone: ZoneSettings = ZoneSettings()
    mask: MaskSettings = MaskSettings()
    temperature: DoorTemperatureSettings = DoorTemperatureSettings()
    other_way: OtherWaySettings = OtherWaySettings()
    actuator: ActuatorSettings = ActuatorSettings()
    sensor: SensorSettings = SensorSettings()
