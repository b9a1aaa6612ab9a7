"""open_pass: a code that was presented -> an opened pass that holds now, or why it does not.

The order of gates:
 (1) to (6) it is a pass of this site, under a key that is accepted, unaltered, of a known model (`PassCodec.open`);
 (7) it holds already, and still does;
 (8) the site knows it, has not revoked it, and its holder has not withdrawn;
 (9) its holder's agreement is live.
A pass that the site does not know is refused as revoked: of somebody who withdrew, nothing is kept that could say more.
Not checked here: the face. That is `limen.flows.present`.
"""

from __future__ import annotations

from datetime import datetime

from limen.core.match import UnknownReason
from limen.core.pass_ports import PassCodec
from limen.core.passes import FacePass, PassRecord, PassTerms
from limen.core.people import SubjectId
from limen.core.ports import UnitOfWork

__all__ = ["open_pass", "standing"]


def open_pass(
    unit: UnitOfWork, raw: bytes, *, codec: PassCodec, at: datetime, ended_too: bool = False
) -> tuple[FacePass, PassRecord] | UnknownReason:
    """Open a pass; whoever gets it wipes it.

    Args:
        unit: may be a view.
        raw: bytes of a code.
        codec: of the site.
        at: the moment that counts.
        ended_too: take one that has ended as well (to renew it).
    """
    opened = codec.open(raw, keys=unit.passes.keys(at=at))  # (1) to (6)
    if isinstance(opened, UnknownReason):
        return opened
    record = unit.passes.get(opened.terms.pass_id)
    refused = _too_early_or_late(opened.terms, at=at, ended_too=ended_too)  # (7)
    if refused is None and (record is None or record.revoked_at is not None):  # (8)
        refused = UnknownReason.PASS_REVOKED
    if refused is None and record is not None:  # (8), (9)
        refused = standing(unit, record.subject_id, at=at, gone=UnknownReason.PASS_REVOKED)
    if refused is not None or record is None:
        opened.wipe()
        return refused or UnknownReason.PASS_REVOKED
    return opened, record


def standing(unit: UnitOfWork, subject_id: SubjectId, *, at: datetime, gone: UnknownReason) -> UnknownReason | None:
    """Whether a person may be recognised at all at a moment: why not, or None.

    Args:
        unit: may be a view.
        subject_id: who.
        at: the moment.
        gone: what to call it when the person has withdrawn.
    """
    subject = unit.subjects.get(subject_id)
    if subject is None or unit.audit.is_gone(unit.subjects.alias(subject_id)):
        return gone
    return None if subject.agreement.is_live(at=at) else UnknownReason.NO_LIVE_AGREEMENT


def _too_early_or_late(terms: PassTerms, *, at: datetime, ended_too: bool) -> UnknownReason | None:
    if at < terms.valid_from:
        return UnknownReason.PASS_NOT_YET_VALID
    return UnknownReason.PASS_EXPIRED if at >= terms.valid_until and not ended_too else None
