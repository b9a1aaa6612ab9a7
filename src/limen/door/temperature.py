"""Reading -> outcome: above the threshold, below it, look once more, or no reading. Pure; no value leaves here.

The rule is off until a site switches it on, and it can only do so by stating the alarms it expects: one who has not
seen that eleven of twelve alarms are false cannot have agreed to them. A high reading asks a person to look; it never
locks anybody out, and no text here says ill, normal or safe. This is no medical device.

The threshold, its slope and the tables of expected alarms come from ``benchmarks/fit_temperature.py`` (612 people, one
camera type, rooms of 20 to 29 °C; docs/results.md, "Temperature").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np

from limen.core.errors import ConfigError
from limen.core.thermal import (
    NoReading,
    NotMeasured,
    SkinMeasured,
    SkinReading,
    TemperatureOutcome,
    TemperatureSeen,
)

__all__ = [
    "DEFAULT_THRESHOLD",
    "NOTICE",
    "REFERENCE_ROOM_C",
    "ROOM_C",
    "AboveOthers",
    "Alarms",
    "Baseline",
    "TemperatureOff",
    "TemperatureOn",
    "TemperaturePolicy",
    "TemperatureRule",
    "Threshold",
    "expected_alarms",
    "outcome",
    "switched_on",
]

REFERENCE_ROOM_C = 24.0
"""Room temperature, °C, that limits are stated for."""

ROOM_C = (20.0, 29.0)
"""Room temperatures, °C, that were seen when the threshold was fixed; outside there is no reading."""

NOTICE = (
    "This measures skin at the inner corners of the eyes. It is no medical device and no diagnosis, half of those who "
    "are infectious have no raised temperature, and in some countries it is no lawful rule of entry: ask before you "
    "switch it on."
)
"""What a site reads before it can switch the rule on."""

_ALARM_SLACK = 5.0
_LEAST_SHARE = 1 / 548
_SKIN_C, _ABOVE_K, _GREY_K = (35.5, 37.4), (0.2, 2.0), (0.0, 1.0)

_Shares = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]

_ABOVE: _Shares = (
    (35.5, 35.6, 35.7, 35.8, 35.9, 36.0, 36.1, 36.2, 36.3, 36.4, 36.5, 36.6, 36.7, 36.8, 37.0, 37.2, 37.4),
    (0.604, 0.48, 0.394, 0.276, 0.197, 0.128, 0.057, 0.031, 0.02, 0.013, 0.009, 0.004, 0.002, 0, 0, 0, 0),
    (1, 1, 1, 1, 0.984, 0.969, 0.938, 0.828, 0.734, 0.688, 0.641, 0.547, 0.5, 0.438, 0.328, 0.25, 0.125),
)
"""Limit at 24 °C; share at or above it of 548 people below 37.5 °C oral, and of 64 at or above."""

_ABOVE_OTHERS: _Shares = (
    (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6, 2.0),
    (0.261, 0.203, 0.154, 0.124, 0.07, 0.044, 0.031, 0.023, 0.006, 0.002, 0, 0, 0),
    (0.938, 0.891, 0.875, 0.828, 0.75, 0.703, 0.656, 0.531, 0.516, 0.406, 0.266, 0.172, 0.063),
)
"""The same above the people before, without a blackbody."""


class TemperatureRule(StrEnum):
    """What follows from a high reading. It is never more than that a person looks."""

    ADVISE = "advise"
    REFER = "refer"


def _check(name: str, value: float, limits: tuple[float, float]) -> None:
    low, high = limits
    if not low <= value <= high:
        raise ValueError(f"{name}: expected {low:g} to {high:g}, got {value:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A skin temperature at the inner canthus, for readings that a blackbody stands behind.

    Attributes:
        at_24_c: the threshold in a room of 24 °C.
        per_room_degree: how much warmer skin is per degree of the room, °C per °C.
        grey_k: this close on either side, the first reading asks for a second.
    """

    at_24_c: float = 36.12
    per_room_degree: float = 0.09
    grey_k: float = 0.2

    def __post_init__(self) -> None:
        _check("at_24_c", self.at_24_c, _SKIN_C)
        _check("grey_k", self.grey_k, _GREY_K)

    def excess_k(self, canthus_c: float, *, room_c: float) -> float:
        """How far a reading lies above the threshold, in degrees; below it, negative."""
        return canthus_c - self.at_24_c - self.per_room_degree * (room_c - REFERENCE_ROOM_C)


DEFAULT_THRESHOLD = Threshold()


