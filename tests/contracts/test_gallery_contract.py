"""What a gallery promises, on whatever store it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.core.errors import ModelError
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.people import SubjectId
from limen.core.ports import Gallery, Store
from limen.core.probe import ModelId, Probe
from limen.gallery.calibration import Calibration
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import SCHEME, Rotation
from support.clock import NOON
from support.vision import TEST_MODEL, alike, make_probe, unit

Embedding = NDArray[np.float32]
Enroller = Callable[..., SubjectId]

_FPIR = 0.001
_OTHER = ModelId("other-model@0")


def _search(gallery: Gallery, embedding: Embedding, *, days: float = 1.0) -> Match:
    return gallery.search(make_probe(embedding), at=NOON + timedelta(days=days), fpir_target=_FPIR)


def _reason(match: Match) -> UnknownReason:
    assert isinstance(match, Unknown)
    return match.reason


def _who(match: Match) -> SubjectId:
    assert isinstance(match, Recognised)
    return match.subject_id


def test_an_empty_gallery_knows_nobody(gallery: Gallery) -> None:
    """Without references the answer is unknown, with neither rate nor threshold."""
    match = _search(gallery, unit(1))
    assert match == Unknown(reason=UnknownReason.NOBODY_ENROLLED, fpir=None, operating_point=None)
    assert gallery.may_be_enrolled(make_probe(unit(1)), at=NOON, fpir_target=_FPIR) is False
    assert gallery.compare_with(SubjectId("s-nobody"), make_probe(unit(1))) is None


def test_a_person_is_recognised(gallery: Gallery, enrolled: Enroller, calibration: Calibration) -> None:
    """A probe like the reference is that person, with rates and the threshold that was applied."""
    subject_id = enrolled(unit(1))
    enrolled(unit(2))
    match = _search(gallery, alike(unit(1), 0.8))
    assert _who(match) == subject_id
    assert isinstance(match, Recognised)
    assert match.comparison.similarity == pytest.approx(0.8, abs=1e-5)
    assert match.comparison.fmr == pytest.approx(1e-3 * np.exp(-0.5 / 0.04), rel=1e-3)
    assert match.fpir == pytest.approx(2 * match.comparison.fmr, rel=1e-6)
    assert match.operating_point == calibration.operating_point(
        fpir_target=_FPIR, n_references=2, condition=match.comparison.condition
    )


@pytest.mark.parametrize(("similarity", "known"), [(0.395, True), (0.389, False), (0.0, False), (-0.9, False)])
def test_the_threshold_decides(gallery: Gallery, enrolled: Enroller, similarity: float, *, known: bool) -> None:
    """Just above the threshold a probe is known, just below and far away it is not."""
    enrolled(unit(1))
    match = _search(gallery, alike(unit(1), similarity))
    assert isinstance(match, Recognised) == known
    if not known:
        assert _reason(match) is UnknownReason.BELOW_THRESHOLD
        assert match.operating_point is not None


def test_unknown_names_nobody(gallery: Gallery, enrolled: Enroller) -> None:
    """An unknown answer does not hold who came nearest, nor how near."""
    subject_id = enrolled(unit(1))
    match = _search(gallery, alike(unit(1), 0.38))
    assert subject_id not in repr(match)
    assert not hasattr(match, "subject_id")
    assert not hasattr(match, "comparison")


def test_the_best_of_several_references_counts(gallery: Gallery, enrolled: Enroller) -> None:
    """Of a person's references the most alike decides, whatever the others are."""
    subject_id = enrolled(unit(1), unit(2), unit(3))
    match = _search(gallery, alike(unit(3), 0.7))
    assert _who(match) == subject_id
    assert isinstance(match, Recognised)
    assert match.operating_point.n_references == 3


def test_the_most_alike_person_is_the_answer(gallery: Gallery, enrolled: Enroller) -> None:
    """Of two people above the threshold the nearer one is named."""
    base = unit(1)
    enrolled(alike(base, 0.6, seed=5))
    nearer = enrolled(alike(base, 0.9, seed=6))
    assert _who(_search(gallery, base)) == nearer


def test_an_unconfirmed_reference_reads_as_unknown(gallery: Gallery, enrolled: Enroller, store: Store) -> None:
    """Until a live capture confirms, even the picture itself is unknown; afterwards it is known, without a restart."""
    subject_id = enrolled(unit(1), confirmed=False)
    assert _reason(_search(gallery, unit(1))) is UnknownReason.NOT_CONFIRMED
    with store.begin() as unit_of_work:
        unit_of_work.subjects.confirm(subject_id)
        unit_of_work.commit()
    assert _who(_search(gallery, unit(1))) == subject_id


def test_an_unconfirmed_reference_does_not_hide_a_confirmed_one(gallery: Gallery, enrolled: Enroller) -> None:
    """Where an unconfirmed reference is nearest, the confirmed person behind is still found."""
    base = unit(1)
    enrolled(base, confirmed=False)
    confirmed = enrolled(alike(base, 0.7))
    assert _who(_search(gallery, base)) == confirmed


