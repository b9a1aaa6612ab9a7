"""A fresh site key: everything still opens, nothing opens with the old key, and other processes follow."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from sqlite3 import connect

import pytest

from limen.core.door import DoorId, DoorRequest, RequestKind, Standing
from limen.core.errors import StorageError
from limen.core.ledger import AuditTag, KeptHead, Statement
from limen.core.operators import Approved, OperatorId
from limen.core.people import AgreementProof, SubjectId
from limen.flows.attest import Attest
from limen.storage import SqlStore
from limen.storage.schema import metadata
from limen.storage.site_key import next_key_path
from support.clock import NOON, FakeClock
from support.people import enrol, make_person
from support.sites import born, reopened

_PROOF = AgreementProof(typed="Ada L.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a site is made."""
    return tmp_path / "data"


def _site(folder: Path) -> tuple[SqlStore, SubjectId]:
    """A site with one person whose agreement is signed."""
    store = born(folder)
    subject, references = make_person("Ada")
    with store.begin() as unit:
        unit.agreements.add(subject.agreement, proof=_PROOF)
        unit.subjects.add(subject, references)
        unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={})
        unit.commit()
    return store, subject.subject_id


def _whole(store: SqlStore, subject_id: SubjectId) -> None:
    with store.read() as unit:
        subject = unit.subjects.get(subject_id)
        assert subject is not None
        assert subject.name == "Ada"
        assert unit.subjects.references(known=frozenset())[0][:2]
        assert unit.agreements.get(subject.agreement.agreement_id) == subject.agreement
        assert unit.agreements.proof(subject.agreement.agreement_id) == _PROOF
        assert unit.audit.verify().problem is None


def _signed(store: SqlStore) -> Statement:
    return Attest(store=store, clock=FakeClock()).checkpoint()


def test_everything_opens_under_the_new_key_and_nothing_under_the_old(folder: Path, tmp_path: Path) -> None:
    """Twice: all of it holds, older signatures too, and no file holds anything that was wrapped before."""
    store, subject_id = _site(folder)
    with store.read() as unit:
        seed, alias = store.rotation_seed(), unit.subjects.alias(subject_id)
    statements = [_signed(store)]
    for number in range(2):
        before = (folder / "site.key").read_bytes()
        shutil.copy(folder / "site.key", tmp_path / f"old-{number}.key")
        with closing(connect(folder / "limen.db")) as raw:
            wrapped = [value for (value,) in raw.execute("SELECT wrapped FROM data_keys").fetchall()]
        store.rotate_key(at=NOON)
        statements.append(_signed(store))
        assert (folder / "site.key").read_bytes() != before
        assert not any(value in path.read_bytes() for value in wrapped for path in folder.iterdir())
        _whole(store, subject_id)
    store.close()
    store = reopened(folder)
    _whole(store, subject_id)
    with store.read() as unit:
        assert (store.rotation_seed(), unit.subjects.alias(subject_id)) == (seed, alias)
        tags = [record.tag for record in unit.audit.records()]
    assert tags.count(AuditTag.SITE_KEY_ROTATED) == 2
    assert Attest(store=store, clock=FakeClock()).verify(statements).problem is None
    store.close()
    for number in range(2):
        shutil.copy(tmp_path / f"old-{number}.key", folder / "site.key")
        with pytest.raises(StorageError, match="does not open this store"):
            reopened(folder)


def test_other_processes_follow_at_their_next_transaction(folder: Path) -> None:
    """A door and a desk that have the store open read and write on, as if nothing had happened."""
    store, subject_id = _site(folder)
    door, desk = reopened(folder), reopened(folder)
    store.rotate_key(at=NOON)
    _whole(door, subject_id)
    with desk.begin() as unit:
        enrol(unit, *make_person("Bob", seed=3))
        unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={})
        unit.commit()
    _whole(store, subject_id)
    with store.read() as unit:
        assert [person.name for person in unit.subjects.all()] == ["Ada", "Bob"]
    for opened in (store, door, desk):
        opened.close()


def test_a_view_that_began_before_sees_the_old_store_to_its_end(folder: Path) -> None:
    """A transaction stands under one key."""
    store, subject_id = _site(folder)
    door = reopened(folder)
    with door.read() as unit:
        assert unit.subjects.count() == 1
        with pytest.raises(StorageError, match="committed, but deleted bytes"):
            store.rotate_key(at=NOON)
        assert unit.subjects.get(subject_id) is not None
    _whole(door, subject_id)
    door.close()
    store.close()


