"""Probe: one face made comparable. It lives in memory only and is wiped when the attempt ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import unit_vector, wipe
from limen.core.face import Face
from limen.core.quality import NotAssessed, Pose, Quality

__all__ = ["Attack", "Live", "Liveness", "MaskState", "ModelId", "Probe", "Undetermined"]

ModelId = NewType("ModelId", str)
"""Name and digest of an embedding model with its preparation; vectors of two ModelIds never compare."""


class MaskState(StrEnum):
    """How a medical or dust mask is worn. Any other covering is UNSURE and is not looked into."""

    NONE = "none"
    INCORRECT = "incorrect"
    WORN = "worn"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A presentation-attack detector found a living person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """A presentation-attack detector found an instrument: print, screen, mask."""

    species: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undetermined:
    """Liveness was not decided, and why."""

    reason: str


Liveness = Live | Attack | Undetermined


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probe:
    """What one face in one frame has given.

    Attributes:
        embedding: float32 (d,), unit norm; never written, logged or shown.
        model_id: the model that made it.
        face: where it was found.
        quality: how good the picture is.
        pose: head pose.
        mask: the mask state, or why it was not assessed.
        liveness: Live, Attack or Undetermined.
    """

    embedding: NDArray[np.float32] = field(repr=False)
    model_id: ModelId
    face: Face
    quality: Quality
    pose: Pose
    mask: MaskState | NotAssessed
    liveness: Liveness

    def __post_init__(self) -> None:
        object.__setattr__(self, "embedding", unit_vector("embedding", self.embedding))

    def wipe(self) -> None:
        """Overwrite the embedding with zeros (promise 2: a stranger leaves no trace)."""
        wipe(self.embedding)
