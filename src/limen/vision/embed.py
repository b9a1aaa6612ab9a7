"""Aligned crops -> embeddings: the crop and its mirror image, added, centred, brought to unit length.

Adding the mirrored crop makes the embedding blind to which side the light comes from; subtracting the mean embedding
(the calibration's ``centre``) takes away what all faces share. Both are measured in docs/results.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from limen.core.probe import ModelId, View
from limen.vision.align import CROP_PX
from limen.vision.manifest import ModelCard
from limen.vision.runtime import Network

__all__ = ["PREPARATION", "Embedder", "model_id_of"]

PREPARATION = "steady-landmarks-1"
"""Changes whenever crops are made in another way; embeddings from before do not compare with those from after."""


class Embedder:
    """Makes embeddings.

    Args:
        network: a session of the graph, with as many threads as it may use; all crops go through it as one batch.
        card: the model's manifest entry.
        centre: float32 (d,), the mean unit embedding that the calibration found; None while calibrating.
        mirrored: add the mirrored crop.
    """

    def __init__(
        self,
        network: Network,
        *,
        card: ModelCard,
        centre: NDArray[np.float32] | None,
        mirrored: bool = True,
    ) -> None:
        self._network = network
        self._card = card
        self._centre = centre
        self._mirrored = mirrored
        self.model_id = model_id_of(card, centre, mirrored=mirrored)

    def embed(self, crops: Sequence[NDArray[np.uint8]], *, view: View = View.BOTH) -> NDArray[np.float32]:
        """Return one embedding per crop.

        Args:
            crops: uint8 (112, 112, 3) BGR each.
            view: of one view alone it costs half; such embeddings of both views are to be added up.

        Returns:
            float32 (n, d), rows of unit length, in the order given; (0, d) for no crops.
        """
        if not crops:
            return np.zeros((0, self._card.dimensions), dtype=np.float32)
        views = [seen for crop in crops for seen in _views(crop, view if self._mirrored else View.PLAIN)]
        raw = self._run(views).reshape(len(crops), -1, self._card.dimensions).sum(axis=1, dtype=np.float64)
        units = _unit(raw)
        if self._centre is not None:
            units = _unit(units - self._centre.astype(np.float64))
        return units.astype(np.float32)

    def _run(self, views: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """One view at a time: a batch is no faster, and every view of it takes 13 MiB more (docs/results.md)."""
        return np.concatenate([self._network.run(self._prepared([view]))[0] for view in views])

    def _prepared(self, views: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        batch = np.empty((len(views), 3, CROP_PX, CROP_PX), dtype=np.float32)
        for row, view in zip(batch, views, strict=True):
            row[...] = (view[..., ::-1] if self._card.colour_order == "RGB" else view).transpose(2, 0, 1)
        if self._card.mean or self._card.scale != 1.0:
            batch -= self._card.mean
            batch *= self._card.scale
        return batch


def _views(crop: NDArray[np.uint8], view: View) -> tuple[NDArray[np.uint8], ...]:
    match view:
        case View.BOTH:
            return crop, crop[:, ::-1]
        case View.PLAIN:
            return (crop,)
        case View.MIRRORED:
            return (crop[:, ::-1],)
        case _:
            assert_never(view)


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: NDArray[np.float64] = rows / np.maximum(lengths, np.finfo(np.float64).tiny)
    return result


def model_id_of(card: ModelCard, centre: NDArray[np.float32] | None, *, mirrored: bool = True) -> ModelId:
    """The id of a model with all that happens before and after it: other landmarks or another centre, another id."""
    preparation = hashlib.sha256(f"{card.sha256} {PREPARATION} {'mirrored' if mirrored else 'plain'}".encode())
    preparation.update(b"" if centre is None else centre.astype("<f4").tobytes())
    return ModelId(f"{card.name}:{preparation.hexdigest()[:12]}")
