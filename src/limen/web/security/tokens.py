"""API tokens: for programs, shown once, kept as a hash, with roles and an end.

Source: RFC 6750 (bearer tokens).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from starlette.requests import HTTPConnection

from limen.core.accounts import ApiToken, Role, TokenId
from limen.core.ledger import AuditTag, Detail
from limen.core.people import new_id
from limen.core.ports import Clock, Store
from limen.web.problems import ProblemError
from limen.web.security.links import check_roles
from limen.web.security.roles import Caller, How

__all__ = ["LONGEST_DAYS", "PREFIX", "Tokens"]

PREFIX = "limen_t_"
"""Every token begins so, for tools that look for secrets where none should be."""

LONGEST_DAYS = 366
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Makes tokens, finds their callers, and revokes them.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def new(self, name: str, *, roles: frozenset[Role], days: int, holder: str = "") -> tuple[ApiToken, str]:
        """A token, and the text that is told once.

        Args:
            name: what it is for.
            roles: what it may do; at the service not more than its maker may.
            days: how long it holds, a year at most.
            holder: the account that makes it; empty at the command line.

        Raises:
            ProblemError: 422.
        """
        check_roles(roles)
        if not 1 <= days <= LONGEST_DAYS or not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
            raise ProblemError(
                422,
                "token",
                title=f"A token has a name of up to {_LONGEST_NAME} characters and holds 1 to {LONGEST_DAYS} days",
                advice="make a new one when it has ended",
            )
        text, now = PREFIX + secrets.token_urlsafe(32), self.clock.now()
        token = ApiToken(
            token_hash=_hash(text),
            token_id=TokenId(new_id("k")),
            name=name,
            roles=roles,
            holder=holder,
            made_at=now,
            ends_at=now + timedelta(days=days),
        )
        with self.store.begin() as unit:
            unit.service.tokens.prune(at=now)
            unit.service.tokens.put(token)
            detail: Detail = {"token": token.token_id, "roles": " ".join(sorted(roles)), "days": days}
            unit.audit.append(AuditTag.TOKEN_MADE, at=now, alias=None, detail=detail)
            unit.commit()
        return token, text

    def all(self) -> tuple[ApiToken, ...]:
        """Every token that holds."""
        now = self.clock.now()
        with self.store.read() as unit:
            return tuple(token for token in unit.service.tokens.all() if token.ends_at > now)

    def revoke(self, token_id: TokenId) -> None:
        """End a token.

        Raises:
            ProblemError: 404.
        """
        with self.store.begin() as unit:
            token = next((one for one in unit.service.tokens.all() if one.token_id == token_id), None)
            if token is None:
                raise ProblemError.not_found("This token")
            unit.service.tokens.remove(token.key)
            unit.audit.append(AuditTag.TOKEN_REVOKED, at=self.clock.now(), alias=None, detail={"token": token_id})
            unit.commit()

    def find(self, connection: HTTPConnection) -> Caller | None:
        """Whose token a request carries, or None."""
        scheme, _, text = connection.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.startswith(PREFIX):
            return None
        with self.store.read() as unit:
            token = unit.service.tokens.get(_hash(text))
            account = None if token is None or not token.holder else unit.service.accounts.get(token.holder)
        if token is None or token.ends_at <= self.clock.now():
            return None
        roles = token.roles if not token.holder else token.roles & (frozenset() if account is None else account.roles)
        return Caller(caller_id=token.token_id, roles=roles, how=How.TOKEN)


def _hash(text: str) -> str:
    return sha256(b"limen/1/token " + text.encode()).hexdigest()
