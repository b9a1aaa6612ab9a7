"""The skin temperature of everybody who stands at a door, one track at a time, as outcomes without values.

Frames of the colour camera come in with the faces that take part; the newest thermal frame is looked at in each of
them, once per visitor. A temperature exists only between the frames it is made of and the judge that turns it into an
outcome: it is kept nowhere here, and a visitor's looks are dropped with the outcome or with the track.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.probe import Attack, Live, Liveness, Undetermined
from limen.core.quality import NotAssessed, Pose
from limen.core.thermal import (
    NoReading,
    NotMeasured,
    RawThermal,
    SetupAlarm,
    SkinReading,
    TemperatureOutcome,
    TemperatureSeen,
)
from limen.thermal.feed import ThermalFeed
from limen.thermal.liveness import thermal_liveness, thermal_signs
from limen.thermal.thermometer import Look, SeenFace, ThermalCamera, ThermalView, Visitor

__all__ = ["Judge", "TrackThermometer"]

_FRESH = timedelta(seconds=0.3)
_PATIENCE = timedelta(seconds=4)
_ALARM_AFTER = timedelta(seconds=10)
_LEAST_LOOKS = 4
_LEAST_SHARE = 0.75


class Judge(Protocol):
    """Reading -> outcome, by a door's rule; it knows the people before."""

    def judge(self, reading: SkinReading, *, room_c: float | None, repeated: bool) -> TemperatureSeen:
        """What a reading means; called once for each reading."""

    @property
    def drifted(self) -> bool:
        """Whether people read so differently from the first ones that the setup should be checked."""


@dataclass(slots=True, kw_only=True)
class _Visit:
    """One track.

    Attributes:
        visitor: its looks.
        began_at: when measuring began, or begins again after the grey zone.
        now: the newest frame it was seen in.
        last: the thermal frame it was looked at in last.
        repeated: whether a first reading lay in the grey zone.
        settled: the outcome, once a reading decided it.
        reason: why there is none yet.
        signs: of a living person, of something flat, of neither.
    """

    visitor: Visitor
    began_at: datetime
    now: datetime
    last: RawThermal | None = None
    repeated: bool = False
    settled: TemperatureSeen | None = None
    reason: NoReading = NoReading.TOO_FEW_FRAMES
    signs: Counter[type[Liveness]] = field(default_factory=Counter)


