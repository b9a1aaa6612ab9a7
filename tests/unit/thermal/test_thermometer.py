"""Facts about readings, on simulated people with a known truth."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from limen.core.probe import Attack, Live, Undetermined
from limen.core.thermal import NoReading, NotMeasured, SkinMeasured
from limen.thermal.canthus import look
from limen.thermal.gates import ThermalGates
from limen.thermal.liveness import ThermalSigns, thermal_liveness, thermal_signs
from limen.thermal.radiometry import celsius
from limen.thermal.registration import depth_from_eyes, inner_corners, to_thermal
from limen.thermal.simulated_face import SimulatedPerson, draw_person
from limen.thermal.simulator import SimulatedPair, Stance
from limen.thermal.thermometer import Look, Visitor
from support.thermal import AT, ThermalSite

_NEAR = Stance(distance_m=0.55)


def _person(seed: int = 3, *, febrile: bool = False, glasses: bool = False) -> SimulatedPerson:
    return draw_person(np.random.default_rng(seed), room_c=24.0, febrile=febrile, glasses=glasses)


@pytest.mark.parametrize("drift_k", [0.0, 0.6, -0.6])
@pytest.mark.parametrize("febrile", [False, True])
def test_a_reading_is_near_the_truth_whatever_the_camera_drifts(drift_k: float, *, febrile: bool) -> None:
    """With a blackbody the warmer corner is read to within the stated uncertainty, a little low as spots are small."""
    person = _person(febrile=febrile)
    reading = ThermalSite(drift_k=drift_k).measure(person, _NEAR)
    assert isinstance(reading, SkinMeasured)
    assert not reading.relative
    assert -reading.uncertainty_k - 0.15 < reading.canthus_c - person.canthus_c < reading.uncertainty_k
    assert reading.canthus_c == max(reading.right_c, reading.left_c)
    assert abs(reading.right_c - reading.left_c - (person.right_c - person.left_c)) < 0.25


def test_without_a_blackbody_a_reading_is_relative() -> None:
    """It carries the camera's drift, says so, and states an uncertainty that covers it."""
    person = _person()
    reading = ThermalSite(blackbody=False, drift_k=0.8).measure(person, _NEAR)
    assert isinstance(reading, SkinMeasured)
    assert reading.relative
    assert 0.4 < reading.canthus_c - person.canthus_c < reading.uncertainty_k


@pytest.mark.parametrize(
    ("reason", "person", "stance"),
    [
        (NoReading.GLASSES, _person(glasses=True), _NEAR),
        (NoReading.TOO_FAR, _person(), Stance(distance_m=1.2)),
        (NoReading.BLURRED, _person(), Stance(distance_m=0.55, defocus_px=5.0)),
        (NoReading.TURNED_AWAY, _person(), Stance(distance_m=0.55, yaw_deg=25.0)),
        (NoReading.TURNED_AWAY, _person(), Stance(distance_m=0.55, pitch_deg=-20.0)),
        (NoReading.JUST_COME_IN, replace(_person(), chill_k=8.0, minutes_in=1.0), _NEAR),
        (NoReading.LEFT_RIGHT_DISAGREE, replace(_person(), right_c=37.0, left_c=35.6, around_c=35.2), _NEAR),
        (NoReading.NO_FACE, None, _NEAR),
        (NoReading.NO_FACE, _person(), Stance(distance_m=0.55, aside_m=0.4)),
    ],
)
def test_a_shut_gate_gives_its_reason(reason: NoReading, *, person: SimulatedPerson | None, stance: Stance) -> None:
    """Each thing that spoils a reading is recognised, and never becomes a temperature."""
    n_faces = 0 if person is None else 1
    assert ThermalSite().measure(person, stance, n_faces=n_faces) == NotMeasured(reason=reason)


def test_two_people_at_once_are_not_measured() -> None:
    """With several faces nobody knows whose temperature it would be."""
    reading = ThermalSite().measure(_person(), _NEAR, n_faces=2)
    assert reading == NotMeasured(reason=NoReading.SEVERAL_FACES)


def test_a_cold_camera_is_not_believed() -> None:
    """Half an hour after switching on there are readings, a minute after there are none."""
    assert ThermalSite(up=60.0).measure(_person(), _NEAR) == NotMeasured(reason=NoReading.WARMING_UP)


def test_a_few_frames_are_too_few() -> None:
    """Less than eight frames are no reading; the frames of an earlier visitor do not count."""
    site = ThermalSite()
    assert isinstance(site.measure(_person(), _NEAR), SkinMeasured)
    assert site.measure(_person(), _NEAR, frames=3) == NotMeasured(reason=NoReading.TOO_FEW_FRAMES)


def test_a_camera_that_is_far_off_is_not_corrected() -> None:
    """An offset of more than two degrees is a fault and no offset."""
    reading = ThermalSite(drift_k=2.6).measure(_person(), _NEAR)
    assert reading == NotMeasured(reason=NoReading.BLACKBODY_INVALID)


