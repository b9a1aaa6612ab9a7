"""People who exist only in tests: an agreement, a subject, and random unit vectors for references."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from limen.core.people import (
    Agreement,
    AgreementId,
    GivenHow,
    Reference,
    ReferenceId,
    Subject,
    SubjectId,
    TemplateKind,
    new_id,
)
from limen.core.ports import UnitOfWork
from limen.core.probe import MaskState, ModelId
from support.clock import NOON

__all__ = ["enrol", "make_agreement", "make_person"]

_DIMENSIONS = 128


def make_agreement(subject_id: SubjectId | None = None, *, days: int = 365) -> Agreement:
    """A simulated agreement given at noon."""
    return Agreement(
        agreement_id=AgreementId(new_id("a")),
        text_version="2026-11",
        text_sha256="ab" * 32,
        language="en",
        how=GivenHow.SIMULATED,
        given_at=NOON,
        expires_at=NOON + timedelta(days=days),
        subject_id=subject_id,
    )


def make_person(
    name: str = "Ada", *, n_references: int = 2, confirmed: bool = True, seed: int = 0
) -> tuple[Subject, tuple[Reference, ...]]:
    """A subject with an agreement of its own and ``n_references`` random references."""
    subject_id = SubjectId(new_id("s"))
    agreement = make_agreement(subject_id)
    vectors = np.random.default_rng(seed).standard_normal((n_references, _DIMENSIONS)).astype(np.float32)
    references = tuple(
        Reference(
            reference_id=ReferenceId(new_id("r")),
            subject_id=subject_id,
            vector=vector / np.linalg.norm(vector),
            model_id=ModelId("test-model@0"),
            scheme_id="test-scheme",
            mask=MaskState.NONE,
            quality=73,
            confirmed=confirmed,
            expires_at=agreement.expires_at,
        )
        for vector in vectors
    )
    subject = Subject(
        subject_id=subject_id,
        name=name,
        kind=TemplateKind.GALLERY,
        agreement=agreement,
        enrolled_at=NOON,
        n_references=n_references,
        confirmed=confirmed and n_references > 0,
    )
    return subject, references


def enrol(unit: UnitOfWork, subject: Subject, references: tuple[Reference, ...]) -> None:
    """Store agreement, person and references in an open unit of work; the caller commits."""
    unit.agreements.add(subject.agreement)
    unit.subjects.add(subject, references)
