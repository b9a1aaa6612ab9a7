"""What every SubjectStore promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from limen.core.errors import StorageError
from limen.core.people import Reference, ReferenceId, Subject, SubjectId
from limen.core.ports import Store
from limen.core.probe import ModelId
from support.people import enrol, make_agreement, make_person


def _stored(store: Store, *people: tuple[Subject, tuple[Reference, ...]]) -> None:
    with store.begin() as unit:
        for subject, references in people:
            enrol(unit, subject, references)
        unit.commit()


def _same(left: Reference, right: Reference) -> bool:
    fields = [
        (r.reference_id, r.subject_id, r.model_id, r.scheme_id, r.mask, r.quality, r.confirmed, r.expires_at)
        for r in (left, right)
    ]
    return fields[0] == fields[1] and bool(np.array_equal(left.vector, right.vector))


@pytest.mark.parametrize("n_references", [0, 1, 5])
@pytest.mark.parametrize("name", ["Ada", "Åsa 王 🙂", "x" * 200])
def test_a_person_comes_back_as_stored(store: Store, n_references: int, name: str) -> None:
    """Subject and references survive the store, whatever the name and however many pictures."""
    subject, references = make_person(name, n_references=n_references)
    _stored(store, (subject, references))
    with store.read() as unit:
        found, ids = unit.subjects.references(known=frozenset())
        assert subject == unit.subjects.get(subject.subject_id)
    assert frozenset(reference.reference_id for reference in references) == ids
    assert all(_same(left, right) for left, right in zip(references, found, strict=True))


def test_one_persons_references_are_read_alone(store: Store) -> None:
    """Another person's are not among them, and somebody unknown has none."""
    (ada, hers), (bob, his) = make_person("Ada", n_references=3), make_person("Bob", n_references=1)
    _stored(store, (ada, hers), (bob, his))
    with store.read() as unit:
        for who, expected in ((ada, hers), (bob, his)):
            found = unit.subjects.references_of(who.subject_id)
            assert all(_same(left, right) for left, right in zip(expected, found, strict=True))
        assert unit.subjects.references_of(SubjectId("s-nobody")) == ()


@pytest.mark.parametrize("people", [0, 1, 3])
def test_people_are_counted(store: Store, people: int) -> None:
    """The count is that of the people enrolled."""
    _stored(store, *(make_person(f"person {number}") for number in range(people)))
    with store.read() as unit:
        assert unit.subjects.count() == people


def test_nobody_is_none(store: Store) -> None:
    """An unknown id is None, has nothing to confirm and nothing to destroy."""
    stranger = SubjectId("s-nobody")
    with store.begin() as unit:
        assert unit.subjects.get(stranger) is None
        assert (unit.subjects.confirm(stranger), unit.subjects.destroy(stranger)) == (0, 0)
        assert unit.subjects.generation() == 0
        with pytest.raises(StorageError) as caught:
            unit.subjects.alias(stranger)
    assert stranger not in str(caught.value)


def test_everybody_comes_in_the_order_of_enrolment(store: Store) -> None:
    """The list is in the order in which people enrolled, also after somebody has left."""
    people = [make_person(name) for name in ("Zoe", "Ada", "Max")]
    _stored(store, *people)
    with store.begin() as unit:
        unit.subjects.destroy(people[1][0].subject_id)
        unit.agreements.destroy(people[1][0].agreement.agreement_id)
        unit.commit(scrub=True)
    later = make_person("Bea")
    _stored(store, later)
    with store.read() as unit:
        assert [subject.name for subject in unit.subjects.all()] == ["Zoe", "Max", "Bea"]


def test_only_unknown_references_are_read(store: Store) -> None:
    """Whoever knows some references gets the others, and the ids of all."""
    first, second = make_person("Ada"), make_person("Max", n_references=3)
    _stored(store, first, second)
    known = frozenset(reference.reference_id for reference in first[1]) | {ReferenceId("r-long-gone")}
    with store.read() as unit:
        found, ids = unit.subjects.references(known=known)
    assert [reference.reference_id for reference in second[1]] == [reference.reference_id for reference in found]
    assert len(ids) == 5
    assert "r-long-gone" not in ids


def test_many_references_are_read_in_one_pass(store: Store) -> None:
    """More new references than are asked for one by one all come, and known ones do not."""
    crowd = make_person("Crowd", n_references=600)
    few = make_person("Few", n_references=2)
    _stored(store, few, crowd)
    known = frozenset(reference.reference_id for reference in few[1])
    with store.read() as unit:
        found, ids = unit.subjects.references(known=known)
    assert (len(found), len(ids)) == (600, 602)


