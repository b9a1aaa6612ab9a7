"""One site's store and its transactions.

Rule kept: one transaction spans everything an act changes (person, agreement, audit record); it is durable when
``commit`` returns, and without ``commit`` nothing has happened. Storage knows the rooms above it only as functions that
make a port out of a session: bootstrap hands them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from limen.core.accounts import ServiceStore
from limen.core.devices import DeviceStore
from limen.core.door_ports import DoorStore, RightsStore
from limen.core.incidents import IncidentStore
from limen.core.links import LinkStore
from limen.core.operators import OperatorStore
from limen.core.pass_ports import PassStore, SealedStore
from limen.core.passes import SITE_TAG_BYTES
from limen.core.people import SiteKind
from limen.core.ports import AgreementStore, AuditLog, InvitationStore, SubjectStore, UnitOfWork
from limen.storage import sqlite
from limen.storage.failures import storage_error
from limen.storage.key_ring import KeyRing
from limen.storage.rotate import rotate
from limen.storage.scrub import owe_scrub, scrub_committed
from limen.storage.session import Session
from limen.storage.vault import Vault

__all__ = ["Rooms", "SqlStore", "SqlUnitOfWork"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """How the rooms above storage make their ports out of a session.

    Attributes:
        subjects: for instance `limen.gallery.SqlSubjects`.
        agreements: for instance `limen.ledger.SqlAgreements`.
        audit: for instance `limen.ledger.SqlAudit`.
        rights: for instance `limen.gallery.SqlRights`.
        passes: for instance `limen.gallery.pass_rows.SqlPasses`.
        sealed: for instance `limen.gallery.sealed_rows.SqlSealed`.
        doors: for instance `limen.ledger.SqlDoors`.
        reseal: what authenticates rows of its own anew under a new site key, given the session and the old vault.
        invitations: for instance `limen.ledger.SqlInvitations`.
        operators: for instance `limen.ledger.SqlOperators`.
        incidents: for instance `limen.ledger.SqlIncidents`.
        devices: for instance `limen.ledger.devices.SqlDevices`.
        service: for instance `limen.ledger.service.SqlService`.
        links: for instance `limen.ledger.links.SqlLinks`.
    """

    subjects: Callable[[Session], SubjectStore]
    agreements: Callable[[Session], AgreementStore]
    audit: Callable[[Session], AuditLog]
    rights: Callable[[Session], RightsStore]
    passes: Callable[[Session], PassStore]
    sealed: Callable[[Session], SealedStore]
    doors: Callable[[Session], DoorStore]
    reseal: tuple[Callable[[Session, Vault], None], ...] = ()
    invitations: Callable[[Session], InvitationStore]
    operators: Callable[[Session], OperatorStore]
    incidents: Callable[[Session], IncidentStore]
    devices: Callable[[Session], DeviceStore]
    service: Callable[[Session], ServiceStore]
    links: Callable[[Session], LinkStore]


class SqlUnitOfWork:
    """One transaction; implements `limen.core.ports.UnitOfWork`."""

    def __init__(self, session: Session, *, rooms: Rooms, path: Path) -> None:
        self._session = session
        self._path = path
        self._open = True
        self._subjects = rooms.subjects(session)
        self._agreements = rooms.agreements(session)
        self._audit = rooms.audit(session)
        self._rights = rooms.rights(session)
        self._passes = rooms.passes(session)
        self._sealed = rooms.sealed(session)
        self._doors = rooms.doors(session)
        self._invitations = rooms.invitations(session)
        self._operators = rooms.operators(session)
        self._incidents = rooms.incidents(session)
        self._devices = rooms.devices(session)
        self._service = rooms.service(session)
        self._links = rooms.links(session)

    @property
    def subjects(self) -> SubjectStore:
        """People and references."""
        self._check_open()
        return self._subjects

    @property
    def agreements(self) -> AgreementStore:
        """Agreement records."""
        self._check_open()
        return self._agreements

    @property
    def invitations(self) -> InvitationStore:
        """Invitations."""
        self._check_open()
        return self._invitations

    @property
    def operators(self) -> OperatorStore:
        """People who run the site."""
        self._check_open()
        return self._operators

    @property
    def devices(self) -> DeviceStore:
        """Kiosks."""
        self._check_open()
        return self._devices

    @property
    def links(self) -> LinkStore:
        """Codes that open a person's own page."""
        self._check_open()
        return self._links

    @property
    def audit(self) -> AuditLog:
        """The chain."""
        self._check_open()
        return self._audit

    @property
    def passes(self) -> PassStore:
        """Face passes."""
        self._check_open()
        return self._passes

    @property
    def sealed(self) -> SealedStore:
        """Badge-locked templates."""
        self._check_open()
        return self._sealed

    @property
    def rights(self) -> RightsStore:
        """What is laid down for people at doors."""
        self._check_open()
        return self._rights

    @property
    def doors(self) -> DoorStore:
        """How doors stand, and what they counted."""
        self._check_open()
        return self._doors

    @property
    def incidents(self) -> IncidentStore:
        """Incidents, and who asked whom an event was about."""
        self._check_open()
        return self._incidents

    @property
    def service(self) -> ServiceStore:
        """What the service keeps of those who ask it."""
        self._check_open()
        return self._service

    def commit(self, *, scrub: bool = False) -> None:
        """Make everything durable; with ``scrub`` also leave no deleted byte in any file of the store.

        Raises:
            StorageError: nothing was changed, unless the text says that only the scrub is missing.
            RuntimeError: the transaction is over, or can only read.
        """
        self._check_open()
        connection = self._session.connection
        if connection.get_execution_options().get(sqlite.READ_ONLY_VIEW, False):
            raise RuntimeError("a view cannot be committed; use Store.begin()")
        forgotten = tuple(self._session.forgotten)
        owed = owe_scrub(connection) if forgotten else None
        connection.commit()
        self._open = False
        if scrub:
            scrub_committed(connection, path=self._path, forgotten=forgotten, own=owed)

    def _check_open(self) -> None:
        if not self._open:
            raise RuntimeError("this unit of work is over; begin another")


