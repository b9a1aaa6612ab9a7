"""Evidence that may have been: the best there is, and one value of one side changed at a time (for `dry_run`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from limen.core.decision import Access, Evidence, StageTimes, Surroundings
from limen.core.match import Comparison, Condition, OperatingPoint, Recognised, Unknown, UnknownReason
from limen.core.people import SubjectId
from limen.core.probe import Live, MaskSeen, MaskState, ModelId
from limen.core.quality import Assessed, Quality, QualityMeasure
from limen.core.thermal import NoReading, TemperatureOutcome, TemperatureSeen

__all__ = [
    "Change",
    "as_unknown",
    "best",
    "with_groups",
    "with_inside",
    "with_mask",
    "with_quality",
    "with_second_factor",
    "with_surroundings",
    "with_temperature",
]

Change = Callable[[Evidence], Evidence]
"""One value of one side of the evidence."""


def best(event: str, *, groups: frozenset[str], quality: int) -> Evidence:
    """Somebody for whom every door opens."""
    point = OperatingPoint(
        model_id=ModelId("dry-run"),
        condition=Condition.BARE_BARE,
        fpir_target=0.001,
        n_references=1,
        fmr=1e-4,
        threshold=0.0,
        fnir_expected=0.0,
        calibrated_on=date.min,
    )
    same = Comparison(similarity=1.0, fmr=0.0, log_likelihood_ratio=0.0, condition=Condition.BARE_BARE)
    return Evidence(
        evidence_id=event,
        match=Recognised(subject_id=SubjectId("somebody"), comparison=same, fpir=0.0, operating_point=point),
        quality=_quality(quality),
        mask=_mask(MaskState.WORN),
        temperature=TemperatureSeen(outcome=TemperatureOutcome.BELOW),
        liveness=Live(),
        second_factor=True,
        n_faces=1,
        times=StageTimes(),
        access=Access(groups=groups),
        surroundings=Surroundings(occupancy=0, companions=1),
    )


def _mask(state: MaskState) -> MaskSeen:
    shares = {MaskState.NONE: (1.0, 0.0, 0.0), MaskState.INCORRECT: (0.0, 1.0, 0.0), MaskState.WORN: (0.0, 0.0, 1.0)}
    none, incorrect, worn = shares.get(state, (0.5, 0.0, 0.5))
    return MaskSeen(state=state, none=none, incorrect=incorrect, worn=worn)


def _quality(unified: int) -> Quality:
    same = Assessed(native=float(unified), mapped=unified)
    return Quality(components=tuple((measure, same) for measure in QualityMeasure), unified=unified)


def with_groups(groups: frozenset[str]) -> Change:
    """In exactly these groups."""
    return lambda item: replace(item, access=replace(item.access or Access(), groups=groups))


def with_inside(inside: bool | None) -> Change:  # noqa: FBT001  a value of a side, given by place in a list
    """Inside, outside, or nobody keeps that."""
    return lambda item: replace(item, access=replace(item.access or Access(), inside=inside))


def with_second_factor(shown: bool) -> Change:  # noqa: FBT001  as above
    """Whether a second factor was shown."""
    return lambda item: replace(item, second_factor=shown)


def with_mask(state: MaskState) -> Change:
    """A mask state."""
    return lambda item: replace(item, mask=_mask(state))


def with_quality(unified: int) -> Change:
    """A unified quality."""
    return lambda item: replace(item, quality=_quality(unified))


def with_temperature(outcome: TemperatureOutcome) -> Change:
    """An outcome of a measurement."""
    reason = NoReading.NO_THERMAL_CAMERA if outcome is TemperatureOutcome.NO_READING else None
    return lambda item: replace(item, temperature=TemperatureSeen(outcome=outcome, reason=reason))


def with_surroundings(change: Callable[[Surroundings], Surroundings]) -> Change:
    """How things stand at the door."""
    return lambda item: replace(item, surroundings=change(item.surroundings))


def as_unknown(item: Evidence) -> Evidence:
    """Nobody that the site knows."""
    nobody = Unknown(reason=UnknownReason.BELOW_THRESHOLD, fpir=None, operating_point=None)
    return replace(item, match=nobody, access=None)
