"""Simulated people before a simulated thermal camera, and how long each thermal frame takes: everything that is done.

Temperatures, blackbody, registration, search, gates and the reading so far are in it; drawing the simulated frame is
not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from limen.core.thermal import SkinReading
from limen.thermal.blackbody import BlackbodySetting
from limen.thermal.simulated_face import SimulatedPerson, draw_person
from limen.thermal.simulator import BLACKBODY, SimulatedCamera, Stance
from limen.thermal.thermometer import SeenFace, ThermalCamera, Visitor

__all__ = ["SETTING", "ThermalTimes", "thermal_frame_ms", "watch"]

SETTING = BlackbodySetting(
    centre_px=BLACKBODY.centre_px,
    radius_px=BLACKBODY.radius_px,
    set_c=BLACKBODY.set_c,
    emissivity=BLACKBODY.emissivity,
)
_FRAMES, _BETWEEN, _BETWEEN_PEOPLE = 9, timedelta(seconds=1 / 9), timedelta(seconds=20)
_WARM = timedelta(hours=1)
_ROOM_C = 24.0
_NEAR = Stance(distance_m=0.55)


@dataclass(slots=True)
class ThermalTimes:
    """Milliseconds of every frame so far: on the clock, and of the thread's processor time."""

    clock_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


def watch(
    camera: SimulatedCamera,
    thermal: ThermalCamera,
    person: SimulatedPerson,
    *,
    stance: Stance,
    room_c: float,
    times: ThermalTimes,
) -> SkinReading:
    """Let somebody stand there for a second; the reading, and what each frame took."""
    visitor = Visitor(thermal.gates, relative=thermal.relative)
    camera.pair(None, after=_BETWEEN_PEOPLE)
    reading = visitor.reading(room_c=room_c)
    for _ in range(_FRAMES):
        pair = camera.pair(person, stance, after=_BETWEEN)
        face = SeenFace(landmarks=pair.landmarks, yaw_deg=stance.yaw_deg, pitch_deg=stance.pitch_deg)
        started, cpu = time.perf_counter(), time.thread_time()
        view = thermal.take(pair.raw, room_c=room_c)
        visitor.add(thermal.look(view, face, n_faces=1), at=pair.raw.captured_at)
        reading = visitor.reading(room_c=room_c)
        times.clock_ms.append(1000.0 * (time.perf_counter() - started))
        times.cpu_ms.append(1000.0 * (time.thread_time() - cpu))
    return reading


def thermal_frame_ms(*, people: int, seed: int) -> list[float]:
    """What a thermal frame costs a door, on the clock.

    Args:
        people: simulated visitors, nine frames each.
        seed: of everything drawn.
    """
    rng, times = np.random.default_rng(seed), ThermalTimes()
    camera = SimulatedCamera(rng, room_c=_ROOM_C)
    started_at = camera.pair(None).raw.captured_at - _WARM
    thermal = ThermalCamera(rig=camera.rig, blackbody=SETTING, switched_on_at=started_at)
    for _ in range(people):
        watch(camera, thermal, draw_person(rng, room_c=_ROOM_C), stance=_NEAR, room_c=_ROOM_C, times=times)
    return times.clock_ms
