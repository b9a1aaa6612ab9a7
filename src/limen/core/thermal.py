"""Thermal values: what an infrared camera counted, and what may be said of a person's skin from it.

A reading is a temperature with its uncertainty, or it is no reading and says why; it is never "normal". The canthus is
the inner corner of the eye. Skin temperature is no diagnosis, and nothing here is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import owned

__all__ = [
    "AirPath",
    "LinearScale",
    "NoReading",
    "NotMeasured",
    "PlanckScale",
    "RadiometricScale",
    "RawThermal",
    "Scene",
    "SetupAlarm",
    "SkinMeasured",
    "SkinReading",
    "TemperatureOutcome",
    "TemperatureSeen",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanckScale:
    """Counts <-> temperature by the camera's Planck constants: S(T) = r1 / (r2 (exp(b / T) - f)) - o, T in kelvin."""

    r1: float
    r2: float
    b: float
    f: float
    o: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearScale:
    """Counts that are temperature already: T in kelvin = kelvin_per_count x counts + kelvin_at_zero."""

    kelvin_per_count: float
    kelvin_at_zero: float = 0.0


RadiometricScale = PlanckScale | LinearScale


@dataclass(frozen=True, slots=True, kw_only=True)
class AirPath:
    """The camera's constants of the air between object and lens (transmission, see ``thermal.radiometry``)."""

    alpha1: float
    alpha2: float
    beta1: float
    beta2: float
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What has to be known of a scene before counts mean a temperature.

    Attributes:
        emissivity: of the object, above 0, at most 1.
        distance_m: camera to object.
        reflected_c: temperature of what the object reflects, °C.
        air_c: of the air, °C.
        relative_humidity: 0 to 1.
        window_c: of a window in front of the lens, °C.
        window_transmission: above 0, 1 without a window.
    """

    emissivity: float
    distance_m: float
    reflected_c: float
    air_c: float
    relative_humidity: float
    window_c: float = 20.0
    window_transmission: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawThermal:
    """One frame of an infrared camera, not yet temperatures.

    Attributes:
        counts: uint16 (H, W), upright; owned and read-only.
        scale: what counts mean.
        scene: as the camera was told; None where the source says nothing.
        air_path: constants of the air; None where the source has none.
        captured_at: time zone aware.
        source: a short name for errors.
    """

    counts: NDArray[np.uint16] = field(repr=False)
    scale: RadiometricScale
    scene: Scene | None
    air_path: AirPath | None
    captured_at: datetime
    source: str

    def __post_init__(self) -> None:
        counts = owned("counts", self.counts, shape=(None, None), dtype=np.uint16, take_over=True)
        object.__setattr__(self, "counts", counts)
        if self.captured_at.tzinfo is None:
            raise ValueError("captured_at: expected a time with a time zone, got a naive one")


class NoReading(StrEnum):
    """Why there is no reading. Each has a plain instruction for the person; none of them means "normal"."""

    NO_THERMAL_CAMERA = "no_thermal_camera"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_FAR = "too_far"
    TURNED_AWAY = "turned_away"
    BLURRED = "blurred"
    GLASSES = "glasses"
    JUST_COME_IN = "just_come_in"
    LEFT_RIGHT_DISAGREE = "left_right_disagree"
    OUT_OF_RANGE = "out_of_range"
    BLACKBODY_INVALID = "blackbody_invalid"
    WARMING_UP = "warming_up"
    SHUTTER = "shutter"
    NOT_REGISTERED = "not_registered"
    TOO_FEW_FRAMES = "too_few_frames"
    BASELINE_NOT_READY = "baseline_not_ready"
    ROOM_OUT_OF_RANGE = "room_out_of_range"


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinMeasured:
    """A temperature of the inner corners of the eyes.

    Attributes:
        canthus_c: the warmer of the two eyes, °C, blackbody-corrected when there is one.
        right_c, left_c: the subject's right and left eye, °C.
        uncertainty_k: expanded uncertainty (k = 2) of ``canthus_c``.
        n_frames: frames fused.
        relative: True when no reference source stood behind it, so only differences between people count.
    """

    canthus_c: float
    right_c: float
    left_c: float
    uncertainty_k: float
    n_frames: int
    relative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasured:
    """No reading, and why."""

    reason: NoReading


SkinReading = SkinMeasured | NotMeasured


class TemperatureOutcome(StrEnum):
    """What a reading means to a door's rule. None of them is a diagnosis."""

    BELOW = "below"
    REPEAT = "repeat"
    ABOVE = "above"
    NO_READING = "no_reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureSeen:
    """The outcome of a measurement, without its value: all that leaves the room it was measured in.

    Attributes:
        outcome: where the reading lay.
        reason: why there was no reading; None when there was one.
    """

    outcome: TemperatureOutcome
    reason: NoReading | None = None

    def __post_init__(self) -> None:
        if (self.outcome is TemperatureOutcome.NO_READING) != (self.reason is not None):
            raise ValueError("reason: expected one when there is no reading, and only then")


class SetupAlarm(StrEnum):
    """What a site should look at; none of it is about a person."""

    NO_CAMERA = "no_camera"
    BLACKBODY = "blackbody"
    DRIFT = "drift"
