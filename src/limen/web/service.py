"""What a request may use; one object for the life of the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import InitVar, dataclass, field

from starlette.requests import HTTPConnection

from limen.bootstrap import Site
from limen.core.ports import Clock
from limen.web.live.doors import LiveDoors
from limen.web.security.accounts import Accounts
from limen.web.security.limits import RateLimit
from limen.web.security.links import Links
from limen.web.security.roles import Caller
from limen.web.security.sessions import Sessions
from limen.web.security.tokens import Tokens

__all__ = ["Finder", "Service"]

Finder = Callable[[HTTPConnection], Caller | None]
"""Who asks, told by one kind of proof; None if it is not there or does not hold."""


@dataclass(slots=True, kw_only=True)
class Service:
    """A site that is being served.

    Attributes:
        site: opened in this process.
        privacy_report: makes the draft of the impact assessment, as a page; None where only the command line can.
        tls: whether browsers come by HTTPS; then cookies are Secure.
        sessions: who is signed in.
        links: one-time links; `first_link` gives the first administrator's.
        accounts: of those who run the site.
        tokens: of programs.
        tries: how often one address may try to sign in or open a link.
        requests: how often one caller may ask.
        started: doors that were started before there was a service, so that they are ready the sooner.
        live: doors of this process; none before they are started.
        finders: how callers show who they are, asked in this order; kiosks add their own.
    """

    site: Site
    tls: bool = False
    privacy_report: Callable[[], str] | None = None
    sessions: Sessions = field(init=False)
    links: Links = field(init=False)
    accounts: Accounts = field(init=False)
    tokens: Tokens = field(init=False)
    tries: RateLimit = field(init=False)
    requests: RateLimit = field(init=False)
    started: InitVar[LiveDoors | None] = None
    live: LiveDoors = field(init=False)
    finders: list[Finder] = field(init=False)

    def __post_init__(self, started: LiveDoors | None) -> None:
        store, clock = self.site.store, self.clock
        self.sessions = Sessions(store=store, clock=clock, tls=self.tls)
        self.links = Links(store=store, clock=clock)
        self.accounts = Accounts(store=store, clock=clock, links=self.links)
        self.tokens = Tokens(store=store, clock=clock)
        self.tries = RateLimit(clock=clock, at_once=10, per_minute=10)
        self.requests = RateLimit(clock=clock, at_once=600, per_minute=1200)
        self.live = started or LiveDoors(self.site)
        self.finders = [self.tokens.find, self.sessions.find]

    def first_link(self) -> str | None:
        """The path of a new link for the first administrator, for whoever starts the service; None once not needed."""
        return self.links.first()

    @property
    def clock(self) -> Clock:
        """Tells when."""
        return self.site.clock

    def find_caller(self, connection: HTTPConnection) -> Caller | None:
        """Who asks, or None."""
        return next((caller for find in self.finders if (caller := find(connection)) is not None), None)