def test_nothing_of_a_visitor_stays() -> None:
    """A visitor that was forgotten has left no look behind."""
    visitor = Visitor(ThermalGates(), relative=False)
    visitor.add(Look(shut=NoReading.TOO_FAR, patches=None), at=AT)
    visitor.forget()
    assert visitor.reading(room_c=24.0) == NotMeasured(reason=NoReading.TOO_FEW_FRAMES)


@pytest.mark.parametrize("later", [2.0, -3600.0])
def test_only_the_last_moments_count(later: float) -> None:
    """What was in the way two seconds ago, or before the clock jumped back, is not what is in the way now."""
    visitor = Visitor(ThermalGates(), relative=False)
    for _ in range(9):
        visitor.add(Look(shut=NoReading.TOO_FAR, patches=None), at=AT)
    visitor.add(Look(shut=NoReading.GLASSES, patches=None), at=AT + timedelta(seconds=later))
    assert visitor.reading(room_c=24.0) == NotMeasured(reason=NoReading.GLASSES)


@pytest.mark.parametrize("distance_m", [0.5, 0.6, 0.8, 1.2, 2.0])
def test_corners_are_found_where_they_are(distance_m: float) -> None:
    """Over the distances of a door both corners are found to within two thermal pixels."""
    site = ThermalSite(seed=7)
    for seed in range(6):
        stance = Stance(distance_m=distance_m, yaw_deg=float(site.rng.uniform(-10, 10)))
        pair = site.camera.pair(_person(seed), stance, after=timedelta(seconds=1))
        seen = look(celsius(pair.raw), _thermal_points(site, pair, stance), yaw_deg=stance.yaw_deg, room_c=24.0)
        assert seen is not None
        assert np.linalg.norm(seen.corners_px - pair.truth.corners_px, axis=1).max() <= 2.0


def test_a_living_face_is_warm_where_it_should_be() -> None:
    """Of a person the signs say live; of a flat print at room temperature attack; in a hot room nothing."""
    site = ThermalSite()
    pair = site.camera.pair(_person(), _NEAR, after=timedelta(seconds=1))
    points = _thermal_points(site, pair, _NEAR)
    person = look(celsius(pair.raw), points, yaw_deg=0.0, room_c=24.0)
    flat = look(np.full((240, 320), 24.5, dtype=np.float32), points, yaw_deg=0.0, room_c=24.0)
    assert person is not None
    assert flat is not None
    assert thermal_liveness(thermal_signs(person, room_c=24.0), room_c=24.0) == Live()
    assert isinstance(thermal_liveness(thermal_signs(flat, room_c=24.0), room_c=24.0), Attack)
    assert isinstance(thermal_liveness(thermal_signs(person, room_c=31.0), room_c=31.0), Undetermined)


def test_somebody_who_comes_in_from_the_cold_is_no_attack() -> None:
    """Chilled skin is colder than a face should be, but it is not flat, and so nothing is claimed."""
    assert thermal_liveness(ThermalSigns(above_room_k=5.0, above_around_k=1.0, agrees=True), room_c=24.0) == (
        Undetermined(reason="colder than a face, but not flat: somebody may just have come in")
    )
    assert isinstance(
        thermal_liveness(ThermalSigns(above_room_k=5.0, above_around_k=0.1, agrees=True), room_c=24.0), Attack
    )


def test_a_warm_even_screen_is_not_live() -> None:
    """A surface as warm as skin without the pattern of eyes is not taken for a person."""
    site = ThermalSite()
    pair = site.camera.pair(_person(), _NEAR, after=timedelta(seconds=1))
    screen = (35.0 + site.rng.normal(0.0, 0.02, (240, 320))).astype(np.float32)
    seen = look(screen, _thermal_points(site, pair, _NEAR), yaw_deg=0.0, room_c=24.0)
    assert seen is not None
    assert isinstance(thermal_liveness(thermal_signs(seen, room_c=24.0), room_c=24.0), Undetermined)


def test_the_same_seed_draws_the_same_frames() -> None:
    """A simulated frame can be made again to the last count."""
    first, second = (ThermalSite(seed=5).camera.pair(_person(), _NEAR) for _ in range(2))
    np.testing.assert_array_equal(first.raw.counts, second.raw.counts)
    np.testing.assert_array_equal(first.landmarks, second.landmarks)
    assert first.raw.captured_at == AT


def test_inner_corners_lie_between_the_pupils() -> None:
    """Half as far apart as the pupils, in their order, a little lower."""
    landmarks = np.array([[0, 0], [63, 0], [31, 38], [10, 70], [52, 70]], dtype=np.float64)
    np.testing.assert_allclose(inner_corners(landmarks), [[15.5, 1.5], [47.5, 1.5]])


def _thermal_points(site: ThermalSite, pair: SimulatedPair, stance: Stance) -> np.ndarray:
    depth = depth_from_eyes(pair.landmarks, rig=site.camera.rig, yaw_deg=stance.yaw_deg)
    return to_thermal(pair.landmarks, rig=site.camera.rig, depth_m=depth)
