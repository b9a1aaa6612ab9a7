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

__all__ = ["Attack", "Live", "Liveness", "MaskSeen", "MaskState", "ModelId", "Probe", "Undetermined", "View"]

ModelId = NewType("ModelId", str)
"""Name and digest of an embedding model with its preparation; vectors of two ModelIds never compare."""


class View(StrEnum):
    """Which views of a face an embedding is made of.

    The crop and its mirror image are added. In a crowd a door takes them from two frames in turn, at half the cost of
    a frame; what it gathers over frames is the same sum.
    """

    BOTH = "both"
    PLAIN = "plain"
    MIRRORED = "mirrored"


class MaskState(StrEnum):
    """How a medical or dust mask is worn. Any other covering is UNSURE and is not looked into."""

    NONE = "none"
    INCORRECT = "incorrect"
    WORN = "worn"
    UNSURE = "unsure"


_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskSeen:
    """The mask state of one face, with calibrated probabilities; no other covering is told apart or named.

    Attributes:
        state: the likeliest of the three below, or UNSURE where none is likely enough.
        none, incorrect, worn: probabilities, 0 to 1, that sum to one.
    """

    state: MaskState
    none: float
    incorrect: float
    worn: float

    def __post_init__(self) -> None:
        shares = (self.none, self.incorrect, self.worn)
        if not all(0.0 <= share <= 1.0 for share in shares) or abs(sum(shares) - 1.0) > _SUM_TOLERANCE:
            raise ValueError(f"mask state: expected probabilities that sum to one, got {shares}")

    @property
    def covers_nose_and_mouth(self) -> bool:
        """Whether the face is compared as a masked one: likelier than not, nose and mouth are under a mask."""
        return self.worn > 0.5  # noqa: PLR2004  likelier than not


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
    mask: MaskSeen | NotAssessed
    liveness: Liveness

    def __post_init__(self) -> None:
        object.__setattr__(self, "embedding", unit_vector("embedding", self.embedding))

    @property
    def masked(self) -> bool:
        """Whether the embedding is one of a masked face; a mask state that was not assessed counts as bare."""
        return isinstance(self.mask, MaskSeen) and self.mask.covers_nose_and_mouth

    def wipe(self) -> None:
        """Overwrite the embedding with zeros (promise 2: a stranger leaves no trace)."""
        wipe(self.embedding)
