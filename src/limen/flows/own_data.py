"""own_data: what is held about one person, for that person's own page: everything but the templates' numbers.

Reading it is not on record: it is the person who reads. Who else looked is part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from limen.core.ledger import AuditRecord, AuditTag
from limen.core.passes import PassRecord
from limen.core.people import AgreementProof, Rights, Subject, SubjectId
from limen.core.ports import Store
from limen.flows.somebody import somebody

__all__ = ["OwnData", "ReadOwnData"]

_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """What is held about one person.

    Attributes:
        subject: the person, with the agreement.
        proof: what shows that it was given, or None.
        rights: what is laid down at doors.
        inside: whether the person counts as inside.
        passes: face passes, without templates.
        story: the newest 300 records of the chain about the person, newest first.
    """

    subject: Subject
    proof: AgreementProof | None = field(repr=False)
    rights: Rights
    inside: bool
    passes: tuple[PassRecord, ...]
    story: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOwnData:
    """Reads what is held about one person."""

    store: Store

    def __call__(self, subject_id: SubjectId) -> OwnData:
        """All of it.

        Raises:
            RefusedError: there is no such person.
        """
        with self.store.read() as unit:
            subject = somebody(unit, subject_id)
            alias = unit.subjects.alias(subject_id)
            return OwnData(
                subject=subject,
                proof=unit.agreements.proof(subject.agreement.agreement_id),
                rights=unit.rights.get(subject_id),
                inside=unit.doors.inside(subject_id),
                passes=tuple(unit.passes.of(subject_id)),
                story=unit.audit.latest(frozenset(AuditTag), most=_MOST, alias=alias),
            )
