"""A vision that sees what a test has told it, and the small values it is made of.

How to use: ``vision = FakeVision()``; ``frame = vision.shows(unit(1), unit(2))`` is a frame with two faces whose
embeddings are those; hand ``vision`` to whatever wants `limen.core.ports.Vision`. Nothing here looks at pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from limen.core.decision import StageTimes
from limen.core.face import Box, Face
from limen.core.frame import Frame, SourceKind
from limen.core.probe import Liveness, MaskSeen, MaskState, ModelId, Probe, Undetermined, View
from limen.core.quality import Assessed, NotAssessed, Pose, Quality, QualityMeasure
from support.clock import NOON

__all__ = [
    "TEST_MODEL",
    "FakeVision",
    "alike",
    "make_face",
    "make_frame",
    "make_mask",
    "make_probe",
    "make_quality",
    "unit",
]

TEST_MODEL = ModelId("test-model@0")
"""The model of support.people's references and of support.calibrations."""

_DIMENSIONS = 128
_FRONTAL = np.array([[-0.5, 0.0], [0.5, 0.0], [0.0, 0.55], [-0.4, 1.1], [0.4, 1.1]], dtype=np.float32)
"""Landmarks of a frontal face around the middle of its eyes, in eye distances."""


def unit(seed: int, *, dimensions: int = _DIMENSIONS) -> NDArray[np.float32]:
    """A random unit vector; two seeds give vectors that are hardly alike."""
    vector = np.random.default_rng(seed).standard_normal(dimensions)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def alike(vector: NDArray[np.float32], similarity: float, *, seed: int = 999) -> NDArray[np.float32]:
    """A unit vector whose cosine with ``vector`` is ``similarity``."""
    base = vector.astype(np.float64)
    other = unit(seed, dimensions=len(vector)).astype(np.float64)
    other -= base * (base @ other)
    other /= np.linalg.norm(other)
    return np.asarray(similarity * base + np.sqrt(1.0 - similarity**2) * other, dtype=np.float32)


def make_face(*, x_px: float = 160.0, y_px: float = 120.0, eyes_px: float = 60.0, confidence: float = 0.9) -> Face:
    """A frontal face; (x_px, y_px) is the middle between its eyes."""
    landmarks = _FRONTAL * np.float32(eyes_px) + np.array([x_px, y_px], dtype=np.float32)
    box = Box(x_px=x_px - eyes_px, y_px=y_px - eyes_px, width_px=2 * eyes_px, height_px=2.6 * eyes_px)
    return Face(box=box, landmarks=landmarks, confidence=confidence)


def make_quality(unified: int = 80) -> Quality:
    """Every component like the unified score."""
    same = Assessed(native=float(unified), mapped=unified)
    return Quality(components=tuple((measure, same) for measure in QualityMeasure), unified=unified)


def make_mask(state: str = "none") -> MaskSeen:
    """A mask state that is quite certain; ``unsure`` is as likely one as another."""
    if state == MaskState.UNSURE:
        return MaskSeen(state=MaskState.UNSURE, none=0.4, incorrect=0.2, worn=0.4)
    shares = {name: 0.98 if name == state else 0.01 for name in ("none", "incorrect", "worn")}
    return MaskSeen(state=MaskState(state), **shares)


def make_probe(
    embedding: NDArray[np.float32],
    *,
    model_id: ModelId = TEST_MODEL,
    face: Face | None = None,
    unified: int = 80,
    mask: MaskSeen | None = None,
    liveness: Liveness | None = None,
) -> Probe:
    """A probe with a chosen embedding."""
    return Probe(
        embedding=embedding,
        model_id=model_id,
        face=make_face() if face is None else face,
        quality=make_quality(unified),
        pose=Pose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0),
        mask=NotAssessed(reason="a test") if mask is None else mask,
        liveness=Undetermined(reason="a test") if liveness is None else liveness,
    )


def make_frame(
    pixels: NDArray[np.uint8] | None = None,
    *,
    source: str = "picture.png",
    kind: SourceKind = SourceKind.FILE,
    at: datetime = NOON,
) -> Frame:
    """A frame; grey, 320x240, unless pixels are given (they are copied)."""
    canvas = np.full((240, 320, 3), 128, dtype=np.uint8) if pixels is None else pixels.copy()
    return Frame(pixels=canvas, captured_at=at, source=source, kind=kind)


class FakeVision:
    """Implements `limen.core.ports.Vision`; see the module."""

    def __init__(self, *, model_id: ModelId = TEST_MODEL) -> None:
        self._model_id = model_id
        self._shown: dict[str, tuple[NDArray[np.float32], ...]] = {}
        self._qualities: dict[str, int] = {}
        self._eyes_px: dict[str, float] = {}
        self._masks: dict[str, str | None] = {}
        self.given: list[Probe] = []
        self.views: list[View] = []
        self.pose = Pose(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0)

    def shows(
        self,
        *embeddings: NDArray[np.float32],
        source: str | None = None,
        kind: SourceKind = SourceKind.FILE,
        at: datetime = NOON,
        unified: int = 80,
        eyes_px: float = 60.0,
        mask: str | None = None,
        pixels: NDArray[np.uint8] | None = None,
    ) -> Frame:
        """A new frame that shows these faces, side by side; ``given`` collects the probes made of them."""
        name = f"picture-{len(self._shown) + 1}.png" if source is None else source
        self._shown[name], self._qualities[name], self._eyes_px[name] = embeddings, unified, eyes_px
        self._masks[name] = mask
        return make_frame(pixels, source=name, kind=kind, at=at)

    @property
    def model_id(self) -> ModelId:
        """The model it says its embeddings are from."""
        return self._model_id

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """As many faces as the frame shows embeddings."""
        eyes_px = self._eyes_px.get(frame.source, 60.0)
        return tuple(
            make_face(x_px=2 * eyes_px + 3 * eyes_px * place, eyes_px=eyes_px, confidence=max(0.3, 0.95 - 0.01 * place))
            for place in range(len(self._shown.get(frame.source, ())))
        )

    def assess_quality(self, frame: Frame, faces: Sequence[Face]) -> tuple[tuple[Quality, Pose, MaskSeen], ...]:
        """As good as the frame was said to be, each bare unless it was said otherwise; nothing is embedded."""
        quality = make_quality(self._qualities[frame.source])
        return tuple((quality, self.pose, make_mask(self._masks[frame.source] or "none")) for _ in faces)

    def poses(self, faces: Sequence[Face]) -> tuple[Pose, ...]:
        """Everybody looks straight ahead, unless a test has turned ``pose``."""
        return tuple(self.pose for _ in faces)

    def assess(
        self, frame: Frame, faces: Sequence[Face], *, view: View = View.BOTH
    ) -> tuple[tuple[Probe, ...], StageTimes]:
        """The embeddings the frame shows, for the faces asked about; ``views`` notes which views were wanted."""
        self.views.append(view)
        places = {float(face.landmarks[0, 0]): place for place, face in enumerate(self.detect(frame))}
        probes = tuple(
            make_probe(
                self._shown[frame.source][places[float(face.landmarks[0, 0])]],
                model_id=self._model_id,
                face=face,
                unified=self._qualities[frame.source],
                mask=None if (state := self._masks[frame.source]) is None else make_mask(state),
            )
            for face in faces
        )
        self.given.extend(probes)
        return probes, StageTimes(align_ms=1.0, quality_ms=1.0, embed_ms=1.0)
