"""Step ``errors``: the pictures through every peer, and the rates of each on the same comparisons.

Peers work at the same time here, so nothing is timed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from peer_list import LIMEN, PEERS, Peer
from peer_material import Material, draw, from_pairs, write_pictures
from peer_process import Setting
from peer_rates import Cross, Sides, calibrated, embedded_of, measured, plain

from limen.bootstrap import PICTURES, build_vision, calibration_of, known_models
from limen.cli.evaluate import read_apart
from limen.evaluation.calibrate import calibrate, calibration_set
from limen.evaluation.crossfit import centred, half, only
from limen.evaluation.embedding import Embedded
from limen.evaluation.masked_probes import MaskDrawer
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import read_open_set, read_pairs
from limen.gallery.calibration import Calibration

__all__ = ["errors"]


def errors(setting: Setting) -> dict[str, Any]:
    """Error rates of every peer on the same comparisons: bare and, if asked for, masked in one or two ways."""
    arguments = setting.arguments
    material = draw(
        read_open_set(arguments.protocol), read_pairs(arguments.pairs), share=arguments.share, seed=arguments.seed
    )
    materials = {"bare": material}
    if arguments.masked_probes:
        materials["masked"] = material
    if arguments.masked_set is not None:
        materials["masked_set"] = from_pairs(read_pairs(arguments.masked_set[1]))
    written = _written(setting, materials)
    with ThreadPoolExecutor(len(PEERS)) as pool:
        embedded = pool.map(lambda peer: _embed(setting, peer, written), PEERS)
        made = {peer.name: answers for peer, answers in zip(PEERS, embedded, strict=True)}
    fitted = [_fitted(setting, made[LIMEN], side=1 - side) for side in (0, 1)]
    shipped = [calibration_of(setting.settings)] * 2
    report: dict[str, Any] = {
        "share": arguments.share,
        "seed": arguments.seed,
        "pictures": len(written["bare"]),
        "enrolled": len(material.enrolled),
        "versions": {peer.name: setting.environments[peer.name].versions for peer in PEERS},
    }
    for kind, compared in materials.items():
        sides = {name: _sides(compared, answers, kind) for name, answers in made.items()}
        ways: dict[str, list[Cross]] = {
            LIMEN: [_calibrated(sides[LIMEN], calibration) for calibration in fitted],
            f"{LIMEN}, as shipped": [_calibrated(sides[LIMEN], calibration) for calibration in shipped],
            **{peer.name: [plain(sides[peer.name], metric=peer.metric)] * 2 for peer in PEERS if peer.name != LIMEN},
        }
        report[kind] = {
            name: measured(compared, sides[name.split(",")[0]], by_half=by_half, both_ways=kind != "bare")
            for name, by_half in ways.items()
        }
    return report


def _written(setting: Setting, materials: Mapping[str, Material]) -> dict[str, Mapping[str, Path]]:
    """Files of the bare pictures, and of each kind of masked ones."""
    arguments = setting.arguments
    pictures = PictureSet(arguments.images)
    material = materials["bare"]
    bare = dict.fromkeys(material.references)
    if "masked_set" in materials:
        bare |= dict.fromkeys(materials["masked_set"].references)
    written = {"bare": write_pictures(pictures, list(bare), setting.folder / "bare", progress=_told("bare"))}
    if "masked" in materials:
        drawer = MaskDrawer(build_vision(setting.settings, None, options=PICTURES, threads=1))
        folder, names = setting.folder / "masked", material.probes
        written["masked"] = write_pictures(pictures, names, folder, changed=drawer, progress=_told("masked"))
    if "masked_set" in materials:
        others = PictureSet([arguments.masked_set[0]])
        written["masked_set"] = write_pictures(others, materials["masked_set"].probes, setting.folder / "masked_set")
    return written


def _embed(setting: Setting, peer: Peer, written: Mapping[str, Mapping[str, Path]]) -> dict[str, Embedded]:
    """One peer's embeddings of each kind of pictures."""
    made = {}
    with ExitStack() as stack:
        worker = setting.start(stack, peer)
        for kind, files in written.items():
            out = setting.folder / f"{peer.name}-{kind}.npz"
            worker.ask("embed", {"pictures": [str(path) for path in files.values()], "out": str(out)})
            with np.load(out) as answer:
                made[kind] = embedded_of(tuple(files), answer["embeddings"], answer["masked"])
            print(f"{peer.name}: {len(files)} {kind}, {len(made[kind].failed)} failed", file=sys.stderr)
    return made


def _fitted(setting: Setting, made: Mapping[str, Embedded], *, side: int) -> Calibration:
    """A calibration of limen made on one half of the people."""
    card, _ = known_models(setting.settings)[setting.settings.vision.embedder]
    apart = () if setting.arguments.not_apart is None else read_apart(setting.arguments.not_apart)
    masked = half(made["masked"], side) if "masked" in made else None
    data = calibration_set(half(made["bare"], side), masked, apart)
    return calibrate(data, card=card, made_on=date(2026, 1, 1), made_from="one half")


def _calibrated(sides: Sides, calibration: Calibration) -> Cross:
    moved = Sides(references=centred(sides.references, calibration), probes=centred(sides.probes, calibration))
    return calibrated(moved, calibration)


def _sides(material: Material, made: Mapping[str, Embedded], kind: str) -> Sides:
    references, probes = set(material.references), set(material.probes)
    return Sides(
        references=only(made["bare"], lambda name: name in references),
        probes=only(made[kind], lambda name: name in probes),
    )


def _told(what: str) -> Callable[[int], None]:
    return lambda done: print(f"\r{what}: {done} pictures", end="", file=sys.stderr)
