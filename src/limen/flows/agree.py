"""agree: record that a person has agreed, before anything about the person is computed or kept; and renew it.

How an agreement is given decides what has to show it, in a live folder: at a screen with an operator nothing more than
the record; alone at a screen (self service) the person's signature, typed or drawn; on paper where the paper is, and a
second operator who has seen it. That the person is an adult is part of the words agreed to; no record says it. A
refusal is not recorded at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import (
    Agreement,
    AgreementId,
    AgreementProof,
    AgreementText,
    GivenHow,
    SiteKind,
    SubjectId,
    new_id,
)
from limen.core.ports import Clock, Store, UnitOfWork

__all__ = ["MAX_VALIDITY", "Agree", "Renew"]

MAX_VALIDITY = timedelta(days=3 * 366)

_LONGEST = 200
_DRAWN = re.compile(r"[MLHVCSQTAZmlhvcsqtaz0-9eE\s,.+-]{1,50000}")
"""The data of an SVG path: commands and numbers, nothing that could be run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """Records agreements.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def __call__(
        self,
        text: AgreementText,
        *,
        how: GivenHow,
        validity: timedelta,
        purpose: str = "",
        proof: AgreementProof | None = None,
    ) -> Agreement:
        """Store one agreement record, not yet tied to anybody.

        Args:
            text: the words agreed to.
            how: in person, by self service, or simulated (trial folders only).
            validity: how long it holds, at most three years.
            purpose: what the person was told it is for.
            proof: what shows that it was given; kept encrypted.

        Raises:
            RefusedError: simulated in a live folder, a validity out of range, or not shown as it has to be; nothing
                was written.
            StorageError: the store cannot be written.
        """
        now = self.clock.now()
        _check(self.store.site_kind, how=how, validity=validity, purpose=purpose, proof=proof)
        agreement = _new(text, how=how, at=now, validity=validity, purpose=purpose)
        with self.store.begin() as unit:
            unit.agreements.add(agreement, proof=proof)
            _record(unit, AuditTag.AGREEMENT_RECORDED, agreement, alias=None)
            unit.commit()
        return agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """Lets an enrolled person agree anew: templates stay, the new record takes the place of the old."""

    store: Store
    clock: Clock

    def __call__(
        self,
        agreement_id: AgreementId,
        text: AgreementText,
        *,
        how: GivenHow,
        validity: timedelta,
        proof: AgreementProof | None = None,
    ) -> Agreement:
        """Rest a person on a new agreement, for the same purpose.

        Args:
            agreement_id: the record to renew; it must hold still and carry an enrolment.
            text: the words agreed to now.
            how: as in `Agree`.
            validity: from now.
            proof: as in `Agree`.

        Raises:
            RefusedError: as in `Agree`, or there is no such agreement, it has ended, or nobody is enrolled by it.
            StorageError: the store cannot be written; nothing was changed.
        """
        now = self.clock.now()
        _check(self.store.site_kind, how=how, validity=validity, purpose="", proof=proof)
        with self.store.begin() as unit:
            old, subject_id = _renewable(unit, agreement_id, now)
            agreement = _new(text, how=how, at=now, validity=validity, purpose=old.purpose)
            unit.agreements.add(agreement, proof=proof)
            unit.agreements.bind(agreement.agreement_id, subject_id)
            bound = unit.agreements.get(agreement.agreement_id)
            assert bound is not None  # added a moment ago
            unit.subjects.renew(subject_id, bound)
            unit.agreements.destroy(agreement_id)
            _record(unit, AuditTag.AGREEMENT_RENEWED, bound, alias=unit.subjects.alias(subject_id))
            unit.commit(scrub=True)
        return bound


def _renewable(unit: UnitOfWork, agreement_id: AgreementId, now: datetime) -> tuple[Agreement, SubjectId]:
    old = unit.agreements.get(agreement_id)
    if old is None:
        raise RefusedError(
            f"there is no agreement {agreement_id}", advice="see `limen consent show`", reason="no_agreement"
        )
    if not old.is_live(at=now):
        raise RefusedError(
            f"agreement {agreement_id} has expired", advice="ask the person again", reason="agreement_expired"
        )
    if old.subject_id is None or unit.subjects.get(old.subject_id) is None:
        raise RefusedError(
            f"nobody is enrolled by agreement {agreement_id}",
            advice="enrol the person, or record a new one: limen consent new",
            reason="agreement_unused",
        )
    return old, old.subject_id


def _check(kind: SiteKind, *, how: GivenHow, validity: timedelta, purpose: str, proof: AgreementProof | None) -> None:
    if how is GivenHow.SIMULATED and kind is not SiteKind.TRIAL:
        raise RefusedError(
            "a live folder takes no simulated agreement",
            advice="let the person agree in person: limen consent new --how in_person_screen",
            reason="agreement_simulated",
        )
    if not timedelta(0) < validity <= MAX_VALIDITY:
        raise RefusedError(
            f"an agreement may hold from one day to {MAX_VALIDITY.days} days, not {validity.days}",
            advice="choose a shorter validity; people can renew",
            reason="agreement_validity",
        )
    given = proof or AgreementProof()
    _check_words(purpose, given)
    if kind is SiteKind.LIVE:
        _check_shown(how, given)


def _check_words(purpose: str, proof: AgreementProof) -> None:
    """What is written down is short, and a drawing is a drawing."""
    words = (purpose, proof.typed or "", proof.paper_reference or "", proof.witness or "")
    if any(len(word) > _LONGEST or (word and not word.isprintable()) for word in words):
        raise RefusedError(
            f"purpose, signature, paper and witness have up to {_LONGEST} printable characters each",
            advice="shorten it",
            reason="agreement_proof",
        )
    if proof.drawn is not None and not _DRAWN.fullmatch(proof.drawn):
        raise RefusedError(
            "a drawn signature is the data of one SVG path", advice="for instance M 1 2 L 3 4", reason="agreement_proof"
        )


def _check_shown(how: GivenHow, proof: AgreementProof) -> None:
    if how is GivenHow.SELF_SERVICE and not (proof.typed or proof.drawn):
        raise RefusedError(
            "an agreement by self service needs the person's signature",
            advice="typed (--signature) or drawn (--signature-drawn)",
            reason="agreement_proof",
        )
    if how is GivenHow.IN_PERSON_PAPER and not (proof.paper_reference and proof.witness):
        raise RefusedError(
            "an agreement on paper needs the place of the paper and a second operator who has seen it",
            advice="--paper-reference REFERENCE --witness NAME",
            reason="agreement_proof",
        )


def _new(text: AgreementText, *, how: GivenHow, at: datetime, validity: timedelta, purpose: str) -> Agreement:
    return Agreement(
        agreement_id=AgreementId(new_id("a")),
        text_version=text.version,
        text_sha256=text.sha256,
        language=text.language,
        how=how,
        given_at=at,
        expires_at=at + validity,
        subject_id=None,
        purpose=purpose,
    )


def _record(unit: UnitOfWork, tag: AuditTag, agreement: Agreement, *, alias: str | None) -> None:
    detail = {"text_version": agreement.text_version, "language": agreement.language, "how": agreement.how.value}
    unit.audit.append(tag, at=agreement.given_at, alias=alias, detail=detail)
