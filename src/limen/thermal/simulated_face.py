"""A face as an infrared camera sees it, drawn from a table's statistics: no picture of anybody is behind it.

Regions are those of the table the constants were fitted to (``benchmarks/fit_thermal_simulator.py``, 612 people); what
the table does not hold (nose, hair, eyes, shapes) follows published thermograms and is rougher.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["CORNERS_MM", "FACE_MM", "MM_PER_TEXEL", "PUPILS_MM", "SimulatedPerson", "draw_person", "face_texture"]

MM_PER_TEXEL = 0.5
FACE_MM = (-110.0, -130.0, 110.0, 190.0)
"""Left, top, right, bottom of the drawn plane; the origin lies between the pupils, x to the right, y down."""

PUPILS_MM = ((-31.5, 0.0), (31.5, 0.0))
CORNERS_MM = ((-16.0, 1.5), (16.0, 1.5))

_FEBRILE_C = 37.5
_ORAL = (36.885, 0.282)
_ORAL_FEBRILE = (38.138, 0.55)
_REGIONS = ("canthus", "around", "forehead", "mouth")
_AT_37 = np.array([35.616, 34.772, 34.404, 35.271])
_PER_ORAL = np.array([0.642, 0.859, 0.692, 0.948])
_PER_ROOM = np.array([0.091, 0.112, 0.146, 0.116])
_FEBRILE_MORE = np.array([0.37, 0.19, 0.0, -0.1])
_SD = np.array([0.324, 0.518, 0.613, 0.513])
_CORRELATION = np.array(
    [[1.0, 0.64, 0.42, 0.27], [0.64, 1.0, 0.47, 0.3], [0.42, 0.47, 1.0, 0.23], [0.27, 0.3, 0.23, 1.0]]
)
_LEFT_RIGHT_SD = 0.235
_OUTLINE_MM = ((0.0, 25.0), (76.0, 116.0))
_HAIRLINE_MM = -62.0
_COLD_MINUTES = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPerson:
    """One person's temperatures and what is worn.

    Attributes:
        oral_c: oral temperature.
        right_c, left_c: true peak at the inner corner of the subject's right and left eye.
        around_c, forehead_c, mouth_c: regions.
        eyes_mm: distance between the pupils.
        corner_mm: full width at half maximum of the warm spot.
        glasses: opaque in the infrared.
        mask: over nose and mouth.
        chill_k: how much colder the skin was on coming in.
        minutes_in: since then.
    """

    oral_c: float
    right_c: float
    left_c: float
    around_c: float
    forehead_c: float
    mouth_c: float
    eyes_mm: float
    corner_mm: float
    glasses: bool = False
    mask: bool = False
    chill_k: float = 0.0
    minutes_in: float = 60.0

    @property
    def canthus_c(self) -> float:
        """The warmer of the two."""
        return max(self.right_c, self.left_c)


def draw_person(
    rng: np.random.Generator, *, room_c: float, febrile: bool = False, glasses: bool = False, mask: bool = False
) -> SimulatedPerson:
    """Draw a person as the table's people vary.

    Args:
        rng: decides.
        room_c: of the room, °C.
        febrile: with an oral temperature of 37.5 °C or more.
        glasses: worn.
        mask: worn.
    """
    mean, sd = _ORAL_FEBRILE if febrile else _ORAL
    oral = float(rng.normal(mean, sd))
    oral = max(_FEBRILE_C, oral) if febrile else min(_FEBRILE_C - 0.01, oral)
    residual = rng.multivariate_normal(np.zeros(len(_REGIONS)), _CORRELATION * np.outer(_SD, _SD))
    warm = _AT_37 + _PER_ORAL * (oral - 37.0) + _PER_ROOM * (room_c - 24.0) + residual
    canthus, around, forehead, mouth = (float(value) for value in warm + (_FEBRILE_MORE if febrile else 0.0))
    canthus = max(canthus, around + 0.3)
    difference = float(rng.normal(0.0, _LEFT_RIGHT_SD))
    return SimulatedPerson(
        oral_c=oral,
        right_c=canthus - max(0.0, difference),
        left_c=canthus + min(0.0, difference),
        around_c=around,
        forehead_c=forehead,
        mouth_c=mouth,
        eyes_mm=float(np.clip(rng.normal(63.0, 3.6), 52.0, 75.0)),
        corner_mm=float(rng.uniform(5.0, 7.0)),
        glasses=glasses,
        mask=mask,
    )


@lru_cache(maxsize=4)
def face_texture(person: SimulatedPerson, *, room_c: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Temperatures of the face plane, and where there is a person at all.

    Returns:
        float32 (h, w), °C at ``MM_PER_TEXEL``; float32 (h, w), 0 to 1. Both are kept for the next frames: read-only.
    """
    left, top, right, bottom = FACE_MM
    x = np.arange(left, right, MM_PER_TEXEL, dtype=np.float32)[None, :]
    y = np.arange(top, bottom, MM_PER_TEXEL, dtype=np.float32)[:, None]
    size = person.eyes_mm / (PUPILS_MM[1][0] - PUPILS_MM[0][0])
    x, y = x / size, y / size
    cheek = person.around_c - 1.2
    column = np.interp(
        y[:, 0],
        [-60, -25, -8, 8, 40, 120],
        [person.forehead_c, person.forehead_c, *[person.around_c] * 2, cheek, cheek],
    )
    face = np.repeat(column[:, None], x.shape[1], axis=1).astype(np.float32)
    face -= 2.8 * _bump(x, y, at=(0.0, 36.0), spread=(10.0, 15.0))
    face += (person.mouth_c - cheek) * _bump(x, y, at=(0.0, 72.0), spread=(18.0, 6.0))
    for centre in PUPILS_MM:
        face -= 0.6 * _bump(x, y, at=centre, spread=(9.0, 5.0))
    if person.chill_k:
        face -= person.chill_k * math.exp(-person.minutes_in / _COLD_MINUTES)
    spread = person.corner_mm / (2.0 * math.sqrt(2.0 * math.log(2.0)))
    inward = person.chill_k * 0.35 * math.exp(-person.minutes_in / _COLD_MINUTES)
    for centre, peak in zip(CORNERS_MM, (person.right_c, person.left_c), strict=True):
        spot = _bump(x, y, at=centre, spread=(spread, spread))
        face += spot * (peak - inward - face)
    drawn = _worn(face, person, x=x, y=y, room_c=room_c), _outline(x, y)
    for array in drawn:
        array.setflags(write=False)
    return drawn


