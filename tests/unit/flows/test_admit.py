"""Admitting: decided on what the store says, written down first, and only then an order to open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from typing_extensions import override

from limen.core.decision import Deny, Evidence, Grant, Reason, Refer, StageTimes
from limen.core.door import OPEN_WITHIN, Counted, Direction, DoorId, DoorSignal, SignalKind, Standing
from limen.core.errors import StorageError
from limen.core.ledger import AuditTag
from limen.core.match import Comparison, Condition, OperatingPoint, Recognised, Unknown, UnknownReason
from limen.core.people import Rights, SubjectId
from limen.core.probe import Undetermined
from limen.core.quality import NotAssessed
from limen.core.thermal import TemperatureOutcome, TemperatureSeen
from limen.door.policy import Passback, SecondFactor
from limen.door.rules import AttendedDoor, MaskRule, Policy, UnattendedDoor
from limen.door.temperature import DEFAULT_THRESHOLD, TemperatureRule, expected_alarms, switched_on
from limen.flows.admit import Admit, unrecorded
from limen.flows.moments import Moments
from limen.flows.passage import Passage
from support.clock import NOON
from support.evidence import GOOD, make_unknown
from support.flowsite import FlowSite
from support.stores import MemoryStore, MemoryUnitOfWork
from support.vision import TEST_MODEL, make_mask, make_quality, unit

_FRONT = DoorId("front")
_OPEN = Policy(version="p-1", attendance=AttendedDoor())
_POINT = OperatingPoint(
    model_id=TEST_MODEL,
    condition=Condition.BARE_BARE,
    fpir_target=0.001,
    n_references=1,
    fmr=1e-4,
    threshold=0.4,
    fnir_expected=0.02,
    calibrated_on=date(2026, 11, 22),
)


def _evidence(who: SubjectId | None, *, number: int = 1, mask: str = "none") -> Evidence:
    comparison = Comparison(similarity=0.7, fmr=1e-8, log_likelihood_ratio=9.0, condition=Condition.BARE_BARE)
    match: Recognised | Unknown = Unknown(reason=UnknownReason.BELOW_THRESHOLD, fpir=0.3, operating_point=_POINT)
    if who is not None:
        match = Recognised(subject_id=who, comparison=comparison, fpir=3e-8, operating_point=_POINT)
    return Evidence(
        evidence_id=f"e-{number}",
        match=match,
        quality=make_quality(),
        mask=make_mask(mask),
        temperature=NotAssessed(reason="a test"),
        liveness=Undetermined(reason="a test"),
        second_factor=False,
        n_faces=1,
        times=StageTimes(detect_ms=8.0, embed_ms=28.04),
    )


def _enrolled(site: FlowSite, *, seed: int = 1, rights: Rights | None = None) -> SubjectId:
    subject_id = site.enrol(site.vision.shows(unit(seed))).subject.subject_id
    with site.store.begin() as unit_:
        unit_.rights.put(subject_id, rights or Rights())
        unit_.commit()
    return subject_id


def _admit(site: FlowSite, policy: Policy = _OPEN, *, with_credential: bool = False) -> Admit:
    moments = Moments(pin_check=lambda kept, pin: kept == f"hash of {pin}")
    return Admit(store=site.store, door=_FRONT, policy=policy, moments=moments, with_credential=with_credential)


@pytest.mark.parametrize(
    ("agreed", "known"), [("", False), ("office", False), ("laboratory 2", False), ("laboratory", True)]
)
def test_a_door_with_a_purpose_knows_whoever_agreed_to_it(trial: FlowSite, agreed: str, *, known: bool) -> None:
    """One of several purposes is enough; of anybody else it keeps a total and no record; other doors know them."""
    ada = _enrolled(trial)
    agreement = trial.store.state.subjects[ada].agreement
    several = replace(agreement, purpose=f"canteen; {agreed}" if agreed else "")
    trial.store.state.agreements[agreement.agreement_id] = several
    before = len(trial.store.state.audit)
    admission = replace(_admit(trial), purpose="laboratory")(_evidence(ada), NOON)
    assert isinstance(admission.decision, Grant) == known
    assert (admission.order is not None, len(trial.store.state.audit) - before) == (known, int(known))
    assert isinstance(_admit(trial)(_evidence(ada), NOON).decision, Grant)


def test_a_grant_is_written_down_and_gives_one_order_that_ends(trial: FlowSite) -> None:
    """The record names nobody, tells rates and no similarity, and the order is worth two seconds."""
    ada = _enrolled(trial)
    admission = _admit(trial)(_evidence(ada), NOON)
    assert isinstance(admission.decision, Grant)
    assert admission.order is not None
    assert (admission.order.decision_id, admission.order.not_after) == ("e-1", NOON + OPEN_WITHIN)
    assert admission.order.credential is None
    record = trial.store.state.audit[-1]
    assert (record.tag, record.at) == (AuditTag.DOOR_DECIDED, NOON)
    assert record.detail == {
        "door": "front",
        "event": "e-1",
        "outcome": "grant",
        "reasons": "recognised",
        "policy": "p-1",
        "condition": "bare/bare",
        "fpir_below": "1e-7",
        "fpir_asked": 0.001,
        "quality": 80,
        "ms": 36.0,
    }
    assert ada not in json.dumps(dict(record.detail))


def test_a_stranger_is_one_more_in_a_total_and_nothing_else(trial: FlowSite) -> None:
    """Promise 2: no record and no order, only the number of the hour."""
    _enrolled(trial)
    before = list(trial.store.state.audit)
    admission = _admit(trial)(_evidence(None), NOON)
    assert (type(admission.decision), admission.order) == (Deny, None)
    assert trial.store.state.audit == before
    assert trial.store.state.counts == {(_FRONT, NOON, Counted.UNKNOWN): 1}


class _Full(MemoryStore):
    @override
    @contextmanager
    def begin(self) -> Iterator[MemoryUnitOfWork]:
        """No transaction begins."""
        raise StorageError("the disk is full", advice="make room")
        yield


def test_nothing_opens_when_it_cannot_be_written_down(trial: FlowSite) -> None:
    """A full disk or a locked store is an error before any order exists; the door then denies."""
    ada = _enrolled(trial)

    full = _Full(clock=trial.clock)
    admit = Admit(store=full, door=_FRONT, policy=_OPEN, moments=Moments(pin_check=lambda *_: False))
    with pytest.raises(StorageError):
        admit(_evidence(ada), NOON)
    assert unrecorded(_evidence(ada), _OPEN).reasons == (Reason.NO_RECORD,)
    assert admit.moments.next_to_pass(NOON) is None


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
def test_whoever_is_gone_since_the_search_is_nobody(trial: FlowSite, how: str) -> None:
    """A withdrawal, or the end of the agreement, between recognising and deciding keeps the door shut."""
    ada = _enrolled(trial)
    at = NOON
    if how == "withdrawn":
        trial.withdraw()(ada)
    else:
        at += timedelta(days=31)
    admission = _admit(trial)(_evidence(ada), at)
    assert admission.decision.reasons == (Reason.NOT_RECOGNISED,)
    assert trial.store.state.audit[-1].tag is not AuditTag.DOOR_DECIDED


def test_what_the_store_says_of_the_door_counts(trial: FlowSite) -> None:
    """A door that was locked down stays shut whatever the camera sees."""
    ada = _enrolled(trial)
    with trial.store.begin() as unit_:
        unit_.doors.set_standing(_FRONT, Standing(locked_down=True))
        unit_.commit()
    assert _admit(trial)(_evidence(ada), NOON).decision.reasons == (Reason.LOCKED_DOWN,)


def test_a_badge_is_a_second_factor_for_its_owner_alone(trial: FlowSite) -> None:
    """Nobody's badge, another's badge, one shown too long ago: no; the own one: yes, once."""
    ada = _enrolled(trial, rights=Rights(badge="0042"))
    _enrolled(trial, seed=5, rights=Rights(badge="0007"))
    admit = _admit(trial, Policy(version="p", attendance=UnattendedDoor(), second_factor=SecondFactor.BADGE))
    answers = [admit(_evidence(ada), NOON).decision]
    admit.moments.present("0007", at=NOON)
    answers.append(admit(_evidence(ada), NOON).decision)
    admit.moments.present("0042", at=NOON - timedelta(seconds=31))
    answers.append(admit(_evidence(ada), NOON).decision)
    assert [decision.reasons for decision in answers] == [(Reason.SECOND_FACTOR_MISSING,)] * 3
    admit.moments.present("0042", at=NOON)
    assert isinstance(admit(_evidence(ada), NOON).decision, Grant)
    assert isinstance(admit(_evidence(ada), NOON).decision, Deny)


def test_a_pin_is_no_badge_and_a_badge_no_pin(trial: FlowSite) -> None:
    """What the rules ask for has to be shown; where they do not say, either will do."""
    ada = _enrolled(trial, rights=Rights(badge="0042", pin_hash="hash of 1234"))
    answers = []
    for asked, shown in ((SecondFactor.BADGE, "1234"), (SecondFactor.PIN, "0042"), (SecondFactor.NONE, "1234")):
        admit = _admit(trial, Policy(version="p", attendance=UnattendedDoor(), second_factor=asked))
        admit.moments.present(shown, at=NOON)
        answers.append(type(admit(_evidence(ada), NOON).decision))
    assert answers == [Deny, Deny, Grant]


def test_the_pin_of_a_badge_is_a_pin(trial: FlowSite) -> None:
    """Where the rules ask for a PIN, a badge that opened with one will do, and one without does not."""
    ada = _enrolled(trial)
    admit = _admit(trial, Policy(version="p", attendance=UnattendedDoor(), second_factor=SecondFactor.PIN))
    admit.moments.has_code(ada, at=NOON)
    assert isinstance(admit(_evidence(ada), NOON).decision, Deny)
    admit.moments.has_code(ada, at=NOON, with_pin=True)
    assert isinstance(admit(_evidence(ada), NOON).decision, Grant)


def test_whoever_is_asked_for_a_pin_is_not_counted_as_unknown_yet(trial: FlowSite) -> None:
    """Asking is not the end of an attempt; a locked badge is, and of neither is there a record."""
    before = list(trial.store.state.audit)
    for reason, told in (
        (UnknownReason.BADGE_PIN_MISSING, Reason.SECOND_FACTOR_MISSING),
        (UnknownReason.BADGE_PIN_LOCKED, Reason.BADGE_PIN_LOCKED),
    ):
        admission = _admit(trial)(replace(GOOD, match=make_unknown(reason)), NOON)
        assert (admission.decision.reasons, admission.order) == ((told,), None)
    with trial.store.read() as unit_of_work:
        (counted,) = unit_of_work.doors.counts(_FRONT, since=NOON - timedelta(hours=1))
    assert (counted.what, counted.count) == (Counted.UNKNOWN, 1)
    assert list(trial.store.state.audit) == before


def test_nothing_about_health_is_written_down(trial: FlowSite) -> None:
    """A temperature decides and is shown at the desk; the record says that somebody was referred, and not why."""
    ada = _enrolled(trial)
    warm = replace(_evidence(ada), temperature=TemperatureSeen(outcome=TemperatureOutcome.ABOVE))
    rule = switched_on(
        TemperatureRule.REFER,
        limit=DEFAULT_THRESHOLD,
        expected_alarms_per_1000=expected_alarms(DEFAULT_THRESHOLD).per_1000,
    )
    admission = _admit(trial, Policy(version="p", attendance=AttendedDoor(), temperature=rule))(warm, NOON)
    assert admission.decision.reasons == (Reason.TEMPERATURE_HIGH,)
    detail = trial.store.state.audit[-1].detail
    assert (detail["outcome"], detail["reasons"]) == ("refer", "")


def test_five_wrong_pins_end_the_trying_for_five_minutes(trial: FlowSite) -> None:
    """The sixth is refused though it is right; later it is taken."""
    ada = _enrolled(trial, rights=Rights(pin_hash="hash of 1234"))
    admit = _admit(trial, Policy(version="p", attendance=UnattendedDoor(), second_factor=SecondFactor.PIN))
    for pin in ("1", "2", "3", "4", "5", "1234"):
        admit.moments.present(pin, at=NOON)
        assert isinstance(admit(_evidence(ada), NOON).decision, Deny)
    later = NOON + timedelta(minutes=6)
    admit.moments.present("1234", at=later)
    assert isinstance(admit(_evidence(ada), later).decision, Grant)


def test_an_order_carries_a_badge_number_only_where_a_controller_wants_it(trial: FlowSite) -> None:
    """Limen as a reader before an access controller."""
    ada = _enrolled(trial, rights=Rights(badge="0042"))
    order = _admit(trial, with_credential=True)(_evidence(ada), NOON).order
    assert order is not None
    assert order.credential == "0042"


def test_a_person_clears_a_doubt_for_a_minute_and_nobody_elses(trial: FlowSite) -> None:
    """A mask that could not be told is referred; cleared by its event, that visitor comes in, once."""
    ada, eve = _enrolled(trial), _enrolled(trial, seed=5)
    admit = _admit(trial, Policy(version="p", attendance=AttendedDoor(), mask=MaskRule.REQUIRE))
    assert isinstance(admit(_evidence(ada, mask="unsure"), NOON).decision, Refer)
    assert not admit.moments.clear("e-9", at=NOON)
    assert admit.moments.clear("e-1", at=NOON)
    assert isinstance(admit(_evidence(eve, number=2, mask="unsure"), NOON).decision, Refer)
    assert isinstance(admit(_evidence(ada, number=3, mask="unsure"), NOON).decision, Grant)
    assert isinstance(admit(_evidence(ada, number=4, mask="unsure"), NOON).decision, Refer)


def _passage(site: FlowSite, admit: Admit) -> Passage:
    return Passage(store=site.store, door=_FRONT, leads=Direction.IN, next_to_pass=admit.moments.next_to_pass)


def _signal(kind: SignalKind, *, seconds: float = 1.0, direction: Direction = Direction.IN) -> DoorSignal:
    return DoorSignal(kind=kind, at=NOON + timedelta(seconds=seconds), direction=direction)


def test_anti_passback_counts_passages_and_not_grants(trial: FlowSite) -> None:
    """Let in but not gone through, one may be let in again; gone through, not, until coming out."""
    ada = _enrolled(trial)
    admit = _admit(trial, Policy(version="p", attendance=AttendedDoor(), passback=Passback.HARD))
    passage = _passage(trial, admit)
    assert isinstance(admit(_evidence(ada), NOON).decision, Grant)
    assert isinstance(admit(_evidence(ada), NOON).decision, Grant)
    passage(_signal(SignalKind.PASSED))
    assert admit(_evidence(ada), NOON).decision.reasons == (Reason.ANTI_PASSBACK,)
    with trial.store.begin() as unit_:
        unit_.doors.passed(Direction.OUT, subject_id=ada)
        unit_.commit()
    assert isinstance(admit(_evidence(ada), NOON).decision, Grant)


def test_a_passage_nobody_was_let_in_for_is_counted_and_nobody_is_looked_for(trial: FlowSite) -> None:
    """Somebody slipping in behind, or long after a grant, makes one more inside and raises a total."""
    ada = _enrolled(trial)
    admit = _admit(trial)
    passage = _passage(trial, admit)
    admit(_evidence(ada), NOON)
    passage(_signal(SignalKind.PASSED))
    passage(_signal(SignalKind.PASSED))
    admit(_evidence(ada), NOON)
    passage(_signal(SignalKind.PASSED, seconds=31))
    passage(_signal(SignalKind.PASSED, direction=Direction.OUT))
    assert trial.store.state.people_inside == 2
    assert trial.store.state.counts[_FRONT, NOON, Counted.PASSED_UNGRANTED] == 2
    assert trial.store.state.counts[_FRONT, NOON, Counted.PASSED_OUT] == 1


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        (SignalKind.FORCED_OPEN, AuditTag.DOOR_FORCED),
        (SignalKind.HELD_OPEN, AuditTag.DOOR_HELD),
        (SignalKind.TAMPERED, AuditTag.DOOR_TAMPERED),
        (SignalKind.EXIT_REQUESTED, None),
        (SignalKind.OPENED, None),
    ],
)
def test_what_is_wrong_at_a_door_is_recorded_without_a_person(
    trial: FlowSite, kind: SignalKind, tag: AuditTag | None
) -> None:
    """Forced, held, tampered with: a record; leaving and ordinary movement: none."""
    before = len(trial.store.state.audit)
    _passage(trial, _admit(trial))(_signal(kind))
    written = trial.store.state.audit[before:]
    assert [(record.tag, record.alias) for record in written] == ([] if tag is None else [(tag, None)])
