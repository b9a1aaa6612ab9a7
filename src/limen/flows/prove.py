"""prove: one agreement with all that shows it was given, signed by the site, for the person or for a court."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag, Statement
from limen.core.people import Agreement, AgreementId
from limen.core.ports import Clock, Store

__all__ = ["PROOF", "Prove", "agreement_document"]

PROOF = "limen-agreement-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prove:
    """Gives out the proof of one agreement; that it was given out is on record."""

    store: Store
    clock: Clock

    def __call__(self, agreement_id: AgreementId) -> Statement:
        """The record, signature, paper and witness, signed. The words themselves are found by their hash.

        Raises:
            RefusedError: there is no such agreement.
            StorageError: the audit record cannot be written; then nothing is given out.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            agreement = unit.agreements.get(agreement_id)
            if agreement is None:
                raise RefusedError(
                    f"there is no agreement {agreement_id}", advice="see `limen consent show`", reason="no_agreement"
                )
            proof = unit.agreements.proof(agreement_id)
            enrolled = agreement.subject_id is not None and unit.subjects.get(agreement.subject_id) is not None
            alias = unit.subjects.alias(agreement.subject_id) if enrolled and agreement.subject_id else None
            unit.audit.append(AuditTag.AGREEMENT_EXPORTED, at=now, alias=alias, detail={})
            told = {
                "statement": PROOF,
                "at": now.isoformat(),
                "agreement": agreement_document(agreement),
                "proof": None if proof is None else asdict(proof),
            }
            statement = unit.audit.sign(told)
            unit.commit()
        return statement


def agreement_document(agreement: Agreement) -> dict[str, str | None]:
    """An agreement record as JSON values."""
    return {
        "agreement_id": agreement.agreement_id,
        "text_version": agreement.text_version,
        "text_sha256": agreement.text_sha256,
        "language": agreement.language,
        "how": agreement.how.value,
        "given_at": agreement.given_at.isoformat(),
        "expires_at": agreement.expires_at.isoformat(),
        "purpose": agreement.purpose or None,
        "subject_id": agreement.subject_id,
    }
