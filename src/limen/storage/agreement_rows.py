"""An agreement as a row: two rooms read it (the ledger keeps it, the gallery shows whose it is), here is how.

Rule kept: the row is in clear, so that a data-protection officer can read it with any tool, and authenticated, so that
nobody without the site key extends an expiry or gives one person's agreement to another.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from limen.core.errors import LedgerError
from limen.core.people import Agreement, AgreementId, GivenHow, SubjectId
from limen.storage.failures import reading
from limen.storage.schema import agreements, utc_text
from limen.storage.vault import Vault, associated

__all__ = ["AGREEMENT_COLUMNS", "agreement_of", "agreement_values", "proof_bound"]

AGREEMENT_COLUMNS = (
    agreements.c.row_id.label("agreement_row"),
    agreements.c.agreement_id,
    agreements.c.text_version,
    agreements.c.text_sha256,
    agreements.c.language,
    agreements.c.how,
    agreements.c.given_at,
    agreements.c.expires_at,
    agreements.c.subject_id.label("agreement_subject"),
    agreements.c.seal,
    agreements.c.purpose,
)
"""What `agreement_of` needs to find in a row."""


def agreement_values(agreement: Agreement, *, vault: Vault) -> dict[str, str | bytes | None]:
    """The columns of an agreement, its seal among them."""
    values: dict[str, str | bytes | None] = {
        "agreement_id": agreement.agreement_id,
        "text_version": agreement.text_version,
        "text_sha256": agreement.text_sha256,
        "language": agreement.language,
        "how": agreement.how.value,
        "given_at": utc_text(agreement.given_at),
        "expires_at": utc_text(agreement.expires_at),
        "subject_id": agreement.subject_id,
        "purpose": agreement.purpose or None,
    }
    return values | {"seal": _seal(agreement, vault=vault)}


def agreement_of(row: Row[Any], *, vault: Vault) -> Agreement:  # rows are typed by their query, not here
    """The agreement in a row that has ``AGREEMENT_COLUMNS``.

    Raises:
        LedgerError: the row was altered.
        StorageError: the row holds what no agreement can hold.
    """
    with reading("agreements"):
        agreement = Agreement(
            agreement_id=AgreementId(row.agreement_id),
            text_version=row.text_version,
            text_sha256=row.text_sha256,
            language=row.language,
            how=GivenHow(row.how),
            given_at=datetime.fromisoformat(row.given_at),
            expires_at=datetime.fromisoformat(row.expires_at),
            subject_id=None if row.agreement_subject is None else SubjectId(row.agreement_subject),
            purpose=row.purpose or "",
        )
        if row.seal != _seal(agreement, vault=vault):
            raise LedgerError(
                f"agreements row {row.agreement_row} was altered",
                advice="restore the data folder from a backup, and ask who had access to it",
            )
    return agreement


def proof_bound(agreement_id: AgreementId) -> bytes:
    """What the seal of a proof binds."""
    return associated("proof", agreement_id)


def _seal(agreement: Agreement, *, vault: Vault) -> bytes:
    parts: tuple[str, ...] = (
        agreement.agreement_id,
        agreement.text_version,
        agreement.text_sha256,
        agreement.language,
        agreement.how.value,
        utc_text(agreement.given_at),
        utc_text(agreement.expires_at),
        agreement.subject_id or "",
    )
    if agreement.purpose:  # a record without one is sealed as it was before there were purposes
        parts += (agreement.purpose,)
    return vault.record_mac(associated("agreement", *parts))