def test_blocks_hold_what_references_hold(store: Store) -> None:
    """In blocks come the same references in the same order, each person's alias with them, and the ids of all."""
    few, crowd = make_person("Few"), make_person("Crowd", n_references=1100, confirmed=False, seed=1)
    other = make_person("Other", n_references=3, seed=2)
    _stored(store, few, crowd, other)
    known = frozenset(reference.reference_id for reference in few[1])
    with store.read() as unit:
        expected, ids = unit.subjects.references(known=known)
        found, present = unit.subjects.blocks(known=known)
        blocks = list(found)
        aliases = frozenset(unit.subjects.alias(person[0].subject_id) for person in (crowd, other))
    assert present == ids
    assert [r.reference_id for r in expected] == [item for block in blocks for item in block.reference_ids]
    assert [r.subject_id for r in expected] == [item for block in blocks for item in block.subject_ids]
    assert [r.confirmed for r in expected] == [bool(item) for block in blocks for item in block.confirmed]
    assert [r.expires_at.timestamp() for r in expected] == [item for block in blocks for item in block.expires_s]
    np.testing.assert_array_equal(
        np.stack([r.vector for r in expected]), np.concatenate([block.vectors for block in blocks])
    )
    assert aliases == frozenset().union(*(block.aliases for block in blocks))


def test_a_block_is_of_one_model(store: Store) -> None:
    """References of two models, even of one person and of two lengths, come in blocks of their own."""
    subject, (first, second) = make_person()
    short = np.eye(1, 4, dtype=np.float32)[0]
    second = replace(second, model_id=ModelId("another-model@0"), vector=short)
    _stored(store, (subject, (first, second)))
    with store.read() as unit:
        blocks = list(unit.subjects.blocks(known=frozenset())[0])
    assert [(block.model_id, block.vectors.shape) for block in blocks] == [
        (first.model_id, (1, 128)),
        ("another-model@0", (1, 4)),
    ]


def test_no_references_are_no_block(store: Store) -> None:
    """Where nothing is new there is no block, whether nobody is enrolled or everybody is known."""
    with store.read() as unit:
        assert list(unit.subjects.blocks(known=frozenset())[0]) == []
    subject, references = make_person()
    _stored(store, (subject, references))
    with store.read() as unit:
        blocks, present = unit.subjects.blocks(known=frozenset(reference.reference_id for reference in references))
        assert list(blocks) == []
    assert len(present) == 2


def test_confirming_makes_new_references_of_the_same_templates(store: Store) -> None:
    """A confirmed reference has a new id, so that whoever holds the old one learns of it; its vector is the same."""
    subject, references = make_person(confirmed=False)
    _stored(store, (subject, references))
    old = frozenset(reference.reference_id for reference in references)
    with store.begin() as unit:
        assert unit.subjects.confirm(subject.subject_id) == 2
        unit.commit()
    with store.read() as unit:
        found, ids = unit.subjects.references(known=old)
        assert replace(subject, confirmed=True) == unit.subjects.get(subject.subject_id)
    assert not ids & old
    assert all(reference.confirmed for reference in found)
    assert all(np.array_equal(a.vector, b.vector) for a, b in zip(references, found, strict=True))


def test_confirming_twice_changes_nothing_more(store: Store) -> None:
    """Confirmed references stay as they are."""
    subject, references = make_person(confirmed=True)
    _stored(store, (subject, references))
    with store.begin() as unit:
        before = unit.subjects.generation()
        assert unit.subjects.confirm(subject.subject_id) == 2
        assert before == unit.subjects.generation()


def test_a_destroyed_person_leaves_only_the_others(store: Store) -> None:
    """Destroying one person takes all of that person and nothing of anybody else."""
    gone, stays = make_person("Ada", n_references=3), make_person("Max")
    _stored(store, gone, stays)
    with store.begin() as unit:
        assert unit.subjects.destroy(gone[0].subject_id) == 3
        unit.agreements.destroy(gone[0].agreement.agreement_id)
        unit.commit(scrub=True)
    with store.read() as unit:
        assert unit.subjects.get(gone[0].subject_id) is None
        assert (stays[0],) == unit.subjects.all()
        assert frozenset(r.reference_id for r in stays[1]) == unit.subjects.references(known=frozenset())[1]
        with pytest.raises(StorageError):
            unit.subjects.alias(gone[0].subject_id)


def test_the_alias_is_stable_and_tells_nothing(store: Store) -> None:
    """One person has one alias; two people have two; it holds neither id nor name."""
    first, second = make_person("Ada"), make_person("Ada")
    _stored(store, first, second)
    with store.read() as unit:
        one, again, other = (unit.subjects.alias(p[0].subject_id) for p in (first, first, second))
    assert one == again != other
    assert len(one) == 32
    assert first[0].subject_id not in one


def test_the_alias_of_somebody_enrolled_again_is_another(store: Store) -> None:
    """Aliases hang on the key: the same person enrolled again cannot be tied to the first time."""
    subject, references = make_person()
    _stored(store, (subject, references))
    with store.begin() as unit:
        before = unit.subjects.alias(subject.subject_id)
        unit.subjects.destroy(subject.subject_id)
        unit.subjects.add(subject, references)
        assert before != unit.subjects.alias(subject.subject_id)


