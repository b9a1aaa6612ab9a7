"""Compares two probes without any store: cosine, and what it stands for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limen.core.match import Comparison, Condition
from limen.core.probe import Probe
from limen.gallery.calibration import Calibration

__all__ = ["CalibratedComparer"]


class CalibratedComparer:
    """Implements the port ``Comparer``.

    Args:
        calibration: of the model that makes the probes.
    """

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration

    def compare(self, first: Probe, second: Probe) -> Comparison:
        """Compare two probes; raises ValueError when a probe is not from the calibrated model."""
        for probe in (first, second):
            if probe.model_id != self._calibration.model_id:
                raise ValueError(f"probe: expected model {self._calibration.model_id}, got {probe.model_id}")
        calibration = self._calibration
        masked_map = calibration.masked_map
        if masked_map is None or not (first.masked or second.masked):
            return calibration.compare(_cosine(first.embedding, second.embedding), Condition.BARE_BARE)
        one, other = (
            masked_map.masked(probe.embedding) if probe.masked else masked_map.bare(probe.embedding)
            for probe in (first, second)
        )
        both = first.masked and second.masked
        return calibration.compare(_cosine(one, other), Condition.MASKED_MASKED if both else Condition.BARE_MASKED)


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.dot(one.astype(np.float64), other.astype(np.float64)))
