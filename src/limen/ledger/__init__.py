"""ledger: agreements and the append-only audit chain. It says what happened and proves that it was not changed."""

from __future__ import annotations

from limen.ledger.agreements import SqlAgreements
from limen.ledger.audit import SqlAudit
from limen.ledger.invitations import SqlInvitations
from limen.ledger.operators import SqlOperators, reseal_operators
from limen.ledger.texts import CURRENT, LANGUAGES, agreement_text, own_text

__all__ = [
    "CURRENT",
    "LANGUAGES",
    "SqlAgreements",
    "SqlAudit",
    "SqlInvitations",
    "SqlOperators",
    "agreement_text",
    "own_text",
    "reseal_operators",
]
