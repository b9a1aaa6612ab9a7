"""What every AgreementStore and AuditLog promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from limen.core.errors import LedgerError, StorageError
from limen.core.ledger import AuditTag, KeptHead
from limen.core.operators import Approved, OperatorId
from limen.core.people import AgreementId, AgreementProof, Invitation, InvitationId, SubjectId
from limen.core.ports import Store
from support.clock import NOON
from support.people import enrol, make_agreement, make_person

_ADA, _MAX = SubjectId("s-ada"), SubjectId("s-max")


def test_an_agreement_comes_back_as_given(store: Store) -> None:
    """Every attribute of a record survives the store."""
    agreement = make_agreement()
    with store.begin() as unit:
        unit.agreements.add(agreement)
        unit.commit()
    with store.read() as unit:
        assert agreement == unit.agreements.get(agreement.agreement_id)


def test_no_agreement_is_none(store: Store) -> None:
    """An unknown id is None, and destroying it changes nothing."""
    with store.begin() as unit:
        unit.agreements.destroy(AgreementId("a-nothing"))
        assert unit.agreements.get(AgreementId("a-nothing")) is None


def test_agreements_come_oldest_first(store: Store) -> None:
    """The list follows the moment they were given, not the order of recording."""
    given = [NOON + timedelta(hours=hours) for hours in (5, 1, 3)]
    agreements = [replace(make_agreement(), given_at=moment) for moment in given]
    with store.begin() as unit:
        for agreement in agreements:
            unit.agreements.add(agreement)
        assert sorted(given) == [agreement.given_at for agreement in unit.agreements.all()]


def test_an_agreement_is_recorded_once(store: Store) -> None:
    """A second record under the same id is refused."""
    agreement = make_agreement()
    with store.begin() as unit:
        unit.agreements.add(agreement)
        with pytest.raises(StorageError):
            unit.agreements.add(agreement)


def test_an_agreement_is_bound_to_one_person_for_good(store: Store) -> None:
    """Binding sets the person, again is harmless, and another person is refused."""
    agreement = make_agreement()
    with store.begin() as unit:
        unit.agreements.add(agreement)
        unit.agreements.bind(agreement.agreement_id, _ADA)
        unit.agreements.bind(agreement.agreement_id, _ADA)
        with pytest.raises(LedgerError):
            unit.agreements.bind(agreement.agreement_id, _MAX)
        assert replace(agreement, subject_id=_ADA) == unit.agreements.get(agreement.agreement_id)


def test_nothing_binds_to_an_agreement_that_is_not_there(store: Store) -> None:
    """Enrolling on an unknown agreement is an error of the ledger."""
    with store.begin() as unit, pytest.raises(LedgerError):
        unit.agreements.bind(AgreementId("a-nothing"), _ADA)


def test_a_destroyed_agreement_is_gone(store: Store) -> None:
    """After withdrawal the record is neither found nor listed."""
    agreement, other = make_agreement(), make_agreement()
    with store.begin() as unit:
        unit.agreements.add(agreement)
        unit.agreements.add(other)
        unit.agreements.destroy(agreement.agreement_id)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert (other,) == unit.agreements.all()


def test_records_are_numbered_and_linked(store: Store) -> None:
    """Each record carries the next number and the digest of the one before."""
    with store.begin() as unit:
        for _ in range(3):
            unit.audit.append(AuditTag.AGREEMENT_RECORDED, at=NOON, alias=None, detail={})
        unit.commit()
    with store.read() as unit:
        records = list(unit.audit.records())
    assert [record.sequence for record in records] == [1, 2, 3, 4]
    assert ["0" * 64, *(record.digest for record in records[:-1])] == [record.previous for record in records]


def test_a_record_comes_back_as_appended(store: Store) -> None:
    """What append answers is what the chain holds, facts of every type included."""
    detail = {"n": 3, "rate": 0.001, "yes": True, "none": None, "text": "é \N{SNOWMAN} \"'"}
    with store.begin() as unit:
        record = unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias="ab" * 16, detail=detail)
        unit.commit()
    with store.read() as unit:
        assert record == list(unit.audit.records())[-1]
    assert (detail, "ab" * 16, NOON) == (record.detail, record.alias, record.at)


def test_times_are_kept_in_utc_to_the_microsecond(store: Store) -> None:
    """A moment given in another zone is the same moment, in UTC."""
    moment = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    with store.begin() as unit:
        record = unit.audit.append(AuditTag.SUBJECT_EXPORTED, at=moment, alias=None, detail={})
    assert (moment, UTC) == (record.at, record.at.tzinfo)


def test_a_moment_without_a_time_zone_is_misuse(store: Store) -> None:
    """Nobody can record a moment that may mean two."""
    with store.begin() as unit, pytest.raises(ValueError, match="time zone"):
        unit.audit.append(AuditTag.SUBJECT_EXPORTED, at=NOON.replace(tzinfo=None), alias=None, detail={})


def test_facts_are_few_and_small(store: Store) -> None:
    """A record has no room for a template, a picture or a life story."""
    wrong: list[dict[str, str | float]] = [
        {"text": "x" * 201},
        {f"fact_{number}": 0 for number in range(17)},
        {"rate": float("nan")},
    ]
    for detail in wrong:
        with store.begin() as unit, pytest.raises(ValueError, match=r"expected|compliant"):
            unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail=detail)
    with store.begin() as unit, pytest.raises(TypeError):
        unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={"raw": b"x"})  # type: ignore[dict-item]


def test_an_untouched_chain_holds(store: Store) -> None:
    """The check reads every record, finds nothing, names the head and says what it cannot see."""
    with store.begin() as unit:
        record = unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={})
        unit.commit()
    with store.read() as unit:
        verdict = unit.audit.verify()
    assert (2, None, None, record.digest) == (
        verdict.n_records,
        verdict.broken_at,
        verdict.problem,
        verdict.head,
    )
    assert verdict.not_covered


def _appended(store: Store, count: int) -> list[str]:
    """Digests of everything, after ``count`` more records."""
    with store.begin() as unit:
        for _ in range(count):
            unit.audit.append(AuditTag.AGREEMENT_RECORDED, at=NOON, alias=None, detail={})
        unit.commit()
    with store.read() as unit:
        return [record.digest for record in unit.audit.records()]


def test_a_chain_goes_through_the_heads_that_were_kept(store: Store) -> None:
    """Any head of an earlier moment fits the chain that has grown since."""
    digests = _appended(store, 3)
    kept = [KeptHead(n_records=number, digest=digest) for number, digest in enumerate(digests, start=1)]
    _appended(store, 2)
    with store.read() as unit:
        assert unit.audit.verify(kept=kept).problem is None


@pytest.mark.parametrize(("number", "broken_at"), [(2, 2), (9, 5)], ids=["another record", "a cut-off end"])
def test_a_chain_that_misses_a_kept_head_is_broken_there(store: Store, number: int, broken_at: int) -> None:
    """A whole chain that is another one than a checkpoint saw, or a shorter one, is found and told where."""
    _appended(store, 3)
    with store.read() as unit:
        verdict = unit.audit.verify(kept=[KeptHead(n_records=number, digest="ab" * 32)])
    assert verdict.problem is not None
    assert verdict.broken_at == broken_at


def test_a_statement_is_signed_by_the_site_and_nobody_else(store: Store) -> None:
    """The site knows its own statement again, and refuses it with any value changed, added or taken away."""
    with store.read() as unit:
        statement = dict(unit.audit.sign({"statement": "test", "records": 7, "texts": ["é", None]}))
        unit.audit.check(statement)
        forged = [
            {**statement, "records": 8},
            {**statement, "more": 1},
            {**statement, "site": "another"},
            {**statement, "signature": "00" * 64},
            {**statement, "signature": None},
            {name: value for name, value in statement.items() if name != "texts"},
            {},
        ]
        for document in forged:
            with pytest.raises(LedgerError):
                unit.audit.check(document)


def test_the_proof_of_an_agreement_comes_back_and_goes_with_it(store: Store) -> None:
    """Signature, paper and witness survive as given; destroyed with the record, and of another record there is none."""
    agreement, other = replace(make_agreement(), purpose="the front door"), make_agreement()
    proof = AgreementProof(typed="Ada L.", drawn="M 1 2 L 3 4", paper_reference="folder 7", witness="Bob")
    with store.begin() as unit:
        unit.agreements.add(agreement, proof=proof)
        unit.agreements.add(other)
        unit.commit()
    with store.begin() as unit:
        assert proof == unit.agreements.proof(agreement.agreement_id)
        assert agreement == unit.agreements.get(agreement.agreement_id)
        assert unit.agreements.proof(other.agreement_id) is None
        unit.agreements.destroy(agreement.agreement_id)
        assert unit.agreements.proof(agreement.agreement_id) is None


def _invitation(name: str, *, days: int = 30, n_pictures: int = 2) -> Invitation:
    ends = NOON + timedelta(days=days)
    who = InvitationId(f"i-{name}")
    return Invitation(invitation_id=who, name=name, n_pictures=n_pictures, invited_at=NOON, expires_at=ends)


def test_an_invitation_waits_as_it_was_given_and_ends(store: Store) -> None:
    """Name and picture files come back to the byte, each person's own; destroyed or in time, they are gone."""
    ada, bob = _invitation("Ada"), _invitation("Bob", days=10, n_pictures=1)
    with store.begin() as unit:
        unit.invitations.add(ada, [b"first", b"second"])
        unit.invitations.add(bob, [b"\0" * 100_000])
        unit.commit()
    with store.begin() as unit:
        assert (ada, bob) == unit.invitations.all()
        assert unit.invitations.pictures(ada.invitation_id) == (b"first", b"second")
        assert unit.invitations.expired(at=NOON + timedelta(days=10)) == (bob.invitation_id,)
        assert unit.invitations.destroy(bob.invitation_id) == 1
        assert unit.invitations.destroy(bob.invitation_id) == 0
        assert unit.invitations.pictures(bob.invitation_id) == ()
        unit.commit(scrub=True)
    with store.read() as unit:
        assert (ada,) == unit.invitations.all()


