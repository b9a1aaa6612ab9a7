"""The same pictures through limen and what people use instead, on one machine, in one run.

    python benchmarks/peers/run.py --images lfw-dev.tar --pairs pairs.csv --protocol openset.json --masked-probes \
        --not-apart suspected-labels.csv --write docs/peers.md

Caveats first: they stand at the top of what ``--write`` makes. Every peer works in a process and a virtual environment
of its own (made on the first run, by package name, outside this repository). Three steps, all by default:

errors   the pictures, bare and with ``--masked-probes`` also masked, through every peer; rates by limen's own code
speed    frames of 1280x720, one face each, in rounds: each peer gets one frame before anybody gets the next; start-up
search   exact search among 1,000, 100,000 and 1,000,000 rows, in rounds too

A step replaces its part of ``--results`` and leaves the others, so that a machine can be left alone for the second and
third. Nothing that shows or describes a person outlives the run.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from peer_environments import prepare
from peer_errors import errors
from peer_list import PEERS, SEARCHES
from peer_page import page
from peer_process import Setting
from peer_speed import search, speed

from limen.bootstrap import DETECTOR, SystemClock, known_models
from limen.settings import load_settings
from limen.vision.weights import load_graph

_STEPS = {"errors": (errors, PEERS), "speed": (speed, PEERS), "search": (search, SEARCHES)}


def main() -> None:
    """Read arguments, run the steps, write results and page."""
    arguments = _arguments()
    for step in arguments.step:
        made = _run(step, arguments) | {
            "made_on": SystemClock().now().date().isoformat(),
            "machine": _machine(),
            "load": round(os.getloadavg()[0], 1),
        }
        arguments.results.write_text(json.dumps(_kept(arguments.results) | {step: made}, indent=1) + "\n", "utf-8")
    if arguments.write is not None:
        arguments.write.write_text(page(_kept(arguments.results)), "utf-8")


def _kept(path: Path) -> dict[str, Any]:
    """Results of the steps that were run before."""
    kept: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return kept


def _run(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """One step, in a folder that is gone afterwards."""
    settings = load_settings()
    models: dict[str, str] = {}
    step, peers = _STEPS[name]
    for role, model in (("detector", DETECTOR), ("embedder", settings.vision.embedder)):
        card, folder = known_models(settings)[model]
        load_graph(card, cache=settings.cache, folder=folder)
        models[role] = str(next(settings.cache.glob(f"{card.sha256[:16]}-*.onnx")))
    environments = {peer.name: prepare(peer, cache=settings.cache / "peers") for peer in peers}
    with tempfile.TemporaryDirectory(prefix="limen-peers-") as folder_name:
        setting = Setting(
            settings=settings,
            arguments=arguments,
            folder=Path(folder_name),
            environments=environments,
            models=models,
        )
        return step(setting)


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else "an unnamed machine"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append")
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--protocol", type=Path)
    parser.add_argument("--masked-probes", action="store_true")
    parser.add_argument("--masked-set", type=Path, nargs=2, metavar=("IMAGES", "PAIRS"), help="right pictures masked")
    parser.add_argument("--not-apart", type=Path, help="as for `limen evaluate calibrate`")
    parser.add_argument("--step", choices=_STEPS, action="append", help="only this; repeatable")
    parser.add_argument(
        "--share",
        type=float,
        default=1.0,
        help="of the people, for the errors; below 0.4 they are too few to fit limen anew",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("results.json"))
    parser.add_argument("--write", type=Path, metavar="FILE", help="make the page of the results, old and new")
    arguments = parser.parse_args()
    needed = {"errors": ("images", "pairs", "protocol"), "speed": ("images", "protocol"), "search": ()}
    if arguments.step is None:
        arguments.step = list(_STEPS) if arguments.images else []
    missing = {name for step in arguments.step for name in needed[step] if getattr(arguments, name) is None}
    if missing:
        parser.error(f"missing: {', '.join(f'--{name}' for name in sorted(missing))}")
    return arguments


if __name__ == "__main__":
    main()
