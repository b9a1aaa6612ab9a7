"""How long things take and how much memory they need, on the machine this runs on; ratios come from one run.

Nothing here is a test: machines are noisy, and a number without its machine says little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.core.decision import StageTimes
from limen.core.frame import Frame, SourceKind
from limen.core.ports import Vision
from limen.gallery.exact import ExactIndex

__all__ = ["DOOR_FRAME_PX", "door_frame", "pipeline_speed", "search_speed"]

DOOR_FRAME_PX = (1280, 720)
_PICTURE_SHARE = 0.9
_QUERIES = 40
_WARM_UP = 5

Progress = Callable[[int], None]


def door_frame(picture: NDArray[np.uint8]) -> Frame:
    """A 1280x720 frame with one picture of a face in its middle, on grey."""
    width, height = DOOR_FRAME_PX
    scale = _PICTURE_SHARE * height / picture.shape[0]
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    pixels = np.full((height, width, 3), 128, dtype=np.uint8)
    x, y = (width - size[0]) // 2, (height - size[1]) // 2
    pixels[y : y + size[1], x : x + size[0]] = small
    at = datetime(1970, 1, 1, tzinfo=UTC)
    return Frame(pixels=pixels, captured_at=at, source="benchmark", kind=SourceKind.BUNDLED)


def pipeline_speed(
    vision: Vision, frame: Frame, *, rounds: int, bare: Callable[[], object], progress: Progress = lambda _: None
) -> dict[str, Any]:
    """Time detect, align, quality and embed on one frame.

    Args:
        vision: the door's pipeline.
        frame: one face.
        rounds: how often.
        bare: runs the bare embedding graph on as many crops as one face needs; measured in turn with the pipeline.
        progress: told how many rounds are done.

    Returns:
        ``p50_ms p95_ms p99_ms stages{detect,align,quality,embed:{p50_ms}}``, and ``embed_over_bare_graph``.
    """
    totals, stages, alone = [], [], []
    for number in range(rounds + _WARM_UP):
        started = time.perf_counter()
        faces = vision.detect(frame)
        detected = time.perf_counter()
        probes, times = vision.assess(frame, faces)
        ended = time.perf_counter()
        bare()
        alone.append(1000.0 * (time.perf_counter() - ended))
        totals.append(1000.0 * (ended - started))
        stages.append(_stages(times, detect_ms=1000.0 * (detected - started)))
        for probe in probes:
            probe.wipe()
        progress(number + 1)
    kept = np.array(totals[_WARM_UP:])
    middle = np.median(np.array(stages[_WARM_UP:]), axis=0)
    names = ("detect", "align", "quality", "embed")
    return {
        **_percentiles(kept),
        "stages": {name: {"p50_ms": round(float(value), 2)} for name, value in zip(names, middle, strict=True)},
        "bare_graph_p50_ms": round(float(np.median(alone[_WARM_UP:])), 2),
        "embed_over_bare_graph": round(float(middle[3] / np.median(alone[_WARM_UP:])), 3),
        "rounds": rounds,
    }


def search_speed(sizes: Sequence[int], *, workers: int, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Time exact search among random unit vectors, and numpy's float32 product beside it.

    Returns:
        Per size ``p50_ms p99_ms mib`` and ``numpy_float32_p50_ms``, ``wrong`` (answers that are not float64's).
    """
    rng = np.random.default_rng(2026)
    report: dict[str, Any] = {}
    for done, size in enumerate(sizes):
        rows = rng.standard_normal((size, 128), dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        index = ExactIndex(128, workers=workers)
        index.add(rows)
        usable = np.ones(size, dtype=np.bool_)
        queries = rng.standard_normal((_QUERIES, 128), dtype=np.float32)
        queries[::2] += 12.0 * rows[rng.integers(0, size, len(queries[::2]))]
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
        ours, plain, answers, wrong = [], [], [], 0
        for query in queries:
            started = time.perf_counter()
            answers.append(index.best(query, usable=usable))
            ours.append(1000.0 * (time.perf_counter() - started))
        # Numpy after, not in turn: its BLAS threads spin on for a while and would take a core from the other.
        for query, found in zip(queries, answers, strict=True):
            started = time.perf_counter()
            rough = rows @ query
            rough.argmax()
            plain.append(1000.0 * (time.perf_counter() - started))
            wrong += found is None or found[0] != _float64_best(rows, query, rough)
        times = _percentiles(np.array(ours[_WARM_UP:]))
        report[str(size)] = {
            "p50_ms": times["p50_ms"],
            "p99_ms": times["p99_ms"],
            "mib": round(index.nbytes / 2**20, 1),
            "numpy_float32_p50_ms": round(float(np.median(plain[_WARM_UP:])), 2),
            "wrong": wrong,
        }
        progress(done + 1)
    return report


def _float64_best(rows: NDArray[np.float32], query: NDArray[np.float32], rough: NDArray[np.float32]) -> int:
    """The row float64 finds most alike; float32 cannot be off by more than 1e-4."""
    near = np.flatnonzero(rough >= rough.max() - 1e-4)
    return int(near[(rows[near].astype(np.float64) @ query.astype(np.float64)).argmax()])


def _stages(times: StageTimes, *, detect_ms: float) -> tuple[float, float, float, float]:
    return detect_ms, times.align_ms or 0.0, times.quality_ms or 0.0, times.embed_ms or 0.0


def _percentiles(times: NDArray[np.float64]) -> dict[str, float]:
    return {f"p{p}_ms": round(float(np.percentile(times, p)), 2) for p in (50, 95, 99)}
