"""Compares two probes, or a probe and the one template somebody brought, without any store."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limen.core.match import Comparison, Condition, Match, Recognised, Unknown, UnknownReason
from limen.core.people import SubjectId
from limen.core.probe import Probe
from limen.gallery.calibration import Calibration

__all__ = ["CalibratedComparer"]


class CalibratedComparer:
    """Implements the ports ``Comparer`` and ``OneToOne``.

    Args:
        calibration: of the model that makes the probes.
    """

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration

    def compare(self, first: Probe, second: Probe) -> Comparison:
        """Compare two probes; raises ValueError when a probe is not from the calibrated model."""
        for probe in (first, second):
            self._check_model(probe)
        if self._bare(first, second):
            return self._calibration.compare(_cosine(first.embedding, second.embedding), Condition.BARE_BARE)
        one, other = (self._mapped(probe.embedding, masked=probe.masked) for probe in (first, second))
        both = first.masked and second.masked
        condition = Condition.MASKED_MASKED if both else Condition.BARE_MASKED
        return self._calibration.compare(_cosine(one, other), condition)

    def match(self, vector: NDArray[np.float32], probe: Probe, *, subject_id: SubjectId, fmr_target: float) -> Match:
        """Whether a probe shows the person of one bare template; see `limen.core.pass_ports.OneToOne`."""
        self._check_model(probe)
        if self._bare(probe):
            condition, similarity = Condition.BARE_BARE, _cosine(vector, probe.embedding)
        else:
            condition = Condition.BARE_MASKED
            one, other = self._mapped(vector, masked=False), self._mapped(probe.embedding, masked=True)
            similarity = _cosine(one, other)
        comparison = self._calibration.compare(similarity, condition)
        point = self._calibration.operating_point(
            fpir_target=fmr_target, n_references=1, condition=condition, fmr_ceiling=fmr_target
        )
        if similarity < point.threshold:
            return Unknown(reason=UnknownReason.BELOW_THRESHOLD, fpir=comparison.fmr, operating_point=point)
        return Recognised(subject_id=subject_id, comparison=comparison, fpir=comparison.fmr, operating_point=point)

    def _bare(self, *probes: Probe) -> bool:
        return self._calibration.masked_map is None or not any(probe.masked for probe in probes)

    def _mapped(self, embedding: NDArray[np.float32], *, masked: bool) -> NDArray[np.float32]:
        masked_map = self._calibration.masked_map
        assert masked_map is not None  # `_bare` has just said so
        return masked_map.masked(embedding) if masked else masked_map.bare(embedding)

    def _check_model(self, probe: Probe) -> None:
        if probe.model_id != self._calibration.model_id:
            raise ValueError(f"probe: expected model {self._calibration.model_id}, got {probe.model_id}")


def _cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.dot(one.astype(np.float64), other.astype(np.float64)))
