"""Pairs of colour and thermal frames with the truth behind them: seeded, without a picture of anybody.

A drawn face plane is put before two pinhole cameras. The thermal one sees it through the air, with what skin reflects,
a lens that blurs, pixels that are boxes, noise (white, by column, and fixed), drift, and a reference source in view.
Used by tests, the demo and benchmarks; never evidence about real faces, of which a site's own acceptance test speaks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.thermal import PlanckScale, RawThermal, Scene
from limen.thermal.radiometry import DEFAULT_AIR_PATH, SKIN_EMISSIVITY, counts, signal
from limen.thermal.registration import Rig
from limen.thermal.simulated_face import (
    CORNERS_MM,
    FACE_MM,
    MM_PER_TEXEL,
    PUPILS_MM,
    SimulatedPerson,
    face_texture,
)

__all__ = ["BLACKBODY", "SimulatedCamera", "SimulatedPair", "SimulatedTruth", "Stance", "camera_scene", "standard_rig"]

SCALE = PlanckScale(r1=17096.453, r2=0.0466, b=1428.0, f=1.0, o=-267.0)
"""Constants of a real camera: 55 counts a degree at the temperature of skin."""

_START = datetime(2026, 1, 5, 8, tzinfo=UTC)
_OVER = 2
_LENS_PX = 1.5
_NOISE_K, _COLUMN_K, _FIXED_K, _FIXED_LOW_K = 0.05, 0.015, 0.03, 0.05
_LANDMARK_SHARE = 0.012
_NOSE_MM, _MOUTH_MM, _NOSE_FORWARD_MM = (0.0, 38.0), ((-25.0, 70.0), (25.0, 70.0)), 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackbody:
    """The reference source in the picture.

    Attributes:
        centre_px: (x, y) in the thermal image.
        radius_px: of the disc.
        set_c: what it is set to.
        emissivity: of its surface.
    """

    centre_px: tuple[float, float]
    radius_px: float
    set_c: float
    emissivity: float


BLACKBODY = Blackbody(centre_px=(290.0, 30.0), radius_px=14.0, set_c=36.0, emissivity=0.97)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """How somebody stands there.

    Attributes:
        distance_m: pupils to colour camera.
        aside_m, below_m: the point between the pupils, from the optical axis.
        yaw_deg, pitch_deg: of the head.
        defocus_px: full width at half maximum of the blur; the lens alone has 1.5.
    """

    distance_m: float = 0.6
    aside_m: float = 0.0
    below_m: float = -0.02
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    defocus_px: float = _LENS_PX


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedTruth:
    """What is behind a pair.

    Attributes:
        corners_px: float64 (2, 2), inner corners in the thermal image, subject's right first.
        pupils_px: float64 (2, 2), in the thermal image.
        offset_k: by how much the camera reads too high just now.
    """

    corners_px: NDArray[np.float64]
    pupils_px: NDArray[np.float64]
    offset_k: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedPair:
    """What the two cameras give at one moment.

    Attributes:
        raw: the thermal frame.
        visible: uint8 (H, W, 3) BGR: a drawn head.
        landmarks: float32 (5, 2), as a detector would place them in the colour image, with its error.
        truth: what is behind it.
    """

    raw: RawThermal
    visible: NDArray[np.uint8] = field(repr=False)
    landmarks: NDArray[np.float32] = field(repr=False)
    truth: SimulatedTruth


def standard_rig() -> Rig:
    """Two cameras 35 mm apart, a little turned to each other: 1 mm a pixel at 0.6 m in the thermal image."""
    turn, _ = cv2.Rodrigues(np.array([0.01, -0.02, 0.005]))
    return Rig(
        visible_matrix=np.array([[1000.0, 0.0, 640.0], [0.0, 1000.0, 360.0], [0.0, 0.0, 1.0]]),
        thermal_matrix=np.array([[600.0, 0.0, 160.0], [0.0, 600.0, 120.0], [0.0, 0.0, 1.0]]),
        rotation=np.asarray(turn, dtype=np.float64),
        translation_m=np.array([-0.035, 0.004, 0.0]),
        visible_size_px=(1280, 720),
        thermal_size_px=(320, 240),
    )


def camera_scene(*, room_c: float, distance_m: float) -> Scene:
    """What a thermometer tells the radiometry about a person in a room."""
    return Scene(
        emissivity=SKIN_EMISSIVITY,
        distance_m=distance_m,
        reflected_c=room_c,
        air_c=room_c,
        relative_humidity=0.4,
    )


class SimulatedCamera:
    """Two cameras in a room, with errors of their own that stay.

    Args:
        rng: decides everything.
        room_c: of the room, °C.
        rig: the cameras.
        drift_k: by how much the thermal camera reads too high at the start; a blackbody shows it.
        drift_k_per_min: standard deviation of its random walk.
        blackbody_error_k: by how much the blackbody is not what it is set to.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        *,
        room_c: float = 24.0,
        rig: Rig | None = None,
        drift_k: float = 0.0,
        drift_k_per_min: float = 0.02,
        blackbody_error_k: float = 0.0,
    ) -> None:
        self.rig = rig or standard_rig()
        self.room_c = room_c
        self._rng, self._drift, self._walk = rng, drift_k, drift_k_per_min
        self._blackbody_c = BLACKBODY.set_c + blackbody_error_k
        width, height = self.rig.thermal_size_px
        low = cv2.resize(rng.normal(0.0, _FIXED_LOW_K, (4, 5)), (width, height), interpolation=cv2.INTER_CUBIC)
        self._fixed = low + rng.normal(0.0, _FIXED_K, (height, width))
        self._at = _START

    def pair(
        self, person: SimulatedPerson | None, stance: Stance | None = None, *, after: timedelta = timedelta(0)
    ) -> SimulatedPair:
        """One pair of frames.

        Args:
            person: who stands there; None for an empty room.
            stance: how.
            after: time since the last pair; the camera drifts meanwhile.
        """
        stance = stance or Stance()
        self._at += after
        self._drift += float(self._rng.normal(0.0, self._walk * np.sqrt(after.total_seconds() / 60.0)))
        planes = _Planes(self.rig, stance)
        pupils = _scaled(PUPILS_MM, person)
        landmarks = planes.visible(np.array([*pupils, *_scaled((_NOSE_MM, *_MOUTH_MM), person)]))
        landmarks[2] = planes.visible(np.array(_scaled((_NOSE_MM,), person)), forward_mm=_NOSE_FORWARD_MM)[0]
        error = _LANDMARK_SHARE * float(np.linalg.norm(landmarks[0] - landmarks[1]))
        return SimulatedPair(
            raw=self._raw(person, stance, planes),
            visible=_head(self.rig.visible_size_px, None if person is None else landmarks),
            landmarks=(landmarks + self._rng.normal(0.0, error, landmarks.shape)).astype(np.float32),
            truth=SimulatedTruth(
                corners_px=planes.thermal(np.array(_scaled(CORNERS_MM, person))),
                pupils_px=planes.thermal(np.array(pupils)),
                offset_k=self._drift,
            ),
        )

    def drift_by(self, more_k: float) -> None:
        """Let the thermal camera read so much higher from now on."""
        self._drift += more_k

    def _raw(self, person: SimulatedPerson | None, stance: Stance, planes: _Planes) -> RawThermal:
        width, height = self.rig.thermal_size_px
        scene = np.full((height * _OVER, width * _OVER), self.room_c, dtype=np.float32)
        if person is not None:
            texture, inside = face_texture(person, room_c=self.room_c)
            to_image = planes.texture_to_thermal(_OVER)
            size = (width * _OVER, height * _OVER)
            face = cv2.warpPerspective(texture, to_image, size, borderMode=cv2.BORDER_REPLICATE)
            cover = cv2.warpPerspective(inside, to_image, size)
            scene += cover * (face - scene)
        scene = _blurred(scene, fwhm_px=stance.defocus_px * _OVER)
        seen = np.asarray(cv2.resize(scene, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)
        through_air = camera_scene(room_c=self.room_c, distance_m=stance.distance_m)
        received = counts(seen, scale=SCALE, scene=through_air, air_path=None).astype(np.float64)
        received = self._with_blackbody(received)
        per_degree = float(signal(SCALE, 36.5) - signal(SCALE, 35.5))
        noise = self._rng.normal(0.0, _NOISE_K, received.shape) + self._rng.normal(0.0, _COLUMN_K, (1, width))
        received += (noise + self._fixed + self._drift) * per_degree
        return RawThermal(
            counts=np.rint(np.clip(received, 0, 65535)).astype(np.uint16),
            scale=SCALE,
            scene=through_air,
            air_path=DEFAULT_AIR_PATH,
            captured_at=self._at,
            source="simulator",
        )

    def _with_blackbody(self, received: NDArray[np.float64]) -> NDArray[np.float64]:
        """The reference source, which radiates by its own emissivity and reflects the room."""
        surface = Scene(
            emissivity=BLACKBODY.emissivity,
            distance_m=0.6,
            reflected_c=self.room_c,
            air_c=self.room_c,
            relative_humidity=0.4,
        )
        level = counts(np.array([[self._blackbody_c]]), scale=SCALE, scene=surface, air_path=None)[0, 0]
        height, width = received.shape
        y, x = np.mgrid[0:height, 0:width]
        disc = np.hypot(x - BLACKBODY.centre_px[0], y - BLACKBODY.centre_px[1]) <= BLACKBODY.radius_px
        return np.where(disc, float(level), received)


class _Planes:
    """The face plane in both cameras."""

    def __init__(self, rig: Rig, stance: Stance) -> None:
        self._rig = rig
        turn, _ = cv2.Rodrigues(np.radians([stance.pitch_deg, 0.0, 0.0]))
        aside, _ = cv2.Rodrigues(np.radians([0.0, stance.yaw_deg, 0.0]))
        self._turn = np.asarray(aside @ turn, dtype=np.float64)
        self._centre = np.array([stance.aside_m, stance.below_m, stance.distance_m])

    def _space(self, points_mm: NDArray[np.float64], forward_mm: float = 0.0) -> NDArray[np.float64]:
        plane = np.c_[points_mm / 1000.0, np.full(len(points_mm), -forward_mm / 1000.0)]
        return np.asarray(plane @ self._turn.T + self._centre)

    def visible(self, points_mm: NDArray[np.float64], *, forward_mm: float = 0.0) -> NDArray[np.float64]:
        """float64 (n, 2), colour pixels."""
        seen = self._space(points_mm, forward_mm) @ self._rig.visible_matrix.T
        return np.asarray(seen[:, :2] / seen[:, 2:])

    def thermal(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, 2), thermal pixels."""
        space = self._space(points_mm) @ self._rig.rotation.T + self._rig.translation_m
        seen = space @ self._rig.thermal_matrix.T
        return np.asarray(seen[:, :2] / seen[:, 2:])

    def texture_to_thermal(self, over: int) -> NDArray[np.float64]:
        """float64 (3, 3), texels to thermal pixels that are ``over`` times finer."""
        left, top, right, bottom = FACE_MM
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        texels = (corners - [left, top]) / MM_PER_TEXEL
        pixels = (self.thermal(corners) + 0.5) * over - 0.5
        return np.asarray(cv2.getPerspectiveTransform(texels.astype(np.float32), pixels.astype(np.float32)))


def _scaled(points_mm: tuple[tuple[float, float], ...], person: SimulatedPerson | None) -> list[tuple[float, float]]:
    size = 1.0 if person is None else person.eyes_mm / (PUPILS_MM[1][0] - PUPILS_MM[0][0])
    return [(x * size, y * size) for x, y in points_mm]


def _blurred(temperature_c: NDArray[np.float32], *, fwhm_px: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(temperature_c, (0, 0), fwhm_px / 2.3548), dtype=np.float32)


def _head(size: tuple[int, int], landmarks: NDArray[np.float64] | None) -> NDArray[np.uint8]:
    """A drawn head for people to look at."""
    canvas = np.full((size[1], size[0], 3), 96, dtype=np.uint8)
    if landmarks is None:
        return canvas
    eyes = float(np.linalg.norm(landmarks[0] - landmarks[1]))
    middle = landmarks.mean(axis=0)
    cv2.ellipse(canvas, _at(middle), (round(1.2 * eyes), round(1.75 * eyes)), 0, 0, 360, (150, 170, 200), -1)
    for eye in landmarks[:2]:
        cv2.ellipse(canvas, _at(eye), (round(0.2 * eyes), round(0.1 * eyes)), 0, 0, 360, (60, 50, 40), -1)
    cv2.line(canvas, _at(landmarks[3]), _at(landmarks[4]), (90, 80, 150), max(1, round(0.08 * eyes)))
    return canvas


def _at(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
