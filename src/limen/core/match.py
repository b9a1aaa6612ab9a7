"""Match: who a probe is, in rates that mean something, never as a bare similarity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from limen.core.people import SubjectId
from limen.core.probe import ModelId

__all__ = ["Comparison", "Condition", "Match", "OperatingPoint", "Recognised", "Unknown", "UnknownReason"]


class Condition(StrEnum):
    """What was compared with what; every condition has its own distribution and its own threshold."""

    BARE_BARE = "bare/bare"
    BARE_MASKED = "bare/masked"
    MASKED_MASKED = "masked/masked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One comparison, with what its similarity stands for.

    Attributes:
        similarity: cosine of the two centred embeddings, -1 to 1.
        fmr: share of comparisons of two different people that are at least as similar (false match rate).
        log_likelihood_ratio: natural log of how much likelier this similarity is for one person than for two.
        condition: bare or masked, on either side.
    """

    similarity: float
    fmr: float
    log_likelihood_ratio: float
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPoint:
    """A threshold and what it promises.

    Attributes:
        model_id: the model it belongs to.
        condition: bare or masked.
        fpir_target: asked share of walk-ups of people who are not enrolled that may be taken for somebody.
        n_references: how many references are searched.
        fmr: the false match rate per comparison that follows.
        threshold: the similarity with that false match rate.
        fnir_expected: share of enrolled people's single pictures that will be refused; the cost.
        calibrated_on: date of the calibration.
    """

    model_id: ModelId
    condition: Condition
    fpir_target: float
    n_references: int
    fmr: float
    threshold: float
    fnir_expected: float
    calibrated_on: date


class UnknownReason(StrEnum):
    """Why nobody was recognised; never shown in public."""

    NOBODY_ENROLLED = "nobody_enrolled"
    BELOW_THRESHOLD = "below_threshold"
    NOT_CONFIRMED = "not_confirmed"
    NO_LIVE_AGREEMENT = "no_live_agreement"
    NOT_AGREED_FOR_THIS = "not_agreed_for_this"
    SAME_PERSON_TWICE = "same_person_twice"
    CODE_UNREADABLE = "code_unreadable"
    CODE_OVERSIZED = "code_oversized"
    CODE_FOREIGN = "code_foreign"
    CODE_OTHER_MODEL = "code_other_model"
    PASS_KEY_UNKNOWN = "pass_key_unknown"  # noqa: S105  a reason
    PASS_ALTERED = "pass_altered"  # noqa: S105  as above
    PASS_NOT_YET_VALID = "pass_not_yet_valid"  # noqa: S105  as above
    PASS_EXPIRED = "pass_expired"  # noqa: S105  as above
    PASS_REVOKED = "pass_revoked"  # noqa: S105  as above
    BADGE_UNKNOWN = "badge_unknown"
    BADGE_PIN_MISSING = "badge_pin_missing"
    BADGE_PIN_WRONG = "badge_pin_wrong"
    BADGE_PIN_LOCKED = "badge_pin_locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """One enrolled, confirmed person under a live agreement, at or above the threshold.

    Attributes:
        subject_id: who.
        comparison: the best comparison with this person's references.
        fpir: share of strangers who would be taken for anybody here at this similarity.
        operating_point: the threshold that was applied.
    """

    subject_id: SubjectId
    comparison: Comparison
    fpir: float
    operating_point: OperatingPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody, and why. Who came nearest is not part of it, by design.

    Attributes:
        reason: why.
        fpir: share of strangers who come at least as near to anybody here; None with an empty gallery.
        operating_point: the threshold that was applied; None with an empty gallery.
    """

    reason: UnknownReason
    fpir: float | None
    operating_point: OperatingPoint | None


Match = Recognised | Unknown
