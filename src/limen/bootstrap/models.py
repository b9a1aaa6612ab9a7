"""Models, chosen by settings and joined to a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from limen.core.errors import ModelError
from limen.flows.verify import Verify
from limen.frames.drawn import PERSON, draw_face
from limen.gallery.calibration import Calibration
from limen.gallery.calibration_file import bundled_calibration
from limen.gallery.comparer import CalibratedComparer
from limen.settings import Settings
from limen.vision.align import CROP_PX
from limen.vision.detect import DOOR, PICTURES, Detector, DetectorOptions
from limen.vision.embed import Embedder
from limen.vision.every_face import EVERY_FACE, EveryFace
from limen.vision.manifest import ModelCard, bundled_cards, read_cards
from limen.vision.mask_state import MaskNetwork
from limen.vision.recogniser import Recogniser
from limen.vision.runtime import OrtNetwork, Workers, core_count, lean_loading
from limen.vision.weights import load_graph, verify
from limen.vision.yunet import OUTPUTS

__all__ = [
    "DETECTOR",
    "MASK_STATE",
    "bare_embedding",
    "build_vision",
    "calibration_of",
    "face_finder",
    "known_models",
    "thread_count",
    "verifier",
]

DETECTOR = "yunet-2023mar"
MASK_STATE = "mask-state-2026nov"


def thread_count(settings: Settings) -> int:
    """Worker threads in force."""
    return settings.vision.threads or core_count()


def known_models(settings: Settings) -> dict[str, tuple[ModelCard, Path | None]]:
    """Every model that may be chosen: name -> (manifest entry, folder of its files or None for a package's)."""
    models: dict[str, tuple[ModelCard, Path | None]] = {name: (card, None) for name, card in bundled_cards().items()}
    for manifest in sorted((settings.data / "models").glob("*/model.toml")):
        for name, card in read_cards(manifest).items():
            models[name] = (card, manifest.parent)
    return models


def calibration_of(settings: Settings) -> Calibration:
    """The calibration of the chosen embedding model.

    Raises:
        ModelError: no such model, or it has no calibration.
    """
    card, folder = _chosen(settings, settings.vision.embedder)
    return bundled_calibration(card.name, folder=folder)


def build_vision(
    settings: Settings, calibration: Calibration | None, *, options: DetectorOptions = DOOR, threads: int | None = None
) -> Recogniser:
    """Load models and join them to a pipeline.

    Args:
        settings: which models, how many threads.
        calibration: gives the centre; None embeds without centre (only to calibrate).
        options: how hard to look for faces.
        threads: instead of the settings' number; 1 for a pipeline that several threads call at once.

    Raises:
        ModelError: a model is missing, altered, or does not fit its calibration.
    """
    count = threads or thread_count(settings)
    workers = Workers(count)
    detector_card, detector_folder = _chosen(settings, DETECTOR)
    card, folder = _chosen(settings, settings.vision.embedder)
    with lean_loading():
        graph = load_graph(detector_card, cache=settings.cache, folder=detector_folder)
        network = OrtNetwork(graph, name=DETECTOR, outputs=OUTPUTS, threads=count)
        single = OrtNetwork(graph, name=DETECTOR, outputs=OUTPUTS) if count > 1 else network
        weights = load_graph(card, cache=settings.cache, folder=folder)
        embedder = Embedder(
            OrtNetwork(weights, name=card.name, threads=count),
            card=card,
            centre=None if calibration is None else calibration.centre,
        )
        masks = MaskNetwork(_mask_network(settings, threads=count))
        del graph, weights
    if calibration is not None and calibration.model_id != embedder.model_id:
        raise ModelError(
            f"{card.name}: the calibration is for {calibration.model_id}, the model in use is {embedder.model_id}",
            advice="make it again with `limen evaluate calibrate`",
        )
    detector = Detector(network, workers=workers, options=options)
    return Recogniser(detector=detector, canvas_network=single, embedder=embedder, mask_network=masks, workers=workers)


def face_finder(settings: Settings) -> EveryFace:
    """Every face of a picture, to cover it; the embedding model is not even loaded.

    Raises:
        ModelError: the detector is missing or altered.
    """
    count = thread_count(settings)
    card, folder = _chosen(settings, DETECTOR)
    network = OrtNetwork(load_graph(card, cache=settings.cache, folder=folder), name=DETECTOR, outputs=OUTPUTS)
    return EveryFace(Detector(network, workers=Workers(count), options=EVERY_FACE))


def bare_embedding(settings: Settings) -> Callable[[], object]:
    """The embedding graph alone on the two crops of a drawn face, for comparison; plain grey would be faster."""
    card, folder = _chosen(settings, settings.vision.embedder)
    weights = load_graph(card, cache=settings.cache, folder=folder)
    network = OrtNetwork(weights, name=card.name, threads=thread_count(settings))
    crop = draw_face(PERSON, side_px=CROP_PX).transpose(2, 0, 1)
    crops = np.stack([crop, crop[:, :, ::-1]]).astype(np.float32)
    return lambda: network.run(crops)


def verifier(settings: Settings) -> Verify:
    """1:1 comparison of pictures; needs no site."""
    calibration = calibration_of(settings)
    return Verify(
        vision=build_vision(settings, calibration, options=PICTURES), comparer=CalibratedComparer(calibration)
    )


def _mask_network(settings: Settings, *, threads: int) -> OrtNetwork:
    card, folder = _chosen(settings, MASK_STATE)
    return OrtNetwork(verify(card, folder=folder), name=MASK_STATE, threads=threads)


def _chosen(settings: Settings, name: str) -> tuple[ModelCard, Path | None]:
    models = known_models(settings)
    if name not in models:
        raise ModelError(f"{name}: there is no such model", advice=f"choose one of {', '.join(sorted(models))}")
    return models[name]
