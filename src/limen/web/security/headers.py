"""What every answer says to the browser: nothing from elsewhere, no frames, no guessing, no copy kept.

Source: W3C Content Security Policy 3; OWASP Secure Headers.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from limen.web.problems import MEDIA_TYPE, ProblemError
from limen.web.security.csrf import SAFE, foreign

__all__ = ["ALWAYS", "CAMERA", "CONTENT_POLICY", "SafeHeaders"]

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
CAMERA = "camera=(self)"
"""The Permissions-Policy of a page with a camera; every other page has none."""

ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer."""

_UNLESS_SAID = {
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class SafeHeaders:
    """Puts the headers on every answer, and turns away changes that a page of another origin asks for.

    Args:
        app: what is behind.
        tls: whether browsers come by HTTPS, and may be told to do so always.
    """

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self._app = app
        self._always = {**ALWAYS, **({"Strict-Transport-Security": "max-age=31536000"} if tls else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._always)
                for name, value in _UNLESS_SAID.items():
                    headers.setdefault(name, value)
            await send(message)

        if _changes(scope) and foreign(Headers(scope=scope)):
            answer = _refusal()
            await answer(scope, receive, dressed)
            return
        await self._app(scope, receive, dressed)


def _changes(scope: Scope) -> bool:
    """Whether the request may change something; a WebSocket may, and its handshake is a GET."""
    return scope["type"] == "websocket" or scope["method"] not in SAFE


def _refusal() -> JSONResponse:
    error = ProblemError(403, "foreign", title="A page of another site asked for this", advice="open our own page")
    return JSONResponse(error.problem.model_dump(), status_code=403, media_type=MEDIA_TYPE)
