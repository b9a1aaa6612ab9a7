"""Frames of both cameras -> one reading per visitor, with its uncertainty, or why there is none.

1. ``ThermalCamera`` shows every frame to the blackbody's tracker, whether anybody stands there or not.
2. It looks at one face in one frame: patches around the eyes, or why the frame does not count for that visitor.
3. ``Visitor`` keeps the looks of the last moments and averages them. The reading is the warmer of the two inner corners
   of the eyes. What one visitor left is never there for the next: each has a ``Visitor`` of their own.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
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

__all__ = ["Look", "SeenFace", "ThermalCamera", "ThermalView", "Visitor"]

_BLACKBODY_DISTANCE_M, _DISTANCE_STEP_M = 0.6, 0.05
_USUAL_HUMIDITY, _USUAL_ROOM_C = 0.4, 24.0
_OFF_AFTER = timedelta(minutes=1)


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThermalView:
    """One thermal frame and the state of the camera at its moment.

    Attributes:
        raw: the frame.
        room_c: of the room, °C; the usual one where nothing measures it.
        offset_k: what to add to its temperatures, or why they cannot be believed.
    """

    raw: RawThermal
    room_c: float
    offset_k: float | NoReading


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """What one frame showed of one face.

    Attributes:
        shut: why the frame does not count for the visitor; None when it does.
        patches: around the eyes; None when they are not in the picture or were not looked at; ``shut`` says why.
    """

    shut: NoReading | None
    patches: EyePatches | None = field(repr=False)


class ThermalCamera:
    """A thermal camera fixed to a colour camera, and how far it can be believed just now.

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
        self.rig, self.gates, self.relative = rig, gates or ThermalGates(), blackbody is None
        self._tracker = None if blackbody is None else BlackbodyTracker(blackbody, seen_with=SKIN_EMISSIVITY)
        self._switched_on_at = switched_on_at
        self._last_at: datetime | None = None

    def take(self, raw: RawThermal, *, room_c: float | None) -> ThermalView:
        """Take the next frame, and look at the blackbody in it.

        A camera that gave no frame for a minute was off, and warms up again.

        Args:
            raw: of the thermal camera.
            room_c: measured room temperature, °C; None when nothing measures it.

        Raises:
            CaptureError: its counts are no temperatures.
        """
        if self._last_at is not None and raw.captured_at - self._last_at > _OFF_AFTER:
            self._switched_on_at = raw.captured_at
        self._last_at = raw.captured_at
        room_c = _USUAL_ROOM_C if room_c is None else room_c
        offset: float | NoReading = 0.0
        if self._tracker is not None:
            self._tracker.add(
                celsius(raw, scene=_skin_scene(room_c, _BLACKBODY_DISTANCE_M)), room_c=room_c, at=raw.captured_at
            )
            offset = self._tracker.offset_k(at=raw.captured_at)
        if (raw.captured_at - self._switched_on_at).total_seconds() < self.gates.warm_up_s:
            offset = NoReading.WARMING_UP
        return ThermalView(raw=raw, room_c=room_c, offset_k=offset)

    def look(self, view: ThermalView, face: SeenFace | None, *, n_faces: int) -> Look:
        """Look at a face in a frame.

        Args:
            view: as ``take`` gave it.
            face: of the colour image of the same moment; None if there is none.
            n_faces: in the colour image.

        Raises:
            CaptureError: the counts of the frame are no temperatures.
        """
        if isinstance(view.offset_k, NoReading):
            return Look(shut=view.offset_k, patches=None)
        patches, turn = None, 0.0
        if face is not None and n_faces == 1:
            distance = depth_from_eyes(face.landmarks, rig=self.rig, yaw_deg=face.yaw_deg)
            temperature_c = celsius(view.raw, scene=_skin_scene(view.room_c, distance)) + np.float32(view.offset_k)
            points = to_thermal(face.landmarks, rig=self.rig, depth_m=distance)
            patches = look(temperature_c, points, yaw_deg=face.yaw_deg, room_c=view.room_c)
            turn = max(abs(face.yaw_deg), abs(face.pitch_deg))
        shut = frame_gate(patches, self.gates, room_c=view.room_c, turn_deg=turn, n_faces=n_faces)
        return Look(shut=shut, patches=patches)


class Visitor:
    """What the last moments have shown of one visitor; memory only, gone with the visitor.

    Args:
        gates: limits, the length of those moments among them.
        relative: whether no blackbody stands behind the readings.
    """

    def __init__(self, gates: ThermalGates, *, relative: bool) -> None:
        self._gates, self._relative = gates, relative
        self._window = timedelta(seconds=gates.window_s)
        self._looks: deque[tuple[datetime, Look]] = deque()

    def add(self, seen: Look, *, at: datetime) -> None:
        """Take what one more frame showed.

        Args:
            seen: as ``ThermalCamera.look`` gave it.
            at: the frame's time.
        """
        self._looks.append((at, seen))
        while abs(at - self._looks[0][0]) > self._window:  # a clock that jumped back leaves nothing behind
            self._looks.popleft()

    def forget(self) -> None:
        """Forget all of it."""
        self._looks.clear()

    def reading(self, *, room_c: float) -> SkinReading:
        """What the frames so far say.

        Args:
            room_c: measured room temperature, °C.
        """
        looks = [look.patches for _, look in self._looks if look.shut is None and look.patches is not None]
        if len(looks) < self._gates.least_frames:
            shut = Counter(look.shut for _, look in self._looks if look.shut is not None)
            return NotMeasured(reason=shut.most_common(1)[0][0] if shut else NoReading.TOO_FEW_FRAMES)
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
        shut_for = person_gate(seen, self._gates, room_c=room_c)
        if shut_for is not None:
            return NotMeasured(reason=shut_for)
        return SkinMeasured(
            canthus_c=max(right, left),
            right_c=right,
            left_c=left,
            uncertainty_k=expanded_k(n_frames=len(looks), mm_per_px=scale, blackbody=not self._relative),
            n_frames=len(looks),
            relative=self._relative,
        )


def _skin_scene(room_c: float, distance_m: float) -> Scene:
    """What is true of a person in a room, whatever the camera was told."""
    return Scene(
        emissivity=SKIN_EMISSIVITY,
        distance_m=round(distance_m / _DISTANCE_STEP_M) * _DISTANCE_STEP_M,
        reflected_c=room_c,
        air_c=room_c,
        relative_humidity=_USUAL_HUMIDITY,
    )
