"""Incidents: "this was not me" freezes the face at once, names nobody, and an event opens to two roles alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import pytest

from limen.core.decision import Decision, Deny, Evidence, Grant, Reason
from limen.core.door import DoorId
from limen.core.errors import RefusedError, StorageError
from limen.core.incidents import EventOpening, IncidentId, IncidentKind, OpeningId
from limen.core.ledger import AuditTag
from limen.core.match import Comparison, Condition, Recognised
from limen.core.people import Rights, SubjectId
from limen.door.rules import AttendedDoor, Policy
from limen.flows.acknowledge import Acknowledge
from limen.flows.admit import Admit
from limen.flows.alarms import Alarms
from limen.flows.moments import Moments
from limen.flows.open_event import SHOWN_FOR, OpenEvent
from limen.flows.report_incident import ReportIncident
from limen.flows.settle_incident import SettleIncident
from limen.flows.site_events import SiteEvents, events_csv
from support.clock import NOON
from support.evidence import GOOD, KNOWN
from support.flowsite import FlowSite
from support.vision import unit

_FRONT = DoorId("front")
_OPEN = Policy(version="p-1", attendance=AttendedDoor())


def _enrolled(site: FlowSite, *, seed: int = 1, name: str = "Ada", badge: str | None = None) -> SubjectId:
    subject_id = site.enrol(site.vision.shows(unit(seed)), name=name).subject.subject_id
    with site.store.begin() as opened:
        opened.rights.put(subject_id, Rights(badge=badge))
        opened.commit()
    return subject_id


def _walks_up(site: FlowSite, who: SubjectId, *, event: str = "e-1", badge: str = "") -> Decision:
    comparison = Comparison(similarity=0.7, fmr=1e-8, log_likelihood_ratio=9.0, condition=Condition.BARE_BARE)
    match = Recognised(subject_id=who, comparison=comparison, fpir=3e-8, operating_point=KNOWN.operating_point)
    moments = Moments(pin_check=lambda _kept, _pin: False)
    if badge:
        moments.present(badge, at=site.clock.now())
    evidence = Evidence(
        evidence_id=event,
        match=match,
        quality=GOOD.quality,
        mask=GOOD.mask,
        temperature=GOOD.temperature,
        liveness=GOOD.liveness,
        second_factor=False,
        n_faces=1,
        times=GOOD.times,
    )
    admit = Admit(store=site.store, door=_FRONT, policy=_OPEN, moments=moments)
    return admit(evidence, site.clock.now()).decision


def _report(site: FlowSite) -> ReportIncident:
    return ReportIncident(store=site.store, clock=site.clock)


def _open(site: FlowSite) -> OpenEvent:
    return OpenEvent(store=site.store, clock=site.clock)


def _approved(site: FlowSite) -> EventOpening:
    incident = _report(site).something_happened(event="e-1", note="a laptop is missing", by="u-1")
    asked = _open(site).ask("e-1", incident_id=incident.incident_id, reason="the laptop", by="u-1", role="guard")
    return _open(site).approve(asked.opening_id, by="u-2", role="data_protection_officer")


def test_this_was_not_me_asks_for_a_second_factor_from_the_next_decision_on(trial: FlowSite) -> None:
    """The face alone is denied with the reason, the person's badge opens, and nobody else is touched."""
    ada, bob = _enrolled(trial, badge="0042"), _enrolled(trial, seed=5, name="Bob")
    assert isinstance(_walks_up(trial, ada), Grant)
    _report(trial).not_me(ada, event="e-1", note="I was at home", by="u-1")
    denied = _walks_up(trial, ada, event="e-2")
    assert isinstance(denied, Deny)
    assert denied.reasons == (Reason.SECOND_FACTOR_MISSING,)
    assert isinstance(_walks_up(trial, ada, event="e-3", badge="0042"), Grant)
    assert isinstance(_walks_up(trial, bob, event="e-4"), Grant)


def test_an_incident_holds_what_the_door_had_written_and_nobody_who_is_meant(trial: FlowSite) -> None:
    """Time, door, rates and quality, and no name, no similarity, no picture."""
    ada = _enrolled(trial)
    _walks_up(trial, ada)
    incident = _report(trial).not_me(ada, event="e-1", note="  I was   at home ", by="u-1")
    assert (incident.kind, incident.door, incident.happened_at) == (IncidentKind.NOT_ME, "front", NOON)
    assert incident.note == "I was at home"
    facts = dict(incident.facts)
    assert facts == {
        "outcome": "grant",
        "reasons": "recognised",
        "condition": "bare/bare",
        "fpir_below": "1e-7",
        "fpir_asked": "0.001",
        "quality": "80",
        "policy": "p-1",
    }
    assert "Ada" not in json.dumps(asdict(incident), default=str)
    record = trial.store.state.audit[-1]
    assert record.tag is AuditTag.INCIDENT_OPENED
    assert record.detail == {
        "incident": incident.incident_id,
        "kind": "not_me",
        "event": "e-1",
        "door": "front",
        "by": "u-1",
    }


