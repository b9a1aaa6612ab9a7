"""The models, loaded once for all tests of a process; the folded graphs lie in pytest's own temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from limen.bootstrap import build_vision, calibration_of
from limen.core.probe import Probe
from limen.gallery.calibration import Calibration
from limen.settings import Settings
from limen.vision.detect import DOOR, PICTURES, Detector
from limen.vision.embed import Embedder
from limen.vision.manifest import ModelCard, bundled_cards
from limen.vision.recogniser import Recogniser
from limen.vision.runtime import OrtNetwork, Workers
from limen.vision.weights import load_graph
from limen.vision.yunet import OUTPUTS
from support.faces import Pixels
from support.vision import make_frame


@pytest.fixture(scope="session")
def cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where folded graphs are kept; shared by the processes of one run, as they would share the user's cache."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if hasattr(request.config, "workerinput") else own) / "limen-cache"


@pytest.fixture(scope="session")
def settings(cache: Path) -> Settings:
    """Defaults, two threads."""
    return Settings.model_validate({"data": cache / "no-data", "cache": cache, "vision": {"threads": 2}})


@pytest.fixture(scope="session")
def calibration(settings: Settings) -> Calibration:
    """The one that ships."""
    return calibration_of(settings)


@pytest.fixture(scope="session")
def detector_network(cache: Path) -> OrtNetwork:
    """YuNet, one thread."""
    graph = load_graph(bundled_cards()["yunet-2023mar"], cache=cache)
    return OrtNetwork(graph, name="yunet", outputs=OUTPUTS)


@pytest.fixture(scope="session")
def door_detector(detector_network: OrtNetwork) -> Detector:
    """Looks as a door does: once."""
    return Detector(detector_network, workers=Workers(1), options=DOOR)


@pytest.fixture(scope="session")
def detector(detector_network: OrtNetwork) -> Detector:
    """Looks as hard as for pictures."""
    return Detector(detector_network, workers=Workers(2), options=PICTURES)


@pytest.fixture(scope="session")
def embedder_card() -> ModelCard:
    """SFace's manifest entry."""
    return bundled_cards()["sface-2021dec"]


@pytest.fixture(scope="session")
def embedder_network(embedder_card: ModelCard, cache: Path) -> OrtNetwork:
    """SFace, one thread."""
    return OrtNetwork(load_graph(embedder_card, cache=cache), name="sface")


@pytest.fixture(scope="session")
def embedder(embedder_network: OrtNetwork, embedder_card: ModelCard, calibration: Calibration) -> Embedder:
    """As it is shipped."""
    return Embedder(embedder_network, card=embedder_card, centre=calibration.centre)


@pytest.fixture(scope="session")
def recogniser(settings: Settings, calibration: Calibration) -> Recogniser:
    """The whole pipeline, wired as bootstrap wires it."""
    return build_vision(settings, calibration, options=PICTURES)


@pytest.fixture(scope="session")
def probe_of(recogniser: Recogniser) -> Callable[[Pixels], Probe]:
    """Pixels that show one face -> its probe."""

    def probe(pixels: Pixels) -> Probe:
        frame = make_frame(pixels)
        (face,) = recogniser.detect(frame)
        (made,), _ = recogniser.assess(frame, (face,))
        return made

    return probe


@pytest.fixture
def noise() -> Pixels:
    """A picture of nothing."""
    return np.random.default_rng(5).integers(0, 256, (480, 640, 3), dtype=np.uint8)
