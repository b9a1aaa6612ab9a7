"""A store in memory: what `limen.core.ports.Store` promises, without files, keys or SQL.

How to use: ``store = MemoryStore(clock=FakeClock())`` wherever a flow wants a Store. The contract suite holds it and
the SQLite store to the same facts.
"""

from __future__ import annotations

import copy
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np

from limen.core.door import Counted, Direction, DoorId, DoorRequest, HourCount, Standing
from limen.core.errors import LedgerError, RefusedError, StorageError
from limen.core.ledger import AuditRecord, AuditTag, AuditVerdict, Detail, KeptHead, Statement
from limen.core.operators import OperatorId
from limen.core.passes import PassId, PassRecord, SealedTemplate, SiteSecret
from limen.core.people import (
    Agreement,
    AgreementId,
    AgreementProof,
    Invitation,
    InvitationId,
    Reference,
    ReferenceBlock,
    ReferenceId,
    Rights,
    SiteKind,
    Subject,
    SubjectId,
    TemplateKind,
    new_id,
)
from limen.core.ports import Clock
from limen.ledger.audit import FIRST_PREVIOUS, canonical_detail

__all__ = ["MemoryStore", "MemoryUnitOfWork"]


@dataclass(slots=True, kw_only=True)
class _State:
    subjects: dict[SubjectId, Subject] = field(default_factory=dict)
    keys: dict[SubjectId, bytes] = field(default_factory=dict)
    references: dict[ReferenceId, Reference] = field(default_factory=dict)
    agreements: dict[AgreementId, Agreement] = field(default_factory=dict)
    proofs: dict[AgreementId, AgreementProof] = field(default_factory=dict)
    codes: dict[SubjectId, str] = field(default_factory=dict)
    operators: dict[OperatorId, str] = field(default_factory=dict)
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

    def copy(self) -> _State:
        return _State(
            subjects=dict(self.subjects),
            keys=dict(self.keys),
            references=dict(self.references),
            agreements=dict(self.agreements),
            proofs=dict(self.proofs),
            codes=dict(self.codes),
            invitations=dict(self.invitations),
            operators=dict(self.operators),
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
        )


