"""enrolling: the checks that every way of enrolling shares, whatever becomes of the template.

(1) a name, and a picture;
(2) the agreement exists, holds now, is nobody else's, and is simulated in trial folders only;
(3) a trial folder has room (50 people at most);
(4) every picture shows exactly one face, well enough, and without a mask;
(5) all pictures show one person.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import RefusedError
from limen.core.frame import Frame, SourceKind
from limen.core.people import (
    Agreement,
    AgreementId,
    GivenHow,
    Reference,
    ReferenceId,
    SiteKind,
    Subject,
    SubjectId,
    TemplateKind,
    new_id,
)
from limen.core.ports import Comparer, Gallery, Store, UnitOfWork, Vision
from limen.core.probe import MaskSeen, MaskState, Probe
from limen.flows.capture import only_face

__all__ = [
    "TRIAL_PEOPLE",
    "captured",
    "carrier",
    "check_agreement",
    "check_live",
    "check_request",
    "mean_template",
    "reference_of",
]

TRIAL_PEOPLE = 50
_SAME_PERSON_FMR = 1e-3
_MAX_NAME = 200


def check_request(frames: Sequence[Frame], name: str) -> None:
    """(1).

    Raises:
        RefusedError: no name or no picture.
    """
    if not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
        raise RefusedError(f"a name has 1 to {_MAX_NAME} printable characters", advice="give --name", reason="name")
    if not frames:
        raise RefusedError("no picture given", advice="name one or more pictures, or use --camera", reason="no_face")


def check_live(store: Store, frames: Sequence[Frame]) -> None:
    """What a person carries is made from, and shown with, a live capture: nothing could confirm it later.

    Raises:
        RefusedError: a live folder was given something else.
    """
    if store.site_kind is SiteKind.LIVE and any(frame.kind is not SourceKind.LIVE_CAMERA for frame in frames):
        raise RefusedError(
            "in a live folder a face pass or badge takes a live capture of its holder",
            advice="use --camera; to try pictures, a trial folder",
            reason="not_a_live_capture",
        )


def check_agreement(store: Store, agreement_id: AgreementId, *, now: datetime) -> Agreement:
    """(2) and (3); the agreement.

    Raises:
        RefusedError: one of them does not hold.
    """
    with store.read() as unit:
        agreement = unit.agreements.get(agreement_id)
        people = unit.subjects.count()
    if agreement is None:
        raise RefusedError(
            f"there is no agreement {agreement_id}", advice="record one: limen consent new", reason="no_agreement"
        )
    if agreement.subject_id is not None:
        raise RefusedError(
            f"agreement {agreement_id} belongs to another enrolment",
            advice="every person agrees separately: limen consent new",
            reason="agreement_taken",
        )
    if not agreement.is_live(at=now):
        raise RefusedError(
            f"agreement {agreement_id} has expired", advice="ask the person again", reason="agreement_expired"
        )
    trial = store.site_kind is SiteKind.TRIAL
    if agreement.how is GivenHow.SIMULATED and not trial:
        raise RefusedError(
            "a simulated agreement counts in trial folders only",
            advice="let the person agree in person",
            reason="agreement_simulated",
        )
    if trial and people >= TRIAL_PEOPLE:
        raise RefusedError(
            f"a trial folder holds at most {TRIAL_PEOPLE} people",
            advice="withdraw somebody, or make a live folder: limen site new --kind live",
            reason="trial_full",
        )
    return agreement


@contextmanager
def captured(frames: Sequence[Frame], *, vision: Vision, comparer: Comparer) -> Iterator[tuple[Probe, ...]]:
    """(4) and (5): one probe a picture, wiped at the end of the block.

    Raises:
        RefusedError: one of them does not hold.
    """
    probes: list[Probe] = []
    try:
        for frame in frames:
            probes.append(only_face(vision, frame))
            _check_bare(probes[-1], frame)
        for first, second in itertools.combinations(range(len(probes)), 2):
            if comparer.compare(probes[first], probes[second]).fmr > _SAME_PERSON_FMR:
                raise RefusedError(
                    f"{frames[first].source} and {frames[second].source} do not seem to show one person",
                    advice="give pictures of one person, taken lately",
                    reason="different_people",
                )
        yield tuple(probes)
    finally:
        for probe in probes:
            probe.wipe()


def mean_template(probes: Sequence[Probe]) -> NDArray[np.float32]:
    """The one template of several pictures, float32 (d,), unit norm: the direction of their mean."""
    mean = np.mean([probe.embedding.astype(np.float64) for probe in probes], axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def carrier(unit: UnitOfWork, *, name: str, kind: TemplateKind, agreement_id: AgreementId, now: datetime) -> Subject:
    """Store a new person of whom the site keeps no reference, in an open unit of work.

    Raises:
        LedgerError: the agreement became another's since it was checked.
    """
    subject_id = SubjectId(new_id("s"))
    unit.agreements.bind(agreement_id, subject_id)
    agreement = unit.agreements.get(agreement_id)
    assert agreement is not None  # bind has just found it
    subject = Subject(
        subject_id=subject_id,
        name=name.strip(),
        kind=kind,
        agreement=agreement,
        enrolled_at=now,
        n_references=0,
        confirmed=True,
    )
    unit.subjects.add(subject, [])
    return subject


def reference_of(
    probe: Probe, *, gallery: Gallery, subject_id: SubjectId, expires_at: datetime, confirmed: bool
) -> Reference:
    """A reference for the hands-free list, protected."""
    vector, scheme_id = gallery.protect(probe.embedding)
    return Reference(
        reference_id=ReferenceId(new_id("r")),
        subject_id=subject_id,
        vector=vector,
        model_id=probe.model_id,
        scheme_id=scheme_id,
        mask=probe.mask.state if isinstance(probe.mask, MaskSeen) else MaskState.UNSURE,
        quality=probe.quality.unified,
        confirmed=confirmed,
        expires_at=expires_at,
    )


def _check_bare(probe: Probe, frame: Frame) -> None:
    """A template is of a bare face: one such serves bare and masked, a masked one serves neither well."""
    if isinstance(probe.mask, MaskSeen) and probe.mask.state in (MaskState.WORN, MaskState.INCORRECT):
        raise RefusedError(
            f"{frame.source}: a mask is worn on it",
            advice="please take it off for a moment, at home or in private; the door will then know you with it, too",
            reason="mask_worn",
        )