def test_an_invitation_says_how_many_pictures_there_are(store: Store) -> None:
    """Another number is misuse."""
    with store.begin() as unit, pytest.raises(ValueError, match="n_pictures"):
        unit.invitations.add(_invitation("Ada"), [b"one"])


def test_unused_agreements_and_unconfirmed_people_are_found(store: Store) -> None:
    """Those given or enrolled before the moment, and only those without a person or without a confirmation."""
    unused, waiting, known = make_agreement(), make_person("Bob", confirmed=False), make_person("Ada")
    with store.begin() as unit:
        unit.agreements.add(unused)
        for person in (waiting, known):
            enrol(unit, *person)
        unit.commit()
    with store.read() as unit:
        assert unit.agreements.unused(before=NOON) == (unused.agreement_id,)
        assert unit.subjects.unconfirmed(before=NOON) == (waiting[0].subject_id,)
        earlier = NOON - timedelta(seconds=1)
        assert (unit.agreements.unused(before=earlier), unit.subjects.unconfirmed(before=earlier)) == ((), ())


def test_an_operator_is_known_by_a_code(store: Store) -> None:
    """Each has a code of its own; a wrong one is nobody's, and who was removed is gone."""
    with store.begin() as unit:
        first, second = unit.operators.add(OperatorId("o-1")), unit.operators.add(OperatorId("o-2"))
        with pytest.raises(StorageError):
            unit.operators.add(OperatorId("o-1"))
        assert unit.operators.all() == ("o-1", "o-2")
        assert [unit.operators.who(code) for code in (second, first, "wrong")] == ["o-2", "o-1", None]
        assert (unit.operators.remove(OperatorId("o-1")), unit.operators.remove(OperatorId("o-1"))) == (True, False)
        assert unit.operators.who(first) is None


def test_approvals_go_up_and_down(store: Store) -> None:
    """What nobody approved is None; the last value counts, also a lower one."""
    with store.begin() as unit:
        assert [unit.operators.approved(what) for what in Approved] == [None] * len(Approved)
        unit.operators.approve(Approved.BACKUP_DAYS, 30)
        unit.operators.approve(Approved.BACKUP_DAYS, 7)
        unit.commit()
    with store.read() as unit:
        assert [unit.operators.approved(what) for what in (Approved.GALLERY, Approved.BACKUP_DAYS)] == [None, 7]
