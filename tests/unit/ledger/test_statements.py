"""What a site signs, in files: checkpoints and digests on a real chain, and files that are none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.errors import ConfigError, LedgerError
from limen.core.ledger import AuditTag
from limen.flows.attest import Attest
from limen.flows.withdraw import Withdraw
from limen.ledger.statements import read_statement
from limen.storage import SqlStore
from support.clock import NOON, FakeClock
from support.people import enrol, make_person
from support.sites import born


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A site that was just born."""
    opened = born(tmp_path / "data")
    yield opened
    opened.close()


def _attest(store: SqlStore) -> Attest:
    return Attest(store=store, clock=FakeClock())


def _grow(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.audit.append(AuditTag.AGREEMENT_RECORDED, at=NOON, alias=None, detail={})
        unit.commit()


def test_a_checkpoint_fits_the_chain_that_has_grown(store: SqlStore) -> None:
    """What was signed an hour ago is part of the chain of now, and the verdict says from where on it cannot vouch."""
    statement = _attest(store).checkpoint()
    _grow(store)
    verdict = _attest(store).verify([statement])
    assert verdict.problem is None
    assert "record 1," in verdict.not_covered[0]


def test_an_older_copy_of_the_whole_database_is_found_by_a_checkpoint(store: SqlStore, tmp_path: Path) -> None:
    """The chain of the copy holds by itself; only the checkpoint from outside shows what is missing, and where."""
    store.close()
    copy = (tmp_path / "data" / "limen.db").read_bytes()
    _grow(store)
    statement = _attest(store).checkpoint()
    store.close()
    (tmp_path / "data" / "limen.db").write_bytes(copy)
    assert _attest(store).verify([]).problem is None
    verdict = _attest(store).verify([statement])
    assert (verdict.broken_at, verdict.problem) == (2, "1 records that a checkpoint saw are missing at the end")


def test_a_checkpoint_of_another_site_is_refused(store: SqlStore, tmp_path: Path) -> None:
    """It is an error and no verdict: nothing in it can be believed."""
    other = born(tmp_path / "other")
    statement = _attest(other).checkpoint()
    other.close()
    with pytest.raises(LedgerError, match="another site"):
        _attest(store).verify([statement])


def test_what_was_signed_for_something_else_is_no_checkpoint(store: SqlStore) -> None:
    """A true signature under another kind of statement does not pass for a head."""
    with store.read() as unit:
        statement = unit.audit.sign({"statement": "limen-receipt-1", "records": 1, "head": "00"})
    with pytest.raises(LedgerError, match="no checkpoint"):
        _attest(store).verify([statement])


def test_a_broken_chain_is_not_signed(store: SqlStore) -> None:
    """Nobody gets a checkpoint of a chain that does not hold."""
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_refuses_update")
        connection.exec_driver_sql("UPDATE audit SET detail = '{}'")
    with pytest.raises(LedgerError, match="broken at record 1"):
        _attest(store).checkpoint()


def test_a_digest_tells_the_day_and_the_erasures_and_is_a_checkpoint(store: SqlStore) -> None:
    """It counts the tags of that day alone, lists aliases of the erased of the last month, and names nobody."""
    subject, references = make_person("Ada")
    with store.begin() as unit:
        enrol(unit, subject, references)
        alias = unit.subjects.alias(subject.subject_id)
        unit.commit()
    receipt = Withdraw(store=store, clock=FakeClock())(subject.subject_id)
    statement = _attest(store).digest(NOON.date())
    assert statement["tags"] == {AuditTag.SITE_CREATED: 1, AuditTag.SUBJECT_WITHDRAWN: 1}
    assert statement["erasures"] == [{"alias": alias, "at": NOON.isoformat(), "receipt": receipt.receipt_id}]
    assert subject.subject_id not in json.dumps(statement)
    assert _attest(store).verify([statement]).problem is None
    assert _attest(store).digest((NOON + timedelta(days=1)).date())["tags"] == {}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000], ids=range(5))
def test_what_is_no_statement_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that holds no JSON object is an error in one line that names it."""
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"file\.json: is no signed statement"):
        read_statement(path)


def test_a_missing_statement_is_an_error(tmp_path: Path) -> None:
    """There is no file."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_statement(tmp_path / "nothing.json")
