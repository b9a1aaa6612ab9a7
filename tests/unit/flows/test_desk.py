"""A person's hand on a door, and what a site lays down for people: written down, with a reason, naming nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from limen.core.door import Counted, DoorId, RequestKind
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import SubjectId
from limen.flows.desk import Desk
from limen.flows.lay_down import LayDown
from support.clock import NOON
from support.flowsite import FlowSite
from support.vision import unit

_FRONT = DoorId("front")


def _desk(site: FlowSite) -> Desk:
    return Desk(store=site.store, clock=site.clock, door=_FRONT)


def test_opening_by_hand_needs_a_reason_and_is_recorded_before_it_is_done(live: FlowSite) -> None:
    """The request ends in two seconds; the record stands."""
    request = _desk(live).open(reason="a delivery")
    assert (request.kind, request.not_after) == (RequestKind.OPEN, NOON + timedelta(seconds=2))
    assert live.store.state.requests == (request,)
    record = live.store.state.audit[-1]
    assert (record.tag, record.detail["reason"], record.alias) == (AuditTag.DOOR_OPENED, "a delivery", None)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_nothing_is_opened_or_cleared_without_a_reason(live: FlowSite, reason: str) -> None:
    """Neither request nor record."""
    before = live.store.state.copy()
    with pytest.raises(RefusedError, match="a reason is needed"):
        _desk(live).open(reason=reason)
    with pytest.raises(RefusedError, match="a reason is needed"):
        _desk(live).clear("e-1", reason=reason)
    assert live.store.state == before


def test_a_trial_folder_opens_no_door(trial: FlowSite) -> None:
    """Not by hand either."""
    with pytest.raises(RefusedError, match="a trial folder opens no door"):
        _desk(trial).open(reason="to try")


def test_a_door_is_locked_down_and_released(trial: FlowSite) -> None:
    """What is not said stays; saying the same again is no event."""
    desk = _desk(trial)
    desk.stand(alarm_set=True)
    assert desk.stand(locked_down=True).alarm_set
    before = len(trial.store.state.audit)
    desk.stand(locked_down=True)
    assert len(trial.store.state.audit) == before


def test_events_name_nobody_and_belong_to_one_door(trial: FlowSite) -> None:
    """There is no alias in them, and no event of another door."""
    _desk(trial).stand(locked_down=True)
    Desk(store=trial.store, clock=trial.clock, door=DoorId("back")).stand(locked_down=True)
    _desk(trial).empty()
    events = _desk(trial).events(most=10)
    assert [record.tag for record in events] == [AuditTag.DOOR_STANDING, AuditTag.DOOR_EMPTIED]
    assert {record.alias for record in events} == {None}


def test_totals_of_fewer_than_ten_are_hidden(trial: FlowSite) -> None:
    """Nine strangers in an hour are told as none, ten as ten."""
    with trial.store.begin() as unit_:
        for _ in range(9):
            unit_.doors.count(_FRONT, Counted.UNKNOWN, at=NOON)
        for _ in range(10):
            unit_.doors.count(_FRONT, Counted.GRANTED, at=NOON)
        unit_.commit()
    found = {item.what: item.count for item in _desk(trial).counts(since=NOON)}
    assert found == {Counted.UNKNOWN: 0, Counted.GRANTED: 10}


def _lay_down(site: FlowSite) -> LayDown:
    return LayDown(store=site.store, clock=site.clock, pin_hash=lambda pin: f"hash of {pin}")


def test_rights_are_laid_down_piece_by_piece(trial: FlowSite) -> None:
    """What is not given stays; the record tells how many groups, and neither badge nor PIN."""
    ada = trial.enrol(trial.vision.shows(unit(1))).subject.subject_id
    _lay_down(trial)(ada, groups=frozenset({"staff"}), badge="0042")
    rights = _lay_down(trial)(ada, pin="1234")
    assert (rights.groups, rights.badge, rights.pin_hash) == (frozenset({"staff"}), "0042", "hash of 1234")
    assert trial.store.state.audit[-1].detail == {"groups": 1, "badge": True, "pin": True}
    assert "0042" not in repr(rights)
    assert "1234" not in repr(rights)


@pytest.mark.parametrize(
    "wrong", [{"groups": frozenset({"Staff!"})}, {"badge": "a b"}, {"pin": "789"}, {"pin": "12a4"}]
)
def test_what_cannot_be_is_refused_and_a_pin_never_shown(trial: FlowSite, wrong: dict[str, str]) -> None:
    """Nothing is changed, and the error does not repeat a PIN."""
    ada = trial.enrol(trial.vision.shows(unit(1))).subject.subject_id
    before = trial.store.state.copy()
    with pytest.raises(RefusedError) as caught:
        _lay_down(trial)(ada, **wrong)  # type: ignore[arg-type]  # the cases differ
    assert trial.store.state == before
    assert wrong.get("pin", "nothing") not in str(caught.value)


def test_nobody_unknown_has_rights(trial: FlowSite) -> None:
    """An id nobody has is refused."""
    with pytest.raises(RefusedError, match="there is nobody"):
        _lay_down(trial)(SubjectId("s-nobody"), badge="1")
