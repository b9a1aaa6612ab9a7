"""Whether a mask is worn: a small network of its own, on a crop that reaches from the eyes to below the chin.

It knows three states and gives each a calibrated probability. Where none is likely enough the answer is ``unsure``, and
that is all limen ever says of any other covering: none is told apart, named or learnt (promise 3). A head on the
recogniser's feature map was tried first and is much worse: that map is made to forget what covers a face (ADR 0013).
Source: docs/model-cards/mask.md; trained by ``training/mask_state.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.probe import MaskSeen, MaskState
from limen.vision.align import CROP_PX, LANDMARK_PLACES, similarity_transform, warp
from limen.vision.runtime import Network

__all__ = ["LEAST_PROBABILITY", "SIDE_PX", "STATES", "MaskNetwork", "mask_crop"]

STATES = (MaskState.NONE, MaskState.INCORRECT, MaskState.WORN)
"""The columns of the network's answer."""

LEAST_PROBABILITY = 0.5
"""Less likely than this is unsure."""

SIDE_PX = 64
_DOWN = 22.0
_PLACES = (LANDMARK_PLACES - np.array([0.0, _DOWN])) * (SIDE_PX / CROP_PX)


def mask_crop(pixels: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return what the network looks at: uint8 (64, 64, 3) BGR, the aligned face from the eyes to below the chin.

    Where the picture ends its border goes on, as a black edge below a tightly cut face looks like one of a mask.

    Args:
        pixels: uint8 (H, W, 3) BGR.
        landmarks: float32 (5, 2) in pixels of ``pixels``.
    """
    return warp(pixels, similarity_transform(landmarks, _PLACES), side_px=SIDE_PX, border=cv2.BORDER_REPLICATE)


class MaskNetwork:
    """Crop -> mask state.

    Args:
        network: float32 (n, 3, 64, 64) BGR 0 to 255 -> float32 (n, 3), probabilities in the order of STATES.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def assess(self, crops: Sequence[NDArray[np.uint8]]) -> tuple[MaskSeen, ...]:
        """Return one mask state per crop; each is looked at as it is and mirrored.

        Args:
            crops: as ``mask_crop`` makes them.
        """
        if not crops:
            return ()
        views = np.stack([view for crop in crops for view in (crop, crop[:, ::-1])])
        (probabilities,) = self._network.run(np.ascontiguousarray(views.transpose(0, 3, 1, 2), dtype=np.float32))
        return tuple(_seen(row) for row in probabilities.reshape(len(crops), 2, -1).mean(axis=1))


def _seen(row: NDArray[np.float32]) -> MaskSeen:
    none, incorrect, worn = (float(value) for value in np.clip(row, 0.0, 1.0))
    best = int(row.argmax())
    state = STATES[best] if row[best] >= LEAST_PROBABILITY else MaskState.UNSURE
    return MaskSeen(state=state, none=none, incorrect=incorrect, worn=worn)
