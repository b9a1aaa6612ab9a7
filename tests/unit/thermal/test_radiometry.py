"""Counts become the temperatures that the published model gives, and temperatures the counts they came from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limen.core.errors import CaptureError
from limen.core.thermal import LinearScale, PlanckScale, RadiometricScale, RawThermal, Scene
from limen.thermal.radiometry import DEFAULT_AIR_PATH, SKIN_EMISSIVITY, celsius, counts, signal, transmission
from support.clock import NOON

_PLANCK = PlanckScale(r1=17096.453125, r2=0.046582, b=1428.0, f=1.0, o=-267.0)
_LINEAR = LinearScale(kelvin_per_count=0.01)
_SCENE = Scene(emissivity=0.98, distance_m=1.0, reflected_c=23.0, air_c=22.0, relative_humidity=0.4)
_BEHIND_GLASS = replace(_SCENE, distance_m=3.0, window_c=30.0, window_transmission=0.8)
_SCALES = pytest.mark.parametrize("scale", [_PLANCK, _LINEAR], ids=["planck", "linear"])


def _raw(values: object, *, scale: RadiometricScale = _PLANCK, scene: Scene | None = None) -> RawThermal:
    table = np.atleast_2d(np.asarray(values, dtype=np.uint16))
    return RawThermal(counts=table, scale=scale, scene=scene, air_path=None, captured_at=NOON, source="camera")


def test_planck_constants_give_the_counts_written_down_by_hand() -> None:
    """At 36 °C: R1 / (R2 (exp(B/T) - F)) - O, worked out apart, and 55 counts more a degree up."""
    kelvin = 309.15
    by_hand = 17096.453125 / (0.046582 * (np.exp(1428.0 / kelvin) - 1.0)) + 267.0
    assert float(signal(_PLANCK, 36.0)) == pytest.approx(by_hand)
    assert float(signal(_PLANCK, 37.0) - signal(_PLANCK, 36.0)) == pytest.approx(55.0, abs=1.0)


def test_a_linear_scale_without_a_scene_is_read_off() -> None:
    """Hundredths of a kelvin are just that, and tenths from another zero too."""
    np.testing.assert_allclose(celsius(_raw([30915, 29315], scale=_LINEAR)), [[36.0, 20.0]], atol=1e-4)
    tenths = LinearScale(kelvin_per_count=0.1, kelvin_at_zero=273.15)
    np.testing.assert_allclose(celsius(_raw([360, 1], scale=tenths)), [[36.0, 0.1]], atol=1e-4)


@_SCALES
@pytest.mark.parametrize("scene", [None, _SCENE, _BEHIND_GLASS], ids=["none", "room", "window"])
def test_counts_and_temperatures_are_inverse(scale: RadiometricScale, scene: Scene | None) -> None:
    """A map of temperatures comes back through counts, to half a count."""
    temperatures = np.linspace(15.0, 45.0, 64).reshape(8, 8)
    seen = counts(temperatures, scale=scale, scene=scene, air_path=None)
    found = celsius(_raw(seen, scale=scale, scene=scene))
    assert found.dtype == np.float32
    assert seen.dtype == np.uint16
    np.testing.assert_allclose(found, temperatures, atol=0.02)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"emissivity": 0.97}, 0.13),
        ({"emissivity": 1.0}, -0.26),
        ({"reflected_c": 33.0}, -0.18),
        ({"distance_m": 4.0}, 0.1),
    ],
    ids=["emissivity", "emissivity of one", "reflected", "distance"],
)
def test_a_wrong_scene_costs_what_the_study_says(change: dict[str, float], expected: float) -> None:
    """At 36 °C: 0.13 K per 0.01 of emissivity, 0.26 K when left at one, 0.18 K per 10 K reflected, 0.1 K per 3 m."""
    raw = _raw(counts(np.array([[36.0]]), scale=_PLANCK, scene=_SCENE, air_path=None), scene=_SCENE)
    wrong = celsius(raw, scene=replace(_SCENE, **change))
    assert float(wrong[0, 0]) - 36.0 == pytest.approx(expected, abs=0.025)


def test_a_scene_given_stands_before_the_one_of_the_camera() -> None:
    """What the camera was told counts only where nobody says better."""
    told = replace(_SCENE, emissivity=0.5)
    raw = _raw([4000], scene=told)
    np.testing.assert_array_equal(celsius(raw, scene=_SCENE), celsius(_raw([4000], scene=_SCENE)))
    assert not np.array_equal(celsius(raw), celsius(raw, scene=_SCENE))


@pytest.mark.parametrize(
    ("distance_m", "air_c", "expected"), [(0.0, 20.0, 1.0), (1.0, 20.0, 0.99572), (20.0, 40.0, 0.96781)]
)
def test_the_air_lets_through_what_it_is_known_to(distance_m: float, air_c: float, expected: float) -> None:
    """Nothing is lost at no distance; at 1 m and 20 m the shares are those of two files decoded elsewhere."""
    found = transmission(DEFAULT_AIR_PATH, distance_m=distance_m, air_c=air_c, relative_humidity=0.5)
    assert found == pytest.approx(expected, abs=5e-6)


def test_the_air_takes_more_the_longer_the_way() -> None:
    """Transmission falls with the distance and stays between 0 and 1."""
    found = [transmission(DEFAULT_AIR_PATH, distance_m=d, air_c=24.0, relative_humidity=0.4) for d in (0.5, 1, 2, 4, 8)]
    assert found == sorted(found, reverse=True)
    assert 0.0 < found[-1] < found[0] < 1.0


def test_skin_is_nearly_black() -> None:
    """The emissivity of skin is 0.98."""
    assert SKIN_EMISSIVITY == 0.98


@_SCALES
def test_a_dead_pixel_has_no_temperature_and_the_others_have(scale: RadiometricScale) -> None:
    """A count that nothing can explain is NaN, not a guess, and spoils no other."""
    warm = int(counts(np.array([[36.0]]), scale=scale, scene=None, air_path=None)[0, 0])
    found = celsius(_raw([0, warm, warm], scale=scale))
    assert np.isnan(found[0, 0])
    np.testing.assert_allclose(found[0, 1:], 36.0, atol=0.02)


_SENSELESS: dict[str, tuple[RadiometricScale, Scene | None]] = {
    "no emissivity": (_PLANCK, replace(_SCENE, emissivity=0.0)),
    "emissivity above one": (_PLANCK, replace(_SCENE, emissivity=1.5)),
    "emissivity unknown": (_PLANCK, replace(_SCENE, emissivity=float("nan"))),
    "a window of stone": (_PLANCK, replace(_SCENE, window_transmission=0.0)),
    "air like fire": (_PLANCK, replace(_SCENE, air_c=700.0)),
    "air at no temperature": (_PLANCK, replace(_SCENE, air_c=float("nan"))),
    "reflects nothing known": (_LINEAR, replace(_SCENE, reflected_c=float("inf"))),
    "endless way": (_PLANCK, replace(_SCENE, distance_m=float("inf"))),
    "no scale": (LinearScale(kelvin_per_count=0.0), None),
    "a scale that falls": (LinearScale(kelvin_per_count=-0.01), None),
    "a scale unknown": (LinearScale(kelvin_per_count=0.01, kelvin_at_zero=float("nan")), _SCENE),
    "counts below all": (PlanckScale(r1=17000.0, r2=0.05, b=1400.0, f=1.0, o=-60000.0), None),
    "constants without answer": (PlanckScale(r1=1.0, r2=1.0, b=0.0, f=1.0, o=0.0), _SCENE),
}


@pytest.mark.parametrize(("scale", "scene"), _SENSELESS.values(), ids=_SENSELESS.keys())
def test_where_no_temperature_follows_there_is_an_error(scale: RadiometricScale, scene: Scene | None) -> None:
    """A scale or scene that has no answer is a CaptureError of one line that names the source."""
    with pytest.raises(CaptureError, match=r"^camera: ") as caught:
        celsius(_raw([3000, 4000], scale=scale, scene=scene))
    assert "\n" not in str(caught.value)
    assert caught.value.advice()


def test_no_counts_come_through_a_scene_that_lets_nothing_through() -> None:
    """The inverse refuses the same scenes as misuse."""
    with pytest.raises(ValueError, match="emissivity"):
        counts(np.array([[36.0]]), scale=_PLANCK, scene=replace(_SCENE, emissivity=0.0), air_path=None)


def test_counts_stay_within_sixteen_bits() -> None:
    """What is too hot for the camera is clipped."""
    found = counts(np.array([-100.0, 5000.0]), scale=_LINEAR, scene=None, air_path=None)
    assert found.tolist() == [17315, 65535]