def _worn(
    face: NDArray[np.float32],
    person: SimulatedPerson,
    *,
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    room_c: float,
) -> NDArray[np.float32]:
    """Hair, glasses and mask over the skin."""
    hair = _step(_HAIRLINE_MM - y - 0.004 * x**2, 3.0)
    face += hair * ((room_c + person.forehead_c) / 2.0 - face)
    if person.mask:
        cloth = _step(y - 22.0 - 0.004 * x**2, 1.5)
        face += cloth * (0.6 * person.around_c + 0.4 * room_c - face)
    if person.glasses:
        for centre in PUPILS_MM:
            lens = _step(24.0 - np.hypot(x - centre[0], 1.15 * (y - centre[1] - 4.0)), 0.7)
            face += lens * (room_c + 2.0 - face)
    return face


def _outline(x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 on face, hair and neck."""
    (centre_x, centre_y), (half_x, half_y) = _OUTLINE_MM
    radius = np.hypot((x - centre_x) / half_x, (y - centre_y) / half_y)
    neck = _step(48.0 - np.abs(x), 1.0) * _step(y - 110.0, 1.0)
    return np.asarray(np.maximum(_step((1.0 - radius) * half_x, 1.0), neck), dtype=np.float32)


def _bump(
    x: NDArray[np.float32], y: NDArray[np.float32], *, at: tuple[float, float], spread: tuple[float, float]
) -> NDArray[np.float32]:
    across = np.exp(-(((x - at[0]) / spread[0]) ** 2) / 2.0)
    return np.asarray(across * np.exp(-(((y - at[1]) / spread[1]) ** 2) / 2.0), dtype=np.float32)


def _step(distance: NDArray[np.floating], softness: float) -> NDArray[np.float32]:
    """0 to 1 over twice the softness."""
    return np.asarray(np.clip(0.5 + distance / (2.0 * softness), 0.0, 1.0), dtype=np.float32)
