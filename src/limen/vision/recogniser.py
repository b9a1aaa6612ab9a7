"""The port ``Vision``: detect, steady the landmarks, see whether a mask is worn, align, assess, embed."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limen.core.decision import StageTimes
from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.probe import MaskSeen, ModelId, Probe, Undetermined, View
from limen.core.quality import Pose, Quality
from limen.vision.align import LANDMARK_PLACES, MASKED_PLACES, align
from limen.vision.detect import Detector
from limen.vision.embed import Embedder
from limen.vision.landmarks import refine_landmarks
from limen.vision.mask_state import MaskNetwork, mask_crop
from limen.vision.pose import head_pose
from limen.vision.quality import assess_quality
from limen.vision.runtime import Network, Workers

__all__ = ["Recogniser"]

_NO_LIVENESS = Undetermined(reason="this version has no liveness model")


class Recogniser:
    """Frame -> faces -> probes.

    Args:
        detector: finds faces.
        canvas_network: the detector's graph, for steadier landmarks.
        embedder: makes embeddings.
        mask_network: tells the mask state.
        workers: threads for several faces.
    """

    def __init__(
        self,
        *,
        detector: Detector,
        canvas_network: Network,
        embedder: Embedder,
        mask_network: MaskNetwork,
        workers: Workers,
    ) -> None:
        self._detector = detector
        self._canvas_network = canvas_network
        self.embedder = embedder
        self.mask_network = mask_network
        self._workers = workers

    @property
    def model_id(self) -> ModelId:
        """The model and preparation that embeddings come from."""
        return self.embedder.model_id

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """All faces, most confident first."""
        return self._detector.detect(frame.pixels)

    def assess(
        self, frame: Frame, faces: Sequence[Face], *, view: View = View.BOTH
    ) -> tuple[tuple[Probe, ...], StageTimes]:
        """One probe per face, and the time of each stage."""
        marks = [time.perf_counter()]
        steady = self._workers.map(lambda face: self.steadied(frame, face), faces)
        masks = self._masks(frame, steady)
        crops = [_aligned(frame, face, mask) for face, mask in zip(steady, masks, strict=True)]
        marks.append(time.perf_counter())
        assessed = self._workers.map(lambda item: _assess(frame, *item), list(zip(steady, crops, strict=True)))
        marks.append(time.perf_counter())
        embeddings = self.embedder.embed(crops, view=view)
        marks.append(time.perf_counter())
        align_ms, quality_ms, embed_ms = (1000.0 * (b - a) for a, b in itertools.pairwise(marks))
        probes = tuple(
            Probe(
                embedding=embedding,
                model_id=self.model_id,
                face=face,
                quality=quality,
                pose=pose,
                mask=mask,
                liveness=_NO_LIVENESS,
            )
            for embedding, face, (quality, pose), mask in zip(embeddings, steady, assessed, masks, strict=True)
        )
        return probes, StageTimes(align_ms=align_ms, quality_ms=quality_ms, embed_ms=embed_ms)

    def assess_quality(self, frame: Frame, faces: Sequence[Face]) -> tuple[tuple[Quality, Pose, MaskSeen], ...]:
        """Quality, pose and mask state alone; embeds nothing."""
        steady = [self.steadied(frame, face) for face in faces]
        masks = self._masks(frame, steady)
        return tuple(
            (*_assess(frame, face, _aligned(frame, face, mask)), mask) for face, mask in zip(steady, masks, strict=True)
        )

    def poses(self, faces: Sequence[Face]) -> tuple[Pose, ...]:
        """How heads are turned; see the port."""
        return tuple(head_pose(face.landmarks) for face in faces)

    def steadied(self, frame: Frame, face: Face) -> Face:
        """The face with landmarks looked at again."""
        landmarks = refine_landmarks(self._canvas_network, frame.pixels, face.landmarks)
        return Face(box=face.box, landmarks=landmarks, confidence=face.confidence)

    def _masks(self, frame: Frame, faces: Sequence[Face]) -> tuple[MaskSeen, ...]:
        return self.mask_network.assess([mask_crop(frame.pixels, face.landmarks) for face in faces])


def _aligned(frame: Frame, face: Face, mask: MaskSeen) -> NDArray[np.uint8]:
    """The crop of a face; under a mask the detector's landmarks are off, so they go to other places."""
    places = MASKED_PLACES if mask.covers_nose_and_mouth else LANDMARK_PLACES
    return align(frame.pixels, face.landmarks, places=places)


def _assess(frame: Frame, face: Face, crop: NDArray[np.uint8]) -> tuple[Quality, Pose]:
    pose = head_pose(face.landmarks)
    return assess_quality(face, pose, crop, frame_px=(frame.width_px, frame.height_px)), pose
