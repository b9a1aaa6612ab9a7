"""What the ledger keeps: audit records, receipts. Both say what happened; neither names anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = [
    "AuditRecord",
    "AuditTag",
    "AuditVerdict",
    "Detail",
    "KeptHead",
    "Receipt",
    "ReceiptItem",
    "Statement",
]

Detail = Mapping[str, str | int | float | bool | None]

Statement = Mapping[str, object]
"""What a site signs (a checkpoint, a digest, a receipt): JSON values, with ``site``, ``key`` and ``signature``."""


class AuditTag(StrEnum):
    """Everything the ledger can say: source:subject:action. A closed list; docs/reference/audit.md explains each."""

    SITE_CREATED = "operator:site:created"
    AGREEMENT_RECORDED = "operator:agreement:recorded"
    AGREEMENT_RENEWED = "operator:agreement:renewed"
    AGREEMENT_EXPIRED = "clock:agreement:expired"
    AGREEMENT_EXPORTED = "operator:agreement:exported"
    INVITATION_IMPORTED = "operator:invitation:imported"
    INVITATION_EXPIRED = "clock:invitation:expired"
    SUBJECT_ENROLLED = "operator:subject:enrolled"
    SUBJECT_CONFIRMED = "operator:subject:confirmed"
    SUBJECT_RECAPTURED = "operator:subject:recaptured"
    SUBJECT_WITHDRAWN = "operator:subject:withdrawn"
    SUBJECT_EXPIRED = "clock:subject:expired"
    SUBJECT_EXPORTED = "operator:subject:exported"
    CODE_ISSUED = "operator:subject:code_issued"
    ERASURE_REPLAYED = "operator:subject:erasure_replayed"
    SITE_BACKED_UP = "operator:site:backed_up"
    SITE_RESTORED = "operator:site:restored"
    OPERATOR_ADDED = "operator:operator:added"
    OPERATOR_REMOVED = "operator:operator:removed"
    ACT_APPROVED = "operator:act:approved"
    SITE_KEY_ROTATED = "operator:site:key_rotated"
    PASS_ISSUED = "operator:pass:issued"  # noqa: S105  a face pass, not a password
    PASS_REVOKED = "operator:pass:revoked"  # noqa: S105  as above
    PASS_KEYS_ROTATED = "operator:pass_keys:rotated"  # noqa: S105  as above
    BADGE_PIN_LOCKED = "door:badge:pin_locked"
    BADGE_UNLOCKED = "operator:badge:unlocked"
    DUPLICATE_CHECKED = "operator:gallery:duplicate_checked"
    RIGHTS_CHANGED = "operator:subject:rights_changed"
    INCIDENT_OPENED = "operator:incident:opened"
    INCIDENT_CLOSED = "operator:incident:closed"
    EVENT_ASKED = "operator:event:asked_for"
    EVENT_APPROVED = "operator:event:approved"
    EVENT_OPENED = "operator:event:opened"
    ALARM_ACKNOWLEDGED = "operator:alarm:acknowledged"
    RULES_CHANGED = "operator:rules:changed"
    PEOPLE_INVITED = "operator:people:invited"
    DOOR_DECIDED = "door:attempt:decided"
    DOOR_FORCED = "door:contact:forced_open"
    DOOR_HELD = "door:contact:held_open"
    DOOR_TAMPERED = "door:contact:tampered"
    DOOR_OPENED = "operator:door:opened"
    DOOR_CLEARED = "operator:door:cleared"
    DOOR_STANDING = "operator:door:standing_changed"
    DOOR_EMPTIED = "operator:door:count_reset"
    ACCOUNT_ADDED = "operator:account:added"
    ACCOUNT_CHANGED = "operator:account:changed"
    ACCOUNT_REMOVED = "operator:account:removed"
    ACCOUNT_LOCKED = "service:account:locked"
    TOKEN_MADE = "operator:token:made"  # noqa: S105  what happened, not a token
    TOKEN_REVOKED = "operator:token:revoked"  # noqa: S105  as above
    DEVICE_OFFERED = "operator:device:offered"
    DEVICE_PAIRED = "device:device:paired"
    DEVICE_REVOKED = "operator:device:revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One link of the chain.

    Attributes:
        sequence: 1, 2, 3, … without a gap.
        at: UTC.
        tag: what happened.
        alias: stands for a person, keyed by the person's own key: after withdrawal nobody can tell whose it was.
            None where no person is meant.
        detail: small facts; never names, ids of people, pixels or templates.
        previous: the digest of the record before (64 hexadecimal digits; zeros for the first).
        digest: HMAC-SHA-256 under the site's audit key of everything above, hexadecimal.
    """

    sequence: int
    at: datetime
    tag: AuditTag
    alias: str | None
    detail: Detail
    previous: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHead:
    """How far the chain was when a checkpoint left the site.

    Attributes:
        n_records: how many records there were; 1 or more.
        digest: of the last of them, 64 hexadecimal digits.
    """

    n_records: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerdict:
    """What checking the chain found.

    Attributes:
        n_records: records read.
        broken_at: sequence number of the first record that does not hold, or None.
        problem: what is wrong there, or None.
        head: digest of the last good record; keep it elsewhere to be able to prove a cut-off end.
        not_covered: what this check cannot vouch for, in sentences.
    """

    n_records: int
    broken_at: int | None
    problem: str | None
    head: str
    not_covered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptItem:
    """One kind of thing in a receipt: how many, and for what stays: until when and why."""

    what: str
    count: int
    until: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a withdrawal has destroyed and what stays.

    Attributes:
        receipt_id: random id.
        at: UTC.
        gone: destroyed in this transaction.
        stays: kept, until when and why.
        audit_digest: digest of the audit record of this withdrawal.
        statement: all of it, signed by the site; `Attest.receipt` says later whether it holds.
    """

    receipt_id: str
    at: datetime
    gone: tuple[ReceiptItem, ...]
    stays: tuple[ReceiptItem, ...]
    audit_digest: str
    statement: Statement