def test_whose_event_it_was_is_not_told_by_reporting_it(trial: FlowSite) -> None:
    """Bob may report Ada's event and gets the same answer: the desk cannot find out whose it was by trying."""
    ada, bob = _enrolled(trial), _enrolled(trial, seed=5, name="Bob")
    _walks_up(trial, ada)
    told = [_report(trial).not_me(who, event="e-1", note="not me", by="u-1") for who in (ada, bob)]
    assert told[0].facts == told[1].facts


def test_reporting_needs_words_a_person_and_an_event_that_is_there(trial: FlowSite) -> None:
    """Each is refused with its reason, and nothing is changed."""
    ada = _enrolled(trial)
    _walks_up(trial, ada)
    before = trial.store.state.copy()
    wrong: dict[str, Callable[[], object]] = {
        "reason_missing": lambda: _report(trial).not_me(ada, event="e-1", note=" ", by="u-1"),
        "no_such_person": lambda: _report(trial).not_me(SubjectId("s-0"), event="e-1", note="x", by="u-1"),
        "no_event": lambda: _report(trial).not_me(ada, event="e-9", note="x", by="u-1"),
    }
    for reason, act in wrong.items():
        with pytest.raises(RefusedError) as caught:
            act()
        assert caught.value.reason == reason
    assert trial.store.state == before


def test_an_event_that_cannot_be_told_still_opens_an_incident(trial: FlowSite) -> None:
    """The person is frozen, and the incident says when it was opened."""
    ada = _enrolled(trial)
    incident = _report(trial).not_me(ada, event="", note="some day last week", by="self")
    assert (incident.event, incident.happened_at, incident.facts) == ("", None, ())
    assert trial.store.state.rights[ada].frozen


def test_settling_lifts_the_freeze_only_when_asked_and_only_with_the_last_incident(trial: FlowSite) -> None:
    """Two incidents: closing the first changes nothing; the second, with lift, does; a third, without, does not."""
    ada = _enrolled(trial)
    _walks_up(trial, ada)
    settle = SettleIncident(store=trial.store, clock=trial.clock)
    first, second = (_report(trial).not_me(ada, event="e-1", note="not me", by="u-1") for _ in range(2))
    settle(first.incident_id, lift=True, note="looked into", by="u-2")
    assert trial.store.state.rights[ada].frozen
    assert settle(second.incident_id, lift=True, note="a mix-up", by="u-2").closed_at == NOON
    assert not trial.store.state.rights[ada].frozen
    third = _report(trial).not_me(ada, event="e-1", note="not me", by="u-1")
    settle(third.incident_id, lift=False, note="they look alike", by="u-2")
    assert trial.store.state.rights[ada].frozen
    for gone in (third.incident_id, IncidentId("n-0")):
        with pytest.raises(RefusedError, match="no such open incident"):
            settle(gone, lift=True, note="again", by="u-2")


def test_an_event_is_opened_by_two_people_of_two_roles_and_the_person_sees_it(trial: FlowSite) -> None:
    """Asked, approved, looked at: the name is told once it is on record, and the person reads who, as what and why."""
    ada = _enrolled(trial)
    _walks_up(trial, ada)
    opening = _approved(trial)
    found = _open(trial).look(opening.opening_id, by="u-1")
    assert found is not None
    assert found.subject_id == ada
    look = trial.export()(ada)["audit"][-2]  # type: ignore[index]  # a document
    told = [look[name] for name in ("tag", "role", "approved_role", "reason", "event")]
    assert told == [AuditTag.EVENT_OPENED, "guard", "data_protection_officer", "the laptop", "e-1"]


@pytest.mark.parametrize(("by", "role"), [("u-1", "auditor"), ("u-2", "guard")])
def test_nobody_approves_for_oneself_or_for_ones_own_role(trial: FlowSite, by: str, role: str) -> None:
    """The same account in another role, and another account in the same role, are refused."""
    _walks_up(trial, _enrolled(trial))
    incident = _report(trial).something_happened(event="e-1", note="a laptop is missing", by="u-1")
    asked = _open(trial).ask("e-1", incident_id=incident.incident_id, reason="the laptop", by="u-1", role="guard")
    with pytest.raises(RefusedError) as caught:
        _open(trial).approve(asked.opening_id, by=by, role=role)
    assert caught.value.reason == "second_role"


