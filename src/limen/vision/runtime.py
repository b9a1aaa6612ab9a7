"""ONNX Runtime lives here and nowhere else: sessions, and a pool that keeps the cores busy.

One session with as many threads as cores beats a session of one thread for every core: it holds the weights once, and
both cores read the same ones (measured in docs/results.md).
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from limen.core.errors import ModelError

__all__ = ["Network", "OrtNetwork", "Workers", "core_count", "lean_loading"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Options of glibc's mallopt(3)."""

_KEEP_NOTHING_ABOVE = 128 * 1024
_KEEP_AT_MOST = 64 * 1024 * 1024
"""Bytes; where glibc's limits start, and the highest it raises them to."""


class Network(Protocol):
    """One loaded graph with one input."""

    def run(self, batch: NDArray[np.float32], /) -> list[NDArray[np.float32]]:
        """Run the graph; returns the named outputs in the order asked for at loading."""


class OrtNetwork:
    """A graph on ONNX Runtime's CPU provider.

    Args:
        graph: the float32 model, serialised or as a file; a file is never in memory whole.
        name: what to call it in errors.
        outputs: names of the outputs wanted; empty for all.
        threads: inside one run.

    Raises:
        ModelError: ONNX Runtime does not take the graph.
    """

    def __init__(self, graph: bytes | Path, *, name: str, outputs: Sequence[str] = (), threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin while waiting take the other core from whatever runs next.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # A memory pattern is a block of its own beside those that the first run left to the arena.
        options.enable_mem_pattern = False
        try:
            self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises classes of its own that share no public base
            text = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ModelError(
                f"{name}: ONNX Runtime cannot load this model ({text})", advice="run `limen models verify`"
            ) from error
        # onnxruntime keeps the bytes it was given, for a fallback to other providers; the weights are in the session.
        self._session._model_bytes = None  # noqa: SLF001
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise ModelError(
                f"{name}: expected one input, got {len(inputs)}", advice="use a model with one image input"
            )
        self._input = inputs[0].name
        self._outputs = list(outputs) or [item.name for item in self._session.get_outputs()]

    def run(self, batch: NDArray[np.float32], /) -> list[NDArray[np.float32]]:
        """Run the graph on float32 (n, C, H, W)."""
        result: list[NDArray[np.float32]] = self._session.run(self._outputs, {self._input: batch})
        return result


class Workers:
    """As many threads as cores; ``map`` keeps the order. ONNX Runtime, OpenCV and numpy let go of the lock."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="limen-vision") if count > 1 else None

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """``[function(item) for item in items]``, on all threads."""
        if self._pool is None or len(items) < 2:  # noqa: PLR2004  one item gains nothing from a pool
            return [function(item) for item in items]
        return list(self._pool.map(function, items))


@contextmanager
def lean_loading() -> Iterator[None]:
    """While models load, large blocks go back to the system as soon as they are freed, where the C library is glibc.

    By itself it raises that limit when the first large block is freed and keeps up to 64 MiB from then on: 40 MiB of
    SFace's file lay unused beside its weights. Afterwards it keeps that much again, for the sake of speed.
    """
    set_option, trim = (getattr(_c_library(), name, None) for name in ("mallopt", "malloc_trim"))
    if set_option is None or trim is None:
        yield
        return
    set_option(_M_MMAP_THRESHOLD, _KEEP_NOTHING_ABOVE)
    try:
        yield
    finally:
        set_option(_M_MMAP_THRESHOLD, _KEEP_AT_MOST // 2)
        set_option(_M_TRIM_THRESHOLD, _KEEP_AT_MOST)
        trim(0)


def _c_library() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def core_count() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
