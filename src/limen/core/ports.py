"""The seams of limen: what flows need, said as Protocols. Adapters live in the rooms; bootstrap joins them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from limen.core.decision import StageTimes
from limen.core.door import DoorSignal, OpenOrder
from limen.core.door_ports import DoorStore, RightsStore
from limen.core.face import Face
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditRecord, AuditTag, AuditVerdict, Detail, KeptHead, Statement
from limen.core.match import Comparison, Match
from limen.core.messages import DoorMessage
from limen.core.operators import OperatorStore
from limen.core.pass_ports import PassStore, SealedStore
from limen.core.people import (
    Agreement,
    AgreementId,
    AgreementProof,
    Invitation,
    InvitationId,
    Reference,
    ReferenceId,
    SiteKind,
    Subject,
    SubjectId,
)
from limen.core.probe import Liveness, ModelId, Probe, View
from limen.core.quality import NotAssessed, Pose
from limen.core.thermal import RawThermal, SetupAlarm, TemperatureSeen

__all__ = [
    "Actuator",
    "AgreementStore",
    "AuditLog",
    "Clock",
    "Comparer",
    "DoorSensor",
    "EventSink",
    "FrameSource",
    "Gallery",
    "InvitationStore",
    "SkinThermometer",
    "Store",
    "SubjectStore",
    "ThermalSource",
    "UnitOfWork",
    "Vision",
]


class Clock(Protocol):
    """Tells the time; read once per attempt."""

    def now(self) -> datetime:
        """The present moment, UTC, time zone aware."""


class FrameSource(Protocol):
    """A camera, or something standing in for one."""

    @property
    def kind(self) -> SourceKind:
        """Whether captures from here are live."""

    def frames(self) -> Iterator[Frame]:
        """Frames, newest first served; ends when the source does.

        Raises:
            CaptureError: the source gives no picture.
        """

    def close(self) -> None:
        """Let the device go."""


class ThermalSource(Protocol):
    """An infrared camera, or something standing in for one."""

    @property
    def kind(self) -> SourceKind:
        """Whether readings from here are live."""

    def frames(self) -> Iterator[RawThermal]:
        """Frames as they come; ends when the source does.

        Raises:
            CaptureError: the source gives no frame, or none that means temperatures.
        """

    def close(self) -> None:
        """Let the device go."""


class SkinThermometer(Protocol):
    """The skin temperature of those who stand at a door, as outcomes; no value comes out. For one thread."""

    def see(self, frame: Frame, faces: Mapping[int, Face]) -> None:
        """Look at everybody who takes part in a frame, by the number of their track. Call it for every frame.

        With more than one nobody is measured, as it would not be clear whose reading it is.
        """

    def outcome(self, track: int) -> TemperatureSeen | NotAssessed:
        """What is known of a track; NotAssessed while it is still being measured, which takes a second or two.

        ABOVE, BELOW and what a reading cannot decide stay until the track is forgotten. REPEAT turns into one of them
        by a second reading. Another NO_READING says what keeps one from being made, and may end when that does.
        """

    def liveness(self, track: int) -> Liveness:
        """What heat says about whether a person is there: one kind of evidence, never the only one."""

    def alarm(self) -> SetupAlarm | None:
        """What the site should look at, or None."""

    def forget(self, track: int) -> None:
        """Forget everything about a track; one that is unknown is forgotten already."""

    def close(self) -> None:
        """Forget everybody and let the camera go."""


class Actuator(Protocol):
    """Whatever opens a door: a relay, a broker, a controller behind limen."""

    def open(self, order: OpenOrder) -> None:
        """Open once for this order's decision; an order that is late, or was followed before, does nothing.

        Raises:
            ActuatorError: the door cannot be told; it stays shut.
        """

    def close(self) -> None:
        """Let the device go."""


class DoorSensor(Protocol):
    """A door's contacts."""

    def signals(self) -> tuple[DoorSignal, ...]:
        """What has been told since the last call, oldest first; does not wait.

        Raises:
            ActuatorError: the contacts are out of reach.
        """

    def close(self) -> None:
        """Let the device go."""


class EventSink(Protocol):
    """Whoever is told what happens at a door: a broker, a web hook. Nobody is named to it."""

    def publish(self, message: DoorMessage) -> None:
        """Hand a message over and return at once; never raises for a listener that is away.

        An event waits for its listener, among a bounded number; the newest state alone waits. What is dropped is still
        in the ledger.
        """

    def close(self) -> None:
        """Let the listener go; what could not be told by then is dropped."""


