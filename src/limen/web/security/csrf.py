"""A change asked with a session's cookie has to come from our own page.

Rule kept: three things hold it, each by itself: the cookie is SameSite=Strict; a request that says it comes from
another origin (Sec-Fetch-Site, or Origin) is refused (`foreign`, asked of every request); and a change with a cookie
carries the session's own token, in a header or a field of the form.

Source: OWASP Cross-Site Request Forgery Prevention; W3C Fetch Metadata Request Headers.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from fastapi import Request

from limen.web.problems import ProblemError

__all__ = ["FIELD", "HEADER", "SAFE", "check_csrf", "csrf_of", "foreign"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "X-CSRF-Token"
FIELD = "csrf_token"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def csrf_of(cookie: str) -> str:
    """The token of a session, made from its secret; it does not tell the secret."""
    return hmac.digest(cookie.encode(), b"limen/1/csrf", sha256).hex()


async def check_csrf(request: Request, expected: str) -> None:
    """Refuse a change without its session's token.

    Raises:
        ProblemError: 403.
    """
    if request.method in SAFE:
        return
    given = request.headers.get(HEADER, "")
    if not given and request.headers.get("Content-Type", "").startswith(_FORMS):
        field = (await request.form()).get(FIELD)
        given = field if isinstance(field, str) else ""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise ProblemError(
            403, "csrf", title="The request did not come from a page of this site", advice="load the page again"
        )


def foreign(headers: Mapping[str, str]) -> bool:
    """Whether a request says that a page of another origin made it; one that says nothing was made by no browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")
