"""What heat says about whether somebody is there: a second opinion beside the colour image's, never the only one.

A print or a screen is flat and at room or at screen temperature; a face has warm corners of the eyes on cooler skin, at
the place where the colour image has its eyes. Worn masks of silicone warm up and are the hard case; rooms above 30 °C
are too warm to tell. Thresholds reject no one of the study's 1,958 visits, on which they were also chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from limen.core.probe import Attack, Live, Liveness, Undetermined
from limen.thermal.canthus import EyePatches, hottest

__all__ = ["ThermalSigns", "thermal_liveness", "thermal_signs"]

_LEAST_ABOVE_ROOM_K, _LEAST_ABOVE_AROUND_K = 7.0, 0.2
_HOTTEST_ROOM_C = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalSigns:
    """What was measured.

    Attributes:
        above_room_k: warmer corner less room.
        above_around_k: corner less its surroundings, the eye where it is less.
        agrees: whether the two warm corners are where the colour image has the eyes.
    """

    above_room_k: float
    above_around_k: float
    agrees: bool


def thermal_signs(patches: EyePatches, *, room_c: float) -> ThermalSigns:
    """Measure the signs in one frame.

    Args:
        patches: what it shows around the eyes.
        room_c: of the room, °C.
    """
    pairs = [
        hottest(patch, scale_mm_per_px=patches.mm_per_px, room_c=-100.0) for patch in (patches.right, patches.left)
    ]
    return ThermalSigns(
        above_room_k=max(warm for warm, _ in pairs) - room_c,
        above_around_k=min(warm - around for warm, around in pairs),
        agrees=patches.found,
    )


def thermal_liveness(signs: ThermalSigns, *, room_c: float) -> Liveness:
    """What the signs stand for; one kind of evidence for the door's rules.

    Args:
        signs: as measured.
        room_c: of the room, °C.
    """
    if room_c > _HOTTEST_ROOM_C:
        return Undetermined(reason="the room is too warm to tell by heat")
    if signs.above_room_k < _LEAST_ABOVE_ROOM_K:
        if signs.above_around_k < _LEAST_ABOVE_AROUND_K:
            return Attack(species="thermal_flat")
        return Undetermined(reason="colder than a face, but not flat: somebody may just have come in")
    if signs.above_around_k < _LEAST_ABOVE_AROUND_K or not signs.agrees:
        return Undetermined(reason="no warm corners of the eyes where the colour image has the eyes")
    return Live()
