"""Who is signed in: a random cookie, of which only the hash is kept.

Rule kept: a session ends after 30 minutes without a request and after 12 hours in any case, whichever comes first; its
cookie is HttpOnly and SameSite=Strict, and Secure where browsers come by TLS. Roles are read from the account at every
request, so that a role taken away is gone at once.

Source: OWASP Session Management; NIST SP 800-63B, section 7.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from starlette.requests import HTTPConnection
from starlette.responses import Response

from limen.core.ports import Clock
from limen.web.security.csrf import csrf_of
from limen.web.security.roles import Caller, How, Role

__all__ = ["COOKIE", "Sessions"]

COOKIE = "limen_session"
_IDLE = timedelta(minutes=30)
_ABSOLUTE = timedelta(hours=12)


@dataclass(slots=True, kw_only=True)
class _Session:
    holder_id: str
    roles: frozenset[Role]
    began_at: datetime
    seen_at: datetime


class Sessions:
    """Who is signed in.

    Args:
        clock: tells when.
        tls: whether the cookie is Secure.
    """

    def __init__(self, *, clock: Clock, tls: bool) -> None:
        self._clock = clock
        self._tls = tls
        self._kept: dict[str, _Session] = {}

    def begin(self, response: Response, holder_id: str, *, roles: frozenset[Role]) -> None:
        """Sign somebody in; the cookie goes out with the response."""
        cookie, now = secrets.token_urlsafe(32), self._clock.now()
        self._kept[_hash(cookie)] = _Session(holder_id=holder_id, roles=roles, began_at=now, seen_at=now)
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=self._tls)

    def find(self, connection: HTTPConnection) -> Caller | None:
        """Who is signed in, or None."""
        cookie, now = connection.cookies.get(COOKIE, ""), self._clock.now()
        session = self._kept.get(_hash(cookie))
        if session is None or now >= min(session.seen_at + _IDLE, session.began_at + _ABSOLUTE):
            return None
        session.seen_at = now
        return Caller(caller_id=session.holder_id, roles=session.roles, how=How.SESSION, csrf=csrf_of(cookie))

    def end(self, connection: HTTPConnection, response: Response) -> None:
        """Sign out."""
        self._kept.pop(_hash(connection.cookies.get(COOKIE, "")), None)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._tls)


def _hash(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()
