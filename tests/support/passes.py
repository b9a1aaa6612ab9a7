"""Passes, keys and badges that exist only in tests.

How to use: ``key = make_secret(1)``; ``code = make_codec().seal(unit(1), terms=make_terms(), key=key)``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from limen.core.passes import PassId, PassRecord, PassTerms, SealedTemplate, SiteSecret
from limen.core.people import Subject, SubjectId, TemplateKind
from limen.core.ports import UnitOfWork
from limen.gallery.passes import SealedCodec
from support.clock import NOON
from support.people import make_person
from support.vision import TEST_MODEL

__all__ = ["SITE_TAG", "carrier", "make_codec", "make_record", "make_sealed", "make_secret", "make_terms"]

SITE_TAG = b"\x01\x02\x03\x04"


def make_secret(number: int = 1) -> SiteSecret:
    """A secret that is the same in every test."""
    return SiteSecret(number=number, secret=sha256(bytes([number])).digest(), made_at=NOON, accepted_until=None)


def make_terms(
    pass_id: str = "0123456789abcdef",  # noqa: S107  an alias
    *,
    valid_from: datetime = NOON,
    hours: int = 24,
    key_number: int = 1,
) -> PassTerms:
    """Terms from noon on, for a day."""
    return PassTerms(
        pass_id=PassId(pass_id),
        valid_from=valid_from,
        valid_until=valid_from + timedelta(hours=hours),
        model_id=TEST_MODEL,
        key_number=key_number,
    )


def make_codec(site_tag: bytes = SITE_TAG) -> SealedCodec:
    """A codec for the test model."""
    return SealedCodec(site_tag, models=[TEST_MODEL])


def carrier(unit: UnitOfWork, *, kind: TemplateKind = TemplateKind.PASS, name: str = "Ada") -> Subject:
    """Somebody of whom the site keeps no reference, stored in an open unit of work."""
    subject = replace(make_person(name, n_references=0)[0], kind=kind, confirmed=True)
    unit.agreements.add(subject.agreement)
    unit.subjects.add(subject, [])
    return subject


def make_record(subject_id: SubjectId, *, pass_id: str = "0123456789abcdef", host: str = "") -> PassRecord:  # noqa: S107
    """What is kept of a pass."""
    return PassRecord(terms=make_terms(pass_id), subject_id=subject_id, host=host, revoked_at=None)


def make_sealed(subject_id: SubjectId, *, locator: bytes = b"8 bytes.", locked: bytes = b"x" * 156) -> SealedTemplate:
    """A locked template."""
    return SealedTemplate(locator=locator, subject_id=subject_id, model_id=TEST_MODEL, with_pin=False, locked=locked)