class MemorySubjects:
    """Implements `limen.core.ports.SubjectStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, subject: Subject, references: Sequence[Reference]) -> None:
        """Store a person."""
        if references and subject.kind is not TemplateKind.GALLERY:
            raise ValueError("references: expected none of somebody who carries the template")
        confirmed = _confirmed(subject.kind, references)
        told = (subject.n_references, subject.confirmed)
        if told != (len(references), confirmed) or any(
            (reference.subject_id, reference.expires_at) != (subject.subject_id, subject.agreement.expires_at)
            for reference in references
        ):
            raise ValueError("references: expected what the subject says of them")
        if subject.subject_id in self._state.subjects:
            raise StorageError("enrolled already", advice="choose another id")
        self._state.subjects[subject.subject_id] = subject
        self._state.keys[subject.subject_id] = secrets.token_bytes(32)
        self._state.references |= {reference.reference_id: reference for reference in references}
        self._state.generation += 1

    def get(self, subject_id: SubjectId) -> Subject | None:
        """The person, or None."""
        subject = self._state.subjects.get(subject_id)
        return None if subject is None else self._now(subject)

    def count(self) -> int:
        """How many people are enrolled."""
        return len(self._state.subjects)

    def expired(self, *, at: datetime) -> tuple[SubjectId, ...]:
        """People whose agreement has ended."""
        return tuple(item.subject_id for item in self.all() if item.agreement.expires_at <= at)

    def unconfirmed(self, *, before: datetime) -> tuple[SubjectId, ...]:
        """People who never confirmed."""
        waiting = {reference.subject_id for reference in self._state.references.values() if not reference.confirmed}
        return tuple(s.subject_id for s in self.all() if s.enrolled_at <= before and s.subject_id in waiting)

    def all(self) -> tuple[Subject, ...]:
        """Everybody."""
        return tuple(self._now(subject) for subject in self._state.subjects.values())

    def references(self, *, known: frozenset[ReferenceId]) -> tuple[tuple[Reference, ...], frozenset[ReferenceId]]:
        """The references not known yet, and all ids."""
        held = self._state.references
        return tuple(reference for id_, reference in held.items() if id_ not in known), frozenset(held)

    def blocks(self, *, known: AbstractSet[ReferenceId]) -> tuple[Iterator[ReferenceBlock], frozenset[ReferenceId]]:
        """The same, a block for each."""
        fresh, present = self.references(known=frozenset(known))
        return (self._block(reference) for reference in fresh), present

    def confirm(self, subject_id: SubjectId) -> int:
        """Confirm all references, under new ids."""
        mine = self._of(subject_id)
        changed = [reference for reference in mine if not reference.confirmed]
        for old in changed:
            new = replace(old, reference_id=ReferenceId(new_id("r")), confirmed=True)
            del self._state.references[old.reference_id]
            self._state.references[new.reference_id] = new
        self._state.generation += bool(changed)
        return len(mine)

    def renew(self, subject_id: SubjectId, agreement: Agreement) -> int:
        """Rest a person on another agreement, references under new ids."""
        if subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.subjects[subject_id] = replace(self._state.subjects[subject_id], agreement=agreement)
        mine = self._of(subject_id)
        for old in mine:
            del self._state.references[old.reference_id]
            new = replace(old, reference_id=ReferenceId(new_id("r")), expires_at=agreement.expires_at)
            self._state.references[new.reference_id] = new
        self._state.generation += 1
        return len(mine)

    def destroy(self, subject_id: SubjectId) -> int:
        """Forget a person."""
        mine = self._of(subject_id)
        if self._state.subjects.pop(subject_id, None) is None:
            return 0
        del self._state.keys[subject_id]
        self._state.rights.pop(subject_id, None)
        self._state.inside -= {subject_id}
        self._state.codes.pop(subject_id, None)
        for reference in mine:
            del self._state.references[reference.reference_id]
        self._state.generation += 1
        theirs = [locator for locator, item in self._state.sealed.items() if item.subject_id == subject_id]
        for locator in theirs:
            del self._state.sealed[locator]
        for pass_id in [id_ for id_, item in self._state.passes.items() if item.subject_id == subject_id]:
            del self._state.passes[pass_id]
        return len(mine) + len(theirs)

    def issue_code(self, subject_id: SubjectId) -> str:
        """A new code, kept as it is: this store dies with the test."""
        if subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.codes[subject_id] = secrets.token_hex(8)
        return self._state.codes[subject_id]

    def redeem_code(self, subject_id: SubjectId, code: str) -> bool:
        """Whether it is the person's; then it is used up."""
        fits = self._state.codes.get(subject_id) == code
        if fits:
            del self._state.codes[subject_id]
        return fits

    def alias(self, subject_id: SubjectId) -> str:
        """The person's name in the chain."""
        if subject_id not in self._state.keys:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        return hmac.digest(self._state.keys[subject_id], b"alias", sha256).hex()[:32]

    def generation(self) -> int:
        """How often people or references changed."""
        return self._state.generation

    def _of(self, subject_id: SubjectId) -> list[Reference]:
        return [reference for reference in self._state.references.values() if reference.subject_id == subject_id]

    def _block(self, reference: Reference) -> ReferenceBlock:
        return ReferenceBlock(
            model_id=reference.model_id,
            reference_ids=(reference.reference_id,),
            subject_ids=(reference.subject_id,),
            aliases=frozenset({self.alias(reference.subject_id)}),
            vectors=reference.vector[None],
            confirmed=np.array([reference.confirmed]),
            expires_s=np.array([reference.expires_at.timestamp()]),
        )

    def _now(self, subject: Subject) -> Subject:
        mine = self._of(subject.subject_id)
        return replace(
            subject,
            agreement=self._state.agreements[subject.agreement.agreement_id],
            confirmed=_confirmed(subject.kind, mine),
        )


