"""What every store promises a door: rights of people, who is inside, totals, requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from limen.core.door import Counted, Direction, DoorId, DoorRequest, HourCount, RequestKind, Standing
from limen.core.errors import StorageError
from limen.core.people import Rights, SubjectId
from limen.core.ports import Store
from support.clock import NOON
from support.people import enrol, make_person

_FRONT, _BACK = DoorId("front"), DoorId("back")
_RIGHTS = Rights(groups=frozenset({"staff", "night"}), badge="0042", pin_hash="hash")


def _enrolled(store: Store) -> SubjectId:
    subject, references = make_person()
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    return subject.subject_id


def _request(door: DoorId = _FRONT, *, seconds: float = 2.0, name: str = "q-1") -> DoorRequest:
    end = NOON + timedelta(seconds=seconds)
    return DoorRequest(request_id=name, door=door, kind=RequestKind.OPEN, about="", not_after=end)


def test_rights_come_back_as_laid_down_and_the_last_word_counts(store: Store) -> None:
    """Nothing laid down is no rights; what is laid down later stands in its place."""
    ada = _enrolled(store)
    with store.begin() as unit:
        assert unit.rights.get(ada) == Rights()
        unit.rights.put(ada, _RIGHTS)
        unit.rights.put(ada, Rights(groups=frozenset({"staff"})))
        unit.rights.put(ada, _RIGHTS)
        unit.commit()
    with store.read() as unit:
        assert unit.rights.get(ada) == _RIGHTS


def test_nobody_has_rights_who_is_not_enrolled(store: Store) -> None:
    """Rights of an unknown id are refused."""
    with store.begin() as unit, pytest.raises(StorageError):
        unit.rights.put(SubjectId("s-nobody"), _RIGHTS)


def test_rights_and_presence_end_with_the_person(store: Store) -> None:
    """Whoever withdraws is not inside, and has no rights."""
    ada = _enrolled(store)
    with store.begin() as unit:
        unit.rights.put(ada, _RIGHTS)
        unit.doors.passed(Direction.IN, subject_id=ada)
        unit.commit()
    with store.begin() as unit:
        subject = unit.subjects.get(ada)
        assert subject is not None
        unit.subjects.destroy(ada)
        unit.agreements.destroy(subject.agreement.agreement_id)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert (unit.rights.get(ada), unit.doors.inside(ada), unit.doors.occupancy()) == (Rights(), False, 1)


def test_a_door_stands_as_it_was_told_last(store: Store) -> None:
    """Calm at first; each door for itself."""
    with store.begin() as unit:
        assert unit.doors.standing(_FRONT) == Standing()
        unit.doors.set_standing(_FRONT, Standing(locked_down=True))
        unit.doors.set_standing(_FRONT, Standing(alarm_set=True))
        unit.commit()
    with store.read() as unit:
        assert unit.doors.standing(_FRONT) == Standing(alarm_set=True)
        assert unit.doors.standing(_BACK) == Standing()


def test_a_leaf_nobody_told_of_lately_is_not_shut(store: Store) -> None:
    """An airlock does not open into the unknown."""
    with store.begin() as unit:
        assert not unit.doors.is_shut(_FRONT, since=NOON)
        unit.doors.set_leaf(_FRONT, is_open=False, at=NOON)
        unit.doors.set_leaf(_BACK, is_open=True, at=NOON)
        answers = [(door, NOON + timedelta(seconds=s)) for door, s in ((_FRONT, 0), (_FRONT, 1), (_BACK, 0))]
        assert [unit.doors.is_shut(door, since=since) for door, since in answers] == [True, False, False]
        unit.commit()


def test_passages_are_counted_never_below_nobody(store: Store) -> None:
    """In and out, known or not; somebody known is inside until coming out; a reset empties everything."""
    ada = _enrolled(store)
    with store.begin() as unit:
        unit.doors.passed(Direction.OUT, subject_id=None)
        unit.doors.passed(Direction.IN, subject_id=ada)
        unit.doors.passed(Direction.IN, subject_id=ada)
        unit.doors.passed(Direction.IN, subject_id=None)
        assert (unit.doors.occupancy(), unit.doors.inside(ada)) == (3, True)
        unit.doors.passed(Direction.OUT, subject_id=ada)
        assert (unit.doors.occupancy(), unit.doors.inside(ada)) == (2, False)
        unit.doors.passed(Direction.IN, subject_id=ada)
        unit.doors.empty()
        assert (unit.doors.occupancy(), unit.doors.inside(ada)) == (0, False)
        unit.commit()


def test_totals_are_kept_by_the_hour_and_pruned(store: Store) -> None:
    """Two in one hour are two; hours before a moment can be deleted, with late requests."""
    with store.begin() as unit:
        for minutes in (0, 59, 60):
            unit.doors.count(_FRONT, Counted.UNKNOWN, at=NOON + timedelta(minutes=minutes))
        unit.doors.count(_BACK, Counted.GRANTED, at=NOON)
        unit.doors.ask(_request(seconds=-1))
        later = NOON + timedelta(hours=1)
        assert unit.doors.counts(_FRONT, since=NOON) == (
            HourCount(hour=NOON, what=Counted.UNKNOWN, count=2),
            HourCount(hour=later, what=Counted.UNKNOWN, count=1),
        )
        assert unit.doors.prune(before=later) == 3
        assert [item.count for item in unit.doors.counts(_FRONT, since=NOON)] == [1]
        unit.commit()


def test_a_request_is_followed_once_in_time_by_its_own_door(store: Store) -> None:
    """Late ones are dropped, others are taken in order and are gone then; another door's stay."""
    with store.begin() as unit:
        for request in (_request(), _request(seconds=-1, name="q-2"), _request(_BACK, name="q-3")):
            unit.doors.ask(request)
        unit.commit()
    with store.begin() as unit:
        assert (unit.doors.asked(_FRONT), unit.doors.asked(DoorId("side"))) == (True, False)
        assert unit.doors.take(_FRONT, at=NOON) == (_request(),)
        assert (unit.doors.asked(_FRONT), unit.doors.asked(_BACK)) == (False, True)
        assert unit.doors.take(_FRONT, at=NOON) == ()
        unit.commit()