class Vision(Protocol):
    """Frame -> faces -> probes."""

    @property
    def model_id(self) -> ModelId:
        """The model and preparation that embeddings come from."""

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """All faces of a frame, most confident first; empty if there is none. Embeds nothing."""

    def poses(self, faces: Sequence[Face]) -> tuple[Pose, ...]:
        """How heads are turned, from landmarks alone; looks at no pixel and embeds nothing."""

    def assess(
        self, frame: Frame, faces: Sequence[Face], *, view: View = View.BOTH
    ) -> tuple[tuple[Probe, ...], StageTimes]:
        """One probe per face, in the order given, and how long each stage took."""


class SubjectStore(Protocol):
    """Enrolled people and their references. Every change bumps ``generation``."""

    def add(self, subject: Subject, references: Sequence[Reference]) -> None:
        """Store a person and the references, encrypted under a new random key of that person alone.

        Raises:
            StorageError: the store cannot be written; nothing was.
        """

    def get(self, subject_id: SubjectId) -> Subject | None:
        """The person, or None."""

    def count(self) -> int:
        """How many people are enrolled; decrypts nobody."""

    def all(self) -> tuple[Subject, ...]:
        """Everybody, in the order of enrolment."""

    def references(self, *, known: frozenset[ReferenceId]) -> tuple[tuple[Reference, ...], frozenset[ReferenceId]]:
        """References not in ``known`` (decrypted), and the ids of all there are; a changed one has a new id."""

    def confirm(self, subject_id: SubjectId) -> int:
        """Mark all references of a person as confirmed by a live capture; how many there are."""

    def renew(self, subject_id: SubjectId, agreement: Agreement) -> int:
        """Rest a person and all references on another agreement; how many references there are, all under new ids."""

    def destroy(self, subject_id: SubjectId) -> int:
        """Destroy the person's key, references and row; how many references there were. See UnitOfWork.commit."""

    def alias(self, subject_id: SubjectId) -> str:
        """The person's name in the audit chain: keyed by the person's own key, gone with it."""

    def issue_code(self, subject_id: SubjectId) -> str:
        """A new one-time code for a person, in place of any before; only its hash is stored."""

    def redeem_code(self, subject_id: SubjectId, code: str) -> bool:
        """Whether a code is the person's; if so it is used up."""

    def expired(self, *, at: datetime) -> tuple[SubjectId, ...]:
        """People whose agreement has ended at a moment; decrypts nobody."""

    def unconfirmed(self, *, before: datetime) -> tuple[SubjectId, ...]:
        """People enrolled before a moment of whom a reference is still unconfirmed; decrypts nobody."""

    def generation(self) -> int:
        """A number that grows with every change of people or references, in any process."""


class AgreementStore(Protocol):
    """Agreement records."""

    def add(self, agreement: Agreement, *, proof: AgreementProof | None = None) -> None:
        """Store a record, and what shows that it was given, encrypted."""

    def proof(self, agreement_id: AgreementId) -> AgreementProof | None:
        """What shows that a record was given, or None."""

    def get(self, agreement_id: AgreementId) -> Agreement | None:
        """The record, or None."""

    def all(self) -> tuple[Agreement, ...]:
        """All records, oldest first."""

    def unused(self, *, before: datetime) -> tuple[AgreementId, ...]:
        """Records given before a moment that nobody is enrolled by."""

    def bind(self, agreement_id: AgreementId, subject_id: SubjectId) -> None:
        """Tie a record to the person who gave it.

        Raises:
            LedgerError: no such record, or it is another person's.
        """

    def destroy(self, agreement_id: AgreementId) -> None:
        """Delete a record (withdrawal)."""


class InvitationStore(Protocol):
    """People who were invited, with pictures that nothing is computed from until they agree."""

    def add(self, invitation: Invitation, pictures: Sequence[bytes]) -> None:
        """Store an invitation, name and pictures encrypted under a new random key of its own."""

    def all(self) -> tuple[Invitation, ...]:
        """All invitations, oldest first."""

    def pictures(self, invitation_id: InvitationId) -> tuple[bytes, ...]:
        """The picture files as they were brought; empty if there is no such invitation."""

    def expired(self, *, at: datetime) -> tuple[InvitationId, ...]:
        """Invitations whose time is up; decrypts nobody."""

    def destroy(self, invitation_id: InvitationId) -> int:
        """Destroy the invitation's key, name and pictures; how many pictures there were."""


