"""What each step of the preparation buys: misses of an open-set search with and without it.

Caveats first: the centre is that of the shipped calibration, made on these very people; benchmarks/crossfit.py shows
that it holds on others. One protocol, one set.

    python benchmarks/steps.py --images lfw-dev.tar --protocol openset.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import DETECTOR, PICTURES, calibration_of, known_models, thread_count
from limen.evaluation.embedding import central_face
from limen.evaluation.identification import FPIR_TARGETS, mated_probes, nonmated_probes
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import OpenSet, read_open_set
from limen.evaluation.rates import cmc, fnir_at_fpir
from limen.frames.pictures import decode_picture
from limen.settings import load_settings
from limen.vision.align import align
from limen.vision.detect import Detector
from limen.vision.landmarks import refine_landmarks
from limen.vision.runtime import OrtNetwork, Workers
from limen.vision.weights import load_graph
from limen.vision.yunet import OUTPUTS

AT = datetime(1970, 1, 1, tzinfo=UTC)
Rows = NDArray[np.float64]


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--protocol", type=Path, required=True)
    arguments = parser.parse_args()
    settings = load_settings()
    protocol = read_open_set(arguments.protocol)
    one = _embedder_of_four()
    names: list[str] = []
    raw: list[NDArray[np.float32]] = []
    pictures = PictureSet(arguments.images).read(protocol.images())
    with ThreadPoolExecutor(thread_count(settings)) as pool:
        for name, rows in pool.map(one, pictures):
            names.append(name)
            raw.append(rows)
            print(f"\r{len(names)}", end="", file=sys.stderr)
    found = np.array(raw, dtype=np.float64)
    centre = calibration_of(settings).centre.astype(np.float64)
    plain, mirrored = found[:, 0, 0], found[:, 0].sum(axis=1)
    steady = found[:, 1].sum(axis=1)
    steps = {
        "plain": _unit(plain),
        "+ mirrored crop": _unit(mirrored),
        "+ centre": _unit(_unit(mirrored) - centre),
        "+ steady landmarks (shipped)": _unit(_unit(steady) - centre),
    }
    place = {name: row for row, name in enumerate(names)}
    print(file=sys.stderr)
    print(json.dumps({step: _rates(rows, place, protocol) for step, rows in steps.items()}, indent=1))


def _embedder_of_four() -> Callable[[tuple[str, bytes]], tuple[str, NDArray[np.float32]]]:
    """Picture -> float32 (2, 2, d): first guess or steady landmarks; crop or its mirror image; not normalised."""
    settings = load_settings()
    models = known_models(settings)
    graph = load_graph(models[DETECTOR][0], cache=settings.cache)
    canvas = OrtNetwork(graph, name=DETECTOR, outputs=OUTPUTS)
    detector = Detector(canvas, workers=Workers(1), options=PICTURES)
    card, folder = models[settings.vision.embedder]
    network = OrtNetwork(load_graph(card, cache=settings.cache, folder=folder), name=card.name)

    def one(picture: tuple[str, bytes]) -> tuple[str, NDArray[np.float32]]:
        frame = decode_picture(picture[1], name=picture[0], at=AT)
        face = central_face(detector.detect(frame.pixels), frame)
        if face is None:
            raise SystemExit(f"{picture[0]}: no face")
        steady = refine_landmarks(canvas, frame.pixels, face.landmarks)
        crops = [align(frame.pixels, landmarks) for landmarks in (face.landmarks, steady)]
        views = np.stack([view[..., ::-1].transpose(2, 0, 1) for crop in crops for view in (crop, crop[:, ::-1])])
        return picture[0], network.run(np.ascontiguousarray(views, dtype=np.float32))[0].reshape(2, 2, -1)

    return one


def _unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _rates(rows: Rows, place: dict[str, int], protocol: OpenSet) -> dict[str, object]:
    gallery = rows[[place[names[0]] for names in protocol.gallery]]
    mated = rows[[place[name] for name in protocol.mated_images]] @ gallery.T
    strangers = rows[[place[name] for name in protocol.nonmated_images]] @ gallery.T
    probes = mated_probes([(mated, np.asarray(protocol.mated_people))])
    top = nonmated_probes([strangers])
    rates = {name: fnir_at_fpir(probes.own, probes.ranks, top, fpir_target=t) for name, t in FPIR_TARGETS.items()}
    return {
        "fnir_at_fpir": {
            name: None if rate is None else round(rate.errors / rate.trials, 4) for name, rate in rates.items()
        },
        "misses": {name: None if rate is None else rate.errors for name, rate in rates.items()},
        "rank1_errors": cmc(probes.ranks, n_ranks=1)[0].errors,
        "n_mated": len(probes.own),
    }


if __name__ == "__main__":
    main()
