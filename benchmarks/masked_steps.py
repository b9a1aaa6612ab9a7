"""What each step of masked recognition buys, kept ones and dropped ones: misses at a given FPIR with and without it.

Caveats first: masks are drawn; shift and matrix are those of the shipped calibration, made on these very people
(benchmarks/crossfit.py shows what holds on others). Every other probe is used. One protocol, one set.

    python benchmarks/masked_steps.py --images lfw-dev.tar --protocol openset.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import PICTURES, build_vision, calibration_of, thread_count
from limen.evaluation.embedding import central_face
from limen.evaluation.identification import FPIR_TARGETS, mated_probes, nonmated_probes
from limen.evaluation.masked_probes import MaskDrawer
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import read_open_set
from limen.evaluation.rates import fnir_at_fpir
from limen.frames.pictures import decode_picture
from limen.settings import load_settings
from limen.vision.align import CROP_PX, LANDMARK_PLACES, MASKED_PLACES, align
from limen.vision.drawn_masks import ENROLMENT_MASKS, draw_mask

AT = datetime(1970, 1, 1, tzinfo=UTC)
Rows = NDArray[np.float64]
_MIDDLE = CROP_PX / 2
_DOWN = np.array([0.0, 2.0])
_COVER_FROM = 62.0
PLACES = {
    "plain": LANDMARK_PLACES,
    "places": MASKED_PLACES,
    "larger": (MASKED_PLACES - _MIDDLE) * 1.06 + _MIDDLE,
    "smaller": (MASKED_PLACES - _MIDDLE) * 0.94 + _MIDDLE,
    "lower": MASKED_PLACES + _DOWN,
    "higher": MASKED_PLACES - _DOWN,
}
_UPPER = np.array([0.0, 10.0])
_UPPER_ZOOM = 1.35


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", required=True)
    parser.add_argument("--protocol", type=Path, required=True)
    arguments = parser.parse_args()
    protocol, pictures = read_open_set(arguments.protocol), PictureSet(arguments.images)
    pipeline = _Pipeline()
    gallery = [names[0] for names in protocol.gallery]
    mated, strangers = protocol.mated_images[::2], protocol.nonmated_images[::2]
    probes = pipeline.all(pipeline.probe, pictures, list(dict.fromkeys([*mated, *strangers])))
    references = pipeline.all(pipeline.reference, pictures, gallery)
    steps = _steps(
        {key: np.stack([references[name][key] for name in gallery]) for key in references[gallery[0]]},
        {key: np.stack([probes[name][key] for name in mated]) for key in probes[mated[0]]},
        {key: np.stack([probes[name][key] for name in strangers]) for key in probes[mated[0]]},
    )
    whose = np.asarray(protocol.mated_people)[::2]
    print(file=sys.stderr)
    print(json.dumps({name: _rates(*pair, whose) for name, pair in steps.items()}, indent=1))


class _Pipeline:
    def __init__(self) -> None:
        settings = load_settings()
        self._calibration = calibration_of(settings)
        self._vision = build_vision(settings, self._calibration, options=PICTURES, threads=1)
        self._drawer = MaskDrawer(self._vision)
        self._threads = thread_count(settings)

    def all(self, what: Callable[..., Any], pictures: PictureSet, names: list[str]) -> dict[str, dict[str, Rows]]:
        """Name -> embeddings by kind."""
        found = {}
        with ThreadPoolExecutor(self._threads) as pool:
            for name, rows in pool.map(what, pictures.read(names)):
                found[name] = rows
                print(f"\r{len(found)} of {len(names)}", end="", file=sys.stderr)
        return found

    def probe(self, picture: tuple[str, bytes]) -> tuple[str, dict[str, Rows]]:
        """A masked probe, cut in several ways; with the lower half covered evenly; without the mirror image."""
        frame = self._drawer(picture[0], decode_picture(picture[1], name=picture[0], at=AT))
        face = None if frame is None else central_face(self._vision.detect(frame), frame)
        if frame is None or face is None:
            raise SystemExit(f"{picture[0]}: no face")
        points = self._vision.steadied(frame, face).landmarks
        crops = {kind: align(frame.pixels, points, places=places) for kind, places in PLACES.items()}
        crops["upper"] = align(frame.pixels, points, places=_upper(MASKED_PLACES))
        crops["covered"] = _covered(crops["places"])
        return picture[0], self._embedded(crops)

    def reference(self, picture: tuple[str, bytes]) -> tuple[str, dict[str, Rows]]:
        """A bare reference; the same with four masks drawn; the same with the lower half covered evenly."""
        frame = decode_picture(picture[1], name=picture[0], at=AT)
        face = central_face(self._vision.detect(frame), frame)
        if face is None:
            raise SystemExit(f"{picture[0]}: no face")
        points = self._vision.steadied(frame, face).landmarks
        crops = {"bare": align(frame.pixels, points)}
        crops["upper"] = align(frame.pixels, points, places=_upper(LANDMARK_PLACES))
        crops["covered"] = _covered(crops["bare"])
        for number, mask in enumerate(ENROLMENT_MASKS):
            masked = draw_mask(frame.pixels, points, mask, rng=np.random.default_rng(number))
            crops[f"masked {number}"] = align(masked, points)
        return picture[0], self._embedded(crops)

    def _embedded(self, crops: dict[str, NDArray[np.uint8]]) -> dict[str, Rows]:
        rows = self._vision.embedder.embed(list(crops.values())).astype(np.float64)
        return dict(zip(crops, rows, strict=True))


def _upper(places: Rows) -> Rows:
    """Where landmarks go for the upper half of the face to fill the crop."""
    return np.asarray((places - _MIDDLE) * _UPPER_ZOOM + _MIDDLE + _UPPER)


def _covered(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Everything below the bridge of the nose in one grey."""
    share = np.clip((np.arange(CROP_PX) - _COVER_FROM) / 4.0, 0.0, 1.0)[:, None, None]
    return np.asarray(crop * (1 - share) + 128 * share, dtype=np.uint8)


