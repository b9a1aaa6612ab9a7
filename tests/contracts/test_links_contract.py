"""What every LinkStore promises."""

from __future__ import annotations

import pytest

from limen.core.errors import StorageError
from limen.core.people import SubjectId
from limen.core.ports import Store
from support.people import enrol, make_person


def _two(store: Store) -> tuple[SubjectId, SubjectId]:
    people = [make_person(name) for name in ("Ada", "Bea")]
    with store.begin() as unit:
        for subject, references in people:
            enrol(unit, subject, references)
        unit.commit()
    return people[0][0].subject_id, people[1][0].subject_id


def test_a_code_opens_its_owner_and_no_other(store: Store) -> None:
    """A code is found again, also in small letters; another text opens nothing."""
    ada_id, bea_id = _two(store)
    with store.begin() as unit:
        ada, bea = unit.links.issue(ada_id), unit.links.issue(bea_id)
        unit.commit()
    with store.read() as unit:
        assert (unit.links.owner(ada), unit.links.owner(bea.lower())) == (ada_id, bea_id)
        assert [unit.links.owner(text) for text in ("", ada[:-1], "nothing")] == [None, None, None]


def test_a_new_code_ends_the_one_before(store: Store) -> None:
    """An owner has one code at a time."""
    ada_id, _ = _two(store)
    with store.begin() as unit:
        first, second = unit.links.issue(ada_id), unit.links.issue(ada_id)
        assert (unit.links.owner(first), unit.links.owner(second)) == (None, ada_id)
        unit.commit()


def test_a_destroyed_code_opens_nothing(store: Store) -> None:
    """With the owner goes the code; destroying again finds none."""
    ada_id, _ = _two(store)
    with store.begin() as unit:
        code = unit.links.issue(ada_id)
        assert (unit.links.destroy(ada_id), unit.links.destroy(ada_id)) == (1, 0)
        assert unit.links.owner(code) is None
        unit.commit()


def test_a_code_is_hard_to_guess_and_can_be_typed(store: Store) -> None:
    """Codes differ, and no letter of one is taken for another."""
    ada_id, _ = _two(store)
    with store.begin() as unit:
        codes = {unit.links.issue(ada_id) for _ in range(20)}
    assert len(codes) == 20
    assert not any(set("ILOU") & set(code) for code in codes)


def test_nobody_gets_no_code(store: Store) -> None:
    """Whoever is not enrolled has no page."""
    with store.begin() as unit, pytest.raises(StorageError):
        unit.links.issue(SubjectId("s-nobody"))
