"""Counts <-> temperature: Planck's law with the camera's constants, the air, a window, and what the object reflects.

A detector sees the object through the air, what the object reflects, the air itself and perhaps a window. Signals add;
temperatures do not. So everything is turned into signal, subtracted, and what is left turned into a temperature. Where
that has no answer there is an error or, for single pixels, NaN; never a guess.
Source: the camera maker's published model, as in Tattersall (2019), Thermimage, ``raw2temp``.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.thermal import AirPath, LinearScale, PlanckScale, RadiometricScale, RawThermal, Scene

__all__ = ["DEFAULT_AIR_PATH", "SKIN_EMISSIVITY", "ZERO_C_IN_K", "celsius", "counts", "signal", "transmission"]

ZERO_C_IN_K = 273.15

SKIN_EMISSIVITY = 0.98
"""Of human skin in the long-wave infrared (Steketee 1973); a camera is often left at 0.95 or 1."""

DEFAULT_AIR_PATH = AirPath(alpha1=0.006569, alpha2=0.01262, beta1=-0.002276, beta2=-0.00667, x=1.9)
"""The constants that most cameras of the maker carry."""

_WAVE_K = 1439.0
"""Second radiation constant over ten micrometres: what a camera that only gives temperatures saw, near enough."""

_LEVELS = 65536
_COLDEST_K = 10.0
_LEAST_TRANSMISSION, _MOST_TRANSMISSION = 0.01, 1.01
_MOST_UNDEFINED = 0.5


def signal(scale: RadiometricScale, temperature_c: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """What a black body of a temperature gives: counts for Planck constants, else radiance in a unit of its own.

    Args:
        scale: what counts mean.
        temperature_c: any shape, °C; what is colder than 10 K is taken for 10 K.

    Returns:
        float64, the shape of ``temperature_c``; not finite where the constants have no answer.

    Source: Planck's law in the form of the module's source.
    """
    kelvin = np.maximum(np.asarray(temperature_c, dtype=np.float64) + ZERO_C_IN_K, _COLDEST_K)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        match scale:
            case PlanckScale():
                return np.asarray(scale.r1 / (scale.r2 * (np.exp(scale.b / kelvin) - scale.f)) - scale.o)
            case LinearScale():
                return np.asarray(1.0 / np.expm1(_WAVE_K / kelvin))
            case _:
                assert_never(scale)


def celsius(raw: RawThermal, *, scene: Scene | None = None) -> NDArray[np.float32]:
    """Temperatures of a frame.

    Args:
        raw: the frame.
        scene: used instead of what the camera was told; without either, counts are taken as of a black body at hand.

    Returns:
        float32 (H, W), °C; NaN where the counts are below anything that the scale can explain (dead pixels).

    Raises:
        CaptureError: scale or scene have no answer, or most of the pixels have none.
    """
    try:
        levels = _temperatures(raw.scale, scene or raw.scene, raw.air_path or DEFAULT_AIR_PATH)
    except (ArithmeticError, ValueError) as error:
        raise CaptureError(
            f"{raw.source}: no temperature follows from its scale and scene ({error})",
            advice="state emissivity, distance, humidity and the temperatures of the surroundings",
        ) from error
    temperatures = np.asarray(levels[raw.counts])
    if float(np.isnan(temperatures).mean()) > _MOST_UNDEFINED:
        raise CaptureError(
            f"{raw.source}: most of its counts are below anything that its scale can explain",
            advice="check the scale, and whether the camera measures temperatures",
        )
    return temperatures


def counts(
    temperature_c: NDArray[np.float32] | NDArray[np.float64],
    *,
    scale: RadiometricScale,
    scene: Scene | None,
    air_path: AirPath | None,
) -> NDArray[np.uint16]:
    """What a camera counts before a scene of these temperatures: the inverse of ``celsius``.

    Args:
        temperature_c: any shape, °C, finite.
        scale: what counts mean.
        scene: between object and camera; None for a black body at hand.
        air_path: constants of the air; None for the usual ones.

    Returns:
        uint16, the shape of ``temperature_c``; rounded and clipped.

    Raises:
        ValueError: nothing comes through such a scene.
    """
    seen = signal(scale, np.asarray(temperature_c, dtype=np.float64))
    if scene is not None:
        gain, offset = _through(scale, scene, air_path or DEFAULT_AIR_PATH)
        seen = (seen - offset) / gain
    return np.rint(np.clip(_counts_of_signal(scale, seen), 0, _LEVELS - 1)).astype(np.uint16)


def transmission(air_path: AirPath, *, distance_m: float, air_c: float, relative_humidity: float) -> float:
    """Share of the radiation that half of the way through the air leaves over.

    Args:
        air_path: constants.
        distance_m: the whole way.
        air_c: of the air, °C.
        relative_humidity: 0 to 1.

    Returns:
        0 to 1. The whole way leaves its square over: the model applies it before and after the window.

    Raises:
        OverflowError: constants that belong to no air.
    """
    water = relative_humidity * math.exp(1.5587 + 0.06939 * air_c - 2.7816e-4 * air_c**2 + 6.8455e-7 * air_c**3)
    way, root = math.sqrt(distance_m / 2.0), math.sqrt(water)
    first = air_path.x * math.exp(-way * (air_path.alpha1 + air_path.beta1 * root))
    return first + (1.0 - air_path.x) * math.exp(-way * (air_path.alpha2 + air_path.beta2 * root))


@lru_cache(maxsize=16)
def _temperatures(scale: RadiometricScale, scene: Scene | None, air_path: AirPath) -> NDArray[np.float32]:
    """float32 (65536,): the temperature of every count, NaN where there is none."""
    seen = _signal_of_counts(scale)
    if scene is not None:
        gain, offset = _through(scale, scene, air_path)
        seen = seen * gain + offset
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        match scale:
            case PlanckScale():
                inner = scale.r1 / (scale.r2 * (seen + scale.o)) + scale.f
                kelvin = scale.b / np.log(inner)
                kelvin[(seen + scale.o <= 0.0) | (inner <= 1.0)] = np.nan
            case LinearScale():
                kelvin = _WAVE_K / np.log1p(1.0 / seen)
                kelvin[seen <= 0.0] = np.nan
            case _:
                assert_never(scale)
        levels = np.asarray(kelvin - ZERO_C_IN_K, dtype=np.float32)
    levels[~np.isfinite(levels)] = np.nan
    levels.setflags(write=False)
    return levels


def _signal_of_counts(scale: RadiometricScale) -> NDArray[np.float64]:
    levels = np.arange(_LEVELS, dtype=np.float64)
    match scale:
        case PlanckScale():
            return levels
        case LinearScale():
            if not (0.0 < scale.kelvin_per_count < math.inf and math.isfinite(scale.kelvin_at_zero)):
                raise ValueError(f"{scale.kelvin_per_count} kelvin per count")
            kelvin = levels * scale.kelvin_per_count + scale.kelvin_at_zero
            kelvin[kelvin < _COLDEST_K] = np.nan
            return signal(scale, kelvin - ZERO_C_IN_K)
        case _:
            assert_never(scale)


def _counts_of_signal(scale: RadiometricScale, seen: NDArray[np.float64]) -> NDArray[np.float64]:
    match scale:
        case PlanckScale():
            return seen
        case LinearScale():
            kelvin = _WAVE_K / np.log1p(1.0 / np.maximum(seen, 1e-9))
            return np.asarray((kelvin - scale.kelvin_at_zero) / scale.kelvin_per_count)
        case _:
            assert_never(scale)


def _through(scale: RadiometricScale, scene: Scene, air_path: AirPath) -> tuple[float, float]:
    """(gain, offset): signal of the object = gain x signal seen + offset.

    Raises:
        ValueError: nothing comes through.
        ArithmeticError: the same, with numbers beyond any scene.
    """
    air = transmission(
        air_path,
        distance_m=max(0.0, scene.distance_m),
        air_c=scene.air_c,
        relative_humidity=min(1.0, max(0.0, scene.relative_humidity)),
    )
    window, emissivity = scene.window_transmission, scene.emissivity
    if not _LEAST_TRANSMISSION <= air <= _MOST_TRANSMISSION:
        raise ValueError(f"the air would let {air:.3g} of the radiation through")
    if not (0.0 < window <= 1.0 and 0.0 < emissivity <= 1.0):
        raise ValueError(f"emissivity {emissivity:g}, transmission of the window {window:g}")
    of_air, of_window, reflected = (
        float(signal(scale, value)) for value in (scene.air_c, scene.window_c, scene.reflected_c)
    )
    added = (1.0 - air) / air * of_air * (1.0 + 1.0 / (air * window))
    added += (1.0 - window) / (air * window) * of_window
    added += (1.0 - emissivity) * reflected
    if not math.isfinite(added):
        raise ValueError("the surroundings give no signal")
    return 1.0 / (air**2 * window * emissivity), -added / emissivity
