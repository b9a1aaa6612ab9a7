"""dry_run: what other rules of a door would have answered to what it decided, as totals, as far as that can be told.

A door writes down its answer, the reasons, rates and a rough quality, and nothing else (docs/adr/0016). So for each
stored decision the evidence is not known, but bounded: of everything that the rules look at, those values are kept that
the rules of then would have answered in the same way. The new rules are asked twice, for the best and for the worst of
them. Where both answers are alike it is told; else it cannot be, and the total says so and by which rule.

1. Decisions under other rules than the present ones are left out: what they leave open is not known.
2. Groups and skin temperature are never looked up: who is in a group, and who was warm, is not found out this way.
3. People with an incident that is not settled count as everybody else, and a clock as trusted unless it was said not
   to be.
4. Totals below ten are told as zero.
5. Strangers were counted by the hour and not recorded, so nothing is told of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from limen.core.decision import Decision, Deny, Evidence, Grant, Reason, Refer
from limen.core.door import Direction, DoorId
from limen.core.ledger import AuditRecord
from limen.core.probe import Attack, MaskState
from limen.core.thermal import TemperatureOutcome
from limen.door.rules import EVERYBODY, MaskAsked, MaskRule, Policy, decide
from limen.flows.desk import HIDDEN_BELOW
from limen.flows.possible_evidence import (
    Change,
    as_unknown,
    best,
    with_groups,
    with_inside,
    with_mask,
    with_quality,
    with_second_factor,
    with_surroundings,
    with_temperature,
)

__all__ = ["DryRun", "Told", "tell"]

_SEVERITY: Mapping[str, int] = {"grant": 0, "refer": 1, "deny": 2}
_HEALTH = {Reason.TEMPERATURE_REPEAT, Reason.TEMPERATURE_HIGH, Reason.TEMPERATURE_NOT_MEASURED}
_EARLY = {Reason.NO_FACE, Reason.QUALITY_TOO_LOW, Reason.SEVERAL_FACES, Reason.ATTACK_SUSPECTED, Reason.NOT_RECOGNISED}
_MASK = {Reason.MASK_MISSING, Reason.MASK_INCORRECT, Reason.MASK_UNSURE}
_MOST = 100_000
_PAGE = 1000
_DECADE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What can be told of some time at a door. Every total below ten is zero.

    Attributes:
        decisions: under the present rules, about people who were recognised.
        left_out: under other rules.
        before: answers as they were: grant, refer, deny.
        after: answers of the new rules, of those that can be told.
        open: of how many it cannot be told.
        because: which reasons may or may not have come up, with how often, most often first.
        changed: of those that can be told, how many would have been answered otherwise.
    """

    decisions: int
    left_out: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    open: int
    because: tuple[tuple[Reason, int], ...]
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """Other rules for one door, tried on what it has decided.

    Attributes:
        door: which.
        present: its rules now.
        other: the rules to try.
        fpir: share of strangers that the other rules let in; None leaves it.
    """

    door: DoorId
    present: Policy
    other: Policy
    fpir: float | None = None

    def __call__(self, records: Sequence[AuditRecord]) -> Told:
        """Try the other rules.

        Args:
            records: decisions of this door.
        """
        mine = [record for record in records if record.detail.get("policy") == self.present.version]
        before: Counter[str] = Counter()
        after: Counter[str] = Counter()
        because: Counter[Reason] = Counter()
        known: dict[tuple[object, ...], tuple[Decision, Decision]] = {}
        changed = left_open = 0
        for record in mine:
            outcome = str(record.detail["outcome"])
            before[outcome] += 1
            key = self._key(record)
            if key not in known:
                known[key] = self._answers(record)
            best, worst = known[key]
            if type(best) is type(worst):
                after[_word(best)] += 1
                changed += _word(best) != outcome
            else:
                left_open += 1
                because.update(set(worst.reasons) - set(best.reasons) - {Reason.RECOGNISED})
        return Told(
            decisions=_shown(len(mine)),
            left_out=_shown(len(records) - len(mine)),
            before={word: _shown(before[word]) for word in _SEVERITY},
            after={word: _shown(after[word]) for word in _SEVERITY},
            open=_shown(left_open),
            because=tuple((reason, count) for reason, count in because.most_common() if count >= HIDDEN_BELOW),
            changed=_shown(changed),
        )

    def _answers(self, record: AuditRecord) -> tuple[Decision, Decision]:
        """The answers of the other rules to the best and to the worst evidence that may have been."""
        best = worst = self._base(record)
        for changes in self._sides(record):
            kept = [change for change in changes if self._fits(change, changes, record)] or list(changes)
            best, worst = kept[0](best), kept[-1](worst)
        for change in self._recognition(record):
            worst = change(worst)
        if self._surely_lost(record):
            best = worst
        return decide(best, self.other, at=record.at), decide(worst, self.other, at=record.at)

    def _key(self, record: AuditRecord) -> tuple[object, ...]:
        """What the answers follow from; of the moment only which groups may come in."""
        detail, named = record.detail, sorted(self._groups() | {EVERYBODY})
        single = [with_groups(frozenset({group}))(self._base(record)) for group in named]
        doors = (self.present, self.other)
        may = tuple(_word(decide(one, policy, at=record.at)) for policy in doors for one in single)
        facts = (detail.get(name) for name in ("outcome", "reasons", "quality", "fpir_below", "fpir_asked"))
        return (*facts, *may)

    def _fits(self, change: Change, changes: Sequence[Change], record: AuditRecord) -> bool:
        """Whether the present rules would have given the stored answer with this value of one side."""
        outcome, reasons = _stored(record)
        gives = {one: self._would(one(self._base(record)), record.at) for one in changes}
        word, why = gives[change]
        early = self._first()
        if reasons & early:  # the first that fails is the answer, and hides the rest
            return why == reasons or not why or not any(said == reasons for _, said in gives.values())
        if why & early or _SEVERITY[word] > _SEVERITY[outcome] or (word == outcome and not why <= reasons):
            return False
        explained = {reason for other, said in gives.values() if other == outcome for reason in said & reasons}
        return explained <= (why if word == outcome else set())

    def _first(self) -> set[Reason]:
        """Reasons of which the first alone is the answer, under the present rules."""
        asked = self.present.mask is MaskRule.REQUIRE and self.present.mask_asked is MaskAsked.BEFORE
        return _EARLY | (_MASK if asked else set())

    def _would(self, evidence: Evidence, at: datetime) -> tuple[str, set[Reason]]:
        decision = decide(evidence, self.present, at=at)
        return _word(decision), set(decision.reasons) - {Reason.RECOGNISED, Reason.CLEARED} - _HEALTH

    def _base(self, record: AuditRecord) -> Evidence:
        event = str(record.detail.get("event", ""))
        return best(event, groups=self._groups(), quality=max(_qualities(record)))

    def _groups(self) -> frozenset[str]:
        """Every group that either set of rules names."""
        return frozenset(group for policy in (self.present, self.other) for group in _groups_of(policy)) - {EVERYBODY}

    def _sides(self, record: AuditRecord) -> Iterator[tuple[Change, ...]]:
        """Everything that rules look at, the best value first."""
        groups = self._groups()
        full = max((policy.most_inside or 0) for policy in (self.present, self.other))
        sets = [groups, *(frozenset({group}) for group in sorted(groups)), frozenset[str]()]
        yield tuple(with_groups(some) for some in sets)
        yield tuple(map(with_mask, (MaskState.WORN, MaskState.UNSURE, MaskState.INCORRECT, MaskState.NONE)))
        yield tuple(with_second_factor(shown) for shown in (True, False))
        again = self.present.direction is Direction.IN
        yield tuple(with_inside(inside) for inside in (None, not again, again))
        yield tuple(with_quality(value) for value in _qualities(record))
        yield (lambda item: item, lambda item: replace(item, n_faces=2))
        yield (lambda item: item, lambda item: replace(item, liveness=Attack(species="not recorded")))
        for outcome in (TemperatureOutcome.REPEAT, TemperatureOutcome.NO_READING, TemperatureOutcome.ABOVE):
            yield (lambda item: item, with_temperature(outcome))
        if Reason.CLOCK_UNTRUSTED in _stored(record)[1]:
            yield (lambda item: item, with_surroundings(lambda item: replace(item, clock_trusted=False)))
        yield (lambda item: item, with_surroundings(lambda item: replace(item, locked_down=True)))
        yield (lambda item: item, with_surroundings(lambda item: replace(item, alarm_set=True)))
        yield (lambda item: item, with_surroundings(lambda item: replace(item, interlocked=True)))
        yield (lambda item: item, with_surroundings(lambda item: replace(item, occupancy=full)))
        yield (lambda item: item, with_surroundings(lambda item: replace(item, companions=0)))

    def _recognition(self, record: AuditRecord) -> tuple[Change, ...]:
        """A stricter rate may take somebody for nobody; how near it was is known as a decade."""
        asked, below = _number(record, "fpir_asked"), _number(record, "fpir_below")
        if self.fpir is None or asked is None or below is None or self.fpir >= min(asked, below):
            return ()
        return (as_unknown,)

    def _surely_lost(self, record: AuditRecord) -> bool:
        below = _number(record, "fpir_below")
        return bool(self._recognition(record)) and below is not None and below / _DECADE >= (self.fpir or 0.0)


