"""Frames of both cameras -> one reading per visitor, with its uncertainty, or why there is none.

1. Every frame shows the blackbody to its tracker, whether anybody stands there or not.
2. A frame counts for the visitor if no gate is shut for it; frames of the last second are averaged.
3. The reading is the warmer of the two inner corners of the eyes. ``next_visitor`` forgets everything but the camera's
   own state: no frame, patch or temperature of one visitor is there when the next one comes.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import numpy as np
from numpy.typing import NDArray

from limen.core.thermal import NoReading, NotMeasured, RawThermal, Scene, SkinMeasured, SkinReading
from limen.thermal.blackbody import BlackbodySetting, BlackbodyTracker
from limen.thermal.canthus import EyePatches, hottest, look
from limen.thermal.gates import Averaged, ThermalGates, frame_gate, person_gate
from limen.thermal.radiometry import SKIN_EMISSIVITY, celsius
from limen.thermal.registration import Rig, depth_from_eyes, to_thermal
from limen.thermal.uncertainty import expanded_k

__all__ = ["SeenFace", "SkinThermometer"]

_WINDOW = timedelta(seconds=1)
_EMPTY_DISTANCE_M, _DISTANCE_STEP_M = 0.6, 0.05
_USUAL_HUMIDITY = 0.4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenFace:
    """The face of the visitor in the colour image.

    Attributes:
        landmarks: float32 (5, 2), colour pixels, pupils first.
        yaw_deg, pitch_deg: of the head.
    """

    landmarks: NDArray[np.float32]
    yaw_deg: float
    pitch_deg: float


class SkinThermometer:
    """Measures one visitor after another.

    Args:
        rig: how the cameras stand to each other.
        blackbody: the reference source; None for readings that only compare people.
        gates: limits.
        switched_on_at: when the thermal camera was; it has to warm up.
    """

    def __init__(
        self,
        *,
        rig: Rig,
        blackbody: BlackbodySetting | None,
        gates: ThermalGates | None = None,
        switched_on_at: datetime,
    ) -> None:
        self._rig, self._gates = rig, gates or ThermalGates()
        self._tracker = None if blackbody is None else BlackbodyTracker(blackbody, seen_with=SKIN_EMISSIVITY)
        self._switched_on_at = switched_on_at
        self._looks: deque[tuple[datetime, EyePatches]] = deque()
        self._shut: Counter[NoReading] = Counter()

    def next_visitor(self) -> None:
        """Forget the visitor; the state of camera and blackbody stays."""
        self._looks.clear()
        self._shut.clear()

    def add(self, raw: RawThermal, face: SeenFace | None, *, room_c: float, n_faces: int) -> NoReading | None:
        """Take one more frame.

        Args:
            raw: of the thermal camera.
            face: of the colour image of the same moment; None if there is none.
            room_c: measured room temperature, °C.
            n_faces: in the colour image.

        Returns:
            Why the frame does not count for the visitor, or None.
        """
        distance = _EMPTY_DISTANCE_M
        if face is not None:
            distance = depth_from_eyes(face.landmarks, rig=self._rig, yaw_deg=face.yaw_deg)
        temperature_c = celsius(raw, scene=_skin_scene(room_c, distance))
        offset = self._offset(temperature_c, room_c=room_c, at=raw.captured_at)
        shut = offset if isinstance(offset, NoReading) else None
        if (raw.captured_at - self._switched_on_at).total_seconds() < self._gates.warm_up_s:
            shut = NoReading.WARMING_UP
        patches = None
        if face is not None:
            points = to_thermal(face.landmarks, rig=self._rig, depth_m=distance)
            corrected = temperature_c if isinstance(offset, NoReading) else temperature_c + np.float32(offset)
            patches = look(corrected, points, yaw_deg=face.yaw_deg, room_c=room_c)
        turn = 0.0 if face is None else max(abs(face.yaw_deg), abs(face.pitch_deg))
        shut = shut or frame_gate(patches, self._gates, room_c=room_c, turn_deg=turn, n_faces=n_faces)
        if shut is None and patches is not None:
            self._looks.append((raw.captured_at, patches))
            while raw.captured_at - self._looks[0][0] > _WINDOW:
                self._looks.popleft()
        elif shut is not None:
            self._shut[shut] += 1
        return shut

    def reading(self, *, room_c: float) -> SkinReading:
        """What the frames so far say.

        Args:
            room_c: measured room temperature, °C.
        """
        looks = [patches for _, patches in self._looks]
        if len(looks) < self._gates.least_frames:
            usual = self._shut.most_common(1)
            return NotMeasured(reason=usual[0][0] if usual else NoReading.TOO_FEW_FRAMES)
        scale = median(patches.mm_per_px for patches in looks)
        (right, right_around), (left, left_around) = (
            hottest(np.mean(patches, axis=0, dtype=np.float32), scale_mm_per_px=scale, room_c=room_c)
            for patches in ([look.right for look in looks], [look.left for look in looks])
        )
        seen = Averaged(
            right_c=right,
            left_c=left,
            around_c=(right_around + left_around) / 2.0,
            forehead_c=median(look.forehead_c for look in looks),
        )
        shut = person_gate(seen, self._gates, room_c=room_c)
        if shut is not None:
            return NotMeasured(reason=shut)
        blackbody = self._tracker is not None
        return SkinMeasured(
            canthus_c=max(right, left),
            right_c=right,
            left_c=left,
            uncertainty_k=expanded_k(n_frames=len(looks), mm_per_px=scale, blackbody=blackbody),
            n_frames=len(looks),
            relative=not blackbody,
        )

    def _offset(self, temperature_c: NDArray[np.float32], *, room_c: float, at: datetime) -> float | NoReading:
        if self._tracker is None:
            return 0.0
        self._tracker.add(temperature_c, room_c=room_c, at=at)
        return self._tracker.offset_k(at=at)


def _skin_scene(room_c: float, distance_m: float) -> Scene:
    """What is true of a person in a room, whatever the camera was told."""
    return Scene(
        emissivity=SKIN_EMISSIVITY,
        distance_m=round(distance_m / _DISTANCE_STEP_M) * _DISTANCE_STEP_M,
        reflected_c=room_c,
        air_c=room_c,
        relative_humidity=_USUAL_HUMIDITY,
    )
