"""look: one frame of somebody who is about to be photographed -> what to do better; the frame is dropped at once.

Rule kept: a face is found and its picture judged; nothing is embedded, compared or kept, so that a person can be guided
before anything that recognises is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.probe import MaskSeen, MaskState
from limen.core.quality import Pose, Quality, QualityMeasure
from limen.flows.capture import MIN_INTER_EYE_PX, worst_measure

__all__ = ["GOOD_QUALITY", "Look", "Looked", "QualityEyes", "Seen"]

GOOD_QUALITY = 50
"""Unified quality from which a picture is taken by itself; a reference needs half of it."""


class Seen(StrEnum):
    """What one frame shows."""

    NOBODY = "nobody"
    SEVERAL = "several"
    MASK = "mask"
    POOR = "poor"
    GOOD = "good"


class QualityEyes(Protocol):
    """Finds faces and judges pictures of them; embeds nothing."""

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """All faces of a frame."""

    def assess_quality(self, frame: Frame, faces: Sequence[Face]) -> tuple[tuple[Quality, Pose, MaskSeen], ...]:
        """How good the picture of each face is, how the head is turned, and the mask state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one frame shows.

    Attributes:
        seen: in a word.
        worst: what would improve the picture most.
        quality: unified, 0 to 100; None unless there is one face.
    """

    seen: Seen
    worst: QualityMeasure = QualityMeasure.INTER_EYE_DISTANCE
    quality: Quality | None = None

    @property
    def hint(self) -> str:
        """A key for words: what is seen, or of a poor picture what would improve it most."""
        return self.worst.value if self.seen is Seen.POOR else self.seen.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Judges frames one by one."""

    eyes: QualityEyes

    def __call__(self, frame: Frame) -> Looked:
        """What a frame shows."""
        faces = self.eyes.detect(frame)
        if len(faces) != 1:
            return Looked(seen=Seen.SEVERAL if faces else Seen.NOBODY)
        ((quality, _, mask),) = self.eyes.assess_quality(frame, faces)
        worst = worst_measure([quality])
        if mask.state in (MaskState.WORN, MaskState.INCORRECT):
            return Looked(seen=Seen.MASK, worst=worst, quality=quality)
        good = quality.unified >= GOOD_QUALITY and faces[0].inter_eye_px >= MIN_INTER_EYE_PX
        return Looked(seen=Seen.GOOD if good else Seen.POOR, worst=worst, quality=quality)