def test_the_generation_grows_with_every_change(store: Store) -> None:
    """Enrolling, confirming and destroying are each seen in the generation; reading is not."""
    subject, references = make_person(confirmed=False)
    with store.begin() as unit:
        seen = [unit.subjects.generation()]
        enrol(unit, subject, references)
        seen.append(unit.subjects.generation())
        unit.subjects.all()
        assert seen[-1] == unit.subjects.generation()
        unit.subjects.confirm(subject.subject_id)
        seen.append(unit.subjects.generation())
        unit.subjects.destroy(subject.subject_id)
        seen.append(unit.subjects.generation())
    assert sorted(set(seen)) == seen


def test_nobody_enrols_twice_under_one_id(store: Store) -> None:
    """A second person under the same id is refused."""
    subject, references = make_person()
    _stored(store, (subject, references))
    with store.begin() as unit, pytest.raises(StorageError):
        unit.subjects.add(subject, references)


def test_a_subject_that_contradicts_its_references_is_misuse(store: Store) -> None:
    """Count, owner, end and confirmation have to agree between a subject and its references."""
    subject, references = make_person()
    other, _ = make_person()
    longer = [replace(reference, expires_at=reference.expires_at + timedelta(days=1)) for reference in references]
    wrong = [
        (replace(subject, n_references=3), references),
        (replace(subject, confirmed=False), references),
        (subject, [replace(reference, subject_id=other.subject_id) for reference in references]),
        (subject, longer),
    ]
    for person, templates in wrong:
        with store.begin() as unit, pytest.raises(ValueError, match="expected"):
            unit.subjects.add(person, templates)


def test_whose_agreement_has_ended(store: Store) -> None:
    """People are due from the very moment their agreement ends, and not before."""
    subject, references = make_person("Ada")
    _stored(store, (subject, references))
    end = subject.agreement.expires_at
    with store.read() as unit:
        assert unit.subjects.expired(at=end - timedelta(microseconds=1)) == ()
        assert unit.subjects.expired(at=end) == (subject.subject_id,)


def test_a_renewed_person_is_the_same_person_longer(store: Store) -> None:
    """Name, templates and alias stay, the end is the new one, and every reference has a new id; nobody else changes."""
    subject, references = make_person("Ada")
    other = make_person("Bob", seed=5)
    _stored(store, (subject, references), other)
    longer = make_agreement(subject.subject_id, days=700)
    with store.begin() as unit:
        before, alias = unit.subjects.generation(), unit.subjects.alias(subject.subject_id)
        unit.agreements.add(longer)
        assert unit.subjects.renew(subject.subject_id, longer) == 2
        unit.agreements.destroy(subject.agreement.agreement_id)
        unit.commit(scrub=True)
    with store.read() as unit:
        found, _ = unit.subjects.references(known=frozenset())
        assert unit.subjects.get(subject.subject_id) == replace(subject, agreement=longer)
        assert unit.subjects.alias(subject.subject_id) == alias
        assert unit.subjects.generation() > before
    mine = [reference for reference in found if reference.subject_id == subject.subject_id]
    assert {reference.expires_at for reference in mine} == {longer.expires_at}
    assert {reference.reference_id for reference in mine}.isdisjoint(item.reference_id for item in references)
    np.testing.assert_array_equal([item.vector for item in references], [item.vector for item in mine])
    assert next(item for item in found if item.subject_id == other[0].subject_id).expires_at < longer.expires_at


def test_nobody_renews_who_is_not_there(store: Store) -> None:
    """An unknown id is an error."""
    with store.begin() as unit, pytest.raises(StorageError):
        unit.subjects.renew(SubjectId("s-nobody"), make_agreement())


def test_a_code_releases_once(store: Store) -> None:
    """The newest code fits once, in any writing; a wrong, an older or another person's does not, nor after the end."""
    ada, bob = make_person("Ada"), make_person("Bob", seed=5)
    _stored(store, ada, bob)
    who, other = ada[0].subject_id, bob[0].subject_id
    with store.begin() as unit:
        assert not unit.subjects.redeem_code(who, "")
        older, newer, others = (
            unit.subjects.issue_code(who),
            unit.subjects.issue_code(who),
            unit.subjects.issue_code(other),
        )
        assert not any(unit.subjects.redeem_code(who, code) for code in (older, others, "", newer[:-1]))
        assert unit.subjects.redeem_code(who, newer)
        assert not unit.subjects.redeem_code(who, newer)
        unit.subjects.destroy(other)
        assert not unit.subjects.redeem_code(other, others)
        with pytest.raises(StorageError):
            unit.subjects.issue_code(other)


def test_people_come_in_pages(store: Store) -> None:
    """Pages follow the order of enrolment, each from the last person of the one before; an unknown one begins anew."""
    people = [make_person(f"Person {number}") for number in range(5)]
    _stored(store, *people)
    ids = [subject.subject_id for subject, _ in people]
    with store.read() as unit:
        pages = [
            [subject.subject_id for subject in unit.subjects.page(after=after, most=2)]
            for after in (None, ids[1], ids[3], ids[4], SubjectId("s-nobody"))
        ]
    assert pages == [ids[:2], ids[2:4], ids[4:], [], ids[:2]]