def test_a_rotation_that_stopped_before_its_commit_changed_nothing(folder: Path) -> None:
    """A key that the store never took is left beside, opens nothing, and the next rotation replaces it."""
    store, subject_id = _site(folder)
    next_key_path(folder / "site.key").write_bytes(bytes(32))
    next_key_path(folder / "site.key").chmod(0o600)
    store.close()
    store = reopened(folder)
    _whole(store, subject_id)
    store.rotate_key(at=NOON)
    assert not next_key_path(folder / "site.key").exists()
    _whole(store, subject_id)
    store.close()


def test_a_rotation_that_stopped_after_its_commit_is_finished_by_the_next_opening(folder: Path) -> None:
    """The store is under the key beside: whoever opens it puts that key in place."""
    store, subject_id = _site(folder)
    old = (folder / "site.key").read_bytes()
    store.rotate_key(at=NOON)
    store.close()
    (folder / "site.key").rename(next_key_path(folder / "site.key"))
    (folder / "site.key").write_bytes(old)
    (folder / "site.key").chmod(0o600)
    store = reopened(folder)
    _whole(store, subject_id)
    assert not next_key_path(folder / "site.key").exists()
    assert (folder / "site.key").read_bytes() != old
    assert sorted(path.name for path in folder.glob("site.key*")) == ["site.key"]
    store.close()


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM past_keys", "UPDATE past_keys SET until = until - 1", "UPDATE past_keys SET sealed = zeroblob(200)"],
)
def test_keys_before_the_present_one_cannot_be_taken_away(folder: Path, statement: str) -> None:
    """Without them the chain does not hold, or the store does not open."""
    store, _ = _site(folder)
    store.rotate_key(at=NOON)
    store.close()
    with closing(connect(folder / "limen.db", isolation_level=None)) as raw:
        raw.execute(statement)
    try:
        store = reopened(folder)
    except StorageError:
        return
    with store.read() as unit:
        assert unit.audit.verify().problem is not None
    store.close()


def test_the_old_key_writes_no_record_after_the_rotation(folder: Path) -> None:
    """Cut off before the rotation, with the head of that time put back, the chain is found to be too short."""
    store, _ = _site(folder)
    with closing(connect(folder / "limen.db")) as raw:
        head = raw.execute("SELECT n_records, digest, mac FROM audit_head").fetchone()
    store.rotate_key(at=NOON)
    store.close()
    with closing(connect(folder / "limen.db", isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER audit_refuses_delete")
        raw.execute("DELETE FROM audit WHERE sequence > ?", head[:1])
        raw.execute("UPDATE audit_head SET n_records = ?, digest = ?, mac = ?", head)
    store = reopened(folder)
    with store.read() as unit:
        problem = unit.audit.verify(kept=[KeptHead(n_records=1, digest="0")]).problem
        assert problem is not None
        assert "rotation of the site key is missing" in str(unit.audit.verify().problem)
    store.close()


def test_doors_stand_as_they_stood(folder: Path) -> None:
    """What is authenticated for doors and operators holds under the new key."""
    store, _ = _site(folder)
    standing = Standing(locked_down=True, alarm_set=True)
    kind = next(iter(RequestKind))
    request = DoorRequest(request_id="q-1", door=DoorId("front"), kind=kind, about="x", not_after=NOON)
    with store.begin() as unit:
        unit.doors.set_standing(DoorId("front"), standing)
        unit.doors.ask(request)
        code = unit.operators.add(OperatorId("o-1"))
        unit.operators.approve(Approved.GALLERY, 1)
        unit.commit()
    store.rotate_key(at=NOON)
    with store.begin() as unit:
        assert unit.doors.standing(DoorId("front")) == standing
        assert unit.operators.who(code) == "o-1"
        assert unit.operators.approved(Approved.GALLERY) == 1
        assert unit.doors.take(DoorId("front"), at=NOON - timedelta(seconds=1)) == (request,)
    store.close()


def test_every_table_that_is_authenticated_is_turned() -> None:
    """A new table with a seal or a wrapped key has to be turned too, and this test to be told."""
    sealed = {table.name for table in metadata.tables.values() if {"seal", "wrapped"} & set(table.columns.keys())}
    assert sealed == {
        "agreements",
        "approvals",
        "data_keys",
        "devices",
        "door_requests",
        "doors",
        "invitations",
        "operators",
        "passes",
        "site",
        "site_secrets",
    }
