"""Probes of one track -> one probe: what several frames show together.

Unit embeddings are averaged, each by the quality of its picture, bare and masked ones apart, as they are compared in
different conditions. The mean of a person's pictures lies nearer to that person than a single one does. The mean of a
stranger's comes somewhat nearer to others, too; the loop asks for a stricter threshold in turn
(docs/adr/0015-evidence-of-several-frames.md).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from limen.core.arrays import wipe
from limen.core.probe import Probe

__all__ = ["Gathered"]

_LEAST_WEIGHT = 0.05
_OTHER_PERSON = 0.2


class Gathered:
    """What one track has shown so far."""

    def __init__(self) -> None:
        self._sums: dict[bool, NDArray[np.float32]] = {}
        self._weights: dict[bool, float] = {False: 0.0, True: 0.0}
        self._counts: dict[bool, int] = {False: 0, True: 0}
        self._best: dict[bool, Probe] = {}

    def add(self, probe: Probe) -> bool:
        """Take one more probe; its own embedding may be wiped afterwards.

        A probe that does not look like those before at all is somebody else in the same place: what was gathered is
        wiped, and it begins anew.

        Returns:
            Whether it began anew.
        """
        key = probe.masked
        before = self._sums.get(key)
        anew = before is not None and float(before @ probe.embedding) < _OTHER_PERSON * float(np.linalg.norm(before))
        if anew:
            self.wipe()
        weight = max(_LEAST_WEIGHT, probe.quality.unified / 100.0)
        weighted = np.float32(weight) * probe.embedding
        mine = self._sums.setdefault(key, np.zeros_like(weighted))
        mine += weighted
        weighted.fill(0.0)
        self._weights[key] += weight
        self._counts[key] += 1
        best = self._best.get(key)
        if best is None or probe.quality.unified >= best.quality.unified:
            nobody = np.zeros_like(probe.embedding)
            nobody[0] = 1.0
            self._best[key] = replace(probe, embedding=nobody)
        return anew

    @property
    def frames(self) -> int:
        """How many probes stand behind ``fused``."""
        return self._counts[self._condition()]

    def fused(self) -> Probe:
        """The probe of all frames of the condition most of them were in; the caller wipes it.

        Raises:
            ValueError: nothing was gathered.
        """
        key = self._condition()
        if key not in self._sums:
            raise ValueError("nothing was gathered")
        total = self._sums[key]
        mean = total / np.float32(np.linalg.norm(total))
        probe = replace(self._best[key], embedding=mean)
        mean.fill(0.0)
        return probe

    def wipe(self) -> None:
        """Overwrite and forget everything (promise 2)."""
        for total in self._sums.values():
            wipe(total)
        self._sums.clear()
        self._best.clear()
        self._weights = {False: 0.0, True: 0.0}
        self._counts = {False: 0, True: 0}

    def _condition(self) -> bool:
        return self._weights[True] > self._weights[False]
