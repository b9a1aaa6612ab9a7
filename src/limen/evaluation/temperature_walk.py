"""A few simulated visitors before a thermal camera, for the demo: what is measured, what the door makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from limen.core.thermal import SkinReading, TemperatureSeen
from limen.door.temperature import DEFAULT_THRESHOLD, Baseline, outcome
from limen.door.temperature_words import instruction
from limen.thermal.blackbody import BlackbodySetting
from limen.thermal.picture import thermal_picture
from limen.thermal.radiometry import celsius
from limen.thermal.simulated_face import SimulatedPerson, draw_person
from limen.thermal.simulator import BLACKBODY, SimulatedCamera, Stance
from limen.thermal.thermometer import SeenFace, ThermalCamera, Visitor

__all__ = ["TemperatureVisit", "temperature_walk"]

_ROOM_C = 24.0
_SEED = 11
_FRAMES, _BETWEEN, _WARM = 9, timedelta(seconds=1 / 9), timedelta(hours=1)
_NEAR = Stance(distance_m=0.55)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TemperatureVisit:
    """One simulated visitor.

    Attributes:
        title: who comes.
        oral_c: true oral temperature, which only a simulator knows.
        reading: what was measured; shown in the demo, kept nowhere at a door.
        seen: the outcome, which is all the door's rules learn.
        told: what the person is told; None when there is nothing to do.
        picture: uint8 (h, w, 3) BGR, the thermal frame with a colour bar.
    """

    title: str
    oral_c: float
    reading: SkinReading
    seen: TemperatureSeen
    told: str | None
    picture: NDArray[np.uint8] = field(repr=False)


def temperature_walk() -> tuple[TemperatureVisit, ...]:
    """Let six people stand before a simulated camera with a blackbody, one after another."""
    rng = np.random.default_rng(_SEED)
    camera = SimulatedCamera(rng, room_c=_ROOM_C, drift_k=0.4)
    usual, near = draw_person(rng, room_c=_ROOM_C), draw_person(rng, room_c=_ROOM_C, febrile=True)
    warm = replace(near, oral_c=near.oral_c + 1.0, right_c=near.right_c + 0.7, left_c=near.left_c + 0.7)
    return tuple(
        _visit(camera, title, person=person, stance=stance)
        for title, person, stance in (
            ("at work for an hour", usual, _NEAR),
            ("close to the limit", near, _NEAR),
            ("warmer", warm, _NEAR),
            ("with glasses", replace(usual, glasses=True), _NEAR),
            ("just in from the cold", replace(usual, chill_k=8.0, minutes_in=1.0), _NEAR),
            ("too far away", usual, replace(_NEAR, distance_m=1.1)),
        )
    )


def _visit(camera: SimulatedCamera, title: str, *, person: SimulatedPerson, stance: Stance) -> TemperatureVisit:
    setting = BlackbodySetting(
        centre_px=BLACKBODY.centre_px,
        radius_px=BLACKBODY.radius_px,
        set_c=BLACKBODY.set_c,
        emissivity=BLACKBODY.emissivity,
    )
    first = camera.pair(None)
    thermal = ThermalCamera(rig=camera.rig, blackbody=setting, switched_on_at=first.raw.captured_at - _WARM)
    visitor = Visitor(thermal.gates, relative=thermal.relative)
    pair = first
    for _ in range(_FRAMES):
        pair = camera.pair(person, stance, after=_BETWEEN)
        face = SeenFace(landmarks=pair.landmarks, yaw_deg=stance.yaw_deg, pitch_deg=stance.pitch_deg)
        look = thermal.look(thermal.take(pair.raw, room_c=_ROOM_C), face, n_faces=1)
        visitor.add(look, at=pair.raw.captured_at)
    reading = visitor.reading(room_c=_ROOM_C)
    seen = outcome(reading, DEFAULT_THRESHOLD, room_c=_ROOM_C, baseline=Baseline(), repeated=False)
    return TemperatureVisit(
        title=title,
        oral_c=person.oral_c,
        reading=reading,
        seen=seen,
        told=instruction(seen, language="en"),
        picture=thermal_picture(celsius(pair.raw)),
    )
