"""A site with a simulated thermal camera.

How to use: ``ThermalSite().measure(draw_person(rng, room_c=24.0))`` is the reading of somebody who stands there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from limen.core.thermal import SkinReading
from limen.thermal.blackbody import BlackbodySetting
from limen.thermal.simulated_face import SimulatedPerson
from limen.thermal.simulator import BLACKBODY, SimulatedCamera, Stance
from limen.thermal.thermometer import SeenFace, ThermalCamera, Visitor

__all__ = ["AT", "SETTING", "ThermalSite"]

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
SETTING = BlackbodySetting(
    centre_px=BLACKBODY.centre_px, radius_px=BLACKBODY.radius_px, set_c=BLACKBODY.set_c, emissivity=BLACKBODY.emissivity
)
_BETWEEN = timedelta(seconds=1 / 9)


class ThermalSite:
    """Simulated cameras, as ``camera``, and the thermal one as limen reads it, as ``thermal``."""

    def __init__(self, seed: int = 1, *, blackbody: bool = True, drift_k: float = 0.0, up: float = 3600.0) -> None:
        self.rng = np.random.default_rng(seed)
        self.camera = SimulatedCamera(self.rng, room_c=24.0, drift_k=drift_k)
        self.thermal = ThermalCamera(
            rig=self.camera.rig,
            blackbody=SETTING if blackbody else None,
            switched_on_at=AT - timedelta(seconds=up),
        )

    def measure(
        self, person: SimulatedPerson | None, stance: Stance | None = None, *, frames: int = 9, n_faces: int = 1
    ) -> SkinReading:
        """Let somebody stand there for a second."""
        stance = stance or Stance(distance_m=0.55)
        visitor = Visitor(self.thermal.gates, relative=self.thermal.relative)
        for _ in range(frames):
            pair = self.camera.pair(person, stance, after=_BETWEEN)
            face = SeenFace(landmarks=pair.landmarks, yaw_deg=stance.yaw_deg, pitch_deg=stance.pitch_deg)
            view = self.thermal.take(pair.raw, room_c=24.0)
            visitor.add(self.thermal.look(view, face if person else None, n_faces=n_faces), at=pair.raw.captured_at)
        return visitor.reading(room_c=24.0)