@dataclass(frozen=True, slots=True, kw_only=True)
class AboveOthers:
    """Readings against those of the people before, where no blackbody stands; marked relative wherever it is shown.

    Attributes:
        above_k: so far above the rolling median, in degrees.
        grey_k: this close on either side, the first reading asks for a second.
    """

    above_k: float = 0.6
    grey_k: float = 0.2

    def __post_init__(self) -> None:
        _check("above_k", self.above_k, _ABOVE_K)
        _check("grey_k", self.grey_k, _GREY_K)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the people before read, without who they were: a window of values that lives in memory only.

    The median follows drift of camera and room, but not further than ``cap_k`` from the site's first median: a run of
    feverish people, or a heating that fails, must not become the new usual.

    Attributes:
        recent_c: the latest readings, oldest first, at most ``window``.
        site_c: the median of the first ``least`` readings; None before there are so many.
    """

    recent_c: tuple[float, ...] = ()
    site_c: float | None = None

    window = 50
    least = 30
    cap_k = 0.5
    alarm_k = 0.3

    def then(self, canthus_c: float) -> Baseline:
        """The baseline after one more reading."""
        recent = (*self.recent_c, canthus_c)[-self.window :]
        site = self.site_c
        if site is None and len(recent) >= self.least:
            site = float(np.median(recent))
        return Baseline(recent_c=recent, site_c=site)

    @property
    def median_c(self) -> float | None:
        """The capped rolling median; None while there are too few readings to decide anything by."""
        if self.site_c is None:
            return None
        return float(np.clip(np.median(self.recent_c), self.site_c - self.cap_k, self.site_c + self.cap_k))

    @property
    def drifted(self) -> bool:
        """Whether people read so differently from the site's first ones that the setup should be checked."""
        return self.site_c is not None and abs(float(np.median(self.recent_c)) - self.site_c) > self.alarm_k


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureOff:
    """No temperature is looked at. The default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureOn:
    """A rule about temperature; made by ``switched_on`` only, so that nobody switches it on unseen.

    Attributes:
        rule: what a high reading leads to.
        limit: absolute, or relative to the people before.
        alarms_per_1000: what the site said it expects of a thousand entries.
    """

    rule: TemperatureRule
    limit: Threshold | AboveOthers
    alarms_per_1000: float


TemperaturePolicy = TemperatureOff | TemperatureOn


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What to expect of a thousand entries.

    Attributes:
        false_per_1000: people below 37.5 °C oral who are asked to wait.
        true_per_1000: people at or above it who are.
        missed_per_1000: people at or above it who are not.
    """

    false_per_1000: float
    true_per_1000: float
    missed_per_1000: float

    @property
    def per_1000(self) -> float:
        """All of them."""
        return self.false_per_1000 + self.true_per_1000


def expected_alarms(limit: Threshold | AboveOthers, *, febrile_share: float = 0.01) -> Alarms:
    """What to expect of a thousand entries at a limit, from the development table.

    Args:
        limit: the limit; the grey zone counts as its middle, as a repeat decides there.
        febrile_share: share of people who come with 37.5 °C or more, oral.

    Raises:
        ValueError: the share is not between 0 and 1.
    """
    if not 0.0 <= febrile_share <= 1.0:
        raise ValueError(f"febrile_share: expected 0 to 1, got {febrile_share}")
    limits, others, febrile = _ABOVE if isinstance(limit, Threshold) else _ABOVE_OTHERS
    asked = limit.at_24_c if isinstance(limit, Threshold) else limit.above_k
    false, true = (max(_LEAST_SHARE, float(np.interp(asked, limits, share))) for share in (others, febrile))
    return Alarms(
        false_per_1000=1000 * (1 - febrile_share) * false,
        true_per_1000=1000 * febrile_share * true,
        missed_per_1000=1000 * febrile_share * (1 - true),
    )


def switched_on(
    rule: TemperatureRule, *, limit: Threshold | AboveOthers, expected_alarms_per_1000: float
) -> TemperatureOn:
    """Switch the rule on, which takes the number of alarms that the site expects.

    Raises:
        ConfigError: the number is not near what is to be expected; the message says that number and what it means.
    """
    alarms = expected_alarms(limit)
    if not abs(alarms.per_1000 - expected_alarms_per_1000) <= _ALARM_SLACK:
        raise ConfigError(
            f"temperature: at this limit expect {alarms.per_1000:.0f} alarms per 1,000 entries, "
            f"{alarms.false_per_1000:.0f} of them false, and {alarms.missed_per_1000:.1f} people missed; "
            f"{'no number' if math.isnan(expected_alarms_per_1000) else f'{expected_alarms_per_1000:g}'} was stated",
            advice=f"set expected_alarms_per_1000 = {alarms.per_1000:.0f} if the site agrees to that. {NOTICE}",
        )
    return TemperatureOn(rule=rule, limit=limit, alarms_per_1000=expected_alarms_per_1000)


def outcome(
    reading: SkinReading,
    limit: Threshold | AboveOthers,
    *,
    room_c: float | None,
    baseline: Baseline,
    repeated: bool,
) -> TemperatureSeen:
    """What a reading means.

    Args:
        reading: a temperature, or why there is none.
        limit: absolute, for readings with a blackbody behind them only; or relative.
        room_c: measured room temperature, °C; None when nothing measures it.
        baseline: of the people before, this one not among them.
        repeated: whether this is the second reading of a person in the grey zone.
    """
    match reading:
        case NotMeasured(reason=reason):
            return _none(reason)
        case SkinMeasured():
            excess = _excess(reading, limit, room_c=room_c, baseline=baseline)
        case _:
            assert_never(reading)
    if isinstance(excess, NoReading):
        return _none(excess)
    if abs(excess) < limit.grey_k and not repeated:
        return TemperatureSeen(outcome=TemperatureOutcome.REPEAT)
    return TemperatureSeen(outcome=TemperatureOutcome.ABOVE if excess >= 0.0 else TemperatureOutcome.BELOW)


def _excess(
    reading: SkinMeasured, limit: Threshold | AboveOthers, *, room_c: float | None, baseline: Baseline
) -> float | NoReading:
    match limit:
        case Threshold():
            if reading.relative:
                return NoReading.BLACKBODY_INVALID
            if room_c is None or not ROOM_C[0] <= room_c <= ROOM_C[1]:
                return NoReading.ROOM_OUT_OF_RANGE
            return limit.excess_k(reading.canthus_c, room_c=room_c)
        case AboveOthers():
            median = baseline.median_c
            return NoReading.BASELINE_NOT_READY if median is None else reading.canthus_c - median - limit.above_k
        case _:
            assert_never(limit)


def _none(reason: NoReading) -> TemperatureSeen:
    return TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=reason)