class MemoryAgreements:
    """Implements `limen.core.ports.AgreementStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, agreement: Agreement, *, proof: AgreementProof | None = None) -> None:
        """Store a record."""
        if agreement.agreement_id in self._state.agreements:
            raise StorageError("recorded already", advice="choose another id")
        self._state.agreements[agreement.agreement_id] = agreement
        if proof is not None:
            self._state.proofs[agreement.agreement_id] = proof

    def proof(self, agreement_id: AgreementId) -> AgreementProof | None:
        """What shows that it was given."""
        return self._state.proofs.get(agreement_id)

    def get(self, agreement_id: AgreementId) -> Agreement | None:
        """The record, or None."""
        return self._state.agreements.get(agreement_id)

    def all(self) -> tuple[Agreement, ...]:
        """All records, oldest first."""
        return tuple(sorted(self._state.agreements.values(), key=lambda agreement: agreement.given_at))

    def unused(self, *, before: datetime) -> tuple[AgreementId, ...]:
        """Records nobody is enrolled by."""
        return tuple(a.agreement_id for a in self.all() if a.subject_id is None and a.given_at <= before)

    def bind(self, agreement_id: AgreementId, subject_id: SubjectId) -> None:
        """Tie a record to a person."""
        agreement = self._state.agreements.get(agreement_id)
        if agreement is None or agreement.subject_id not in {None, subject_id}:
            raise LedgerError("no such agreement, or another person's", advice="record one")
        self._state.agreements[agreement_id] = replace(agreement, subject_id=subject_id)

    def destroy(self, agreement_id: AgreementId) -> None:
        """Delete a record."""
        self._state.agreements.pop(agreement_id, None)
        self._state.proofs.pop(agreement_id, None)


class MemoryInvitations:
    """Implements `limen.core.ports.InvitationStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, invitation: Invitation, pictures: Sequence[bytes]) -> None:
        """Store an invitation."""
        if invitation.n_pictures != len(pictures):
            raise ValueError("n_pictures: expected as many pictures")
        self._state.invitations[invitation.invitation_id] = (invitation, tuple(pictures))

    def all(self) -> tuple[Invitation, ...]:
        """All invitations."""
        return tuple(invitation for invitation, _ in self._state.invitations.values())

    def pictures(self, invitation_id: InvitationId) -> tuple[bytes, ...]:
        """The pictures that wait."""
        return self._state.invitations[invitation_id][1] if invitation_id in self._state.invitations else ()

    def expired(self, *, at: datetime) -> tuple[InvitationId, ...]:
        """Those whose time is up."""
        return tuple(item.invitation_id for item in self.all() if item.expires_at <= at)

    def destroy(self, invitation_id: InvitationId) -> int:
        """Forget an invitation."""
        return len(self._state.invitations.pop(invitation_id, (None, ()))[1])


class MemoryOperators:
    """Implements `limen.core.operators.OperatorStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def add(self, operator_id: OperatorId) -> str:
        """Store an operator."""
        if operator_id in self._state.operators:
            raise StorageError("there is one of that id", advice="choose another")
        self._state.operators[operator_id] = secrets.token_hex(8)
        return self._state.operators[operator_id]

    def all(self) -> tuple[OperatorId, ...]:
        """Every operator."""
        return tuple(self._state.operators)

    def who(self, code: str) -> OperatorId | None:
        """Whose code it is."""
        return next((who for who, theirs in self._state.operators.items() if theirs == code), None)

    def remove(self, operator_id: OperatorId) -> bool:
        """Forget an operator."""
        return self._state.operators.pop(operator_id, None) is not None


