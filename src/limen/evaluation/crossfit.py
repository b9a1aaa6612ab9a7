"""Two halves of an evaluation set's people, so that what is calibrated on one is tested on the other.

The halves are by a hash of the name: the same in every run. A picture's person is the first folder of its name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from limen.evaluation.embedding import Embedded
from limen.gallery.calibration import Calibration

__all__ = ["centred", "half", "half_of", "only"]


def half_of(name: str) -> int:
    """0 or 1: the half that the person of a picture is in."""
    return hashlib.sha256(name.split("/", 1)[0].encode()).digest()[0] % 2


def half(embedded: Embedded, side: int) -> Embedded:
    """The pictures of one half of the people."""
    return only(embedded, lambda name: half_of(name) == side)


def only(embedded: Embedded, wanted: Callable[[str], bool]) -> Embedded:
    """The pictures whose names are wanted."""
    rows = [row for row, name in enumerate(embedded.names) if wanted(name)]
    return Embedded(
        names=tuple(embedded.names[row] for row in rows),
        embeddings=embedded.embeddings[rows],
        quality=embedded.quality[rows],
        masked=embedded.masked[rows],
        failed=tuple(name for name in embedded.failed if wanted(name)),
    )


def centred(embedded: Embedded, calibration: Calibration) -> Embedded:
    """Embeddings made without a centre, as if they had been made with a calibration's."""
    rows = embedded.embeddings.astype(np.float64) - calibration.centre
    units = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return replace(embedded, embeddings=units)
