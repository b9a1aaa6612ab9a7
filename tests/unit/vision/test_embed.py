"""Embeddings: of unit length, blind to mirroring, the same alone and in a batch, under an id that tells how made."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.probe import View
from limen.frames.drawn import PERSON, STRANGER
from limen.vision.align import CROP_PX, align
from limen.vision.embed import Embedder, model_id_of
from limen.vision.manifest import ModelCard
from limen.vision.runtime import OrtNetwork
from support.faces import Pixels, drawn, landmarks_of, light


def _crops() -> list[Pixels]:
    """Five crops of two faces under different light."""
    return [
        align(light(drawn(who), gain), landmarks_of(who))
        for who, gain in ((PERSON, 1.0), (PERSON, 0.7), (STRANGER, 1.0), (STRANGER, 0.7), (PERSON, 0.5))
    ]


class _Flatten:
    """A network that answers with the first four values of each of the three planes' first row, plus one."""

    def __init__(self) -> None:
        self.batches: list[NDArray[np.float32]] = []

    def run(self, batch: NDArray[np.float32], /) -> list[NDArray[np.float32]]:
        """See the class."""
        self.batches.append(batch.copy())
        return [batch[:, :, 0, :4].reshape(len(batch), -1) + 1.0]


def _tiny_card(*, colour_order: Literal["BGR", "RGB"] = "RGB", mean: float = 0.0, scale: float = 1.0) -> ModelCard:
    return ModelCard(
        name="tiny",
        role="embedder",
        title="Tiny",
        package=None,
        path="tiny.onnx",
        sha256="ab" * 32,
        licence="MIT",
        origin="a test",
        colour_order=colour_order,
        dimensions=12,
        mean=mean,
        scale=scale,
    )


def test_no_crops_give_no_embeddings(embedder_network: OrtNetwork, embedder_card: ModelCard) -> None:
    """An empty list gives (0, 128)."""
    embedder = Embedder(embedder_network, card=embedder_card, centre=None)
    assert embedder.embed([]).shape == (0, 128)


def test_embeddings_have_unit_length(embedder: Embedder) -> None:
    """Rows are float32 of length one, in the order given."""
    rows = embedder.embed(_crops())
    assert (rows.shape, rows.dtype.name) == ((5, 128), "float32")
    np.testing.assert_allclose(np.linalg.norm(rows.astype(np.float64), axis=1), 1.0, atol=1e-6)


def test_a_batch_equals_one_by_one(embedder: Embedder) -> None:
    """Each row is what the crop gives alone, to 1e-5."""
    together = embedder.embed(_crops())
    alone = np.concatenate([embedder.embed([crop]) for crop in _crops()])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_centre_changes_every_embedding(
    embedder: Embedder, embedder_network: OrtNetwork, embedder_card: ModelCard
) -> None:
    """Without the centre embeddings are others."""
    bare = Embedder(embedder_network, card=embedder_card, centre=None).embed(_crops()[:3])
    assert float(np.abs(bare - embedder.embed(_crops()[:3])).max()) > 1e-3


def test_a_mirrored_crop_has_the_same_embedding(embedder: Embedder) -> None:
    """The crop and its mirror image are added, so which came first does not show."""
    crops = _crops()
    mirrored = [np.ascontiguousarray(crop[:, ::-1]) for crop in crops]
    np.testing.assert_allclose(embedder.embed(crops), embedder.embed(mirrored), atol=1e-5)


def test_without_mirroring_the_mirror_image_is_told_apart(
    embedder_network: OrtNetwork, embedder_card: ModelCard
) -> None:
    """The switch is real: unmirrored, the two embeddings differ."""
    plain = Embedder(embedder_network, card=embedder_card, centre=None, mirrored=False)
    crop = _crops()[0]
    one, other = plain.embed([crop, np.ascontiguousarray(crop[:, ::-1])])
    assert float(np.abs(one - other).max()) > 1e-3


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_crop_has_an_embedding(embedder: Embedder, level: int) -> None:
    """Black, grey and white give finite unit vectors: nothing divides by zero."""
    (row,) = embedder.embed([np.full((CROP_PX, CROP_PX, 3), level, np.uint8)])
    assert float(np.linalg.norm(row)) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(("colour_order", "first"), [("BGR", 10.0), ("RGB", 30.0)])