def test_an_event_stays_shut_without_approval_after_a_day_to_others_and_for_a_settled_incident(
    trial: FlowSite,
) -> None:
    """In each case nothing is told and no look is on record."""
    _walks_up(trial, _enrolled(trial))
    opening = _approved(trial)
    with pytest.raises(RefusedError, match="not open to you"):
        _open(trial).look(opening.opening_id, by="u-2")
    trial.clock.advance(SHOWN_FOR)
    with pytest.raises(RefusedError, match="not open to you"):
        _open(trial).look(opening.opening_id, by="u-1")
    again = _approved(trial)
    SettleIncident(store=trial.store, clock=trial.clock)(again.incident_id, lift=False, note="found", by="u-2")
    with pytest.raises(RefusedError, match="no such open incident"):
        _open(trial).look(again.opening_id, by="u-1")
    with pytest.raises(RefusedError, match="no such open incident"):
        _open(trial).ask("e-1", incident_id=again.incident_id, reason="x", by="u-1", role="guard")
    with pytest.raises(RefusedError, match="approved already"):
        _open(trial).approve(again.opening_id, by="u-3", role="auditor")
    with pytest.raises(RefusedError, match="nobody asked"):
        _open(trial).look(OpeningId("v-0"), by="u-1")
    assert AuditTag.EVENT_OPENED not in {record.tag for record in trial.store.state.audit}


def test_of_somebody_who_has_withdrawn_nobody_can_be_told(trial: FlowSite) -> None:
    """The event is there, and its alias stands for nobody."""
    ada = _enrolled(trial)
    _walks_up(trial, ada)
    opening = _approved(trial)
    trial.withdraw()(ada)
    assert _open(trial).look(opening.opening_id, by="u-1") is None


def test_lists_and_csv_of_events_carry_no_identity(trial: FlowSite) -> None:
    """Neither name, id nor alias; by door; page after page; and no cell that a spreadsheet would calculate."""
    ada = _enrolled(trial)
    for number in range(3):
        _walks_up(trial, ada, event=f"e-{number}")
    events = SiteEvents(store=trial.store)(most=10)
    assert [item.event for item in events] == ["e-2", "e-1", "e-0"]
    assert [item.event for item in SiteEvents(store=trial.store)(most=10, before=events[0].sequence)] == ["e-1", "e-0"]
    assert SiteEvents(store=trial.store)(most=10, door="back") == ()
    with trial.store.read() as opened:
        alias = opened.subjects.alias(ada)
    text = events_csv(events)
    assert text.splitlines()[0] == "at,door,what,outcome,reasons,event,note"
    assert [word for word in ("Ada", ada, alias) if word in text or word in str(events)] == []
    with trial.store.begin() as opened:
        detail = {"door": "front", "request": "q", "reason": "=1+1"}
        opened.audit.append(AuditTag.DOOR_OPENED, at=NOON, alias=None, detail=detail)
        opened.commit()
    assert "'=1+1" in events_csv(SiteEvents(store=trial.store)(most=1))


def test_an_alarm_is_acknowledged_once_and_again_when_it_comes_again(trial: FlowSite) -> None:
    """Who, when and the note are in the chain; an alarm that ended and begins anew has another id."""
    alarms = Alarms(_FRONT)
    acknowledge = Acknowledge(store=trial.store, clock=trial.clock)
    alarms.fails("camera", StorageError("no frame", advice="look"))
    alarms.fails("camera", StorageError("still none", advice="look"))
    (alarm,) = alarms.standing()
    told = acknowledge(alarm, door=_FRONT, note="cable ordered", by="u-1")
    assert acknowledge.known() == {alarm.alarm_id: told}
    assert (told.at, told.by, told.note) == (NOON, "u-1", "cable ordered")
    with pytest.raises(RefusedError) as caught:
        acknowledge(alarm, door=_FRONT, note="me too", by="u-2")
    assert caught.value.reason == "acknowledged"
    alarms.works("camera")
    alarms.fails("camera", StorageError("no frame", advice="look"))
    assert alarms.standing()[0].alarm_id not in acknowledge.known()


def test_what_contacts_told_is_an_alarm_until_it_is_acknowledged(trial: FlowSite) -> None:
    """Of the doors asked for, since the moment asked for."""
    with trial.store.begin() as opened:
        opened.audit.append(AuditTag.DOOR_HELD, at=NOON - timedelta(days=2), alias=None, detail={"door": "front"})
        opened.audit.append(AuditTag.DOOR_FORCED, at=NOON, alias=None, detail={"door": "front"})
        opened.audit.append(AuditTag.DOOR_FORCED, at=NOON, alias=None, detail={"door": "back"})
        opened.commit()
    acknowledge = Acknowledge(store=trial.store, clock=trial.clock)
    (alarm,) = acknowledge.contacts(since=NOON - timedelta(days=1), doors=[_FRONT])
    assert (alarm.what, alarm.at, alarm.door) == (AuditTag.DOOR_FORCED, NOON, "front")
    acknowledge(alarm, door=alarm.door, note="a delivery", by="u-1")
    assert alarm.alarm_id in acknowledge.known()