class MemoryAudit:
    """Implements `limen.core.ports.AuditLog`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def append(self, tag: AuditTag, *, at: datetime, alias: str | None, detail: Detail) -> AuditRecord:
        """Add a record."""
        if at.tzinfo is None:
            raise ValueError("at: expected a time zone")
        canonical_detail(detail)
        record = AuditRecord(
            sequence=len(self._state.audit) + 1,
            at=at.astimezone(UTC),
            tag=tag,
            alias=alias,
            detail=copy.deepcopy(dict(detail)),
            previous=self._state.audit[-1].digest if self._state.audit else FIRST_PREVIOUS,
            digest="",
        )
        self._state.audit.append(replace(record, digest=_digest(record)))
        return self._state.audit[-1]

    def records(self) -> Iterator[AuditRecord]:
        """All records."""
        yield from self._state.audit

    def gone(self) -> frozenset[str]:
        """Aliases of people who are no longer enrolled."""
        tags = (AuditTag.SUBJECT_WITHDRAWN, AuditTag.SUBJECT_EXPIRED, AuditTag.ERASURE_REPLAYED)
        return frozenset(r.alias for r in self._state.audit if r.tag in tags and r.alias is not None)

    def is_gone(self, alias: str) -> bool:
        """Whether one alias is among them."""
        return alias in self.gone()

    def sign(self, statement: Statement) -> Statement:
        """Sign with a key that every memory store has."""
        told = {**statement, "site": "memory", "key": "test"}
        return {**told, "signature": _signature(told)}

    def check(self, statement: Statement) -> None:
        """Check such a signature."""
        told = {name: value for name, value in statement.items() if name != "signature"}
        if told.get("site") != "memory" or statement.get("signature") != _signature(told):
            raise LedgerError("altered, or another site's", advice="find the file as it was")

    def verify(self, *, kept: Sequence[KeptHead] = ()) -> AuditVerdict:
        """Check every link."""
        expected = {head.n_records: head.digest for head in kept}
        previous, good, problem = FIRST_PREVIOUS, 0, None
        for record in self._state.audit:
            kept_digest = expected.pop(record.sequence, record.digest)
            if record.previous != previous or not record.digest == kept_digest == _digest(record):
                problem = "the record was altered"
                break
            previous, good = record.digest, good + 1
        if expected:
            problem = problem or "records that a checkpoint saw are missing"
        return AuditVerdict(
            n_records=len(self._state.audit),
            broken_at=None if problem is None else good + 1,
            problem=problem,
            head=previous,
            not_covered=("Anything: this chain lives in a test.",),
        )


class MemoryPasses:
    """Implements `limen.core.pass_ports.PassStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def key(self, *, at: datetime) -> SiteSecret:
        """The newest key."""
        if not self._state.pass_keys:
            self._state.pass_keys = (_secret(1, at),)
        return self._state.pass_keys[-1]

    def keys(self, *, at: datetime) -> tuple[SiteSecret, ...]:
        """The keys accepted at a moment."""
        return tuple(k for k in self._state.pass_keys if k.accepted_until is None or at < k.accepted_until)

    def rotate(self, *, at: datetime, accept_until: datetime) -> SiteSecret:
        """A new key; the older are retired or destroyed."""
        number = self._state.pass_keys[-1].number + 1 if self._state.pass_keys else 1
        if number > 255:
            raise RefusedError("too many keys", advice="make a new folder", reason="pass_keys_used_up")
        ends = [(item, min(accept_until, item.accepted_until or accept_until)) for item in self._state.pass_keys]
        kept = (replace(item, accepted_until=until) for item, until in ends if until > at)
        self._state.pass_keys = (*kept, _secret(number, at))
        return self._state.pass_keys[-1]

    def add(self, record: PassRecord) -> None:
        """Store a record."""
        if record.terms.pass_id in self._state.passes or record.subject_id not in self._state.subjects:
            raise StorageError("issued already, or to nobody", advice="choose another id")
        self._state.passes[record.terms.pass_id] = record

    def get(self, pass_id: PassId) -> PassRecord | None:
        """The record, or None."""
        return self._state.passes.get(pass_id)

    def of(self, subject_id: SubjectId) -> tuple[PassRecord, ...]:
        """The passes of one person."""
        return tuple(item for item in self._state.passes.values() if item.subject_id == subject_id)

    def all(self) -> tuple[PassRecord, ...]:
        """Every pass."""
        return tuple(self._state.passes.values())

    def revoke(self, pass_id: PassId, *, at: datetime) -> None:
        """Refuse a pass from now on."""
        record = self._state.passes.get(pass_id)
        if record is not None and record.revoked_at is None:
            self._state.passes[pass_id] = replace(record, revoked_at=at)


class MemorySealed:
    """Implements `limen.core.pass_ports.SealedStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def pepper(self) -> SiteSecret | None:
        """The site's part of every lock."""
        return self._state.pepper

    def make_pepper(self, *, at: datetime) -> SiteSecret:
        """The same, made if there is none."""
        self._state.pepper = self._state.pepper or _secret(1, at)
        return self._state.pepper

    def add(self, sealed: SealedTemplate) -> None:
        """Store a locked template."""
        if sealed.locator in self._state.sealed or sealed.subject_id not in self._state.subjects:
            raise StorageError("locked already, or nobody's", advice="make another badge")
        self._state.sealed[sealed.locator] = sealed

    def find(self, locator: bytes) -> SealedTemplate | None:
        """The locked template, or None."""
        return self._state.sealed.get(locator)


