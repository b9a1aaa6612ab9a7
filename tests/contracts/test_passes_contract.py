"""What every PassStore and SealedStore promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from limen.core.errors import RefusedError, StorageError
from limen.core.passes import MOST_WRONG_PINS, PassId, PassRecord
from limen.core.people import SubjectId, TemplateKind
from limen.core.ports import Store
from support.clock import NOON
from support.passes import carrier, make_record, make_sealed

_LATER = NOON + timedelta(days=1)


def _issued(store: Store, *, host: str = "", pass_id: str = "0123456789abcdef") -> PassRecord:  # noqa: S107  an alias
    with store.begin() as unit:
        subject = carrier(unit)
        record = make_record(subject.subject_id, host=host, pass_id=pass_id)
        unit.passes.add(record)
        unit.commit()
    return record


@pytest.mark.parametrize("host", ["", "Grace Hopper", "王"])
def test_what_is_kept_of_a_pass_comes_back(store: Store, host: str) -> None:
    """By its id, among those of its holder and among all; the host with it."""
    record = _issued(store, host=host)
    with store.read() as unit:
        assert record == unit.passes.get(record.terms.pass_id)
        assert (record,) == unit.passes.of(record.subject_id) == unit.passes.all()
        assert unit.passes.get(PassId("f" * 16)) is None
        assert unit.passes.of(SubjectId("s-nobody")) == ()


def test_a_revoked_pass_stays_revoked_since_then(store: Store) -> None:
    """Revoking again changes nothing, nor does revoking what there is not."""
    record = _issued(store)
    with store.begin() as unit:
        unit.passes.revoke(record.terms.pass_id, at=NOON)
        unit.passes.revoke(record.terms.pass_id, at=_LATER)
        unit.passes.revoke(PassId("f" * 16), at=NOON)
        unit.commit()
    with store.read() as unit:
        assert unit.passes.get(record.terms.pass_id) == replace(record, revoked_at=NOON)


def test_a_pass_is_issued_once_and_to_somebody(store: Store) -> None:
    """The same id twice, or a pass for nobody, is an error."""
    record = _issued(store)
    for wrong in (record, make_record(SubjectId("s-nobody"), pass_id="f" * 16)):
        with store.begin() as unit, pytest.raises(StorageError):
            unit.passes.add(wrong)


def test_passes_go_with_their_holder(store: Store) -> None:
    """Destroying a person takes the passes along, and nobody else's."""
    gone, stays = _issued(store), _issued(store, pass_id="f" * 16)
    with store.begin() as unit:
        subject = unit.subjects.get(gone.subject_id)
        assert subject is not None
        assert unit.subjects.destroy(gone.subject_id) == 0
        unit.agreements.destroy(subject.agreement.agreement_id)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert unit.passes.all() == (stays,)


def test_whoever_carries_a_template_is_confirmed_and_has_no_reference(store: Store) -> None:
    """A pass is made from a live capture, so there is nothing to confirm; references are misuse."""
    record = _issued(store)
    with store.read() as unit:
        subject = unit.subjects.get(record.subject_id)
        assert subject is not None
        assert (subject.confirmed, subject.n_references) == (True, 0)
        assert unit.subjects.references(known=frozenset()) == ((), frozenset())


def test_the_first_key_is_made_when_it_is_wanted(store: Store) -> None:
    """There is none before; then it is number 1, and the same for everybody."""
    with store.begin() as unit:
        assert unit.passes.keys(at=NOON) == ()
        key = unit.passes.key(at=NOON)
        unit.commit()
    with store.read() as unit:
        assert unit.passes.keys(at=_LATER) == (key,)
        assert unit.passes.key(at=_LATER) == key
    assert (key.number, len(key.secret), key.accepted_until) == (1, 32, None)


def test_an_old_key_is_accepted_until_its_date(store: Store) -> None:
    """After a rotation with a date both keys count until then; the older not a moment longer."""
    with store.begin() as unit:
        old = unit.passes.key(at=NOON)
        new = unit.passes.rotate(at=NOON, accept_until=_LATER)
        unit.commit()
    with store.read() as unit:
        before, after = unit.passes.keys(at=_LATER - timedelta(seconds=1)), unit.passes.keys(at=_LATER)
        assert unit.passes.key(at=NOON) == new
    assert [key.number for key in before] == [1, 2]
    assert [key.number for key in after] == [2]
    assert before[0].secret == old.secret != new.secret


