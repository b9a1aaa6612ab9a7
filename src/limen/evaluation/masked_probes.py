"""Pictures of bare faces -> the same pictures with a drawn mask, another one for every picture, always the same for it.

What is measured on them is measured on drawings: real masks vary more, and nobody moves. The reports say so.
"""

from __future__ import annotations

import hashlib

import numpy as np

from limen.core.frame import Frame
from limen.evaluation.embedding import central_face
from limen.vision.drawn_masks import Wearing, draw_mask, random_mask
from limen.vision.recogniser import Recogniser

__all__ = ["MaskDrawer"]


class MaskDrawer:
    """Draws a mask on the face nearest the centre.

    Args:
        vision: finds the bare face.
        wearing: how masks are worn.
        salt: other masks for the same pictures.
    """

    def __init__(self, vision: Recogniser, *, wearing: Wearing = Wearing.WORN, salt: str = "") -> None:
        self._vision = vision
        self._wearing = wearing
        self._salt = salt

    def __call__(self, name: str, frame: Frame) -> Frame | None:
        """The picture with a mask; None where no face is found to put one on."""
        face = central_face(self._vision.detect(frame), frame)
        if face is None:
            return None
        digest = hashlib.sha256(f"{self._salt}{name}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        mask = random_mask(rng, wearing=self._wearing)
        landmarks = self._vision.steadied(frame, face).landmarks
        pixels = draw_mask(frame.pixels, landmarks, mask, rng=rng)
        return Frame(pixels=pixels, captured_at=frame.captured_at, source=frame.source, kind=frame.kind)
