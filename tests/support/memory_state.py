"""What a store in memory holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from limen.core.accounts import Account, ApiToken, GivenAnswer, OneTimeLink, SessionRecord
from limen.core.devices import Device, DeviceId
from limen.core.door import Counted, DoorId, DoorRequest, Standing
from limen.core.incidents import EventOpening, Incident, IncidentId, OpeningId
from limen.core.ledger import AuditRecord
from limen.core.operators import Approved, OperatorId
from limen.core.passes import PassId, PassRecord, SealedTemplate, SiteSecret
from limen.core.people import (
    Agreement,
    AgreementId,
    AgreementProof,
    Invitation,
    InvitationId,
    Reference,
    ReferenceId,
    Rights,
    Subject,
    SubjectId,
)

__all__ = ["MemoryState"]


@dataclass(slots=True, kw_only=True)
class MemoryState:
    """Everything a store in memory holds; a transaction works on a copy."""

    subjects: dict[SubjectId, Subject] = field(default_factory=dict)
    keys: dict[SubjectId, bytes] = field(default_factory=dict)
    references: dict[ReferenceId, Reference] = field(default_factory=dict)
    agreements: dict[AgreementId, Agreement] = field(default_factory=dict)
    proofs: dict[AgreementId, AgreementProof] = field(default_factory=dict)
    codes: dict[SubjectId, str] = field(default_factory=dict)
    operators: dict[OperatorId, str] = field(default_factory=dict)
    approvals: dict[Approved, int] = field(default_factory=dict)
    devices: dict[DeviceId, tuple[Device, str]] = field(default_factory=dict)
    page_links: dict[SubjectId, str] = field(default_factory=dict)
    invitations: dict[InvitationId, tuple[Invitation, tuple[bytes, ...]]] = field(default_factory=dict)
    audit: list[AuditRecord] = field(default_factory=list)
    generation: int = 0
    pass_keys: tuple[SiteSecret, ...] = ()
    passes: dict[PassId, PassRecord] = field(default_factory=dict)
    pepper: SiteSecret | None = None
    sealed: dict[bytes, SealedTemplate] = field(default_factory=dict)
    rights: dict[SubjectId, Rights] = field(default_factory=dict)
    standings: dict[DoorId, Standing] = field(default_factory=dict)
    leaves: dict[DoorId, tuple[bool, datetime]] = field(default_factory=dict)
    inside: frozenset[SubjectId] = frozenset()
    people_inside: int = 0
    counts: dict[tuple[DoorId, datetime, Counted], int] = field(default_factory=dict)
    requests: tuple[DoorRequest, ...] = ()
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    openings: dict[OpeningId, EventOpening] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, SessionRecord] = field(default_factory=dict)
    tokens: dict[str, ApiToken] = field(default_factory=dict)
    links: dict[str, OneTimeLink] = field(default_factory=dict)
    answers: dict[str, GivenAnswer] = field(default_factory=dict)

    def copy(self) -> MemoryState:
        """All of it, to be changed without changing this."""
        return MemoryState(
            subjects=dict(self.subjects),
            keys=dict(self.keys),
            references=dict(self.references),
            agreements=dict(self.agreements),
            proofs=dict(self.proofs),
            codes=dict(self.codes),
            invitations=dict(self.invitations),
            operators=dict(self.operators),
            approvals=dict(self.approvals),
            devices=dict(self.devices),
            page_links=dict(self.page_links),
            audit=list(self.audit),
            generation=self.generation,
            pass_keys=self.pass_keys,
            passes=dict(self.passes),
            pepper=self.pepper,
            sealed=dict(self.sealed),
            rights=dict(self.rights),
            standings=dict(self.standings),
            leaves=dict(self.leaves),
            inside=self.inside,
            people_inside=self.people_inside,
            counts=dict(self.counts),
            requests=self.requests,
            incidents=dict(self.incidents),
            openings=dict(self.openings),
            accounts=dict(self.accounts),
            sessions=dict(self.sessions),
            tokens=dict(self.tokens),
            links=dict(self.links),
            answers=dict(self.answers),
        )