def test_the_planes_come_in_the_order_of_the_manifest(colour_order: Literal["BGR", "RGB"], first: float) -> None:
    """A crop of blue 10, green 20, red 30 reaches the network in BGR or RGB, as the model wants."""
    network = _Flatten()
    crop = np.empty((CROP_PX, CROP_PX, 3), np.uint8)
    crop[...] = (10, 20, 30)
    Embedder(network, card=_tiny_card(colour_order=colour_order), centre=None).embed([crop])
    assert [batch.shape for batch in network.batches] == 2 * [(1, 3, CROP_PX, CROP_PX)]
    assert [float(plane[0, 0]) for plane in network.batches[0][0]] == [first, 20.0, 40.0 - first]


def test_mean_and_scale_of_the_manifest_are_applied() -> None:
    """A pixel of 255 with mean 127.5 and scale 1/127.5 reaches the network as 1."""
    network = _Flatten()
    card = _tiny_card(mean=127.5, scale=1 / 127.5)
    Embedder(network, card=card, centre=None).embed([np.full((CROP_PX, CROP_PX, 3), 255, np.uint8)])
    np.testing.assert_allclose(network.batches[0], 1.0)


def test_the_centre_is_taken_away_between_two_normalisations() -> None:
    """The result is unit(unit(sum) - centre), worked out by hand."""
    crop = np.random.default_rng(2).integers(0, 256, (CROP_PX, CROP_PX, 3), dtype=np.uint8)
    centre = np.full(12, 0.1, np.float32)
    (found,) = Embedder(_Flatten(), card=_tiny_card(), centre=centre).embed([crop])
    planes = crop[..., ::-1].astype(np.float64)
    views = [view[0, :4].T.ravel() + 1 for view in (planes, planes[:, ::-1])]
    total = views[0] + views[1]
    centred = total / np.linalg.norm(total) - centre.astype(np.float64)
    np.testing.assert_allclose(found, centred / np.linalg.norm(centred), atol=1e-6)


def test_the_model_id_tells_how_embeddings_were_made(embedder_card: ModelCard) -> None:
    """Another file, centre or mirroring gives another id; the same gives the same; its name comes first."""
    centre = np.zeros(128, np.float32)
    other = centre.copy()
    other[5] = 1e-6
    ids = [
        model_id_of(embedder_card, None),
        model_id_of(embedder_card, centre),
        model_id_of(embedder_card, other),
        model_id_of(embedder_card, centre, mirrored=False),
        model_id_of(replace(embedder_card, sha256="cd" * 32), centre),
    ]
    assert len(set(ids)) == len(ids)
    assert model_id_of(embedder_card, centre.copy()) == ids[1]
    assert all(id_.startswith("sface-2021dec:") for id_ in ids)


def test_the_id_of_an_embedder_is_that_of_its_parts(embedder: Embedder, embedder_card: ModelCard) -> None:
    """An embedder says the id that its card and centre give."""
    assert embedder.model_id == model_id_of(embedder_card, embedder._centre)


def test_a_plain_and_a_mirrored_view_add_up_to_both(embedder_network: OrtNetwork, embedder_card: ModelCard) -> None:
    """What a crowd gets in two frames is what one face gets in one, but for the lengths that are added."""
    embedder = Embedder(embedder_network, card=embedder_card, centre=None)
    crops = _crops()
    turns = embedder.embed(crops, view=View.PLAIN) + embedder.embed(crops, view=View.MIRRORED)
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    assert (np.sum(turns * embedder.embed(crops), axis=1) > 0.999).all()