@pytest.mark.parametrize(("days", "known"), [(9.999, True), (10.0, False), (10.001, False), (5000.0, False)])
def test_an_ended_agreement_stops_matching_at_once(
    gallery: Gallery, enrolled: Enroller, days: float, *, known: bool
) -> None:
    """From the very moment an agreement ends, its person reads as unknown, with the reason for those who may know."""
    enrolled(unit(1), days=10)
    match = _search(gallery, unit(1), days=days)
    assert isinstance(match, Recognised) == known
    if not known:
        assert _reason(match) is UnknownReason.NO_LIVE_AGREEMENT


def test_only_who_may_be_found_counts_for_the_threshold(gallery: Gallery, enrolled: Enroller) -> None:
    """Unconfirmed and ended references do not make the promise stricter: only usable ones are counted."""
    enrolled(unit(1))
    enrolled(unit(2), unit(3), confirmed=False)
    enrolled(unit(4), days=1)
    match = _search(gallery, unit(1), days=2)
    assert isinstance(match, Recognised)
    assert match.operating_point.n_references == 1


@pytest.mark.parametrize(("confirmed", "days"), [(False, 365), (True, 1)])
def test_somebody_else_is_below_the_threshold_whoever_is_held_back(
    gallery: Gallery, enrolled: Enroller, days: int, *, confirmed: bool
) -> None:
    """A stranger at a gallery where nobody may be found is below the threshold and nothing more."""
    enrolled(unit(1), confirmed=confirmed, days=days)
    assert _reason(_search(gallery, unit(2), days=2)) is UnknownReason.BELOW_THRESHOLD


def test_a_new_person_is_seen_without_restart(gallery: Gallery, enrolled: Enroller) -> None:
    """Who enrols in another process is known at the next search."""
    enrolled(unit(1))
    assert _reason(_search(gallery, unit(2))) is UnknownReason.BELOW_THRESHOLD
    second = enrolled(unit(2))
    assert _who(_search(gallery, unit(2))) == second


def test_who_withdrew_is_unknown_at_the_next_search(gallery: Gallery, enrolled: Enroller, store: Store) -> None:
    """Destroyed in the store, a person is unknown at once, and the others stay known."""
    gone, stays = enrolled(unit(1)), enrolled(unit(2))
    assert _who(_search(gallery, unit(1))) == gone
    with store.begin() as unit_of_work:
        unit_of_work.subjects.destroy(gone)
        unit_of_work.commit()
    assert _reason(_search(gallery, unit(1))) is UnknownReason.BELOW_THRESHOLD
    assert _who(_search(gallery, unit(2))) == stays


def test_when_the_last_person_leaves_nobody_is_enrolled(gallery: Gallery, enrolled: Enroller, store: Store) -> None:
    """The gallery is then empty, as if it had always been."""
    gone = enrolled(unit(1), unit(2))
    gallery.refresh()
    with store.begin() as unit_of_work:
        unit_of_work.subjects.destroy(gone)
        unit_of_work.commit()
    assert _reason(_search(gallery, unit(1))) is UnknownReason.NOBODY_ENROLLED


def test_a_change_that_is_not_committed_is_not_seen(gallery: Gallery, enrolled: Enroller, store: Store) -> None:
    """A transaction that was left without commit has changed nobody's answer."""
    subject_id = enrolled(unit(1))
    with store.begin() as unit_of_work:
        unit_of_work.subjects.destroy(subject_id)
    assert _who(_search(gallery, unit(1))) == subject_id


def test_a_person_without_references_is_nobody(gallery: Gallery, enrolled: Enroller) -> None:
    """A subject whose template lives elsewhere is not in the gallery."""
    enrolled()
    assert _reason(_search(gallery, unit(1))) is UnknownReason.NOBODY_ENROLLED


def test_one_person_is_at_most_one_face_of_a_frame(gallery: Gallery, enrolled: Enroller) -> None:
    """Of two faces like one person the more alike is that person; the other is unknown for that reason."""
    subject_id = enrolled(unit(1))
    other = enrolled(unit(2))
    probes = [make_probe(e) for e in (alike(unit(1), 0.7), unit(3), alike(unit(1), 0.8), alike(unit(2), 0.9))]
    matches = gallery.search_frame(probes, at=NOON, fpir_target=_FPIR)
    assert _reason(matches[0]) is UnknownReason.SAME_PERSON_TWICE
    assert _reason(matches[1]) is UnknownReason.BELOW_THRESHOLD
    assert [_who(matches[2]), _who(matches[3])] == [subject_id, other]


@pytest.mark.parametrize("count", [2, 5])
def test_the_same_picture_several_times_in_a_frame_is_one_person(
    gallery: Gallery, enrolled: Enroller, count: int
) -> None:
    """Of faces exactly as alike, the first is the person and the others are not."""
    enrolled(unit(1))
    matches = gallery.search_frame([make_probe(unit(1))] * count, at=NOON, fpir_target=_FPIR)
    assert [type(match) for match in matches] == [Recognised] + [Unknown] * (count - 1)


