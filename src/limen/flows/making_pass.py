"""making_pass: one new pass for a person, inside an open unit of work; what issuing and renewing share.

Rules kept: a pass ends with the agreement at the latest (it holds whole hours, so its beginning may lie up to an hour
back); whoever gets a new one has no other that still holds; the
pass itself is given to the caller and kept nowhere.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag, Detail
from limen.core.pass_ports import PassCodec
from limen.core.passes import PassId, PassRecord, PassTerms
from limen.core.people import Subject
from limen.core.ports import UnitOfWork
from limen.core.probe import ModelId

__all__ = ["Issued", "PassPlan", "make_pass"]

_ID_BYTES = 8
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassPlan:
    """What a pass is to be.

    Attributes:
        validity: how long it is asked to hold.
        host: whom a visitor sees; empty for others.
    """

    validity: timedelta
    host: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A pass for its holder.

    Attributes:
        subject: the holder.
        record: what the site keeps of it.
        code: the pass itself, to be handed over and forgotten.
        qualities: unified quality of each picture it was made from.
        revoked: how many earlier passes it replaces.
    """

    subject: Subject
    record: PassRecord
    code: bytes = field(repr=False)
    qualities: tuple[int, ...]
    revoked: int


def make_pass(
    unit: UnitOfWork,
    vector: NDArray[np.float32],
    *,
    codec: PassCodec,
    subject: Subject,
    model_id: ModelId,
    plan: PassPlan,
    now: datetime,
) -> tuple[PassRecord, bytes, int]:
    """Make a pass, revoke the holder's others, record both; the caller commits.

    Returns:
        What the site keeps, the pass, and how many were revoked.

    Raises:
        RefusedError: the agreement ends at once, or the model's templates are too long.
    """
    valid_until = min(now + plan.validity, subject.agreement.expires_at).replace(microsecond=0)
    hours = math.ceil((valid_until - now) / _HOUR)
    if hours < 1:
        raise RefusedError(
            "the agreement ends at once, so there is nothing a pass could hold for",
            advice="ask the person again, for longer: limen consent new",
            reason="pass_validity",
        )
    key = unit.passes.key(at=now)
    terms = PassTerms(
        pass_id=PassId(secrets.token_hex(_ID_BYTES)),
        valid_from=valid_until - hours * _HOUR,
        valid_until=valid_until,
        model_id=model_id,
        key_number=key.number,
    )
    code = codec.seal(vector, terms=terms, key=key)
    others = [item for item in unit.passes.of(subject.subject_id) if item.revoked_at is None]
    for other in others:
        unit.passes.revoke(other.terms.pass_id, at=now)
    record = PassRecord(terms=terms, subject_id=subject.subject_id, host=plan.host, revoked_at=None)
    unit.passes.add(record)
    detail: Detail = {"hours": hours, "key": key.number, "visitor": bool(plan.host), "replaces": len(others)}
    unit.audit.append(AuditTag.PASS_ISSUED, at=now, alias=unit.subjects.alias(subject.subject_id), detail=detail)
    return record, code, len(others)