def test_a_rotation_at_once_destroys_the_old_keys(store: Store) -> None:
    """Nothing older is left, those with a date included; numbers are never used again."""
    with store.begin() as unit:
        unit.passes.key(at=NOON)
        unit.passes.rotate(at=NOON, accept_until=_LATER)
        unit.passes.rotate(at=NOON, accept_until=NOON)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert [key.number for key in unit.passes.keys(at=NOON)] == [3]


def test_a_date_is_never_moved_back(store: Store) -> None:
    """A key that ends sooner ends sooner, whatever a later rotation allows."""
    with store.begin() as unit:
        unit.passes.key(at=NOON)
        unit.passes.rotate(at=NOON, accept_until=_LATER)
        unit.passes.rotate(at=NOON, accept_until=_LATER + timedelta(days=9))
        assert [key.number for key in unit.passes.keys(at=_LATER)] == [2, 3]


def test_a_site_has_255_pass_keys(store: Store) -> None:
    """A pass names its key in one byte; the 256th is refused."""
    with store.begin() as unit:
        for _ in range(255):
            unit.passes.rotate(at=NOON, accept_until=NOON)
        with pytest.raises(RefusedError) as caught:
            unit.passes.rotate(at=NOON, accept_until=NOON)
        assert caught.value.reason == "pass_keys_used_up"
        assert unit.passes.key(at=NOON).number == 255


def test_a_locked_template_is_found_by_its_locator(store: Store) -> None:
    """It comes back as stored, goes with its owner, and counts among what was destroyed."""
    with store.begin() as unit:
        subject = carrier(unit, kind=TemplateKind.SEALED)
        sealed = make_sealed(subject.subject_id)
        unit.sealed.add(sealed)
        unit.commit()
    with store.begin() as unit:
        assert unit.sealed.find(sealed.locator) == sealed
        assert unit.sealed.find(b"another.") is None
        assert unit.subjects.destroy(subject.subject_id) == 1
        assert unit.sealed.find(sealed.locator) is None


def test_how_many_pins_did_not_open_it_is_kept(store: Store) -> None:
    """By locator and by person the same; nothing else of the row changes, and nobody else's."""
    with store.begin() as unit:
        first, second = (carrier(unit, kind=TemplateKind.SEALED, name=name) for name in ("Ada", "Bo"))
        sealed = replace(make_sealed(first.subject_id), with_pin=True)
        other = replace(make_sealed(second.subject_id, locator=b"another."), with_pin=True)
        unit.sealed.add(sealed)
        unit.sealed.add(other)
        unit.commit()
    for number in (1, 5, 1000, 0):
        with store.begin() as unit:
            unit.sealed.set_wrong_pins(sealed, number)
            unit.commit()
        with store.read() as unit:
            kept = unit.sealed.of(first.subject_id)
            assert kept == unit.sealed.find(sealed.locator) == replace(sealed, wrong_pins=number)
            assert kept.is_locked_out is (number >= MOST_WRONG_PINS)
            assert unit.sealed.of(second.subject_id) == other
            assert unit.sealed.of(SubjectId("s-nobody")) is None


def test_the_pepper_is_made_once(store: Store) -> None:
    """None before the first lock, then the same for ever."""
    with store.begin() as unit:
        assert unit.sealed.pepper() is None
        made = unit.sealed.make_pepper(at=NOON)
        assert unit.sealed.make_pepper(at=_LATER) == made
        unit.commit()
    with store.read() as unit:
        assert unit.sealed.pepper() == made


def test_whose_records_say_that_they_are_gone(store: Store) -> None:
    """One alias can be asked for without reading everybody's."""
    record = _issued(store)
    with store.read() as unit:
        alias = unit.subjects.alias(record.subject_id)
        assert unit.audit.is_gone(alias) is (alias in unit.audit.gone()) is False
