"""What a request may use; one object for the life of the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from limen.bootstrap import Site
from limen.core.ports import Clock
from limen.web.security.roles import Caller
from limen.web.security.sessions import Sessions

__all__ = ["Finder", "Service"]

Finder = Callable[[HTTPConnection], Caller | None]
"""Who asks, told by one kind of proof; None if it is not there or does not hold."""


@dataclass(slots=True, kw_only=True)
class Service:
    """A site that is being served.

    Attributes:
        site: opened in this process.
        tls: whether browsers come by HTTPS; then cookies are Secure.
        sessions: who is signed in.
        finders: how callers show who they are, asked in this order; kiosks add their own.
    """

    site: Site
    tls: bool = False
    sessions: Sessions = field(init=False)
    finders: list[Finder] = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = Sessions(clock=self.clock, tls=self.tls)
        self.finders = [self.sessions.find]

    @property
    def clock(self) -> Clock:
        """Tells when."""
        return self.site.clock

    def find_caller(self, connection: HTTPConnection) -> Caller | None:
        """Who asks, or None."""
        return next((caller for find in self.finders if (caller := find(connection)) is not None), None)
