"""Pictures of an evaluation set -> embeddings, by the very pipeline a door uses; the face nearest the centre counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError
from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.ports import Vision
from limen.evaluation.ahead import looked_at
from limen.frames.pictures import decode_picture

__all__ = ["Change", "Embedded", "central_face", "embed_pictures"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Change = Callable[[str, Frame], Frame | None]
"""Name and picture -> what is looked at in its place, or None."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedded:
    """What became of a set of pictures.

    Attributes:
        names: of the pictures with a face, in reading order.
        embeddings: float32 (n, d), unit rows.
        quality: int64 (n,), unified quality.
        masked: bool (n,), whether the face counts as masked in comparisons.
        failed: names of pictures that could not be read or show no face.
    """

    names: tuple[str, ...]
    embeddings: NDArray[np.float32] = field(repr=False)
    quality: NDArray[np.int64] = field(repr=False)
    masked: NDArray[np.bool_] = field(repr=False)
    failed: tuple[str, ...]

    def place(self) -> dict[str, int]:
        """Name -> row."""
        return {name: row for row, name in enumerate(self.names)}


def central_face(faces: Iterable[Face], frame: Frame) -> Face | None:
    """The face nearest the centre of a frame, or None."""
    middle = np.array([frame.width_px / 2, frame.height_px / 2])
    return min(faces, key=lambda face: float(np.linalg.norm(np.array(face.box.centre) - middle)), default=None)


def embed_pictures(
    pictures: Iterable[tuple[str, bytes]],
    *,
    vision: Vision,
    threads: int,
    progress: Callable[[int], None] = lambda _: None,
    changed: Change = lambda _, frame: frame,
) -> Embedded:
    """Embed the central face of every picture.

    Args:
        pictures: (name, file content), read one by one: only a few are in memory at a time.
        vision: the pipeline; called from several threads at once, so built for one thread each.
        threads: how many.
        progress: told how many pictures are done.
        changed: what is done to a picture of a name first, for instance ``MaskDrawer``; None fails the picture.

    Returns:
        Embeddings in reading order; a picture without a face, or unreadable, is in ``failed``.
    """
    rows = list(
        looked_at(pictures, lambda one: _embed_one(*one, (vision, changed)), threads=threads, progress=progress)
    )
    found = [row for row in rows if row.embedding is not None]
    stacked = [row.embedding for row in found if row.embedding is not None]
    return Embedded(
        names=tuple(row.name for row in found),
        embeddings=np.stack(stacked) if stacked else np.zeros((0, 1), dtype=np.float32),
        quality=np.array([row.quality for row in found], dtype=np.int64),
        masked=np.array([row.masked for row in found], dtype=np.bool_),
        failed=tuple(row.name for row in rows if row.embedding is None),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Row:
    name: str
    embedding: NDArray[np.float32] | None = field(default=None, repr=False)
    quality: int = 0
    masked: bool = False


def _embed_one(name: str, content: bytes, how: tuple[Vision, Change]) -> _Row:
    vision, changed = how
    try:
        frame = changed(name, decode_picture(content, name=name, at=_EPOCH))
    except CaptureError:
        return _Row(name=name)
    face = None if frame is None else central_face(vision.detect(frame), frame)
    if frame is None or face is None:
        return _Row(name=name)
    (probe,), _ = vision.assess(frame, [face])
    return _Row(name=name, embedding=probe.embedding, quality=probe.quality.unified, masked=probe.masked)
