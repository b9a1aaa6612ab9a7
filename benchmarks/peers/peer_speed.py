"""Steps ``speed`` and ``search``: who needs how long and how much memory, everybody taking turns.

All workers live through the whole step and wait while another works, so whatever else the machine does hits all alike.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from peer_list import PEERS, SEARCHES, Peer
from peer_material import write_pictures
from peer_process import Setting, Worker, rotated

from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import read_open_set
from limen.evaluation.speed import door_frame

__all__ = ["search", "speed"]

_ENROLLED = 1000
_FRAMES = 5
_WARM_UP = 3
_SIZES = (1_000, 100_000, 1_000_000)
_QUERIES = 5
_SEED = 2026


def speed(setting: Setting) -> dict[str, Any]:
    """Frame to identity at 1280x720, start-up and memory, peers taking turns."""
    arguments = setting.arguments
    open_set = read_open_set(arguments.protocol)
    chosen = np.random.default_rng(arguments.seed).choice(len(open_set.gallery), _FRAMES, replace=False)
    frames = write_pictures(
        PictureSet(arguments.images),
        [open_set.gallery[place][0] for place in chosen],
        setting.folder / "frames",
        changed=lambda _, frame: door_frame(frame.pixels),
    )
    files = [str(path) for path in frames.values()]
    times: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in PEERS}
    starts: dict[str, list[float]] = {peer.name: [] for peer in PEERS}
    with ExitStack() as stack:
        workers = {peer.name: setting.start(stack, peer) for peer in PEERS}
        for worker in workers.values():
            worker.ask("enrol", {"count": _ENROLLED})
        for turn in range(_WARM_UP + arguments.rounds):
            for name, worker in rotated(list(workers.items()), turn):
                answer = worker.ask("identify", {"picture": files[turn % len(files)]})
                if turn >= _WARM_UP:
                    times[name].append(answer)
        peaks = {name: worker.ask("peak")["peak_mib"] for name, worker in workers.items()}
    for turn in range(arguments.starts):
        for peer in rotated(list(PEERS), turn):
            starts[peer.name].append(_start_up(setting, peer, files[0]))
    return {
        "rounds": arguments.rounds,
        "frames": len(files),
        "enrolled": _ENROLLED,
        "versions": {name: environment.versions for name, environment in setting.environments.items()},
        "peers": {
            peer.name: _timed(times[peer.name])
            | {
                "start_s": round(float(np.median(starts[peer.name])), 2),
                "peak_mib": peaks[peer.name],
                "install_mib": setting.environments[peer.name].install_mib,
            }
            for peer in PEERS
        },
    }


def _start_up(setting: Setting, peer: Peer, picture: str) -> float:
    """Seconds from starting the process until the first face of a frame is found and described."""
    started = time.perf_counter()
    with ExitStack() as stack:
        worker = setting.start(stack, peer)
        worker.ask("enrol", {"count": 1})
        worker.ask("identify", {"picture": picture})
        return time.perf_counter() - started


def _timed(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    stages = {stage: np.array([row[stage] for row in rows]) for stage in ("detect_ms", "describe_ms", "search_ms")}
    totals = np.sum(list(stages.values()), axis=0)
    percentiles = {f"p{p}_ms": round(float(np.percentile(totals, p)), 1) for p in (50, 95)}
    found = sum(bool(row["found"]) for row in rows)
    return (
        percentiles | {f"{name}": round(float(np.median(part)), 2) for name, part in stages.items()} | {"found": found}
    )


def search(setting: Setting) -> dict[str, Any]:
    """Exact search, means taking turns, answers checked against float64."""
    report: dict[str, Any] = {
        "versions": {name: environment.versions for name, environment in setting.environments.items()}
    }
    for size in _SIZES:
        rng = np.random.default_rng(_SEED)
        rows = _unit(rng.standard_normal((size, 128), dtype=np.float32))
        np.save(setting.folder / "rows.npy", rows)
        report[str(size)] = _search_among(setting, rows, rng)
    return report


def _search_among(setting: Setting, rows: Any, rng: np.random.Generator) -> dict[str, Any]:
    times: dict[str, list[float]] = {peer.name: [] for peer in SEARCHES}
    wrong = dict.fromkeys(times, 0)
    told = {"queries": str(setting.folder / "queries.npy")}
    with ExitStack() as stack:
        workers = {peer.name: stack.enter_context(Worker(setting.environments[peer.name])) for peer in SEARCHES}
        rows_file = str(setting.folder / "rows.npy")
        mib = {name: worker.ask("fill", {"name": name, "rows": rows_file})["mib"] for name, worker in workers.items()}
        for turn in range(1 + setting.arguments.rounds // _QUERIES):
            queries = rng.standard_normal((_QUERIES, 128), dtype=np.float32)
            queries[::2] += 12.0 * rows[rng.integers(0, len(rows), len(queries[::2]))]
            queries = _unit(queries)
            np.save(setting.folder / "queries.npy", queries)
            truth = (rows.astype(np.float64) @ queries.T.astype(np.float64)).argmax(axis=0)
            for name, worker in rotated(list(workers.items()), turn):
                answer = worker.ask("search", told)
                if turn:  # the first turn warms up
                    times[name] += answer["ms"]
                    wrong[name] += int((np.array(answer["best"]) != truth).sum())
    return {
        name: {
            **{f"p{p}_ms": round(float(np.percentile(ms, p)), 3) for p in (50, 99)},
            "mib": mib[name],
            "wrong": wrong[name],
            "queries": len(ms),
        }
        for name, ms in times.items()
    }


def _unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
