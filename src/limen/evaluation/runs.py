"""Protocol file + pictures -> report; embedded by the door's own pipeline, compared on the calibrated scale.

With drawn masks on the probes, the right picture of a pair and every probe of an open-set protocol wear one; left
pictures and the gallery stay bare.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.match import Condition, OperatingPoint
from limen.core.ports import Vision
from limen.evaluation.breakdown import breakdown
from limen.evaluation.comparing import Comparable, conditions, crosswise, pairwise
from limen.evaluation.curves import identification_curves, verification_curves
from limen.evaluation.discard import error_versus_discard
from limen.evaluation.embedding import Change, Embedded, embed_pictures
from limen.evaluation.groups import Groups, groups_report
from limen.evaluation.identification import (
    AppliedThreshold,
    identification_report,
    mated_probes,
    nonmated_probes,
)
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import OpenSet, Pairs
from limen.evaluation.rates import Rate, fta, threshold_at_fmr
from limen.evaluation.verification import verification_report
from limen.gallery.calibration import Calibration

__all__ = ["Runner", "run_identification", "run_verification"]

_BLOCK = 512
_DISCARD_FMR = 1e-3
_BREAKDOWN_FMR = 1e-3
_MOSTLY = 0.5
_SCALE = "-log10 of the calibrated false match rate"
_POINTS = {"calibrated FMR 1e-3": 3.0, "calibrated FMR 1e-4": 4.0}

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runner:
    """What every run needs.

    Attributes:
        vision: the door's pipeline, built for one thread a call.
        calibration: what similarities mean.
        threads: how many pictures at once.
        progress: told how many pictures are done.
        mask_probes: draws a mask on a probe; None leaves probes as they are.
    """

    vision: Vision
    calibration: Calibration
    threads: int
    progress: Progress = field(default=lambda _: None)
    mask_probes: Change | None = None

    def embed(self, pictures: PictureSet, names: Sequence[str], probes: Sequence[str]) -> _Sides:
        """Embed references and probes.

        Args:
            pictures: where they are.
            names: of the references, each once.
            probes: of the probes, each once; embedded once more only if masks are drawn on them.
        """
        if self.mask_probes is None:
            everything = list(dict.fromkeys([*names, *probes]))
            both = self._embed(pictures, everything, done=0, changed=None)
            comparable = Comparable(both, self.calibration)
            return _Sides(comparable, comparable, _acquisition([(everything, both)]))
        first = self._embed(pictures, names, done=0, changed=None)
        second = self._embed(pictures, probes, done=len(names), changed=self.mask_probes)
        acquisition = _acquisition([(names, first), (probes, second)])
        return _Sides(Comparable(first, self.calibration), Comparable(second, self.calibration), acquisition)

    def _embed(self, pictures: PictureSet, names: Sequence[str], *, done: int, changed: Change | None) -> Embedded:
        return embed_pictures(
            pictures.read(names),
            vision=self.vision,
            threads=self.threads,
            progress=lambda count: self.progress(done + count),
            changed=changed or (lambda _, frame: frame),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """References and probes, and how many pictures gave nothing."""

    references: Comparable
    probes: Comparable
    acquisition: Rate


def run_verification(
    pairs: Pairs,
    pictures: PictureSet,
    runner: Runner,
    *,
    groups: Groups | None = None,
    groups_fmr: float = 1e-3,
    curves: bool = False,
) -> dict[str, Any]:
    """The verification report of DESIGN section 6, with an error-versus-discard curve of the unified quality.

    Args:
        pairs: what is compared.
        pictures: where they are.
        runner: the pipeline.
        groups: also report by these groups; they are not kept.
        groups_fmr: at the shipped threshold of this false match rate, the same for everybody.
        curves: also give the curves document.

    Raises:
        ConfigError: pictures are missing, or a person is in two groups.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    sides = runner.embed(pictures, list(dict.fromkeys(pairs.left)), list(dict.fromkeys(pairs.right)))
    left, right = sides.references.rows(tuple(pairs.left)), sides.probes.rows(tuple(pairs.right))
    failed = (left < 0) | (right < 0)
    scaled = pairwise((sides.references, left), (sides.probes, right), runner.calibration)
    report: dict[str, Any] = dict(
        verification_report(
            scaled,
            pairs.same,
            failed=failed,
            acquisition=sides.acquisition,
            model_id=runner.calibration.model_id,
            seconds=0.0,
            subjects=pairs.subjects(),
        )
    )
    report |= _masked_report(sides.probes, right)
    usable = np.flatnonzero(~failed)
    worst = np.minimum(sides.references.quality[left[usable]], sides.probes.quality[right[usable]])
    report |= _discard_report(scaled[usable], worst, pairs.same[usable])
    report |= breakdown(
        scaled[usable],
        pairs.same[usable],
        quality=worst,
        conditions=conditions((sides.references, left[usable]), (sides.probes, right[usable])),
        threshold=-float(np.log10(_BREAKDOWN_FMR)),
    )
    if groups is not None:
        known = sides.references.place.keys() | sides.probes.place.keys()
        absent = [name for name in pairs.images() if name not in known]
        report |= groups_report(scaled, pairs, groups, threshold=-float(np.log10(groups_fmr)), failed=absent)
    if curves:
        report["curves"] = verification_curves(scaled[pairs.same], scaled[~pairs.same], points=_POINTS, scale=_SCALE)
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


