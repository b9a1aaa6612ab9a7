"""One-time links: how an account begins, the first administrator's too, and how one is set up anew.

Rule kept: of a link only the hash is kept; it ends after a day and with its first use. The first administrator's is
made while there is no account at all, by whoever starts the service at its own machine.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from limen.core.accounts import STAFF, AccountId, OneTimeLink, Role
from limen.core.ports import Clock, Store, UnitOfWork
from limen.web.problems import ProblemError

__all__ = ["LINK_PATH", "Links", "check_roles"]

LINK_PATH = "/begin/"
_HOLDS = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes one-time links and takes them.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def first(self) -> str | None:
        """The path of a new link for the first administrator; None once there is any account.

        Links that were made before for nobody end: only the newest opens.
        """
        with self.store.begin() as unit:
            if unit.service.accounts.all():
                return None
            for link in unit.service.links.all():
                unit.service.links.remove(link.key)
            path = self._made(unit, frozenset({Role.ADMINISTRATOR}), holder="")
            unit.commit()
        return path

    def new(self, roles: frozenset[Role]) -> str:
        """The path of a link for a new account.

        Raises:
            ProblemError: 422, no role that an account may have.
        """
        check_roles(roles)
        with self.store.begin() as unit:
            path = self._made(unit, roles, holder="")
            unit.commit()
        return path

    def anew(self, account_id: AccountId) -> str:
        """The path of a link by which an account's owner chooses password and authenticator anew.

        Raises:
            ProblemError: 404, there is no such account.
        """
        with self.store.begin() as unit:
            if unit.service.accounts.get(account_id) is None:
                raise ProblemError.not_found("This account")
            path = self._made(unit, frozenset(), holder=account_id)
            unit.commit()
        return path

    def look(self, secret: str) -> OneTimeLink:
        """A link that still opens.

        Raises:
            ProblemError: 404.
        """
        with self.store.read() as unit:
            return self.of(unit, secret)

    def of(self, unit: UnitOfWork, secret: str) -> OneTimeLink:
        """The same inside a unit of work."""
        link = unit.service.links.get(_hash(secret))
        if link is None or link.ends_at <= self.clock.now():
            raise ProblemError.not_found("This link")
        return link

    def _made(self, unit: UnitOfWork, roles: frozenset[Role], *, holder: str) -> str:
        secret, now = secrets.token_urlsafe(24), self.clock.now()
        unit.service.links.prune(at=now)
        unit.service.links.put(OneTimeLink(link_hash=_hash(secret), roles=roles, holder=holder, ends_at=now + _HOLDS))
        return LINK_PATH + secret


def check_roles(roles: frozenset[Role]) -> None:
    """Whether an account or a token may have these roles.

    Raises:
        ProblemError: 422.
    """
    if not roles or not roles <= frozenset(STAFF):
        raise ProblemError(
            422,
            "roles",
            title="At least one role of the site's staff is needed",
            advice=f"choose of {', '.join(STAFF)}",
        )


def _hash(secret: str) -> str:
    return sha256(b"limen/1/link " + secret.encode()).hexdigest()
