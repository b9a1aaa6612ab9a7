"""What happens to a person's data when the agreement ends, and when somebody tries to bring the person back."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.errors import LedgerError
from limen.core.ledger import AuditTag
from limen.core.match import Recognised, Unknown
from limen.core.people import SiteKind, SubjectId
from limen.flows.expire import LEAP, UNUSED, Expire
from limen.flows.restored import restored
from limen.flows.withdraw import Withdraw
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import Rotation
from limen.storage import SqlStore
from support.calibrations import make_calibration
from support.clock import FakeClock
from support.people import enrol, make_agreement, make_person
from support.sites import born, reopened
from support.vision import make_probe, unit

TABLES = ("agreements", "subjects", "data_keys", "subject_references")


def enrolled(store: SqlStore) -> SubjectId:
    """Somebody with one reference."""
    subject, references = make_person("Ada")
    with store.begin() as unit_of_work:
        enrol(unit_of_work, subject, references)
        unit_of_work.commit()
    return subject.subject_id


def tags(store: SqlStore) -> list[AuditTag]:
    """The chain, as tags."""
    with store.read() as unit_of_work:
        assert unit_of_work.audit.verify().broken_at is None
        return [record.tag for record in unit_of_work.audit.records()]


def test_the_end_of_an_agreement_destroys(tmp_path: Path) -> None:
    """From the moment an agreement has ended, opening the site destroys key, rows and agreement, once, on record."""
    store, clock = born(tmp_path), FakeClock()
    enrolled(store)
    expire = Expire(store=store, clock=clock)
    assert expire() == 0
    with store.read() as unit_of_work:
        (subject,) = unit_of_work.subjects.all()
    clock.advance(subject.agreement.expires_at - clock.now())
    assert (expire(), expire()) == (1, 0)
    with store.read() as unit_of_work:
        assert (unit_of_work.subjects.count(), unit_of_work.agreements.all()) == (0, ())
    assert tags(store)[-1] is AuditTag.SUBJECT_EXPIRED


def test_a_clock_that_leapt_destroys_nobody(tmp_path: Path) -> None:
    """If the clock stands more than a year after the newest record, nothing is destroyed."""
    store, clock = born(tmp_path), FakeClock()
    enrolled(store)
    clock.advance(2 * LEAP + timedelta(days=3 * 366))
    assert Expire(store=store, clock=clock)() == 0
    with store.read() as unit_of_work:
        assert unit_of_work.subjects.count() == 1


def test_old_rows_put_back_bring_nobody_back(tmp_path: Path) -> None:
    """Rows of a person who withdrew, copied back from an older database, are found and nobody is recognised."""
    store = born(tmp_path)
    subject_id = enrolled(store)
    store.close()
    with sqlite3.connect(tmp_path / "limen.db") as database:
        rows = {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608
    store = reopened(tmp_path)
    Withdraw(store=store, clock=FakeClock())(subject_id)
    store.close()
    with sqlite3.connect(tmp_path / "limen.db") as database:
        for table, found in rows.items():
            marks = ",".join("?" * len(found[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", found)  # noqa: S608
    store = reopened(tmp_path)
    with store.read() as unit_of_work:
        assert restored(unit_of_work) == (subject_id,)
    rotation = Rotation(store.rotation_seed(), dimensions=128)
    gallery = MemoryGallery(store, calibration=make_calibration(), rotation=rotation)
    with pytest.raises(LedgerError):
        gallery.search(make_probe(unit(1)), at=FakeClock().now(), fpir_target=0.001)
    Withdraw(store=store, clock=FakeClock())(subject_id)
    gallery.refresh()
    assert len(gallery) == 0


def test_every_door_knows_of_a_withdrawal_at_its_next_search(tmp_path: Path) -> None:
    """A door in another process asks the store at each search, so it never answers from what it knew before."""
    desk = born(tmp_path)
    subject, references = make_person("Ada", n_references=1)
    rotation = Rotation(desk.rotation_seed(), dimensions=128)
    vector = rotation.protect(unit(1))
    model_id = make_probe(unit(1)).model_id
    with desk.begin() as unit_of_work:
        enrol(unit_of_work, subject, (replace(references[0], vector=vector, model_id=model_id),))
        unit_of_work.commit()
    door = reopened(tmp_path)
    gallery = MemoryGallery(door, calibration=make_calibration(), rotation=rotation)
    at = FakeClock().now()
    assert isinstance(gallery.search(make_probe(unit(1)), at=at, fpir_target=0.001), Recognised)
    Withdraw(store=desk, clock=FakeClock())(subject.subject_id)
    assert isinstance(gallery.search(make_probe(unit(1)), at=at, fpir_target=0.001), Unknown)
    assert len(gallery) == 0
    door.close()
    desk.close()


def test_what_was_never_used_goes_after_a_month(tmp_path: Path) -> None:
    """An enrolment nobody confirmed and an agreement nobody used are destroyed in time; whoever confirmed stays."""
    store, clock = born(tmp_path, kind=SiteKind.LIVE), FakeClock()
    stays = make_person("Ada")
    goes = make_person("Bob", confirmed=False, seed=1)
    with store.begin() as unit_of_work:
        for person in (stays, goes):
            enrol(unit_of_work, *person)
        unit_of_work.agreements.add(make_agreement())
        unit_of_work.commit()
    expire = Expire(store=store, clock=clock)
    clock.advance(UNUSED - timedelta(seconds=1))
    assert expire() == 0
    clock.advance(timedelta(seconds=1))
    assert (expire(), expire()) == (2, 0)
    with store.read() as unit_of_work:
        assert [person.name for person in unit_of_work.subjects.all()] == ["Ada"]
        assert [agreement.subject_id for agreement in unit_of_work.agreements.all()] == [stays[0].subject_id]
        records = [*unit_of_work.audit.records()][-2:]
    assert [record.tag for record in records] == [AuditTag.SUBJECT_EXPIRED, AuditTag.AGREEMENT_EXPIRED]
    assert (records[0].detail["never_confirmed"], records[1].detail["agreements"]) == (True, 1)
    store.close()


def test_a_trial_folder_waits_for_no_confirmation(tmp_path: Path) -> None:
    """There everybody is confirmed by the operator."""
    store, clock = born(tmp_path), FakeClock()
    with store.begin() as unit_of_work:
        enrol(unit_of_work, *make_person("Bob", confirmed=False))
        unit_of_work.commit()
    clock.advance(2 * UNUSED)
    assert Expire(store=store, clock=clock)() == 0
    store.close()
