"""Why there is no reading. The first gate that is shut counts; a reading that passes none of them is never made.

Nothing here ever means that somebody is of a usual temperature: no reading is no reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from limen.core.thermal import NoReading
from limen.thermal.canthus import EyePatches

__all__ = ["Averaged", "ThermalGates", "frame_gate", "person_gate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalGates:
    """Limits of the gates; the defaults are those of the study (section 4, step 8).

    Attributes:
        least_eyes_px: between the pupils in the thermal image: about a millimetre a pixel.
        most_turn_deg: yaw or pitch.
        most_edge_px: width of the face's edge; more is out of focus or in motion.
        least_pupils_above_room_k: less on the eyes is glass in front of them.
        most_forehead_below_k: corner less forehead; more has just come in from the cold.
        most_around_below_k: corner less its surroundings; the same.
        most_apart_k: between the two eyes.
        above_room_k: (least, most) corner less room.
        warm_up_s: time after switching on.
        least_frames: to be averaged.
        window_s: time that they may be apart.
    """

    least_eyes_px: float = 54.0
    most_turn_deg: float = 15.0
    most_edge_px: float = 3.4
    least_pupils_above_room_k: float = 5.0
    most_forehead_below_k: float = 3.7
    most_around_below_k: float = 2.7
    most_apart_k: float = 0.8
    above_room_k: tuple[float, float] = (5.5, 17.0)
    warm_up_s: float = 1800.0
    least_frames: int = 8
    window_s: float = 1.5


def frame_gate(
    patches: EyePatches | None, gates: ThermalGates, *, room_c: float, turn_deg: float, n_faces: int
) -> NoReading | None:
    """Why one frame does not count, or None.

    Args:
        patches: what it shows; None when the eyes are not in the picture.
        gates: the limits.
        room_c: of the room, °C.
        turn_deg: the larger of yaw and pitch, without sign.
        n_faces: in the picture.
    """
    if n_faces != 1:
        return NoReading.SEVERAL_FACES if n_faces else NoReading.NO_FACE
    if patches is None:
        return NoReading.NO_FACE
    glass = patches.pupils_c < room_c + gates.least_pupils_above_room_k <= patches.forehead_c
    shut = (
        (turn_deg > gates.most_turn_deg, NoReading.TURNED_AWAY),
        (patches.eyes_px < gates.least_eyes_px, NoReading.TOO_FAR),
        (glass, NoReading.GLASSES),
        (patches.edge_px > gates.most_edge_px, NoReading.BLURRED),
        (not patches.found, NoReading.NOT_REGISTERED),
    )
    return next((why for is_shut, why in shut if is_shut), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Averaged:
    """What the averaged frames of a visitor show.

    Attributes:
        right_c, left_c: inner corners.
        around_c: the rings around them, mean of both.
        forehead_c: middle of the forehead.
    """

    right_c: float
    left_c: float
    around_c: float
    forehead_c: float


def person_gate(seen: Averaged, gates: ThermalGates, *, room_c: float) -> NoReading | None:
    """Why averaged frames give no reading, or None.

    Args:
        seen: what they show.
        gates: the limits.
        room_c: of the room, °C.
    """
    canthus = max(seen.right_c, seen.left_c)
    low, high = gates.above_room_k
    cold = (
        canthus - seen.forehead_c > gates.most_forehead_below_k or canthus - seen.around_c > gates.most_around_below_k
    )
    shut = (
        (not math.isfinite(seen.right_c + seen.left_c), NoReading.NOT_REGISTERED),
        (cold, NoReading.JUST_COME_IN),
        (abs(seen.right_c - seen.left_c) > gates.most_apart_k, NoReading.LEFT_RIGHT_DISAGREE),
        (not low <= canthus - room_c <= high, NoReading.OUT_OF_RANGE),
    )
    return next((why for is_shut, why in shut if is_shut), None)
