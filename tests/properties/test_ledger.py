"""Whatever is changed in the chain is found, and whatever is sealed for one person opens for nobody else."""

from __future__ import annotations

import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limen.core.errors import StorageError
from limen.core.ledger import AuditTag, AuditVerdict, Detail
from limen.ledger.audit import canonical_detail
from limen.storage import SqlStore
from limen.storage.vault import PersonKey, Vault, associated
from support.clock import NOON
from support.sites import born

_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a slow machine proves nothing
_COLUMNS = ("at", "tag", "alias", "detail", "previous", "digest")
_facts = st.dictionaries(
    st.text(string.ascii_lowercase, min_size=1, max_size=10),
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=50),
    max_size=8,
)
_ids = st.text(string.ascii_lowercase + string.digits + '-",[]', min_size=1, max_size=30)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A site with six records, whose triggers are gone so that it can be attacked."""
    opened = born(tmp_path_factory.mktemp("chain") / "data")
    with opened.begin() as unit:
        for number in range(5):
            detail: Detail = {"number": number, "rate": 0.001, "text": "some words"}
            unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=f"{number:032x}", detail=detail)
        unit.commit()
    with closing(_raw(opened)) as raw:
        for verb in ("update", "delete"):
            raw.execute(f"DROP TRIGGER audit_refuses_{verb}")
    yield opened
    opened.close()


def _raw(store: SqlStore) -> sqlite3.Connection:
    return sqlite3.connect(store._path, isolation_level=None)


def _verify(store: SqlStore) -> AuditVerdict:
    with store.read() as unit:
        return unit.audit.verify()


_places = st.tuples(st.integers(1, 6), st.sampled_from(_COLUMNS), st.integers(0, 10_000))


@settings(_calm, max_examples=300)
@given(place=_places, change=st.integers(1, 255))
def test_a_changed_byte_is_found(store: SqlStore, place: tuple[int, str, int], change: int) -> None:
    """One byte, anywhere in any column of any record, set to any other value, is found at that record."""
    sequence, column, position = place
    with closing(_raw(store)) as raw:
        query = f"SELECT CAST({column} AS BLOB) FROM audit WHERE sequence = ?"  # noqa: S608  a column of ours
        (before,) = raw.execute(query, (sequence,)).fetchone()
        if before is None:
            after = bytes([change])
        else:
            at = position % len(before)
            after = before[:at] + bytes([before[at] ^ change]) + before[at + 1 :]
        write = f"UPDATE audit SET {column} = CAST(? AS TEXT) WHERE sequence = ?"  # noqa: S608  a column of ours
        raw.execute(write, (after, sequence))
        try:
            verdict = _verify(store)
        finally:
            raw.execute(write, (before, sequence))
    assert verdict.broken_at == sequence
    assert _verify(store).problem is None


@settings(_calm, max_examples=50)
@given(sequence=st.integers(1, 6), other=st.integers(-(2**40), 2**40).filter(lambda number: not 1 <= number <= 6))
def test_a_changed_number_is_found(store: SqlStore, sequence: int, other: int) -> None:
    """A record that was given another number is found."""
    with closing(_raw(store)) as raw:
        raw.execute("UPDATE audit SET sequence = ? WHERE sequence = ?", (other, sequence))
        try:
            verdict = _verify(store)
        finally:
            raw.execute("UPDATE audit SET sequence = ? WHERE sequence = ?", (sequence, other))
    assert verdict.broken_at is not None
    assert verdict.broken_at <= sequence


@_calm
@given(detail=_facts)
def test_facts_are_written_in_one_way(detail: dict[str, str | int | float | bool | None]) -> None:
    """The order of facts does not matter, and the text is plain ASCII on one line."""
    written = canonical_detail(detail)
    assert written == canonical_detail(dict(reversed(detail.items())))
    assert written.isascii()
    assert "\n" not in written


@_calm
@given(plain=st.binary(max_size=600), mine=_ids, other=_ids)
def test_sealed_for_one_person_opens_for_nobody_else(plain: bytes, mine: str, other: str) -> None:
    """Neither another person's key nor another person's place opens a seal; the own key and place do."""
    key, stranger = PersonKey.new(), PersonKey.new()
    bound = associated("template", mine, "r-1")
    sealed = key.seal(plain, bound=bound)
    assert key.open(sealed, bound=bound, row="row 1") == plain
    with pytest.raises(StorageError):
        stranger.open(sealed, bound=bound, row="row 1")
    if other != mine:
        with pytest.raises(StorageError):
            key.open(sealed, bound=associated("template", other, "r-1"), row="row 1")


@_calm
@given(site_key=st.binary(min_size=32, max_size=32), other=st.binary(min_size=32, max_size=32), person=_ids)
def test_a_wrapped_key_opens_with_its_site_key_only(site_key: bytes, other: bytes, person: str) -> None:
    """Whoever has the database but another site key unwraps nobody."""
    key = PersonKey.new()
    vault = Vault(site_key, site_id="site")
    wrapped = vault.wrap(key, subject_id=person)
    assert vault.unwrap(wrapped, subject_id=person, version=1, row="row 1").alias() == key.alias()
    if other != site_key:
        with pytest.raises(StorageError):
            Vault(other, site_id="site").unwrap(wrapped, subject_id=person, version=1, row="row 1")


@_calm
@given(sealed=st.binary(max_size=100), position=st.integers(0, 10_000), change=st.integers(1, 255))
def test_a_changed_byte_of_a_seal_does_not_open(sealed: bytes, position: int, change: int) -> None:
    """A seal with any byte changed, and random bytes in place of one, are errors, never another plaintext."""
    key = PersonKey.new()
    good = key.seal(b"a template of some length", bound=b"bound")
    at = position % len(good)
    for wrong in (good[:at] + bytes([good[at] ^ change]) + good[at + 1 :], sealed):
        with pytest.raises(StorageError):
            key.open(wrong, bound=b"bound", row="row 1")
