"""The chain in SQLite, attacked: whoever lacks the site key changes nothing unseen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from limen.core.errors import LedgerError, StorageError
from limen.core.ledger import AuditTag, AuditVerdict
from limen.ledger.audit import FIRST_PREVIOUS, NOT_COVERED
from limen.storage.vault import associated
from support.clock import NOON
from support.sites import born, reopened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site whose chain has four records."""
    store = born(tmp_path / "data")
    with store.begin() as unit:
        for number in range(3):
            unit.audit.append(AuditTag.AGREEMENT_RECORDED, at=NOON, alias=None, detail={"number": number})
        unit.commit()
    store.close()
    return tmp_path / "data"


@contextmanager
def _attack(folder: Path) -> Iterator[sqlite3.Connection]:
    """Somebody with the file but without the key, and no triggers in the way."""
    with closing(sqlite3.connect(folder / "limen.db", isolation_level=None)) as raw:
        for verb in ("update", "delete"):
            raw.execute(f"DROP TRIGGER audit_refuses_{verb}")
        yield raw


def _verdict(folder: Path) -> AuditVerdict:
    store = reopened(folder)
    with store.read() as unit:
        verdict = unit.audit.verify()
    store.close()
    return verdict


@pytest.mark.parametrize("statement", ["UPDATE audit SET detail = '{}'", "DELETE FROM audit WHERE sequence = 4"])
def test_the_database_itself_refuses_to_change_a_record(folder: Path, statement: str) -> None:
    """UPDATE and DELETE on the chain fail, also for our own code."""
    store = reopened(folder)
    with store._engine.connect() as connection, pytest.raises(StorageError):
        connection.execute(text(statement))
    store.close()
    assert _verdict(folder).problem is None


def test_a_changed_record_is_found_where_it_is(folder: Path) -> None:
    """The verdict names the first record that does not hold and the last good head."""
    before = _verdict(folder)
    with _attack(folder) as raw:
        good = raw.execute("SELECT digest FROM audit WHERE sequence = 2").fetchone()[0]
        raw.execute("UPDATE audit SET detail = '{\"number\":7}' WHERE sequence = 3")
    verdict = _verdict(folder)
    assert (verdict.n_records, verdict.broken_at, verdict.head) == (4, 3, good)
    assert (verdict.problem, before.problem) == ("the record was altered", None)


def test_a_removed_record_is_found(folder: Path) -> None:
    """A hole in the middle breaks the chain at the hole."""
    with _attack(folder) as raw:
        raw.execute("DELETE FROM audit WHERE sequence = 2")
    assert (_verdict(folder).broken_at, _verdict(folder).problem) == (2, "a record is missing before number 3")


def test_a_hole_that_was_closed_is_found(folder: Path) -> None:
    """Renumbering what follows a removed record does not help."""
    with _attack(folder) as raw:
        raw.execute("DELETE FROM audit WHERE sequence = 2")
        raw.execute("UPDATE audit SET sequence = 2 WHERE sequence = 3")
        raw.execute("UPDATE audit SET sequence = 3 WHERE sequence = 4")
    assert (_verdict(folder).broken_at, _verdict(folder).problem) == (2, "the record does not follow the one before")


def test_two_records_in_another_order_are_found(folder: Path) -> None:
    """Exchanging two records is found."""
    with _attack(folder) as raw:
        for old, new in [(2, 99), (3, 2), (99, 3)]:
            raw.execute("UPDATE audit SET sequence = ? WHERE sequence = ?", (new, old))
    assert _verdict(folder).broken_at == 2


def test_a_cut_off_end_is_found(folder: Path) -> None:
    """The head knows how many records there were."""
    with _attack(folder) as raw:
        raw.execute("DELETE FROM audit WHERE sequence > 2")
    assert (_verdict(folder).broken_at, _verdict(folder).problem) == (3, "2 records are missing at the end")


def test_a_record_without_a_key_is_found(folder: Path) -> None:
    """Somebody without the key cannot add a record either."""
    with _attack(folder) as raw:
        raw.execute("INSERT INTO audit SELECT 5, at, tag, alias, detail, digest, digest FROM audit WHERE sequence = 4")
    assert (_verdict(folder).broken_at, _verdict(folder).problem) == (5, "the record was altered")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_head SET n_records = 2, digest = (SELECT digest FROM audit WHERE sequence = 2)",
        "UPDATE audit_head SET mac = digest",
        "UPDATE audit_head SET n_records = 'four'",
        "UPDATE audit_head SET mac = x'00'",
        "DELETE FROM audit_head",
    ],
)
def test_an_altered_head_is_found_and_nothing_is_added_to_it(folder: Path, statement: str) -> None:
    """A head that does not hold is told by the check, and no record is appended to a chain that may be forged."""
    with _attack(folder) as raw:
        raw.execute("DELETE FROM audit WHERE sequence > 2")
        raw.execute(statement)
    assert _verdict(folder).problem == "the head of the chain was altered or is missing"
    store = reopened(folder)
    with store.begin() as unit, pytest.raises(LedgerError, match="head of the audit chain"):
        unit.audit.append(AuditTag.SITE_CREATED, at=NOON, alias=None, detail={})
    store.close()


