"""A live site with any number of people who do not exist, made with the ports that enrolment uses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import DOOR, Site, build_vision, open_site
from limen.core.ledger import AuditTag
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
from limen.core.ports import UnitOfWork
from limen.core.probe import MaskState
from limen.evaluation.speed import door_frame
from limen.frames.drawn import PERSON, draw_face

__all__ = ["enrol_row", "fill"]

_BLOCK_PEOPLE = 1000
_LEFT = 20


def fill(folder: Path, *, people: int, references: int, seed: int) -> None:
    """Make a live site in which ``people`` are enrolled, a drawn face among them, and a few more have withdrawn."""
    with open_site(folder, create=SiteKind.LIVE) as site:
        drawn = _drawn_face(site)
        last: list[SubjectId] = []
        for rows in _people(people - 1 + _LEFT, references=references, dimensions=len(drawn), seed=seed):
            with site.store.begin() as unit:
                last = [_enrol(site, unit, person) for person in rows]
                unit.commit()
            print(f"\r{unit_count(site)}", end="", file=sys.stderr)
        for subject_id in last[-_LEFT:]:
            site.withdraw(subject_id)
        with site.store.begin() as unit:
            _enrol(site, unit, drawn[None])
            unit.commit()


def enrol_row(site: Site, embeddings: NDArray[np.float32]) -> SubjectId:
    """Enrol one person in a transaction of its own.

    Args:
        site: open.
        embeddings: float32 (n, d), unit length.
    """
    with site.store.begin() as unit:
        subject_id = _enrol(site, unit, embeddings)
        unit.commit()
    return subject_id


def unit_count(site: Site) -> int:
    """How many people are enrolled."""
    with site.store.read() as unit:
        return unit.subjects.count()


def _people(count: int, *, references: int, dimensions: int, seed: int) -> Iterator[NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    for start in range(0, count, _BLOCK_PEOPLE):
        size = (min(_BLOCK_PEOPLE, count - start), references, dimensions)
        rows = rng.standard_normal(size)
        yield np.asarray(rows / np.linalg.norm(rows, axis=2, keepdims=True), dtype=np.float32)


def _drawn_face(site: Site) -> NDArray[np.float32]:
    vision = build_vision(site.settings, site.calibration, options=DOOR)
    frame = door_frame(draw_face(PERSON))
    (probe,), _ = vision.assess(frame, vision.detect(frame))
    return np.array(probe.embedding)


def _enrol(site: Site, unit: UnitOfWork, embeddings: NDArray[np.float32]) -> SubjectId:
    subject_id, now = SubjectId(new_id("s")), site.clock.now()
    agreement = Agreement(
        agreement_id=AgreementId(new_id("a")),
        text_version="2026-11",
        text_sha256="00" * 32,
        language="en",
        how=GivenHow.IN_PERSON_SCREEN,
        given_at=now,
        expires_at=now + timedelta(days=365),
        subject_id=subject_id,
    )
    templates = [_reference(site, agreement, embedding) for embedding in embeddings]
    subject = Subject(
        subject_id=subject_id,
        name="nobody",
        kind=TemplateKind.GALLERY,
        agreement=agreement,
        enrolled_at=now,
        n_references=len(templates),
        confirmed=True,
    )
    unit.agreements.add(agreement)
    unit.subjects.add(subject, templates)
    unit.audit.append(AuditTag.SUBJECT_ENROLLED, at=now, alias=unit.subjects.alias(subject_id), detail={})
    return subject_id


def _reference(site: Site, agreement: Agreement, embedding: NDArray[np.float32]) -> Reference:
    assert agreement.subject_id is not None
    vector, scheme = site.gallery.protect(embedding)
    return Reference(
        reference_id=ReferenceId(new_id("r")),
        subject_id=agreement.subject_id,
        vector=vector,
        model_id=site.calibration.model_id,
        scheme_id=scheme,
        mask=MaskState.NONE,
        quality=80,
        confirmed=True,
        expires_at=agreement.expires_at,
    )
