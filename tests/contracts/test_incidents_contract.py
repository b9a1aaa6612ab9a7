"""What every IncidentStore promises, and the chain read from its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.errors import StorageError
from limen.core.incidents import EventOpening, Incident, IncidentId, IncidentKind, OpeningId
from limen.core.ledger import AuditTag
from limen.core.people import Invitation, InvitationId, Rights, SubjectId
from limen.core.ports import Store
from support.clock import NOON
from support.people import enrol, make_person
from support.sites import born

_INCIDENT = Incident(
    incident_id=IncidentId("n-1"),
    kind=IncidentKind.NOT_ME,
    opened_at=NOON,
    event="e-1",
    door="front",
    happened_at=NOON - timedelta(hours=1),
    facts=(("outcome", "grant"), ("fpir_below", "1e-7")),
    note="I was ill at home",
    opened_by="u-1",
)
_OPENING = EventOpening(
    opening_id=OpeningId("v-1"),
    incident_id=IncidentId("n-1"),
    event="e-1",
    reason="a laptop is missing",
    asked_by="u-1",
    asked_role="guard",
    asked_at=NOON,
)


def _with_person(store: Store) -> SubjectId:
    subject, references = make_person()
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    return subject.subject_id


def test_an_incident_comes_back_as_reported(store: Store) -> None:
    """About a person or about nobody, every attribute survives the store, and closing sets a time."""
    mine = replace(_INCIDENT, subject_id=_with_person(store))
    other = replace(_INCIDENT, incident_id=IncidentId("n-2"), kind=IncidentKind.SOMETHING_HAPPENED, happened_at=None)
    with store.begin() as unit:
        unit.incidents.add(mine)
        unit.incidents.add(other)
        unit.incidents.close(mine.incident_id, at=NOON)
        unit.commit()
    with store.read() as unit:
        assert unit.incidents.all() == (replace(mine, closed_at=NOON), other)
        assert unit.incidents.get(other.incident_id) == other
        assert unit.incidents.get(IncidentId("n-9")) is None


def test_an_incident_of_nobody_enrolled_is_refused(store: Store) -> None:
    """There is no key to seal it under."""
    with store.begin() as unit, pytest.raises(StorageError):
        unit.incidents.add(replace(_INCIDENT, subject_id=SubjectId("s-nobody")))


def test_an_opening_is_replaced_by_its_id(store: Store) -> None:
    """Approved, it is still one."""
    approved = replace(_OPENING, approved_by="u-2", approved_role="auditor", until=NOON)
    with store.begin() as unit:
        unit.incidents.add(_INCIDENT)
        unit.incidents.put_opening(_OPENING)
        unit.incidents.put_opening(approved)
        unit.commit()
    with store.read() as unit:
        assert tuple(unit.incidents.openings()) == (approved,)


def test_with_the_person_go_the_incidents(store: Store) -> None:
    """After withdrawal neither the incident nor who asked about it is left; others stay."""
    who = _with_person(store)
    with store.begin() as unit:
        unit.incidents.add(replace(_INCIDENT, subject_id=who))
        unit.incidents.add(replace(_INCIDENT, incident_id=IncidentId("n-2")))
        unit.incidents.put_opening(_OPENING)
        unit.incidents.put_opening(replace(_OPENING, opening_id=OpeningId("v-2"), incident_id=IncidentId("n-2")))
        unit.commit()
    with store.begin() as unit:
        unit.subjects.destroy(who)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert [item.incident_id for item in unit.incidents.all()] == ["n-2"]
        assert [item.opening_id for item in unit.incidents.openings()] == ["v-2"]


def test_the_newest_records_come_first(store: Store) -> None:
    """By tag, by number, by alias, and no more than asked for."""
    with store.begin() as unit:
        for number in range(4):
            alias = "ab" * 16 if number % 2 else None
            unit.audit.append(AuditTag.EVENT_OPENED, at=NOON, alias=alias, detail={"number": number})
            unit.audit.append(AuditTag.SUBJECT_EXPORTED, at=NOON, alias=None, detail={})
        tags = frozenset({AuditTag.EVENT_OPENED})
        assert [item.detail["number"] for item in unit.audit.latest(tags, most=2)] == [3, 2]
        third = unit.audit.latest(tags, most=2)[1]
        assert [item.detail["number"] for item in unit.audit.latest(tags, most=9, before=third.sequence)] == [1, 0]
        assert [item.detail["number"] for item in unit.audit.latest(tags, most=9, alias="ab" * 16)] == [3, 1]
        assert unit.audit.latest(frozenset({AuditTag.DOOR_HELD}), most=9) == ()


def test_what_is_to_be_laid_down_waits_with_the_invitation(store: Store) -> None:
    """Groups and badge come back with the invitation, found by its id, and go with it."""
    rights = Rights(groups=frozenset({"night"}), badge="0042")
    invited = Invitation(
        invitation_id=InvitationId("i-1"), name="Ada", n_pictures=0, invited_at=NOON, expires_at=NOON, rights=rights
    )
    with store.begin() as unit:
        unit.invitations.add(invited, ())
        unit.invitations.add(replace(invited, invitation_id=InvitationId("i-2"), rights=Rights()), ())
        assert unit.invitations.get(InvitationId("i-1")) == invited
        assert unit.invitations.get(InvitationId("i-3")) is None
        unit.invitations.destroy(InvitationId("i-1"))
        assert [item.rights for item in unit.invitations.all()] == [Rights()]


def test_incidents_outlive_a_change_of_the_site_key(tmp_path: Path) -> None:
    """What was sealed under the site key and under a person's opens under the new one."""
    store = born(tmp_path / "data")
    mine = replace(_INCIDENT, subject_id=_with_person(store))
    other = replace(_INCIDENT, incident_id=IncidentId("n-2"))
    with store.begin() as unit:
        unit.incidents.add(mine)
        unit.incidents.add(other)
        unit.incidents.put_opening(_OPENING)
        unit.commit()
    store.rotate_key(at=NOON)
    with store.read() as unit:
        assert unit.incidents.all() == (mine, other)
        assert tuple(unit.incidents.openings()) == (_OPENING,)
    store.close()
