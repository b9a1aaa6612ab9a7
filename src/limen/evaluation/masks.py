"""The mask-state report: DESIGN section 6, to the letter, with counts and intervals beside each value.

1. The face nearest the centre of a picture counts; a picture without one is ``fta`` and a miss of its label.
2. Only the exact state is a hit: ``unsure`` is a miss of every label.
3. Balanced accuracy of worn against none is the mean of the two recalls; other answers are misses of both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from limen.core.errors import CaptureError
from limen.core.probe import MaskState
from limen.evaluation.ahead import looked_at
from limen.evaluation.embedding import central_face
from limen.evaluation.labels import read_labels
from limen.evaluation.pictures import PictureSet
from limen.evaluation.rates import Rate, fta
from limen.evaluation.verification import fta_report
from limen.frames.pictures import decode_picture
from limen.vision.recogniser import Recogniser

__all__ = ["FTA", "LABELS", "masks_report", "read_mask_labels", "run_masks"]

LABELS = {"without_mask": MaskState.NONE, "worn_wrong": MaskState.INCORRECT, "with_mask": MaskState.WORN}
FTA = "fta"
_ADVICE = "expected a CSV file whose first line names the columns file,label; labels: " + ", ".join(LABELS)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS = (MaskState.NONE, MaskState.INCORRECT, MaskState.WORN)
_COLUMNS = (*(state.value for state in MaskState), FTA)


def read_mask_labels(path: Path) -> dict[str, MaskState]:
    """Read a CSV file of labels: picture name -> true state.

    Raises:
        ConfigError: the file cannot be read; says which line and why.
    """
    return read_labels(path, meaning=LABELS.get, advice=_ADVICE)


def run_masks(
    labels: dict[str, MaskState],
    pictures: PictureSet,
    *,
    vision: Recogniser,
    threads: int,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Look at every labelled picture and report.

    Args:
        labels: from ``read_mask_labels``.
        pictures: where they are.
        vision: the door's pipeline, built for one thread a call.
        threads: how many pictures at once.
        progress: told how many pictures are done.

    Raises:
        ConfigError: pictures are missing.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    answers = looked_at(
        pictures.read(labels),
        lambda one: (labels[one[0]], _state(*one, vision)),
        threads=threads,
        progress=progress,
    )
    return {**masks_report(answers), "seconds": round(time.perf_counter() - started, 1)}


def masks_report(answers: Iterable[tuple[MaskState, str]]) -> dict[str, Any]:
    """Count answers.

    Args:
        answers: true state, and the state predicted or ``fta``.
    """
    confusion = {truth.value: dict.fromkeys(_COLUMNS, 0) for truth in _ROWS}
    for truth, answer in answers:
        confusion[truth.value][answer] += 1
    rates = {state: _missed(confusion[state], state) for state in confusion}
    recall = {state: rate.correct for state, rate in rates.items()}
    count = sum(rate.trials for rate in rates.values())
    failed = sum(row[FTA] for row in confusion.values())
    acquisition = fta(np.arange(count) < failed)
    return {
        "n": count,
        "fta": fta_report(acquisition),
        "fta_interval": acquisition.interval(),
        "confusion": confusion,
        "recall": recall,
        "recall_counts": {state: rate.counts() for state, rate in rates.items()},
        "recall_interval": {state: rate.correct_interval() for state, rate in rates.items()},
        "macro_recall": _mean(list(recall.values())),
        "balanced_accuracy_worn_none": _mean([recall[MaskState.WORN], recall[MaskState.NONE]]),
    }


def _missed(row: dict[str, int], state: str) -> Rate:
    total = sum(row.values())
    return Rate(errors=total - row[state], trials=total)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _state(name: str, content: bytes, vision: Recogniser) -> str:
    try:
        frame = decode_picture(content, name=name, at=_EPOCH)
    except CaptureError:
        return FTA
    face = central_face(vision.detect(frame), frame)
    if face is None:
        return FTA
    ((_, _, mask),) = vision.assess_quality(frame, [face])
    return mask.state.value
