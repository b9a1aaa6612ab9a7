"""Inside the gallery of a running process: what it holds in memory, and what it no longer does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limen.core.errors import LedgerError
from limen.core.ledger import AuditTag
from limen.core.match import Recognised
from limen.core.people import SubjectId
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import Rotation
from support.calibrations import make_calibration
from support.clock import NOON, FakeClock
from support.people import enrol, make_person
from support.stores import MemoryStore
from support.vision import make_probe, unit


@pytest.fixture
def store() -> MemoryStore:
    """An empty site."""
    return MemoryStore(clock=FakeClock())


@pytest.fixture
def gallery(store: MemoryStore) -> MemoryGallery:
    """Its gallery, with two search threads."""
    rotation = Rotation(bytes(range(32)), dimensions=128)
    return MemoryGallery(store, calibration=make_calibration(), rotation=rotation, workers=2)


def _enrolled(store: MemoryStore, *, seed: int, n_references: int = 2) -> SubjectId:
    subject, references = make_person(n_references=n_references, seed=seed)
    with store.begin() as unit_of_work:
        enrol(unit_of_work, subject, references)
        unit_of_work.commit()
    return subject.subject_id


def test_the_length_is_the_number_of_references(store: MemoryStore, gallery: MemoryGallery) -> None:
    """It follows the store at each refresh and not before."""
    _enrolled(store, seed=1, n_references=3)
    assert len(gallery) == 0
    gallery.refresh()
    assert len(gallery) == 3


def test_a_destroyed_reference_is_wiped_from_memory(store: MemoryStore, gallery: MemoryGallery) -> None:
    """After a withdrawal no buffer of the index holds anything of that person's vectors."""
    gone = _enrolled(store, seed=1)
    _enrolled(store, seed=2, n_references=1)
    gallery.refresh()
    _, theirs = make_person(seed=1)
    with store.begin() as unit_of_work:
        unit_of_work.subjects.destroy(gone)
        unit_of_work.commit()
    gallery.refresh()
    held = gallery._index._rows.tobytes()
    assert len(gallery) == 1
    assert all(reference.vector.tobytes()[:16] not in held for reference in theirs)
    assert not gallery._index._rows[1:].any()


def test_a_store_that_did_not_change_is_not_read_again(store: MemoryStore, gallery: MemoryGallery) -> None:
    """While the generation stays, references that appear behind its back are not taken in."""
    subject_id = _enrolled(store, seed=1)
    gallery.refresh()
    _, (reference, _) = make_person(seed=3)
    store.state.references[reference.reference_id] = replace(reference, subject_id=subject_id)
    gallery.refresh()
    assert len(gallery) == 2
    store.state.generation += 1
    gallery.refresh()
    assert len(gallery) == 3


def test_references_are_held_rotated_only(store: MemoryStore, gallery: MemoryGallery) -> None:
    """In the memory of the index lies the protected vector and not the embedding."""
    subject, (reference,) = make_person(n_references=1)
    embedding = unit(77)
    reference = replace(reference, vector=gallery.protect(embedding)[0])
    with store.begin() as unit_of_work:
        enrol(unit_of_work, subject, (reference,))
        unit_of_work.commit()
    match = gallery.search(make_probe(embedding), at=NOON, fpir_target=0.001)
    assert isinstance(match, Recognised)
    held = gallery._index._rows[0]
    assert abs(float(held @ embedding)) < 0.5
    np.testing.assert_array_equal(reference.vector, held)


def test_one_change_reads_one_person(store: MemoryStore, gallery: MemoryGallery) -> None:
    """After somebody else enrols, or withdraws, references held already are not read again."""
    _enrolled(store, seed=1, n_references=1)
    gallery.refresh()
    held = gallery._index._rows[0].copy()
    _, (other,) = make_person(n_references=1, seed=9)
    (reference,) = store.state.references.values()
    store.state.references[reference.reference_id] = replace(reference, vector=other.vector)
    second = _enrolled(store, seed=2)
    gallery.refresh()
    assert len(gallery) == 3
    with store.begin() as unit_of_work:
        unit_of_work.subjects.destroy(second)
        unit_of_work.commit()
    gallery.refresh()
    assert len(gallery) == 1
    np.testing.assert_array_equal(held, gallery._index._rows[0])


def test_nobody_is_recognised_while_a_later_block_does_not_open(store: MemoryStore, gallery: MemoryGallery) -> None:
    """Somebody put back keeps every search from answering, again and again, also about people loaded before."""
    embedding = unit(77)
    subject, (reference,) = make_person(n_references=1)
    reference = replace(reference, vector=gallery.protect(embedding)[0])
    with store.begin() as unit_of_work:
        enrol(unit_of_work, subject, (reference,))
        unit_of_work.commit()
    restored = _enrolled(store, seed=2)
    with store.begin() as unit_of_work:
        alias = unit_of_work.subjects.alias(restored)
        unit_of_work.audit.append(AuditTag.SUBJECT_WITHDRAWN, at=NOON, alias=alias, detail={})
        unit_of_work.commit()
    for _ in range(2):
        with pytest.raises(LedgerError, match="old rows were put back"):
            gallery.search(make_probe(embedding), at=NOON, fpir_target=0.001)