def test_an_older_head_of_this_site_is_found(folder: Path) -> None:
    """A true head of an earlier day does not fit the longer chain."""
    with _attack(folder) as raw:
        old = raw.execute("SELECT n_records, digest, mac FROM audit_head").fetchone()
    store = reopened(folder)
    with store.begin() as unit:
        unit.audit.append(AuditTag.SUBJECT_EXPORTED, at=NOON, alias=None, detail={})
        unit.commit()
    store.close()
    with closing(sqlite3.connect(folder / "limen.db", isolation_level=None)) as raw:
        raw.execute("UPDATE audit_head SET n_records = ?, digest = ?, mac = ?", old)
    assert _verdict(folder).problem == "the head belongs to another chain"


def test_an_emptied_chain_is_found_and_cannot_begin_again(folder: Path) -> None:
    """With records and head gone the check says so, and only a birth could begin a chain."""
    with _attack(folder) as raw:
        raw.execute("DELETE FROM audit")
        raw.execute("DELETE FROM audit_head")
    assert (_verdict(folder).n_records, _verdict(folder).broken_at) == (0, 1)
    store = reopened(folder)
    with store.begin() as unit, pytest.raises(LedgerError):
        unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={})
    store.close()


def test_a_chain_that_does_not_begin_with_birth_is_found(folder: Path) -> None:
    """Even a record made with the key does not hold as the first of a chain, unless it tells of the birth."""
    with _attack(folder) as raw:
        raw.execute("DELETE FROM audit")
        raw.execute("DELETE FROM audit_head")
    store = reopened(folder)
    vault = store._ring.latest
    told = (1, NOON.isoformat(timespec="microseconds"), AuditTag.SUBJECT_EXPORTED.value, None, "{}", FIRST_PREVIOUS)
    digest = vault.audit_mac(associated("record", *told))
    mac = vault.audit_mac(associated("head", 1, digest))
    with closing(sqlite3.connect(folder / "limen.db", isolation_level=None)) as raw:
        raw.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*told, digest))
        raw.execute("INSERT INTO audit_head VALUES (1, 1, ?, ?)", (digest, mac))
    store.close()
    assert _verdict(folder).problem == "the chain does not begin with the site's creation"


@pytest.mark.parametrize(
    ("column", "value"),
    [("tag", "'operator:subject:judged'"), ("at", "'noon'"), ("detail", "'{'"), ("detail", "'[1]'"), ("tag", "x'ff'")],
)
def test_a_record_that_makes_no_sense_is_told_when_read(folder: Path, column: str, value: str) -> None:
    """Reading an altered record is an error with its number; the check finds it too."""
    with _attack(folder) as raw:
        raw.execute(f"UPDATE audit SET {column} = {value} WHERE sequence = 3")  # noqa: S608  literals above
    store = reopened(folder)
    with store.read() as unit:
        with pytest.raises(LedgerError, match="audit record 3 cannot be read"):
            list(unit.audit.records())
        assert unit.audit.verify().broken_at == 3
    store.close()


def test_another_sites_chain_is_found(folder: Path, tmp_path: Path) -> None:
    """A whole chain with its head, taken from a site with another key, does not hold here."""
    other = born(tmp_path / "other")
    other.close()
    with closing(sqlite3.connect(tmp_path / "other" / "limen.db")) as raw:
        records = raw.execute("SELECT * FROM audit").fetchall()
        head = raw.execute("SELECT * FROM audit_head").fetchall()
    with _attack(folder) as raw:
        raw.execute("DELETE FROM audit")
        raw.execute("DELETE FROM audit_head")
        raw.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", records)
        raw.executemany("INSERT INTO audit_head VALUES (?, ?, ?, ?)", head)
    assert (_verdict(folder).broken_at, _verdict(folder).problem) == (1, "the record was altered")


def test_an_older_copy_of_the_database_is_not_found_and_the_verdict_says_so(folder: Path) -> None:
    """What the check cannot see, it says: a rollback of everything holds, unless the head was kept elsewhere."""
    old = (folder / "limen.db").read_bytes()
    before = _verdict(folder)
    store = reopened(folder)
    with store.begin() as unit:
        unit.audit.append(AuditTag.SUBJECT_EXPORTED, at=NOON, alias=None, detail={})
        unit.commit()
    store.close()
    after = _verdict(folder)
    (folder / "limen.db").write_bytes(old)
    assert _verdict(folder) == before
    assert before.head != after.head
    assert before.not_covered == NOT_COVERED
    assert "older copy" in NOT_COVERED[0]


def test_long_chains_are_read_in_blocks(folder: Path) -> None:
    """More records than one block holds are all read and all checked."""
    store = reopened(folder)
    with store.begin() as unit:
        for _ in range(2100):
            unit.audit.append(AuditTag.DUPLICATE_CHECKED, at=NOON, alias=None, detail={})
        assert unit.audit.verify().n_records == 2104
        assert [record.sequence for record in unit.audit.records()] == list(range(1, 2105))
    store.close()