class TrackThermometer:
    """Adapter of the port ``SkinThermometer``; for the thread of one door.

    Args:
        camera: thermal camera and rig.
        feed: its frames, taken by that camera.
        judge: of the door's rule.
        pose: float32 (5, 2) landmarks -> head pose.
        room_c: measured room temperature, °C; None when nothing measures it.
        repeat_after: pause before somebody in the grey zone is measured again.
    """

    def __init__(
        self,
        *,
        camera: ThermalCamera,
        feed: ThermalFeed,
        judge: Judge,
        pose: Callable[[NDArray[np.float32]], Pose],
        room_c: Callable[[], float | None],
        repeat_after: timedelta = timedelta(seconds=3),
    ) -> None:
        self._camera, self._feed, self._judge = camera, feed, judge
        self._pose, self._room_c, self._repeat_after = pose, room_c, repeat_after
        self._visits: dict[int, _Visit] = {}
        self._wrong: SetupAlarm | None = None
        self._wrong_since: datetime | None = None
        self._now: datetime | None = None

    def see(self, frame: Frame, faces: Mapping[int, Face]) -> None:
        """Look at everybody who takes part in a frame; see the port."""
        at = frame.captured_at
        view = self._feed.newest()
        if view is not None and abs(at - view.raw.captured_at) > _FRESH:
            view = None
        self._watch(view, at)
        for track, face in faces.items():
            visit = self._visits.get(track)
            if visit is None:
                visitor = Visitor(self._camera.gates, relative=self._camera.relative)
                visit = self._visits[track] = _Visit(visitor=visitor, began_at=at, now=at)
            visit.now = at
            if visit.settled is None and at >= visit.began_at:
                self._measure(visit, view, face, n_faces=len(faces))

    def outcome(self, track: int) -> TemperatureSeen | NotAssessed:
        """What is known of a track; see the port."""
        visit = self._visits.get(track)
        if visit is None:
            return NotAssessed(reason="not looked at")
        if visit.settled is not None:
            return visit.settled
        if visit.now - visit.began_at >= _PATIENCE:
            return TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=visit.reason)
        if visit.repeated:
            return TemperatureSeen(outcome=TemperatureOutcome.REPEAT)
        return NotAssessed(reason="still being measured")

    def liveness(self, track: int) -> Liveness:
        """What heat says about whether somebody is there; see the port."""
        visit = self._visits.get(track)
        signs: Counter[type[Liveness]] = Counter() if visit is None else visit.signs
        looks = signs.total()
        if looks >= _LEAST_LOOKS and signs[Attack] >= _LEAST_SHARE * looks:
            return Attack(species="thermal_flat")
        if looks >= _LEAST_LOOKS and signs[Live] >= _LEAST_SHARE * looks:
            return Live()
        return Undetermined(reason="too few thermal frames, or they disagree")

    def alarm(self) -> SetupAlarm | None:
        """What the site should look at; see the port."""
        if self._wrong is not None and self._lasts():
            return self._wrong
        return SetupAlarm.DRIFT if self._judge.drifted else None

    def forget(self, track: int) -> None:
        """Forget a track; see the port."""
        self._visits.pop(track, None)

    def close(self) -> None:
        """Forget everybody and let the camera go."""
        self._visits.clear()
        self._feed.close()

    def _measure(self, visit: _Visit, view: ThermalView | None, face: Face, *, n_faces: int) -> None:
        if view is None:
            visit.reason = NoReading.NO_THERMAL_CAMERA
            return
        if view.raw is visit.last:
            return
        visit.last = view.raw
        pose = self._pose(face.landmarks)
        seen = SeenFace(landmarks=face.landmarks, yaw_deg=pose.yaw_deg, pitch_deg=pose.pitch_deg)
        look = self._camera.look(view, seen, n_faces=n_faces)
        self._count_signs(visit, look, room_c=view.room_c)
        visit.visitor.add(look, at=view.raw.captured_at)
        self._judged(visit, visit.visitor.reading(room_c=view.room_c))

    def _judged(self, visit: _Visit, reading: SkinReading) -> None:
        if isinstance(reading, NotMeasured):
            visit.reason = reading.reason
            return
        visit.visitor.forget()
        seen = self._judge.judge(reading, room_c=self._room_c(), repeated=visit.repeated)
        if seen.outcome is TemperatureOutcome.REPEAT:
            visit.repeated, visit.reason = True, NoReading.TOO_FEW_FRAMES
            visit.began_at = visit.now + self._repeat_after
        else:
            visit.settled = seen

    def _count_signs(self, visit: _Visit, look: Look, *, room_c: float) -> None:
        """Frames that the eyes are seen in count; whether they are where they should be is one of the signs."""
        if look.patches is not None and look.shut in (None, NoReading.NOT_REGISTERED):
            signs = thermal_signs(look.patches, room_c=room_c)
            visit.signs[type(thermal_liveness(signs, room_c=room_c))] += 1

    def _watch(self, view: ThermalView | None, at: datetime) -> None:
        """Note since when something is wrong with the camera or its blackbody."""
        wrong = None
        if view is None:
            wrong = SetupAlarm.NO_CAMERA
        elif view.offset_k is NoReading.BLACKBODY_INVALID:
            wrong = SetupAlarm.BLACKBODY
        self._now = at
        if wrong is not self._wrong:
            self._wrong, self._wrong_since = wrong, at

    def _lasts(self) -> bool:
        """Whether it has been wrong for longer than somebody stands in the way."""
        return self._now is not None and self._wrong_since is not None and self._now - self._wrong_since >= _ALARM_AFTER