def _steps(
    reference: dict[str, Rows], mated: dict[str, Rows], stranger: dict[str, Rows]
) -> dict[str, tuple[Rows, Rows]]:
    """Step -> similarities of mated probes and of strangers to everybody enrolled."""
    masked_map = calibration_of(load_settings()).masked_map
    if masked_map is None:
        raise SystemExit("the calibration has no masked map")
    shift, matrix = masked_map.shift.astype(np.float64), masked_map.matrix.astype(np.float64)
    bare = reference["bare"]
    drawn = sum(_unit(reference[f"masked {number}"] - shift) for number in range(len(ENROLMENT_MASKS)))
    cover_bare, cover_masked = reference["covered"].mean(axis=0), np.mean([*mated["covered"], *stranger["covered"]], 0)

    def by(probe_of: Callable[[dict[str, Rows]], Rows]) -> tuple[Rows, Rows]:
        return probe_of(mated), probe_of(stranger)

    def shipped(p: dict[str, Rows], kind: str = "places") -> Rows:
        return _unit((p[kind] - shift) @ matrix)

    upper_bare, upper_masked = (
        part - part.mean(axis=0) for part in (reference["upper"], np.concatenate([mated["upper"], stranger["upper"]]))
    )

    def upper(p: dict[str, Rows]) -> Rows:
        rows = upper_masked[: len(mated["upper"])] if p is mated else upper_masked[len(mated["upper"]) :]
        return _unit(rows) @ _unit(upper_bare).T

    mapped = _unit(bare @ matrix)
    whitening = _whitened_by_differences(reference, shift)
    views = by(shipped)
    own = _unit(_unit(drawn) @ matrix)
    fused = {
        "plain": by(lambda p: p["plain"] @ bare.T),
        "+ other places": by(lambda p: p["places"] @ bare.T),
        "+ shift": by(lambda p: _unit(p["places"] - shift) @ bare.T),
        "+ matrix (shipped)": by(lambda p: shipped(p) @ mapped.T),
        "dropped: shift and matrix without other places": by(lambda p: shipped(p, "plain") @ mapped.T),
        "dropped: and a larger crop": by(lambda p: _unit(shipped(p) + shipped(p, "larger")) @ mapped.T),
        "dropped: and a smaller crop": by(lambda p: _unit(shipped(p) + shipped(p, "smaller")) @ mapped.T),
        "dropped: and crops 2 pixels higher and lower": by(
            lambda p: _unit(shipped(p) + shipped(p, "higher") + shipped(p, "lower")) @ mapped.T
        ),
        "dropped: and the upper half alone, mean": by(lambda p: (shipped(p) @ mapped.T + upper(p)) / 2),
        "dropped: the upper half alone": by(upper),
        "dropped: other places, shift, whitened by (bare - masked) alone": by(
            lambda p: _unit(_unit(p["places"] - shift) @ whitening) @ _unit(bare @ whitening).T
        ),
        "dropped: references with four drawn masks only": (views[0] @ own.T, views[1] @ own.T),
        "dropped: bare and masked references, mean": tuple((v @ own.T + v @ mapped.T) / 2 for v in views),
        "dropped: bare and masked references, best": tuple(np.maximum(v @ own.T, v @ mapped.T) for v in views),
        "dropped: both lower halves covered evenly": by(
            lambda p: _unit(p["covered"] - cover_masked) @ _unit(reference["covered"] - cover_bare).T
        ),
    }
    normal = tuple(
        rows - np.sort(rows, axis=1)[:, -101:-1].mean(axis=1, keepdims=True) for rows in fused["+ matrix (shipped)"]
    )
    return {**fused, "dropped: less the mean of the hundred next": normal}


def _whitened_by_differences(reference: dict[str, Rows], shift: Rows) -> Rows:
    """The scatter of (bare - masked) of the enrolled pictures, a little shrunk, to the power of minus a half."""
    masked = [_unit(reference[f"masked {number}"] - shift) for number in range(len(ENROLMENT_MASKS))]
    differences = np.concatenate([rows - reference["bare"] for rows in masked])
    scatter = differences.T @ differences / len(differences)
    values, vectors = np.linalg.eigh(scatter + 0.1 * np.trace(scatter) / len(scatter) * np.eye(len(scatter)))
    return np.asarray((vectors * values**-0.5) @ vectors.T)


def _unit(rows: Rows) -> Rows:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def _rates(mated: Rows, strangers: Rows, whose: NDArray[np.intp]) -> dict[str, object]:
    probes, top = mated_probes([(mated, whose)]), nonmated_probes([strangers])
    rates = {name: fnir_at_fpir(probes.own, probes.ranks, top, fpir_target=t) for name, t in FPIR_TARGETS.items()}
    shown = {name: None if rate is None else round(rate.errors / rate.trials, 4) for name, rate in rates.items()}
    return {"fnir_at_fpir": shown, "n_mated": len(probes.own), "n_nonmated": len(top)}


if __name__ == "__main__":
    main()