def tell(run: DryRun, newest: Callable[[int | None, int], Sequence[AuditRecord]], *, since: datetime) -> Told:
    """Try other rules on everything since a moment, of the newest 100,000 records of decisions.

    Args:
        run: the rules.
        newest: (before this number in the chain, how many) -> decisions of all doors, newest first.
        since: from when.
    """
    found: list[AuditRecord] = []
    before: int | None = None
    for _ in range(_MOST // _PAGE):
        page = newest(before, _PAGE)
        found += [record for record in page if record.at >= since and record.detail.get("door") == run.door]
        if not page or page[-1].at < since:
            break
        before = page[-1].sequence
    return run(found)


def _stored(record: AuditRecord) -> tuple[str, set[Reason]]:
    named = (name for name in str(record.detail["reasons"]).split(",") if name)
    return str(record.detail["outcome"]), {Reason(name) for name in named} - {Reason.RECOGNISED, Reason.CLEARED}


def _word(decision: Decision) -> str:
    match decision:
        case Grant():
            return "grant"
        case Refer():
            return "refer"
        case Deny():
            return "deny"


def _shown(count: int) -> int:
    return count if count >= HIDDEN_BELOW else 0


def _number(record: AuditRecord, name: str) -> float | None:
    value = record.detail.get(name)
    return None if value is None else float(value)


def _qualities(record: AuditRecord) -> tuple[int, ...]:
    """In tens, rounded down; of older records nothing is known."""
    known = _number(record, "quality")
    return (100, 0) if known is None else (min(100, int(known) + 9), int(known))


def _groups_of(policy: Policy) -> Iterator[str]:
    yield from (opening.group for opening in policy.opens_for)
    yield from policy.mask_exempt | policy.passback_bypass | policy.occupancy_bypass
    yield from policy.alarm_disarm | policy.lockdown_bypass
