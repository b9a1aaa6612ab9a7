"""Who is signed in: a random cookie, of which only the hash is kept.

Rule kept: a session ends after 30 minutes without a request and after 12 hours in any case, whichever comes first; its
cookie is HttpOnly and SameSite=Strict, and Secure where browsers come by TLS. Roles are read from the account at every
request, so that a role taken away is gone at once. When somebody was last seen is written once a minute at most.

Source: OWASP Session Management; NIST SP 800-63B, section 7.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from starlette.requests import HTTPConnection
from starlette.responses import Response

from limen.core.accounts import Account, AccountId, Role, SessionRecord
from limen.core.ports import Clock, Store
from limen.web.security.csrf import csrf_of
from limen.web.security.roles import Caller, How

__all__ = ["COOKIE", "Sessions"]

COOKIE = "limen_session"
_IDLE = timedelta(minutes=30)
_ABSOLUTE = timedelta(hours=12)
_NOTED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Who is signed in.

    Attributes:
        store: of the site.
        clock: tells when.
        tls: whether the cookie is Secure.
    """

    store: Store
    clock: Clock
    tls: bool

    def begin(self, response: Response, holder_id: str, *, roles: frozenset[Role] = frozenset()) -> None:
        """Sign somebody in; the cookie goes out with the response.

        Args:
            response: to the browser.
            holder_id: the account, or the subject, with whom the session ends.
            roles: of a holder that is no account; an account's own are asked at every request.
        """
        cookie, now = secrets.token_urlsafe(32), self.clock.now()
        session = SessionRecord(
            session_hash=_hash(cookie),
            holder=holder_id,
            roles=roles,
            began_at=now,
            seen_at=now,
            ends_at=now + _ABSOLUTE,
        )
        with self.store.begin() as unit:
            unit.service.sessions.prune(at=now)
            unit.service.sessions.put(session)
            unit.commit()
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=self.tls)

    def find(self, connection: HTTPConnection) -> Caller | None:
        """Who is signed in, or None."""
        cookie, now = connection.cookies.get(COOKIE, ""), self.clock.now()
        if not cookie:
            return None
        with self.store.read() as unit:
            session = unit.service.sessions.get(_hash(cookie))
            account = None if session is None or session.roles else unit.service.accounts.get(session.holder)
        if session is None or now >= min(session.seen_at + _IDLE, session.ends_at):
            return None
        roles = session.roles or _roles(account)
        if not roles:
            return None
        self._note(session, now)
        return Caller(caller_id=session.holder, roles=roles, how=How.SESSION, csrf=csrf_of(cookie))

    def end(self, connection: HTTPConnection, response: Response) -> None:
        """Sign out."""
        with self.store.begin() as unit:
            if unit.service.sessions.remove(_hash(connection.cookies.get(COOKIE, ""))):
                unit.commit()
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self.tls)

    def end_all(self, account_id: AccountId) -> None:
        """Sign an account out everywhere."""
        with self.store.begin() as unit:
            unit.service.sessions.remove_of(account_id)
            unit.commit(scrub=True)

    def _note(self, session: SessionRecord, now: datetime) -> None:
        if now - session.seen_at < _NOTED:
            return
        with self.store.begin() as unit:
            if unit.service.sessions.get(session.key) is not None:
                unit.service.sessions.put(replace(session, seen_at=now))
                unit.commit()


def _roles(account: Account | None) -> frozenset[Role]:
    return frozenset() if account is None else account.roles


def _hash(cookie: str) -> str:
    return sha256(b"limen/1/session " + cookie.encode()).hexdigest()
