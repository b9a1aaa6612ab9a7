"""The report of presentation attacks, as ISO/IEC 30107-3 counts them: APCER per species and the worst, and BPCER.

1. An attack presentation that is taken for a living person is an error of its species (APCER); species are never
   pooled, since an attacker chooses the one that works best.
2. A bona fide presentation that is not taken for a living person is an error (BPCER), also where nothing was decided:
   a door refuses both.
3. A picture without a face gave no response: it counts in ``fta`` and in neither rate.
4. Where nothing was decided about any picture there is no rate: everything is counted, and the rates are None.

Labels: CSV with the columns file and label; ``bona_fide``, or the species of the instrument in small letters. Further
columns are ignored.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from limen.core.errors import CaptureError
from limen.core.ports import Vision
from limen.core.probe import Live, Liveness, Undetermined
from limen.evaluation.ahead import looked_at
from limen.evaluation.embedding import central_face
from limen.evaluation.labels import read_labels
from limen.evaluation.pictures import PictureSet
from limen.evaluation.rates import Rate, fta
from limen.evaluation.verification import fta_report
from limen.frames.pictures import decode_picture

__all__ = ["BONA_FIDE", "Presented", "attacks_report", "decided", "read_presentations", "run_attacks"]

BONA_FIDE = "bona_fide"
_LABEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_ADVICE = (
    f"expected a CSV file with the columns file,label; a label is {BONA_FIDE} or a species such as print or replay"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Presented = tuple[str, Liveness | None]
"""Label of a picture, and what was found; None without a face."""


def read_presentations(path: Path) -> dict[str, str]:
    """Read labels: picture name -> ``bona_fide`` or the species of the attack.

    Raises:
        ConfigError: the file cannot be read as described above; says which line and why.
    """
    return read_labels(path, meaning=lambda label: label if _LABEL.fullmatch(label) else None, advice=_ADVICE)


def run_attacks(
    labels: Mapping[str, str],
    pictures: PictureSet,
    *,
    vision: Vision,
    threads: int,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Look at every labelled picture and report.

    Args:
        labels: from ``read_presentations``.
        pictures: where they are.
        vision: the door's pipeline, built for one thread a call.
        threads: how many pictures at once.
        progress: told how many pictures are done.

    Raises:
        ConfigError: pictures are missing.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    presented = looked_at(
        pictures.read(labels),
        lambda one: (labels[one[0]], _look(*one, vision)),
        threads=threads,
        progress=progress,
    )
    return {**attacks_report(presented), "seconds": round(time.perf_counter() - started, 1)}


def attacks_report(presented: Iterable[Presented]) -> dict[str, Any]:
    """Count presentations.

    Returns:
        The keys of DESIGN section 6, with counts and intervals, ``apcer_worst``, ``decided`` (pictures about which
        liveness was decided) and ``fta``.
    """
    by_label: dict[str, list[Liveness | None]] = defaultdict(list, {BONA_FIDE: []})
    for label, found in presented:
        by_label[label].append(found)
    everything = [found for group in by_label.values() for found in group]
    n_decided = sum(found is not None and not isinstance(found, Undetermined) for found in everything)
    acquisition = fta(np.array([found is None for found in everything], dtype=np.bool_))
    honest = _counted(by_label.pop(BONA_FIDE), wrong=lambda found: not isinstance(found, Live))
    species = {
        name: _counted(group, wrong=lambda found: isinstance(found, Live)) for name, group in sorted(by_label.items())
    }
    known = n_decided > 0
    worst = max((rate.value or 0.0 for rate in species.values() if rate.trials), default=None)
    return {
        "n": len(everything),
        "fta": fta_report(acquisition),
        "fta_interval": acquisition.interval(),
        "decided": n_decided,
        "apcer": {name: {"n": rate.trials, "rate": rate.value if known else None} for name, rate in species.items()},
        "apcer_counts": {name: rate.counts() if known else None for name, rate in species.items()},
        "apcer_interval": {name: rate.interval() if known else None for name, rate in species.items()},
        "apcer_worst": worst if known else None,
        "bpcer": {"n": honest.trials, "rate": honest.value if known else None},
        "bpcer_counts": honest.counts() if known else None,
        "bpcer_interval": honest.interval() if known else None,
    }


def decided(report: Mapping[str, Any]) -> bool:
    """Whether a report holds rates at all."""
    return bool(report["decided"])


def _counted(found: Iterable[Liveness | None], *, wrong: Callable[[Liveness], bool]) -> Rate:
    """(3): pictures without a face are left out."""
    responses = [one for one in found if one is not None]
    return Rate(errors=sum(map(wrong, responses)), trials=len(responses))


def _look(name: str, content: bytes, vision: Vision) -> Liveness | None:
    try:
        frame = decode_picture(content, name=name, at=_EPOCH)
    except CaptureError:
        return None
    face = central_face(vision.detect(frame), frame)
    if face is None:
        return None
    (probe,), _ = vision.assess(frame, [face])
    probe.wipe()
    return probe.liveness