class SqlStore:
    """A site's store; implements `limen.core.ports.Store`. Made by `limen.storage.open_site`.

    Args:
        engine: from `limen.storage.engine.open_engine`.
        ring: opened with the site key.
        rooms: how to make the ports.
        site_kind: trial or live.
        path: the database file.
    """

    def __init__(self, engine: Engine, *, ring: KeyRing, rooms: Rooms, site_kind: SiteKind, path: Path) -> None:
        self._engine = engine
        self._ring = ring
        self._rooms = rooms
        self._site_kind = site_kind
        self._path = path

    @property
    def site_kind(self) -> SiteKind:
        """Trial or live; fixed at birth."""
        return self._site_kind

    def site_tag(self) -> bytes:
        """4 bytes that tell this site's codes from others'; no secret."""
        return sha256(b"limen/1/site-tag " + self._ring.latest.site_id.encode()).digest()[:SITE_TAG_BYTES]

    def rotation_seed(self) -> bytes:
        """32 secret bytes for the gallery's rotation; the same whenever this site is opened."""
        return self._ring.latest.rotation_seed()

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """A transaction that may write; it waits for other writers. Leaving it without commit rolls back.

        Raises:
            StorageError: locked for too long, unreadable, or not ours.
        """
        with self._transaction(reads=False) as unit:
            yield unit

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A consistent view that never waits for a writer and cannot be committed.

        Raises:
            StorageError: unreadable, or not ours.
        """
        with self._transaction(reads=True) as unit:
            yield unit

    @property
    def site_id(self) -> str:
        """The site's random id."""
        return self._ring.latest.site_id

    def rotate_key(self, *, at: datetime) -> None:
        """Turn the store to a fresh site key: see `limen.storage.rotate`.

        Raises:
            StorageError: it could not be turned, and is under the key it was; or only the scrub is missing.
        """
        with _connected(self._engine, path=self._path, reads=False) as connection:
            rooms = self._rooms
            rotate(connection, ring=self._ring, audit=rooms.audit, reseal=rooms.reseal, at=at, path=self._path)

    def copy(self) -> bytes:
        """The whole database at one moment, as the bytes of a file, while others go on writing.

        Raises:
            StorageError: unreadable.
        """
        with _connected(self._engine, path=self._path, reads=True) as connection, connection.begin():
            return sqlite.serialise(connection, path=self._path)

    def close(self) -> None:
        """Close all connections; the last process to do so leaves no log behind."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, reads: bool) -> Iterator[UnitOfWork]:
        with _connected(self._engine, path=self._path, reads=reads) as connection:
            connection.begin()
            try:
                session = Session(connection=connection, vault=self._ring.vault(connection))
                yield SqlUnitOfWork(session, rooms=self._rooms, path=self._path)
            finally:
                connection.rollback()


@contextmanager
def _connected(engine: Engine, *, path: Path, reads: bool) -> Iterator[Connection]:
    try:
        connection = engine.connect().execution_options(**{sqlite.READ_ONLY_VIEW: reads})
    except SQLAlchemyError as cause:  # no free connection in time; driver errors are mapped by the engine
        raise storage_error(cause, place=path) from cause
    with connection:
        yield connection