def run_identification(
    protocol: OpenSet, pictures: PictureSet, runner: Runner, *, fpir_target: float | None, curves: bool = False
) -> dict[str, Any]:
    """The identification report of DESIGN section 6; with the curves document if asked for.

    Raises:
        ConfigError: pictures are missing.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    gallery = list(dict.fromkeys(name for names in protocol.gallery for name in names))
    probes = list(dict.fromkeys([*protocol.mated_images, *protocol.nonmated_images]))
    sides = runner.embed(pictures, gallery, probes)
    fused = _Fused(protocol, sides, runner.calibration)
    mated_rows = sides.probes.rows(tuple(protocol.mated_images))
    stranger_rows = sides.probes.rows(tuple(protocol.nonmated_images))
    whose = np.asarray(protocol.mated_people)
    mated = mated_probes((fused.similarities(mated_rows[block]), whose[block]) for block in _blocks(len(mated_rows)))
    strangers = nonmated_probes(fused.similarities(stranger_rows[block]) for block in _blocks(len(stranger_rows)))
    points = None if fpir_target is None else _points(runner.calibration, fpir_target, fused.n_references)
    applied = None
    if points is not None:
        fmr = points[Condition.BARE_BARE].fmr
        applied = AppliedThreshold(fpir_target=points[Condition.BARE_BARE].fpir_target, threshold=-float(np.log10(fmr)))
    report: dict[str, Any] = dict(
        identification_report(
            mated, strangers, n_gallery=len(protocol.people), acquisition=sides.acquisition, applied=applied
        )
    )
    report |= _masked_report(sides.probes, np.concatenate([mated_rows, stranger_rows]))
    report |= fused.enrolment()
    if points is not None:
        mostly = Condition.BARE_MASKED if (report["masked_probes"] or 0.0) > _MOSTLY else Condition.BARE_BARE
        chosen = points.get(mostly, points[Condition.BARE_BARE])
        report["operating_point"] |= {
            "threshold": chosen.threshold,
            "condition": chosen.condition.value,
            "fmr": chosen.fmr,
            "thresholds": {condition.value: point.threshold for condition, point in points.items()},
        }
    if curves:
        drawn = {} if applied is None else {f"asked FPIR {applied.fpir_target:g}": applied.threshold}
        report["curves"] = identification_curves(mated, strangers, points=drawn, scale=_SCALE)
    report["model_id"] = runner.calibration.model_id
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


def _discard_report(scaled: NDArray[np.float64], worst: NDArray[np.int64], same: NDArray[np.bool_]) -> dict[str, Any]:
    """Error versus discard of usable comparisons; nothing where one kind is missing."""
    if not bool(same.any()) or bool(same.all()):
        return {}
    threshold = threshold_at_fmr(scaled[~same], fmr_target=_DISCARD_FMR)
    curve = error_versus_discard(scaled[same], worst[same], threshold=threshold)
    if curve is None:
        return {}
    points = zip(curve.discards, curve.fnmr, strict=True)
    return {
        "error_versus_discard": {f"{share:g}": float(rate) for share, rate in points},
        "error_versus_discard_area": {"quality": curve.area, "by_lot": curve.area_random},
    }


def _points(calibration: Calibration, fpir_target: float, n_references: int) -> dict[Condition, OperatingPoint]:
    """The operating point of every condition; the false match rate is the same in all."""
    return {
        condition: calibration.operating_point(
            fpir_target=fpir_target, n_references=max(1, n_references), condition=condition
        )
        for condition in (Condition.BARE_BARE, Condition.BARE_MASKED)
        if condition in calibration.conditions
    }


def _masked_report(probes: Comparable, rows: NDArray[np.intp]) -> dict[str, float | None]:
    """Share of usable probes that were compared as masked."""
    usable = rows[rows >= 0]
    return {"masked_probes": float(probes.masked[usable].mean()) if len(usable) else None}


class _Fused:
    """Similarities of probes to people on the calibrated scale: a person's best reference counts."""

    def __init__(self, protocol: OpenSet, sides: _Sides, calibration: Calibration) -> None:
        place = sides.references.place
        references = [(place.get(name, -1), person) for person, names in enumerate(protocol.gallery) for name in names]
        usable = [(row, person) for row, person in references if row >= 0]
        rows = np.array([row for row, _ in usable], dtype=np.intp)
        whose = np.array([person for _, person in usable], dtype=np.intp)
        order = np.argsort(whose, kind="stable")
        self.n_references = len(usable)
        self._rows = rows[order]
        self._people, self._starts = np.unique(whose[order], return_index=True)
        self._n_people = len(protocol.people)
        self._sides = sides
        self._calibration = calibration

    def enrolment(self) -> dict[str, Any]:
        """FTE: people none of whose gallery pictures gave a template."""
        rate = Rate(errors=self._n_people - len(self._people), trials=self._n_people)
        return {"fte": rate.value, "fte_counts": rate.counts(), "fte_interval": rate.interval()}

    def similarities(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """float64 (len(rows), n_people); minus infinity where the probe or all references of a person failed."""
        fused = np.full((len(rows), self._n_people), -np.inf)
        if len(self._rows) and len(rows):
            scaled = crosswise((self._sides.probes, rows), (self._sides.references, self._rows), self._calibration)
            fused[:, self._people] = np.maximum.reduceat(scaled, self._starts, axis=1)
        return fused


def _acquisition(sides: Sequence[tuple[Sequence[str], Embedded]]) -> Rate:
    failures = [
        name in failed for names, embedded in sides for failed in [frozenset(embedded.failed)] for name in names
    ]
    return fta(np.array(failures, dtype=np.bool_))


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))
