"""How much a request may send, and that none of it touches a disk.

Rule kept: a body is refused as soon as it is larger than its path allows; parts of a form stay in memory, where the
form parser would write large ones to a temporary file.
"""

from __future__ import annotations

from starlette.formparsers import MultiPartParser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from limen.web.problems import MEDIA_TYPE, ProblemError

__all__ = ["MOST_BYTES", "BoundedBody"]

MOST_BYTES = 44 * 1024 * 1024
"""Ten pictures of 4 MiB and what stands around them."""

MultiPartParser.spool_max_size = MOST_BYTES + 1


class BoundedBody:
    """Refuses bodies that are too large.

    Args:
        app: what is behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"0")
        if not told.isdigit() or int(told) > MOST_BYTES:
            await _too_large()(scope, receive, send)
            return
        received = 0

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MOST_BYTES:
                return {"type": "http.disconnect"}
            return message

        await self._app(scope, bounded, send)


def _too_large() -> JSONResponse:
    error = ProblemError(413, "too_large", title="The request is too large", advice="send fewer or smaller pictures")
    return JSONResponse(error.problem.model_dump(), status_code=413, media_type=MEDIA_TYPE)