class AuditLog(Protocol):
    """The append-only chain."""

    def append(self, tag: AuditTag, *, at: datetime, alias: str | None, detail: Detail) -> AuditRecord:
        """Add a record; it becomes durable with the effect it tells of, in the same transaction."""

    def records(self) -> Iterator[AuditRecord]:
        """All records, oldest first."""

    def gone(self) -> frozenset[str]:
        """Aliases of everybody who withdrew or whose agreement ended; none of them may be enrolled."""

    def is_gone(self, alias: str) -> bool:
        """Whether one alias is among ``gone``."""

    def verify(self, *, kept: Sequence[KeptHead] = ()) -> AuditVerdict:
        """Check every link from the first record to the last, and that the chain still goes through ``kept`` heads."""

    def sign(self, statement: Statement) -> Statement:
        """The statement with ``site``, ``key`` and ``signature`` (Ed25519), so that it can be checked later."""

    def check(self, statement: Statement) -> None:
        """Check that this site signed a statement, and that nothing in it was changed.

        Raises:
            LedgerError: another site's, or altered.
        """


class UnitOfWork(Protocol):
    """One transaction over everything; without ``commit`` nothing has happened."""

    @property
    def subjects(self) -> SubjectStore:
        """People and references."""

    @property
    def agreements(self) -> AgreementStore:
        """Agreement records."""

    @property
    def invitations(self) -> InvitationStore:
        """Invitations."""

    @property
    def operators(self) -> OperatorStore:
        """People who run the site."""

    @property
    def audit(self) -> AuditLog:
        """The chain."""

    @property
    def passes(self) -> PassStore:
        """Face passes."""

    @property
    def sealed(self) -> SealedStore:
        """Badge-locked templates."""

    @property
    def rights(self) -> RightsStore:
        """What is laid down for people at doors."""

    @property
    def doors(self) -> DoorStore:
        """How doors stand, and what they counted."""

    def commit(self, *, scrub: bool = False) -> None:
        """Make everything durable (power loss included).

        Args:
            scrub: also leave no deleted byte in any file of the store before returning (withdrawal).

        Raises:
            StorageError: it could not be made durable; nothing was changed, unless the text says that only the
                scrub is missing.
        """


class Store(Protocol):
    """A site's store."""

    @property
    def site_kind(self) -> SiteKind:
        """Trial or live; fixed at birth."""

    def site_tag(self) -> bytes:
        """4 bytes that tell this site's codes from others'; no secret."""

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that may write; leaving it without commit rolls back.

        Raises:
            StorageError: locked for too long, unreadable, or not ours.
        """

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A consistent view that holds no write lock; ``commit`` on it raises RuntimeError."""

    def close(self) -> None:
        """Close all connections."""


class Comparer(Protocol):
    """Says what the likeness of two probes stands for; needs no store."""

    def compare(self, first: Probe, second: Probe) -> Comparison:
        """Compare two probes of one model.

        Raises:
            ValueError: they come from different models, or not from the calibrated one.
        """


class Gallery(Comparer, Protocol):
    """1:N search over confirmed and unconfirmed references; it alone knows similarities."""

    def protect(self, embedding: NDArray[np.float32]) -> tuple[NDArray[np.float32], str]:
        """The protected form of an embedding that a reference stores, and the id of the scheme."""

    def search(self, probe: Probe, *, at: datetime, fpir_target: float) -> Match:
        """Who the probe is, at the threshold that keeps ``fpir_target`` for the present number of references.

        References whose agreement has ended at ``at``, or that are unconfirmed, read as unknown.

        Raises:
            ValueError: the probe comes from another model than the gallery's calibration.
        """

    def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
        """``search`` for every probe of one frame; one person is at most one of them, the most alike."""

    def compare_with(self, subject_id: SubjectId, probe: Probe) -> Comparison | None:
        """The best comparison with one person's own references, confirmed or not; None if there are none."""

    def may_be_enrolled(self, probe: Probe, *, at: datetime, fpir_target: float) -> bool:
        """Whether somebody like this may be enrolled already; never who."""

    def refresh(self) -> None:
        """Take in what the store has gained and lost since, if anything."""