@pytest.mark.parametrize("probes", [[], [make_probe(unit(1))]], ids=["none", "one"])
def test_a_frame_with_few_faces_is_searched_face_by_face(
    gallery: Gallery, enrolled: Enroller, probes: list[Probe]
) -> None:
    """No faces, no answers; one face, the answer of the search."""
    enrolled(unit(1))
    expected = tuple(gallery.search(probe, at=NOON, fpir_target=_FPIR) for probe in probes)
    assert gallery.search_frame(probes, at=NOON, fpir_target=_FPIR) == expected


def test_a_probe_of_another_model_is_misuse(gallery: Gallery, enrolled: Enroller) -> None:
    """It raises everywhere, empty gallery or not: comparing across models is not a low similarity."""
    probe = make_probe(unit(1), model_id=_OTHER)
    with pytest.raises(ValueError, match="expected model"):
        gallery.search(probe, at=NOON, fpir_target=_FPIR)
    subject_id = enrolled(unit(1))
    with pytest.raises(ValueError, match="expected model"):
        gallery.search_frame([probe], at=NOON, fpir_target=_FPIR)
    with pytest.raises(ValueError, match="expected model"):
        gallery.compare_with(subject_id, probe)
    with pytest.raises(ValueError, match="expected model"):
        gallery.may_be_enrolled(probe, at=NOON, fpir_target=_FPIR)
    with pytest.raises(ValueError, match="expected model"):
        gallery.compare(probe, probe)


def test_references_of_another_model_are_an_error(gallery: Gallery, enrolled: Enroller) -> None:
    """A store enrolled with another model is a ModelError that says what to do."""
    enrolled(unit(1), model_id=_OTHER)
    with pytest.raises(ModelError, match="made with another model") as caught:
        gallery.refresh()
    assert "enrol these people again" in caught.value.advice()


def test_the_duplicate_check_says_whether_and_never_who(gallery: Gallery, enrolled: Enroller) -> None:
    """Somebody like this, confirmed or not, may be enrolled; the answer is yes or no."""
    enrolled(unit(1), confirmed=False)
    enrolled(unit(2), days=1)
    asked = NOON + timedelta(days=2)
    assert gallery.may_be_enrolled(make_probe(alike(unit(1), 0.8)), at=asked, fpir_target=_FPIR) is True
    assert gallery.may_be_enrolled(make_probe(unit(3)), at=asked, fpir_target=_FPIR) is False
    assert gallery.may_be_enrolled(make_probe(unit(2)), at=asked, fpir_target=_FPIR) is False


def test_a_person_is_compared_with_their_own_references_alone(gallery: Gallery, enrolled: Enroller) -> None:
    """1:1 within the gallery: the best of that person's references, confirmed or not, whoever else is nearer."""
    mine = enrolled(alike(unit(1), 0.5), unit(7), confirmed=False)
    enrolled(unit(1))
    comparison = gallery.compare_with(mine, make_probe(unit(1)))
    assert comparison is not None
    assert comparison.similarity == pytest.approx(0.5, abs=1e-5)


def test_two_probes_compare_as_without_a_gallery(gallery: Gallery) -> None:
    """The gallery is a comparer too."""
    assert gallery.compare(make_probe(unit(1)), make_probe(alike(unit(1), 0.5))).similarity == pytest.approx(
        0.5, abs=1e-6
    )


def test_protected_vectors_are_not_the_embeddings(gallery: Gallery) -> None:
    """What a reference stores is rotated, under a scheme that has a name."""
    protected, scheme = gallery.protect(unit(1))
    assert scheme == SCHEME
    assert abs(float(protected @ unit(1))) < 0.5


def test_galleries_of_two_sites_do_not_know_each_others_people(
    *, store: Store, gallery: Gallery, enrolled: Enroller, calibration: Calibration
) -> None:
    """References copied to a site with another rotation match nobody there."""
    enrolled(unit(1))
    elsewhere = MemoryGallery(store, calibration=calibration, rotation=Rotation(b"\7" * 32, dimensions=128))
    assert isinstance(_search(gallery, unit(1)), Recognised)
    assert isinstance(_search(elsewhere, unit(1)), Unknown)


def test_the_ceiling_of_a_gallery_can_be_stricter(store: Store, enrolled: Enroller, calibration: Calibration) -> None:
    """A stricter false match rate refuses what the default would take."""
    enrolled(unit(1))
    rotation = Rotation(bytes(range(32)), dimensions=128)
    strict = MemoryGallery(store, calibration=calibration, rotation=rotation, fmr_ceiling=1e-9)
    lenient = MemoryGallery(store, calibration=calibration, rotation=rotation)
    probe = alike(unit(1), 0.6)
    assert isinstance(_search(lenient, probe), Recognised)
    assert isinstance(_search(strict, probe), Unknown)


def test_search_leaves_the_probe_as_it_was(gallery: Gallery, enrolled: Enroller) -> None:
    """Searching neither wipes nor changes the probe; its owner does that when the attempt ends."""
    enrolled(unit(1))
    probe = make_probe(unit(1))
    gallery.search(probe, at=NOON, fpir_target=_FPIR)
    np.testing.assert_array_equal(unit(1), probe.embedding)
    assert replace(probe).model_id == TEST_MODEL
