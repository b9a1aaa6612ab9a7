"""Policy: the rules of one door, as values. What follows from them is in ``rules``.

Every rule is off by default but one: an attendance has to be given, or nothing opens. Groups are names that a site
gives; limen never asks why somebody is in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from limen.core.door import Direction
from limen.door.schedule import ALWAYS, Hours
from limen.door.temperature import TemperatureOff, TemperaturePolicy

__all__ = [
    "EMPTY_POLICY",
    "EVERYBODY",
    "Attendance",
    "AttendedDoor",
    "MaskAsked",
    "MaskRule",
    "Opening",
    "Passback",
    "Policy",
    "SecondFactor",
    "UnattendedDoor",
    "UnsafeFaceOnly",
]

EVERYBODY = "everybody"
"""The group that everybody who is enrolled is in."""

Groups = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendedDoor:
    """A person watches the door, so a photograph held up is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattendedDoor:
    """Nobody watches: a second factor is needed (promise 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsafeFaceOnly:
    """Nobody watches and a face alone opens: whoever holds up a photograph comes in. Shown wherever the door is."""


Attendance = AttendedDoor | UnattendedDoor | UnsafeFaceOnly


class MaskRule(StrEnum):
    """Whether a mask must be worn to come in."""

    OFF = "off"
    ADVISE = "advise"
    REQUIRE = "require"


class MaskAsked(StrEnum):
    """Of whom a mask is required: of everybody in the zone, or only of those who are recognised."""

    BEFORE = "before"
    AFTER = "after"


class SecondFactor(StrEnum):
    """What has to be shown beside the face. That it is the same person's is settled where it is read."""

    NONE = "none"
    BADGE = "badge"
    PIN = "pin"


class Passback(StrEnum):
    """Whether somebody who went in may go in again without having come out."""

    OFF = "off"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A group may use the door at some hours.

    Attributes:
        group: its name, or EVERYBODY.
        hours: always, or a schedule.
    """

    group: str
    hours: Hours


_NO_TEMPERATURE = TemperatureOff()
_NOBODY: Groups = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A door's rules.

    Attributes:
        version: changes with every change of the rules.
        attendance: None is no rule at all, and nothing opens.
        opens_for: who may use the door and when; one opening that holds is enough.
        direction: which way the door leads; ways out have no limit of people and no hard anti-passback.
        min_quality: least unified quality of the picture, 0 to 100.
        one_at_a_time: whether nobody else may be in the zone.
        mask: whether a mask must be worn over nose and mouth.
        mask_asked: of everybody, or of those who are recognised.
        mask_exempt: groups of whom no mask is asked; why is nobody's business.
        temperature: off, or a rule that somebody switched on knowing the alarms to expect.
        second_factor: what has to be shown beside the face; an unattended door wants one in any case.
        passback: whether going in twice is told (soft) or refused (hard).
        passback_bypass: groups it does not hold for.
        most_inside: people inside with whom the place is full; None without a limit.
        occupancy_bypass: groups it does not hold for.
        alarm_disarm: groups that may go in while the alarm is set, to switch it off.
        two_person: whether a second person who may come in has to be there.
        lockdown_bypass: groups that may come in although the door is locked down.
    """

    version: str
    attendance: Attendance | None
    opens_for: tuple[Opening, ...] = (Opening(group=EVERYBODY, hours=ALWAYS),)
    direction: Direction = Direction.IN
    min_quality: int = 0
    one_at_a_time: bool = False
    mask: MaskRule = MaskRule.OFF
    mask_asked: MaskAsked = MaskAsked.BEFORE
    mask_exempt: Groups = _NOBODY
    temperature: TemperaturePolicy = _NO_TEMPERATURE
    second_factor: SecondFactor = SecondFactor.NONE
    passback: Passback = Passback.OFF
    passback_bypass: Groups = _NOBODY
    most_inside: int | None = None
    occupancy_bypass: Groups = _NOBODY
    alarm_disarm: Groups = _NOBODY
    two_person: bool = False
    lockdown_bypass: Groups = _NOBODY


EMPTY_POLICY = Policy(version="empty", attendance=None)
