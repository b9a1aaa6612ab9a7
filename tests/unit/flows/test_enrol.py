"""Enrolment: who may be enrolled, from what, and what is left afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from limen.core.errors import RefusedError
from limen.core.frame import SourceKind
from limen.core.ledger import AuditTag
from limen.core.match import Recognised, Unknown, UnknownReason
from limen.core.people import AgreementId, GivenHow, TemplateKind
from limen.flows.enrol import DUPLICATE_CHECKS_PER_HOUR, TRIAL_PEOPLE, Enrol
from support.vision import alike, unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.flowsite import FlowSite

LIVE = SourceKind.LIVE_CAMERA


def refused(reason: str, act: Callable[[], object]) -> None:
    """The act is refused for this reason."""
    with pytest.raises(RefusedError) as caught:
        act()
    assert (caught.value.reason, bool(caught.value.advice())) == (reason, True)


def test_an_enrolled_person_is_recognised(trial: FlowSite) -> None:
    """Whoever was enrolled is recognised on another picture, and the answer carries the rates."""
    enrolled = trial.enrol(trial.vision.shows(unit(1)))
    ((found,), _) = trial.recognise()(trial.vision.shows(alike(unit(1), 0.9)))
    assert isinstance(found.match, Recognised)
    assert found.match.subject_id == enrolled.subject.subject_id
    assert 0 < found.match.fpir < 0.001


def test_the_agreement_is_tied_and_the_record_written(trial: FlowSite) -> None:
    """The agreement belongs to the person from then on, and the chain says so without a name."""
    enrolled = trial.enrol(trial.vision.shows(unit(1)))
    with trial.store.read() as unit_of_work:
        agreement = unit_of_work.agreements.get(enrolled.subject.agreement.agreement_id)
        tags = [record.tag for record in unit_of_work.audit.records()]
        text = repr([*unit_of_work.audit.records()])
    assert agreement is not None
    assert agreement.subject_id == enrolled.subject.subject_id
    assert tags[-2:] == [AuditTag.AGREEMENT_RECORDED, AuditTag.SUBJECT_ENROLLED]
    assert "Ada" not in text
    assert enrolled.subject.subject_id not in text


def test_embeddings_are_wiped(trial: FlowSite) -> None:
    """After an enrolment no probe holds an embedding."""
    trial.enrol(trial.vision.shows(unit(1)), trial.vision.shows(alike(unit(1), 0.9)))
    assert [np.abs(probe.embedding).max() for probe in trial.vision.given] == [0.0, 0.0]


def test_no_agreement(trial: FlowSite) -> None:
    """Without an agreement nobody is enrolled."""
    frame = trial.vision.shows(unit(1))
    refused("no_agreement", lambda: trial.enrol(frame, agreement=AgreementId("a-none")))


def test_somebody_elses_agreement(trial: FlowSite) -> None:
    """One agreement enrols one person."""
    agreement = trial.agreed()
    trial.enrol(trial.vision.shows(unit(1)), agreement=agreement)
    frame = trial.vision.shows(unit(2))
    refused("agreement_taken", lambda: trial.enrol(frame, agreement=agreement))


def test_expired_agreement(trial: FlowSite) -> None:
    """An agreement that has ended enrols nobody."""
    agreement = trial.agreed(days=1)
    trial.clock.advance(timedelta(days=1))
    frame = trial.vision.shows(unit(1))
    refused("agreement_expired", lambda: trial.enrol(frame, agreement=agreement))


def test_simulated_agreement_in_a_live_folder(live: FlowSite) -> None:
    """A simulated agreement is not even recorded in a live folder."""
    refused("agreement_simulated", lambda: live.agreed(how=GivenHow.SIMULATED))


@pytest.mark.parametrize("days", [0, -1, 3 * 366 + 1])
def test_validity_out_of_range(trial: FlowSite, days: int) -> None:
    """An agreement holds for a day at least and three years at most."""
    refused("agreement_validity", lambda: trial.agreed(days=days))


@pytest.mark.parametrize(
    ("faces", "reason"), [((), "no_face"), ((unit(1), unit(2)), "several_faces")], ids=["none", "two"]
)
def test_not_one_face(trial: FlowSite, faces: tuple[np.ndarray, ...], reason: str) -> None:
    """A picture without exactly one face enrols nobody, and nothing is embedded."""
    frame = trial.vision.shows(*faces)
    refused(reason, lambda: trial.enrol(frame))
    assert trial.vision.given == []


@pytest.mark.parametrize(("unified", "eyes_px"), [(10, 60.0), (90, 12.0)], ids=["poor", "small"])
def test_too_poor_a_picture(trial: FlowSite, unified: int, eyes_px: float) -> None:
    """A picture too poor or a face too small is refused with advice."""
    frame = trial.vision.shows(unit(1), unified=unified, eyes_px=eyes_px)
    refused("quality_too_low", lambda: trial.enrol(frame))


def test_pictures_of_two_people(trial: FlowSite) -> None:
    """Pictures that do not show one person are refused together."""
    frames = (trial.vision.shows(unit(1)), trial.vision.shows(unit(2)))
    refused("different_people", lambda: trial.enrol(*frames))


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb"])
def test_names_that_are_none(trial: FlowSite, name: str) -> None:
    """A name is printable, not empty and not endless."""
    frame = trial.vision.shows(unit(1))
    refused("name", lambda: trial.enrol(frame, name=name))


def test_no_picture(trial: FlowSite) -> None:
    """Nobody is enrolled from nothing."""
    refused("no_face", trial.enrol)


@pytest.mark.parametrize("kind", [TemplateKind.PASS, TemplateKind.SEALED])
def test_what_people_carry_is_enrolled_by_other_flows(trial: FlowSite, kind: TemplateKind) -> None:
    """The flow of the hands-free list makes no other kind of template; asking it to is misuse."""
    flow = Enrol(
        store=trial.store, vision=trial.vision, gallery=trial.gallery, clock=trial.clock, approvals=trial.approvals()
    )
    frame, agreement = trial.vision.shows(unit(1)), trial.agreed()
    with pytest.raises(ValueError, match=f"got {kind.value}"):
        flow([frame], name="Ada", agreement_id=agreement, kind=kind)


def test_a_trial_folder_is_small(trial: FlowSite) -> None:
    """A trial folder takes fifty people and no more."""
    for seed in range(TRIAL_PEOPLE):
        trial.enrol(trial.vision.shows(unit(seed)))
    frame = trial.vision.shows(unit(1000))
    refused("trial_full", lambda: trial.enrol(frame))


def test_a_refusal_changes_nothing(trial: FlowSite) -> None:
    """After a refused enrolment the store holds what it held before."""
    agreement = trial.agreed()
    with trial.store.read() as unit_of_work:
        before = (unit_of_work.subjects.generation(), len([*unit_of_work.audit.records()]))
    frame = trial.vision.shows(unit(1), unified=1)
    refused("quality_too_low", lambda: trial.enrol(frame, agreement=agreement))
    with trial.store.read() as unit_of_work:
        assert (unit_of_work.subjects.generation(), len([*unit_of_work.audit.records()])) == before


def test_a_photograph_does_not_confirm_in_a_live_folder(live: FlowSite) -> None:
    """In a live folder a reference made from a picture file reads as unknown to every door."""
    enrolled = live.enrol(live.vision.shows(unit(1)))
    assert not enrolled.subject.confirmed
    ((found,), _) = live.recognise()(live.vision.shows(alike(unit(1), 0.9), kind=LIVE))
    assert isinstance(found.match, Unknown)
    assert found.match.reason is UnknownReason.NOT_CONFIRMED


def test_the_duplicate_check_names_nobody(live: FlowSite) -> None:
    """A live capture of somebody enrolled already is told so, without a name, and the check is audited."""
    live.enrol(live.vision.shows(unit(1), kind=LIVE))
    again = live.enrol(live.vision.shows(alike(unit(1), 0.9), kind=LIVE), name="Bob")
    other = live.enrol(live.vision.shows(unit(2), kind=LIVE), name="Cleo")
    assert (again.may_already_be_enrolled, other.may_already_be_enrolled) == (True, False)
    with live.store.read() as unit_of_work:
        checks = [r for r in unit_of_work.audit.records() if r.tag is AuditTag.DUPLICATE_CHECKED]
    assert len(checks) == 3
    assert all(record.alias is None and not record.detail for record in checks)


def test_the_duplicate_check_is_limited(live: FlowSite) -> None:
    """The check cannot be used to look up people one by one: so many an hour, then none until the hour is over."""
    for seed in range(DUPLICATE_CHECKS_PER_HOUR):
        live.enrol(live.vision.shows(unit(seed), kind=LIVE))
    frame = live.vision.shows(unit(1000), kind=LIVE)
    refused("too_many_checks", lambda: live.enrol(frame))
    live.clock.advance(timedelta(hours=1))
    assert live.enrol(frame).may_already_be_enrolled is False


def test_pictures_are_not_checked_for_duplicates(trial: FlowSite) -> None:
    """The duplicate check runs on live captures only: no "who is this?" for a picture."""
    assert trial.enrol(trial.vision.shows(unit(1))).may_already_be_enrolled is None


@pytest.mark.parametrize("state", ["worn", "incorrect"])
def test_a_mask_is_asked_to_be_taken_off(trial: FlowSite, state: str) -> None:
    """A picture with a mask enrols nobody, the request is a kind one, and no embedding is left."""
    with pytest.raises(RefusedError, match="a mask is worn") as caught:
        trial.enrol(trial.vision.shows(unit(1)), trial.vision.shows(alike(unit(1), 0.9), mask=state))
    assert (caught.value.reason, "please" in caught.value.advice()) == ("mask_worn", True)
    assert [np.abs(probe.embedding).max() for probe in trial.vision.given] == [0.0, 0.0]


@pytest.mark.parametrize("state", ["none", "unsure", None])
def test_other_faces_are_enrolled(trial: FlowSite, state: str | None) -> None:
    """A bare face, an unsure one and one that was not assessed may be enrolled."""
    enrolled = trial.enrol(trial.vision.shows(unit(1), mask=state))
    assert enrolled.subject.n_references == 1
