"""What every Store and UnitOfWork promises."""

from __future__ import annotations

import pytest

from limen.core.errors import StorageError
from limen.core.ledger import AuditTag
from limen.core.people import SiteKind
from limen.core.ports import Store
from support.clock import NOON
from support.people import enrol, make_agreement, make_person


def test_a_store_tells_its_kind(store: Store) -> None:
    """A site knows that it is a trial."""
    assert store.site_kind == SiteKind.TRIAL


def test_a_newborn_site_holds_nobody_and_one_audit_record(store: Store) -> None:
    """Birth is the first thing the chain tells, and the only one."""
    with store.read() as unit:
        assert (unit.subjects.all(), unit.agreements.all()) == ((), ())
        assert [record.tag for record in unit.audit.records()] == [AuditTag.SITE_CREATED]


def test_without_commit_nothing_has_happened(store: Store) -> None:
    """Person, agreement, record and generation are as before when the transaction is left without commit."""
    subject, references = make_person()
    with store.begin() as unit:
        before = unit.subjects.generation()
        enrol(unit, subject, references)
        unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=NOON, alias=None, detail={})
    with store.read() as unit:
        assert unit.subjects.get(subject.subject_id) is None
        assert unit.agreements.all() == ()
        assert len(list(unit.audit.records())) == 1
        assert before == unit.subjects.generation()


def test_an_exception_undoes_everything(store: Store) -> None:
    """A flow that fails half-way leaves nothing behind."""
    subject, references = make_person()

    def fail() -> None:
        with store.begin() as unit:
            enrol(unit, subject, references)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with store.read() as unit:
        assert unit.subjects.all() == ()


def test_what_is_committed_is_there_for_the_next(store: Store) -> None:
    """A committed person is found by the next transaction."""
    subject, references = make_person()
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    with store.begin() as unit:
        assert subject == unit.subjects.get(subject.subject_id)


def test_a_person_without_an_agreement_cannot_be_committed(store: Store) -> None:
    """References exist only under an agreement record, whatever a flow forgets."""
    subject, references = make_person()
    with store.begin() as unit:
        unit.subjects.add(subject, references)
        with pytest.raises(StorageError):
            unit.commit()
    with store.read() as unit:
        assert (unit.subjects.generation(), unit.subjects.all()) == (0, ())


def test_an_agreement_cannot_go_while_its_person_stays(store: Store) -> None:
    """Deleting only the agreement is refused as a whole."""
    subject, references = make_person()
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    with store.begin() as unit:
        unit.agreements.destroy(subject.agreement.agreement_id)
        with pytest.raises(StorageError):
            unit.commit()
    with store.read() as unit:
        assert subject == unit.subjects.get(subject.subject_id)


def test_the_order_of_steps_in_a_transaction_is_free(store: Store) -> None:
    """Agreement and person may be destroyed in either order."""
    subject, references = make_person()
    with store.begin() as unit:
        unit.subjects.add(subject, references)
        unit.agreements.add(subject.agreement)
        unit.commit()
    with store.begin() as unit:
        unit.agreements.destroy(subject.agreement.agreement_id)
        unit.subjects.destroy(subject.subject_id)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert (unit.subjects.all(), unit.agreements.all()) == ((), ())


def test_a_commit_with_nothing_to_scrub_is_a_commit(store: Store) -> None:
    """Asking for a scrub where nothing was deleted changes nothing else."""
    agreement = make_agreement()
    with store.begin() as unit:
        unit.agreements.add(agreement)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert agreement == unit.agreements.get(agreement.agreement_id)


def test_a_unit_of_work_is_over_after_its_commit(store: Store) -> None:
    """Misuse after commit is an error, not a second transaction."""
    with store.begin() as unit:
        unit.commit()
        with pytest.raises(RuntimeError):
            unit.commit()
        for part in ("subjects", "agreements", "audit"):
            with pytest.raises(RuntimeError):
                getattr(unit, part)


def test_a_view_cannot_be_committed(store: Store) -> None:
    """What was opened to read cannot become durable by mistake."""
    with store.read() as unit:
        unit.agreements.add(make_agreement())
        with pytest.raises(RuntimeError):
            unit.commit()
    with store.read() as unit:
        assert unit.agreements.all() == ()
