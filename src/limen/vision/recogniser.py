"""The port ``Vision``: detect, steady the landmarks, align, assess, embed. One line per stage."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limen.core.decision import StageTimes
from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.probe import MaskState, ModelId, Probe, Undetermined
from limen.core.quality import NotAssessed, Pose, Quality
from limen.vision.align import align
from limen.vision.detect import Detector
from limen.vision.embed import Embedder
from limen.vision.landmarks import refine_landmarks
from limen.vision.pose import head_pose
from limen.vision.quality import assess_quality
from limen.vision.runtime import Network, Workers

__all__ = ["Recogniser"]

_NO_MASK_STATE = NotAssessed(reason="this version has no mask model")
_NO_LIVENESS = Undetermined(reason="this version has no liveness model")


class Recogniser:
    """Frame -> faces -> probes.

    Args:
        detector: finds faces.
        canvas_network: the detector's graph, for steadier landmarks.
        embedder: makes embeddings.
        workers: threads for several faces.
    """

    def __init__(self, *, detector: Detector, canvas_network: Network, embedder: Embedder, workers: Workers) -> None:
        self._detector = detector
        self._canvas_network = canvas_network
        self._embedder = embedder
        self._workers = workers

    @property
    def model_id(self) -> ModelId:
        """The model and preparation that embeddings come from."""
        return self._embedder.model_id

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """All faces, most confident first."""
        return self._detector.detect(frame.pixels)

    def assess(self, frame: Frame, faces: Sequence[Face]) -> tuple[tuple[Probe, ...], StageTimes]:
        """One probe per face, and the time of each stage."""
        marks = [time.perf_counter()]
        steady = self._workers.map(lambda face: self._steady(frame, face), faces)
        crops = [align(frame.pixels, face.landmarks) for face in steady]
        marks.append(time.perf_counter())
        assessed = [_assess(frame, face, crop) for face, crop in zip(steady, crops, strict=True)]
        marks.append(time.perf_counter())
        embeddings = self._embedder.embed(crops)
        marks.append(time.perf_counter())
        align_ms, quality_ms, embed_ms = (1000.0 * (b - a) for a, b in itertools.pairwise(marks))
        probes = tuple(
            Probe(
                embedding=embedding,
                model_id=self.model_id,
                face=face,
                quality=quality,
                pose=pose,
                mask=_NO_MASK_STATE,
                liveness=_NO_LIVENESS,
            )
            for embedding, face, (quality, pose) in zip(embeddings, steady, assessed, strict=True)
        )
        return probes, StageTimes(align_ms=align_ms, quality_ms=quality_ms, embed_ms=embed_ms)

    def assess_quality(
        self, frame: Frame, faces: Sequence[Face]
    ) -> tuple[tuple[Quality, Pose, MaskState | NotAssessed], ...]:
        """Quality, pose and mask state alone; embeds nothing."""
        steady = [self._steady(frame, face) for face in faces]
        assessed = [_assess(frame, face, align(frame.pixels, face.landmarks)) for face in steady]
        return tuple((quality, pose, _NO_MASK_STATE) for quality, pose in assessed)

    def _steady(self, frame: Frame, face: Face) -> Face:
        landmarks = refine_landmarks(self._canvas_network, frame.pixels, face.landmarks)
        return Face(box=face.box, landmarks=landmarks, confidence=face.confidence)


def _assess(frame: Frame, face: Face, crop: NDArray[np.uint8]) -> tuple[Quality, Pose]:
    pose = head_pose(face.landmarks)
    return assess_quality(face, pose, crop, frame_px=(frame.width_px, frame.height_px)), pose