class MemoryRights:
    """Implements `limen.core.door_ports.RightsStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def get(self, subject_id: SubjectId) -> Rights:
        """A person's rights."""
        return self._state.rights.get(subject_id, Rights())

    def put(self, subject_id: SubjectId, rights: Rights) -> None:
        """Lay them down."""
        if subject_id not in self._state.subjects:
            raise StorageError("nobody of that id is enrolled here", advice="see who is")
        self._state.rights[subject_id] = rights


class MemoryDoors:
    """Implements `limen.core.door_ports.DoorStore`."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def standing(self, door: DoorId) -> Standing:
        """How a door stands."""
        return self._state.standings.get(door, Standing())

    def set_standing(self, door: DoorId, standing: Standing) -> None:
        """Otherwise."""
        self._state.standings[door] = standing

    def set_leaf(self, door: DoorId, *, is_open: bool, at: datetime) -> None:
        """Open or shut."""
        self._state.leaves[door] = (is_open, at)

    def is_shut(self, door: DoorId, *, since: datetime) -> bool:
        """Shut, and told lately."""
        is_open, at = self._state.leaves.get(door, (True, since))
        return not is_open and at >= since

    def inside(self, subject_id: SubjectId) -> bool:
        """Whether somebody is inside."""
        return subject_id in self._state.inside

    def occupancy(self) -> int:
        """How many are."""
        return self._state.people_inside

    def passed(self, direction: Direction, *, subject_id: SubjectId | None) -> None:
        """Somebody went through."""
        inward = direction is Direction.IN
        self._state.people_inside = max(0, self._state.people_inside + (1 if inward else -1))
        if subject_id is not None:
            self._state.inside = self._state.inside | {subject_id} if inward else self._state.inside - {subject_id}

    def empty(self) -> None:
        """Nobody is inside."""
        self._state.inside, self._state.people_inside = frozenset(), 0

    def count(self, door: DoorId, what: Counted, *, at: datetime) -> None:
        """One more."""
        key = (door, _hour(at), what)
        self._state.counts[key] = self._state.counts.get(key, 0) + 1

    def counts(self, door: DoorId, *, since: datetime) -> tuple[HourCount, ...]:
        """Totals."""
        here = [(hour, what, n) for (name, hour, what), n in self._state.counts.items() if name == door]
        return tuple(HourCount(hour=h, what=w, count=n) for h, w, n in sorted(here) if h >= _hour(since))

    def prune(self, *, before: datetime) -> int:
        """Forget old totals and late requests."""
        old = [key for key in self._state.counts if key[1] < _hour(before)]
        late = [request for request in self._state.requests if request.not_after <= before]
        for key in old:
            del self._state.counts[key]
        self._state.requests = tuple(request for request in self._state.requests if request not in late)
        return len(old) + len(late)

    def ask(self, request: DoorRequest) -> None:
        """Leave a request."""
        self._state.requests = (*self._state.requests, request)

    def asked(self, door: DoorId) -> bool:
        """Whether there is one."""
        return any(request.door == door for request in self._state.requests)

    def take(self, door: DoorId, *, at: datetime) -> tuple[DoorRequest, ...]:
        """Those in time."""
        here = [request for request in self._state.requests if request.door == door]
        self._state.requests = tuple(request for request in self._state.requests if request.door != door)
        return tuple(request for request in here if at < request.not_after)


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


class MemoryUnitOfWork:
    """Implements `limen.core.ports.UnitOfWork`."""

    def __init__(self, store: MemoryStore, *, reads: bool) -> None:
        self._store = store
        self._reads = reads
        self._open = True
        self._state = store.state.copy()

    @property
    def subjects(self) -> MemorySubjects:
        """People and references."""
        return MemorySubjects(self._check_open())

    @property
    def agreements(self) -> MemoryAgreements:
        """Agreement records."""
        return MemoryAgreements(self._check_open())

    @property
    def invitations(self) -> MemoryInvitations:
        """Invitations."""
        return MemoryInvitations(self._check_open())

    @property
    def operators(self) -> MemoryOperators:
        """Operators."""
        return MemoryOperators(self._check_open())

    @property
    def audit(self) -> MemoryAudit:
        """The chain."""
        return MemoryAudit(self._check_open())

    @property
    def passes(self) -> MemoryPasses:
        """Face passes."""
        return MemoryPasses(self._check_open())

    @property
    def sealed(self) -> MemorySealed:
        """Badge-locked templates."""
        return MemorySealed(self._check_open())

    @property
    def rights(self) -> MemoryRights:
        """What is laid down for people."""
        return MemoryRights(self._check_open())

    @property
    def doors(self) -> MemoryDoors:
        """Doors."""
        return MemoryDoors(self._check_open())

    def commit(self, *, scrub: bool = False) -> None:
        """Make everything so; memory needs no scrub, but ``store.scrubs`` counts them for tests."""
        state = self._check_open()
        if self._reads:
            raise RuntimeError("a view cannot be committed")
        if any(subject.agreement.agreement_id not in state.agreements for subject in state.subjects.values()):
            raise StorageError("a person without an agreement", advice="record one")
        self._open = False
        self._store.state = state
        self._store.scrubs += scrub

    def _check_open(self) -> _State:
        if not self._open:
            raise RuntimeError("this unit of work is over")
        return self._state


class MemoryStore:
    """Implements `limen.core.ports.Store`.

    Args:
        clock: tells when the site was born.
        site_kind: trial or live.
    """

    def __init__(self, *, clock: Clock, site_kind: SiteKind = SiteKind.TRIAL) -> None:
        self.state = _State()
        self.tag = secrets.token_bytes(4)
        self.scrubs = 0
        self._site_kind = site_kind
        kind = {"kind": site_kind.value}
        MemoryAudit(self.state).append(AuditTag.SITE_CREATED, at=clock.now(), alias=None, detail=kind)

    @property
    def site_kind(self) -> SiteKind:
        """Trial or live."""
        return self._site_kind

    def site_tag(self) -> bytes:
        """The site's tag."""
        return self.tag

    @contextmanager
    def begin(self) -> Iterator[MemoryUnitOfWork]:
        """A transaction on a copy of everything."""
        yield MemoryUnitOfWork(self, reads=False)

    @contextmanager
    def read(self) -> Iterator[MemoryUnitOfWork]:
        """A view that cannot be committed."""
        yield MemoryUnitOfWork(self, reads=True)

    def close(self) -> None:
        """Nothing to close."""


def _confirmed(kind: TemplateKind, references: Sequence[Reference]) -> bool:
    return kind is not TemplateKind.GALLERY or (bool(references) and all(item.confirmed for item in references))


def _secret(number: int, at: datetime) -> SiteSecret:
    return SiteSecret(number=number, secret=secrets.token_bytes(32), made_at=at, accepted_until=None)


def _signature(told: Statement) -> str:
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _digest(record: AuditRecord) -> str:
    told = [record.sequence, record.at.isoformat(), record.tag, record.alias, dict(record.detail), record.previous]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
