"""The gallery of a running process: protected references in memory, followed as the store changes.

Who can be found: references that are confirmed and whose agreement has not ended at the moment of the search. Others
are held, because a confirmation may come, but they read as unknown. Nobody learns who came nearest.

A masked probe is searched among the same references, brought through the masked map once when they are loaded, at the
operating point of that condition (docs/adr/0013).

The doors of one process share a gallery: one thread at a time searches it or takes in what changed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import LedgerError, ModelError
from limen.core.match import Comparison, Condition, Match, OperatingPoint, Recognised, Unknown, UnknownReason
from limen.core.people import ReferenceBlock, ReferenceId, SubjectId
from limen.core.ports import Store
from limen.core.probe import Probe
from limen.gallery.calibration import FMR_CEILING, Calibration
from limen.gallery.comparer import CalibratedComparer
from limen.gallery.exact import ExactIndex
from limen.gallery.protection import SCHEME, Rotation

__all__ = ["MemoryGallery"]


class MemoryGallery:
    """Implements the port ``Gallery`` by exact search.

    Args:
        store: where references come from.
        calibration: of the model that makes probes and references.
        rotation: the site's secret rotation.
        workers: threads of the search.
        fmr_ceiling: least strict false match rate of one comparison.
    """

    def __init__(
        self,
        store: Store,
        *,
        calibration: Calibration,
        rotation: Rotation,
        workers: int = 1,
        fmr_ceiling: float = FMR_CEILING,
    ) -> None:
        self._store = store
        self._calibration = calibration
        self._rotation = rotation
        self._fmr_ceiling = fmr_ceiling
        self._index = ExactIndex(len(calibration.centre), workers=workers)
        plain = calibration.masked_map
        self._masked_map = None if plain is None else plain.rotated(rotation.matrix)
        self._mapped = ExactIndex(len(calibration.centre), workers=workers)
        self._comparer = CalibratedComparer(calibration)
        self._reference_ids: list[ReferenceId] = []
        self._subject_ids: list[SubjectId] = []
        self._known: set[ReferenceId] = set()
        self._confirmed = np.zeros(0, dtype=np.bool_)
        self._expires = np.zeros(0, dtype=np.float64)
        self._generation = -1
        self._one_at_a_time = threading.RLock()

    def __len__(self) -> int:
        return len(self._index)

    def protect(self, embedding: NDArray[np.float32]) -> tuple[NDArray[np.float32], str]:
        """The rotated embedding and the id of the scheme."""
        return self._rotation.protect(embedding), SCHEME

    def search(self, probe: Probe, *, at: datetime, fpir_target: float) -> Match:
        """Who the probe is; see the port."""
        (match,) = self.search_frame([probe], at=at, fpir_target=fpir_target)
        return match

    def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
        """``search`` for every probe of one frame; see the port."""
        with self._one_at_a_time:
            self.refresh()
            usable = self._confirmed & (self._expires > at.timestamp())
            n_usable = int(usable.sum())
            found = [self._search(probe, usable, n_usable=n_usable, at=at, fpir_target=fpir_target) for probe in probes]
        best: dict[SubjectId, Recognised] = {}
        for match in found:
            if isinstance(match, Recognised):
                before = best.setdefault(match.subject_id, match)
                if match.comparison.fmr < before.comparison.fmr:
                    best[match.subject_id] = match
        return tuple(_unless_twice(match, best) for match in found)

    def compare(self, first: Probe, second: Probe) -> Comparison:
        """What the likeness of two probes stands for."""
        return self._comparer.compare(first, second)

    def compare_with(self, subject_id: SubjectId, probe: Probe) -> Comparison | None:
        """The best comparison with one person's own references."""
        with self._one_at_a_time:
            self.refresh()
            theirs = np.array([item == subject_id for item in self._subject_ids], dtype=np.bool_)
            found = self._best(probe, theirs)
        return None if found is None else self._calibration.compare(found[1], self._condition(probe))

    def may_be_enrolled(self, probe: Probe, *, at: datetime, fpir_target: float) -> bool:
        """Whether a reference under a live agreement, confirmed or not, is as near as a match would be."""
        with self._one_at_a_time:
            self.refresh()
            usable = self._expires > at.timestamp()
            found = self._best(probe, usable)
        return found is not None and found[1] >= self._threshold(int(usable.sum()), fpir_target, probe)

    def refresh(self) -> None:
        """Take in what changed in the store; cheap when nothing did."""
        with self._one_at_a_time, self._store.read() as unit:
            generation = unit.subjects.generation()
            if generation == self._generation:
                return
            blocks, present = unit.subjects.blocks(known=self._known)
            self._drop_absent(present)
            self._make_room(len(present))
            gone = unit.audit.gone()
            for block in blocks:
                _check_not_restored(block, gone)
                self._append(block)
            self._generation = generation

    def _search(
        self, probe: Probe, usable: NDArray[np.bool_], *, n_usable: int, at: datetime, fpir_target: float
    ) -> Match:
        found = self._best(probe, usable)
        if found is None:
            return self._nobody(probe, at=at, fpir_target=fpir_target)
        place, similarity = found
        point = self._point(n_usable, fpir_target, self._condition(probe))
        fpir = self._calibration.fpir(similarity, n_references=point.n_references, condition=point.condition)
        if similarity < point.threshold:
            return Unknown(reason=self._why_not(probe, at, point), fpir=fpir, operating_point=point)
        return Recognised(
            subject_id=self._subject_ids[place],
            comparison=self._calibration.compare(similarity, point.condition),
            fpir=fpir,
            operating_point=point,
        )

    def _best(self, probe: Probe, usable: NDArray[np.bool_]) -> tuple[int, float] | None:
        if probe.model_id != self._calibration.model_id:
            raise ValueError(f"probe: expected model {self._calibration.model_id}, got {probe.model_id}")
        rotated = self._rotation.protect(probe.embedding)
        if self._masked_map is not None and probe.masked:
            return self._mapped.best(self._masked_map.masked(rotated), usable=usable)
        return self._index.best(rotated, usable=usable)

    def _condition(self, probe: Probe) -> Condition:
        """References are bare, so the probe alone decides."""
        return Condition.BARE_MASKED if self._masked_map is not None and probe.masked else Condition.BARE_BARE

    def _threshold(self, n_references: int, fpir_target: float, probe: Probe) -> float:
        return self._point(n_references, fpir_target, self._condition(probe)).threshold

    def _point(self, n_references: int, fpir_target: float, condition: Condition) -> OperatingPoint:
        return self._calibration.operating_point(
            fpir_target=fpir_target,
            n_references=max(1, n_references),
            condition=condition,
            fmr_ceiling=self._fmr_ceiling,
        )

    def _nobody(self, probe: Probe, *, at: datetime, fpir_target: float) -> Unknown:
        """The answer when no reference may be found at all."""
        if len(self._index) == 0:
            return Unknown(reason=UnknownReason.NOBODY_ENROLLED, fpir=None, operating_point=None)
        point = self._point(len(self._index), fpir_target, self._condition(probe))
        return Unknown(reason=self._why_not(probe, at, point), fpir=None, operating_point=point)

    def _why_not(self, probe: Probe, at: datetime, point: OperatingPoint) -> UnknownReason:
        """Whether somebody would have matched but for the agreement's end or a missing confirmation."""
        live = self._expires > at.timestamp()
        for held_back, reason in (
            (live & ~self._confirmed, UnknownReason.NOT_CONFIRMED),
            (~live, UnknownReason.NO_LIVE_AGREEMENT),
        ):
            found = self._best(probe, held_back)
            if found is not None and found[1] >= point.threshold:
                return reason
        return UnknownReason.BELOW_THRESHOLD

    def _drop_absent(self, present: frozenset[ReferenceId]) -> None:
        if self._known <= present:
            return
        kept = np.array([item in present for item in self._reference_ids], dtype=np.bool_)
        self._index.keep(kept)
        if self._masked_map is not None:
            self._mapped.keep(kept)
        self._expires, self._confirmed = self._expires[kept], self._confirmed[kept]
        self._reference_ids = [item for item, stays in zip(self._reference_ids, kept, strict=True) if stays]
        self._known.intersection_update(present)
        self._subject_ids = [item for item, stays in zip(self._subject_ids, kept, strict=True) if stays]

    def _make_room(self, count: int) -> None:
        """For the first load; what comes later makes room for itself."""
        if len(self._index) == 0:
            self._index.reserve(count)
            if self._masked_map is not None:
                self._mapped.reserve(count)

    def _append(self, block: ReferenceBlock) -> None:
        if block.model_id != self._calibration.model_id:
            raise ModelError(
                f"references were made with another model ({block.model_id})",
                advice="enrol these people again, or go back to that model",
            )
        self._index.add(block.vectors)
        if self._masked_map is not None:
            self._mapped.add(self._masked_map.bare(block.vectors))
        self._expires = np.concatenate([self._expires, block.expires_s])
        self._confirmed = np.concatenate([self._confirmed, block.confirmed])
        self._reference_ids.extend(block.reference_ids)
        self._subject_ids.extend(block.subject_ids)
        self._known.update(block.reference_ids)


def _check_not_restored(block: ReferenceBlock, gone: frozenset[str]) -> None:
    """Nobody who has withdrawn may come back by old rows being put back into the store."""
    if not gone.isdisjoint(block.aliases):
        raise LedgerError(
            "somebody who withdrew is in the store again: old rows were put back",
            advice="nobody is recognised until that is mended: see `limen audit verify` for whom to withdraw again",
        )


def _unless_twice(match: Match, best: Mapping[SubjectId, Recognised]) -> Match:
    """One person cannot be two faces of a frame: the less alike, or the later of equals, becomes unknown."""
    if not isinstance(match, Recognised) or match is best[match.subject_id]:
        return match
    return Unknown(reason=UnknownReason.SAME_PERSON_TWICE, fpir=match.fpir, operating_point=match.operating_point)
