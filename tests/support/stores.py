"""A store in memory: what `limen.core.ports.Store` promises, without files, keys or SQL.

How to use: ``store = MemoryStore(clock=FakeClock())`` wherever a flow wants a Store. The contract suite holds it and
the SQLite store to the same facts.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from limen.core.errors import StorageError
from limen.core.ledger import AuditTag
from limen.core.people import (
    SiteKind,
)
from limen.core.ports import Clock
from support.memory_audit import MemoryAudit
from support.memory_doors import MemoryDevices, MemoryDoors, MemoryPasses, MemoryRights, MemorySealed
from support.memory_incidents import MemoryIncidents
from support.memory_people import MemoryAgreements, MemoryInvitations, MemoryLinks, MemoryOperators, MemorySubjects
from support.memory_service import MemoryService
from support.memory_state import MemoryState

__all__ = ["MemoryStore", "MemoryUnitOfWork"]


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
    def devices(self) -> MemoryDevices:
        """Kiosks."""
        return MemoryDevices(self._check_open())

    @property
    def links(self) -> MemoryLinks:
        """Codes of links."""
        return MemoryLinks(self._check_open())

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

    @property
    def incidents(self) -> MemoryIncidents:
        """Incidents."""
        return MemoryIncidents(self._check_open())

    @property
    def service(self) -> MemoryService:
        """What the service keeps."""
        return MemoryService(self._check_open())

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

    def _check_open(self) -> MemoryState:
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
        self.state = MemoryState()
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
