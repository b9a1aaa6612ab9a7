"""Runs inside a peer's environment: one JSON object a line on stdin, one answer a line on stdout.

    {"do": "load", "name": ..., "models": {...}}          {"seconds"}
    {"do": "embed", "pictures": [...], "out": FILE}       {"seconds"}; out holds embeddings (n, d), NaN where no face
                                                          was found, and masked (n,)
    {"do": "enrol", "count": N}                           random unit rows
    {"do": "identify", "picture": FILE}                   {"found", "detect_ms", "describe_ms", "search_ms"}
    {"do": "fill", "name": ..., "rows": FILE}             {"mib"}: by how much the process has grown
    {"do": "search", "queries": FILE}                     {"best": [...], "ms": [...]}
    {"do": "peak"}                                        {"peak_mib"}

Pictures are .npy files, uint8 (H, W, 3), BGR. Whatever a peer prints goes to stderr.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__: list[str] = []

_MIB = 2**20


class _Worker:
    def __init__(self) -> None:
        self._peer: Any = None
        self._searcher: Any = None

    def load(self, told: Mapping[str, Any]) -> dict[str, Any]:
        from peer_adapters import ADAPTERS  # noqa: PLC0415

        started = time.perf_counter()
        self._peer = ADAPTERS[told["name"]](told["models"])
        return {"seconds": time.perf_counter() - started}

    def embed(self, told: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        rows = [self._acquire(np.load(picture)) for picture in told["pictures"]]
        dimensions = next((row[0].size for row in rows if row is not None), 0)
        embeddings = np.full((len(rows), dimensions), np.nan, dtype=np.float32)
        for place, row in enumerate(rows):
            if row is not None:
                embeddings[place] = row[0]
        masked = np.array([row is not None and row[1] for row in rows], dtype=np.bool_)
        np.savez(told["out"], embeddings=embeddings, masked=masked)
        return {"seconds": time.perf_counter() - started}

    def enrol(self, told: Mapping[str, Any]) -> dict[str, Any]:
        rows = np.random.default_rng(1).standard_normal((told["count"], 128), dtype=np.float32)
        self._peer.enrol(rows / np.linalg.norm(rows, axis=1, keepdims=True))
        return {}

    def identify(self, told: Mapping[str, Any]) -> dict[str, Any]:
        pixels = np.load(told["picture"])
        marks = [time.perf_counter()]
        face = _central(self._peer.detect(pixels), pixels)
        marks.append(time.perf_counter())
        described = None if face is None else self._peer.describe(pixels, face)
        marks.append(time.perf_counter())
        if described is not None:
            self._peer.search(described[0])
        marks.append(time.perf_counter())
        times = [1000.0 * (after - before) for before, after in itertools.pairwise(marks)]
        names = ("detect_ms", "describe_ms", "search_ms")
        return {"found": described is not None, **dict(zip(names, times, strict=True))}

    def fill(self, told: Mapping[str, Any]) -> dict[str, Any]:
        from peer_searches import SEARCHERS  # noqa: PLC0415

        self._searcher = SEARCHERS[told["name"]]()
        self._searcher.fill(np.eye(2, 128, dtype=np.float32))  # so that libraries are loaded before memory is read
        self._searcher.best(np.eye(1, 128, dtype=np.float32)[0])
        rows = np.load(told["rows"], mmap_mode="r")
        before = _resident()
        self._searcher.fill(np.asarray(rows))
        del rows
        return {"mib": round((_resident() - before) / _MIB, 1)}

    def search(self, told: Mapping[str, Any]) -> dict[str, Any]:
        best, times = [], []
        for query in np.load(told["queries"]):
            started = time.perf_counter()
            best.append(self._searcher.best(query))
            times.append(1000.0 * (time.perf_counter() - started))
        return {"best": best, "ms": times}

    def peak(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}

    def _acquire(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], bool] | None:
        face = _central(self._peer.detect(pixels), pixels)
        return None if face is None else self._peer.describe(pixels, face)


def _central(found: list[tuple[tuple[float, float], Any]], pixels: NDArray[np.uint8]) -> Any:
    """The face nearest the centre of the picture, the same rule for everybody; None without one."""
    x, y = pixels.shape[1] / 2, pixels.shape[0] / 2
    nearest = min(found, key=lambda face: (face[0][0] - x) ** 2 + (face[0][1] - y) ** 2, default=None)
    return None if nearest is None else nearest[1]


def _resident() -> int:
    """Bytes of this process in memory that belong to no file."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("RssAnon")).split()[1])


def main() -> None:
    """Answer until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = _Worker()
    for line in sys.stdin:
        told = json.loads(line)
        answers.write(json.dumps(getattr(worker, told["do"])(told)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
