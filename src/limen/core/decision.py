"""Evidence -> Decision: what a visitor has shown so far, and the answer of the door."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from limen.core.match import Match
from limen.core.probe import Liveness, MaskSeen
from limen.core.quality import NotAssessed, Quality
from limen.core.thermal import TemperatureSeen

__all__ = [
    "Access",
    "Decision",
    "Deny",
    "Evidence",
    "Grant",
    "Reason",
    "Refer",
    "StageTimes",
    "Surroundings",
]


class Reason(StrEnum):
    """Why a door decided as it did. For people who may know; the public is told only what to do next."""

    RECOGNISED = "recognised"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    QUALITY_TOO_LOW = "quality_too_low"
    NOT_RECOGNISED = "not_recognised"
    ATTACK_SUSPECTED = "attack_suspected"
    MASK_MISSING = "mask_missing"
    MASK_INCORRECT = "mask_incorrect"
    MASK_UNSURE = "mask_unsure"
    TEMPERATURE_REPEAT = "temperature_repeat"
    TEMPERATURE_HIGH = "temperature_high"
    TEMPERATURE_NOT_MEASURED = "temperature_not_measured"
    LIVENESS_UNMEASURED = "liveness_unmeasured"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    BADGE_PIN_LOCKED = "badge_pin_locked"
    POLICY_EMPTY = "policy_empty"
    CLOCK_UNTRUSTED = "clock_untrusted"
    LOCKED_DOWN = "locked_down"
    NOT_PERMITTED = "not_permitted"
    OUTSIDE_HOURS = "outside_hours"
    ALARM_SET = "alarm_set"
    INTERLOCK = "interlock"
    ANTI_PASSBACK = "anti_passback"
    OCCUPANCY_FULL = "occupancy_full"
    OCCUPANCY_UNKNOWN = "occupancy_unknown"
    COMPANION_MISSING = "companion_missing"
    CLEARED = "cleared"
    NO_RECORD = "no_record"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTimes:
    """How long each stage took, in milliseconds; None where a stage did not run."""

    detect_ms: float | None = None
    align_ms: float | None = None
    quality_ms: float | None = None
    embed_ms: float | None = None
    search_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the site has laid down for somebody who was recognised.

    Attributes:
        groups: names of the access groups the person is in.
        inside: whether the person went in and has not come out since; None where nobody keeps that.
        frozen: whether a face alone opens nothing for the person, because of an incident that is not settled.
    """

    groups: frozenset[str] = frozenset()
    inside: bool | None = None
    frozen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """How things stand at a door at the moment of a decision; none of it is about the visitor.

    Attributes:
        clock_trusted: whether the clock is set and has not jumped; schedules count as unmet without.
        locked_down: whether the door was shut for everybody by a person.
        alarm_set: whether the intruder alarm behind the door is armed.
        interlocked: whether another door of the same airlock stands open.
        occupancy: people inside; None where nobody counts.
        companions: other enrolled people who stand here now and would be let in but for the two-person rule.
        cleared: whether a person has looked and cleared this visitor's referral.
    """

    clock_trusted: bool = True
    locked_down: bool = False
    alarm_set: bool = False
    interlocked: bool = False
    occupancy: int | None = None
    companions: int = 0
    cleared: bool = False


_CALM = Surroundings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one visitor has shown so far. It holds no pixels and no embedding.

    Attributes:
        evidence_id: random id of the attempt.
        match: the answer of the gallery, or None if no face was usable.
        quality: of the best picture, or None.
        mask: mask state, or why it was not assessed.
        temperature: what the skin temperature means to the door, without its value; or why it was not measured.
        liveness: Live, Attack or Undetermined.
        second_factor: whether a badge or PIN of the same person was shown.
        n_faces: faces in the zone.
        times: per stage.
        access: what the site has laid down for whoever was recognised; None for everybody else.
        surroundings: how things stand at the door.
    """

    evidence_id: str
    match: Match | None
    quality: Quality | None
    mask: MaskSeen | NotAssessed
    temperature: TemperatureSeen | NotAssessed
    liveness: Liveness
    second_factor: bool
    n_faces: int
    times: StageTimes
    access: Access | None = None
    surroundings: Surroundings = _CALM


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    reasons: tuple[Reason, ...]
    policy_version: str
    evidence_id: str

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("reasons: expected at least one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant(_Answer):
    """The door may open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deny(_Answer):
    """The door stays shut; the other way in works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refer(_Answer):
    """The door stays shut until a person looks at it."""


Decision = Grant | Deny | Refer
