"""Protocol file + pictures -> report; embedded by the door's own pipeline, compared on the calibrated scale.

The calibrated scale is -log10 of the false match rate: the same number means the same risk whatever was compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.match import Condition
from limen.core.ports import Vision
from limen.evaluation.discard import error_versus_discard
from limen.evaluation.embedding import Embedded, embed_pictures
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

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runner:
    """What every run needs.

    Attributes:
        vision: the door's pipeline, built for one thread a call.
        calibration: what similarities mean.
        threads: how many pictures at once.
        progress: told how many pictures are done.
    """

    vision: Vision
    calibration: Calibration
    threads: int
    progress: Progress = field(default=lambda _: None)

    def embed(self, pictures: PictureSet, names: Sequence[str]) -> Embedded:
        """Embed the named pictures."""
        return embed_pictures(pictures.read(names), vision=self.vision, threads=self.threads, progress=self.progress)

    def scale(self, similarities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Similarities on the calibrated scale, larger = more alike."""
        rates = self.calibration.rates(Condition.BARE_BARE)
        return np.asarray(-np.log10(rates.fmr(similarities.astype(np.float64))), dtype=np.float64)


def run_verification(pairs: Pairs, pictures: PictureSet, runner: Runner) -> dict[str, Any]:
    """The verification report of DESIGN section 6, with an error-versus-discard curve of the unified quality.

    Raises:
        ConfigError: pictures are missing.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    images = pairs.images()
    embedded = runner.embed(pictures, images)
    place = embedded.place()
    left = np.array([place.get(name, -1) for name in pairs.left])
    right = np.array([place.get(name, -1) for name in pairs.right])
    failed = (left < 0) | (right < 0)
    similarities = np.full(len(left), -np.inf)
    here = ~failed
    vectors = embedded.embeddings
    similarities[here] = np.einsum("ij,ij->i", vectors[left[here]], vectors[right[here]], dtype=np.float64)
    scaled = np.where(failed, -np.inf, runner.scale(np.where(failed, -1.0, similarities)))
    report: dict[str, Any] = dict(
        verification_report(
            scaled,
            pairs.same,
            failed=failed,
            acquisition=_acquisition(images, embedded),
            model_id=runner.calibration.model_id,
            seconds=0.0,
            subjects=pairs.subjects(),
        )
    )
    worst = np.minimum(embedded.quality[left], embedded.quality[right]) if len(embedded.quality) else left * 0
    mated = pairs.same & here
    if bool(mated.any()) and bool((~pairs.same & here).any()):
        threshold = threshold_at_fmr(scaled[~pairs.same & here], fmr_target=_DISCARD_FMR)
        curve = error_versus_discard(scaled[mated], worst[mated], threshold=threshold)
        if curve is not None:
            report["error_versus_discard"] = {
                f"{share:g}": float(rate) for share, rate in zip(curve.discards, curve.fnmr, strict=True)
            }
            report["error_versus_discard_area"] = {"quality": curve.area, "by_lot": curve.area_random}
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


def run_identification(
    protocol: OpenSet, pictures: PictureSet, runner: Runner, *, fpir_target: float | None
) -> dict[str, Any]:
    """The identification report of DESIGN section 6.

    Raises:
        ConfigError: pictures are missing.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    images = protocol.images()
    embedded = runner.embed(pictures, images)
    place = embedded.place()
    references = [(place.get(name, -1), person) for person, names in enumerate(protocol.gallery) for name in names]
    usable = [(row, person) for row, person in references if row >= 0]
    fused = _Fused(embedded.embeddings, usable, n_people=len(protocol.people), runner=runner)
    mated_rows = np.array([place.get(name, -1) for name in protocol.mated_images], dtype=np.intp)
    stranger_rows = np.array([place.get(name, -1) for name in protocol.nonmated_images], dtype=np.intp)
    whose = np.asarray(protocol.mated_people)
    mated = mated_probes((fused.similarities(mated_rows[block]), whose[block]) for block in _blocks(len(mated_rows)))
    strangers = nonmated_probes(fused.similarities(stranger_rows[block]) for block in _blocks(len(stranger_rows)))
    point = None
    if fpir_target is not None:
        point = runner.calibration.operating_point(
            fpir_target=fpir_target, n_references=max(1, len(usable)), condition=Condition.BARE_BARE
        )
    applied = None
    if point is not None:
        applied = AppliedThreshold(fpir_target=point.fpir_target, threshold=-float(np.log10(point.fmr)))
    report: dict[str, Any] = dict(
        identification_report(
            mated,
            strangers,
            n_gallery=len(protocol.people),
            acquisition=_acquisition(images, embedded),
            applied=applied,
        )
    )
    if point is not None:
        report["operating_point"] |= {"threshold": point.threshold, "fmr": point.fmr}
    report["model_id"] = runner.calibration.model_id
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


class _Fused:
    """Similarities of probes to people on the calibrated scale: a person's best reference counts."""

    def __init__(
        self, embeddings: NDArray[np.float32], usable: list[tuple[int, int]], *, n_people: int, runner: Runner
    ) -> None:
        self._embeddings = embeddings
        rows = np.array([row for row, _ in usable], dtype=np.intp)
        whose = np.array([person for _, person in usable], dtype=np.intp)
        order = np.argsort(whose, kind="stable")
        self._references = embeddings[rows[order]]
        self._people, self._starts = np.unique(whose[order], return_index=True)
        self._n_people = n_people
        self._runner = runner

    def similarities(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """float64 (len(rows), n_people); minus infinity where the probe or all references of a person failed."""
        fused = np.full((len(rows), self._n_people), -np.inf)
        here = rows >= 0
        if bool(here.any()) and len(self._references):
            cosines = self._embeddings[rows[here]].astype(np.float64) @ self._references.T
            best = np.maximum.reduceat(cosines, self._starts, axis=1)
            part = np.full((len(best), self._n_people), -np.inf)
            part[:, self._people] = self._runner.scale(best)
            fused[here] = part
        return fused


def _acquisition(images: Sequence[str], embedded: Embedded) -> Rate:
    failed = frozenset(embedded.failed)
    return fta(np.array([name in failed for name in images], dtype=np.bool_))


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))
