"""Facts about temperatures at a running door, with simulated people before simulated cameras."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from limen.core.face import Box, Face
from limen.core.frame import Frame, SourceKind
from limen.core.probe import Attack, Live, Undetermined
from limen.core.quality import NotAssessed, Pose
from limen.core.thermal import (
    NoReading,
    SetupAlarm,
    SkinMeasured,
    SkinReading,
    TemperatureOutcome,
    TemperatureSeen,
)
from limen.thermal.feed import ThermalFeed
from limen.thermal.simulated_face import SimulatedPerson, draw_person
from limen.thermal.simulator import SimulatedPair, Stance
from limen.thermal.visitors import TrackThermometer
from support.clock import FakeClock
from support.thermal import ThermalSite
from support.thermal_camera import HandFedThermal

_BETWEEN, _SLOW = timedelta(seconds=1 / 9), timedelta(seconds=0.5)
_NEAR = Stance(distance_m=0.55)
_AHEAD = Pose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0)
_BELOW, _REPEAT, _ABOVE = (
    TemperatureSeen(outcome=outcome)
    for outcome in (TemperatureOutcome.BELOW, TemperatureOutcome.REPEAT, TemperatureOutcome.ABOVE)
)


class _Judge:
    """Answers what a test says, and keeps what it was asked."""

    def __init__(self, *answers: TemperatureSeen) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[SkinMeasured, bool]] = []
        self.drifted = False

    def judge(self, reading: SkinReading, *, room_c: float | None, repeated: bool) -> TemperatureSeen:
        assert isinstance(reading, SkinMeasured)
        assert room_c == 24.0
        self.asked.append((reading, repeated))
        return self._answers.pop(0)


class _Door:
    """A thermometer, and its cameras."""

    def __init__(self, judge: _Judge, source: HandFedThermal, *, blackbody: bool = True) -> None:
        self.site, self.source, self.judge = ThermalSite(blackbody=blackbody), source, judge
        feed = ThermalFeed(lambda: source, take=lambda raw: self.site.thermal.take(raw, room_c=24.0), clock=FakeClock())
        self.thermometer = TrackThermometer(
            camera=self.site.thermal, feed=feed, judge=judge, pose=lambda _: _AHEAD, room_c=lambda: 24.0
        )

    def pair(
        self, person: SimulatedPerson | None, stance: Stance = _NEAR, *, given: bool = True, every: timedelta = _BETWEEN
    ) -> SimulatedPair:
        """The next pair of frames; the thermal one goes to the camera."""
        pair = self.site.camera.pair(person, stance, after=every)
        if given:
            self.source.give(pair.raw)
        return pair

    def stand(
        self,
        person: SimulatedPerson,
        *tracks: int,
        frames: int = 9,
        stance: Stance = _NEAR,
        given: bool = True,
        every: timedelta = _BETWEEN,
    ) -> None:
        """Let somebody stand there, as one track or, for a crowd, as several."""
        for _ in range(frames):
            pair = self.pair(person, stance, given=given, every=every)
            self.thermometer.see(_frame(pair), {track: _face(pair) for track in tracks})


@contextmanager
def _door(*answers: TemperatureSeen, blackbody: bool = True) -> Iterator[_Door]:
    source = HandFedThermal()
    door = _Door(_Judge(*answers), source, blackbody=blackbody)
    try:
        yield door
    finally:
        source.close()
        door.thermometer.close()


def _frame(pair: SimulatedPair) -> Frame:
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    return Frame(pixels=pixels, captured_at=pair.raw.captured_at, source="test", kind=SourceKind.BUNDLED)


def _face(pair: SimulatedPair) -> Face:
    return Face(box=Box(x_px=0.0, y_px=0.0, width_px=9.0, height_px=9.0), landmarks=pair.landmarks, confidence=1.0)


def _person(*, glasses: bool = False) -> SimulatedPerson:
    return draw_person(np.random.default_rng(3), room_c=24.0, glasses=glasses)


def test_somebody_who_stands_there_for_a_second_is_measured_once() -> None:
    """Before that there is no outcome; then one, which stays, and the judge is not asked again."""
    with _door(_BELOW) as door:
        door.stand(_person(), 7, frames=7)
        assert isinstance(door.thermometer.outcome(7), NotAssessed)
        door.stand(_person(), 7, frames=12)
        assert door.thermometer.outcome(7) == _BELOW
        assert [repeated for _, repeated in door.judge.asked] == [False]


def test_a_colour_camera_that_is_faster_sees_each_thermal_frame_once() -> None:
    """One thermal frame before eight colour frames is one look, not eight."""
    with _door() as door:
        pair = door.pair(_person())
        for _ in range(8):
            door.thermometer.see(_frame(pair), {1: _face(pair)})
        assert isinstance(door.thermometer.outcome(1), NotAssessed)


def test_in_the_grey_zone_a_second_reading_follows_after_a_pause() -> None:
    """It is made of other frames, it is the last one, and until then the answer is to look again."""
    with _door(_REPEAT, _ABOVE) as door:
        door.stand(_person(), 1)
        assert door.thermometer.outcome(1) == _REPEAT
        door.stand(_person(), 1, frames=26)
        assert (door.thermometer.outcome(1), len(door.judge.asked)) == (_REPEAT, 1)
        door.stand(_person(), 1, frames=20)
        assert door.thermometer.outcome(1) == _ABOVE
        assert [repeated for _, repeated in door.judge.asked] == [False, True]


@pytest.mark.parametrize(
    ("reason", "person", "stance"),
    [
        (NoReading.GLASSES, _person(glasses=True), _NEAR),
        (NoReading.TOO_FAR, _person(), replace(_NEAR, distance_m=1.2)),
        (NoReading.JUST_COME_IN, replace(_person(), chill_k=8.0, minutes_in=1.0), _NEAR),
    ],
)
def test_what_keeps_a_reading_from_being_made_is_told_in_time(
    reason: NoReading, *, person: SimulatedPerson, stance: Stance
) -> None:
    """After four seconds without one there is an answer, and it is measured at once when the reason has gone."""
    with _door(_BELOW) as door:
        door.stand(person, 1, stance=stance, frames=6)
        assert isinstance(door.thermometer.outcome(1), NotAssessed)
        door.stand(person, 1, stance=stance, frames=24, every=timedelta(seconds=0.17))
        assert door.thermometer.outcome(1) == TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=reason)
        door.stand(_person(), 1, frames=14)
        assert door.thermometer.outcome(1) == _BELOW


def test_two_at_once_are_not_measured() -> None:
    """With two in the zone nobody has a reading; the one who stays alone has."""
    with _door(_BELOW) as door:
        door.stand(_person(), 1, 2, frames=9, every=_SLOW)
        for track in (1, 2):
            seen = door.thermometer.outcome(track)
            assert seen == TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=NoReading.SEVERAL_FACES)
        door.stand(_person(), 2, frames=14)
        assert door.thermometer.outcome(2) == _BELOW


def test_a_forgotten_track_begins_anew() -> None:
    """Nothing of a visitor is there after the track has ended, and an unknown one can be forgotten."""
    with _door(_ABOVE, _BELOW) as door:
        door.stand(_person(), 1)
        assert door.thermometer.outcome(1) == _ABOVE
        for _ in range(2):
            door.thermometer.forget(1)
        assert isinstance(door.thermometer.outcome(1), NotAssessed)
        assert isinstance(door.thermometer.liveness(1), Undetermined)
        door.stand(_person(), 1)
        assert door.thermometer.outcome(1) == _BELOW


def test_an_old_thermal_frame_is_none() -> None:
    """A camera that has stopped giving frames is no camera: for the visitor soon, for the site after ten seconds."""
    with _door() as door:
        door.pair(_person())
        door.stand(_person(), 1, frames=10, given=False, every=_SLOW)
        expected = TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=NoReading.NO_THERMAL_CAMERA)
        assert door.thermometer.outcome(1) == expected
        assert door.thermometer.alarm() is None
        door.stand(_person(), 1, frames=16, given=False, every=_SLOW)
        assert door.thermometer.alarm() is SetupAlarm.NO_CAMERA


def test_the_site_is_told_what_to_look_at() -> None:
    """Nothing while all is well; the blackbody when it is far off for long; drift when people read differently."""
    with _door() as door:
        door.stand(_person(), frames=5)
        assert door.thermometer.alarm() is None
        door.judge.drifted = True
        assert door.thermometer.alarm() is SetupAlarm.DRIFT
        door.site.camera.drift_by(5.0)
        door.stand(_person(), frames=30, every=_SLOW)
        assert door.thermometer.alarm() is SetupAlarm.BLACKBODY


def test_heat_tells_a_face_from_a_print() -> None:
    """A person who stands there is live; something flat at room temperature, where a face is seen, is not."""
    with _door(_BELOW) as door:
        door.stand(_person(), 1)
        assert door.thermometer.liveness(1) == Live()
        empty, pair = [door.pair(None) for _ in range(6)], door.site.camera.pair(_person(), _NEAR)
        for one in empty:
            door.source.give(one.raw)
            door.thermometer.see(_frame(one), {2: _face(pair)})
        assert isinstance(door.thermometer.liveness(2), Attack)


def test_no_value_of_a_visitor_can_be_read_out() -> None:
    """After the outcome the thermometer holds neither the temperature nor the pictures it was made of."""
    with _door(_ABOVE) as door:
        door.stand(_person(), 1)
        (reading, _), held = door.judge.asked[0], repr(door.thermometer.__dict__)
        assert f"{reading.canthus_c:.2f}"[:5] not in held
        assert "EyePatches" not in held
