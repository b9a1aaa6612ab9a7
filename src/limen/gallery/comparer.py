"""Compares two probes without any store: cosine, and what it stands for."""

from __future__ import annotations

import numpy as np

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
        similarity = float(np.dot(first.embedding.astype(np.float64), second.embedding.astype(np.float64)))
        return self._calibration.compare(similarity, Condition.BARE_BARE)
