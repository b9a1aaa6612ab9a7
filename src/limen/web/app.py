"""The application: every router and page, what errors look like, and the headers of every answer."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.websockets import WebSocket

from limen.core.errors import LimenError
from limen.web.api import (
    agreements,
    audit,
    door_frames,
    door_live,
    doors,
    enrolments,
    events,
    health,
    kiosks,
    metrics,
    passes,
    rules,
    subjects,
)
from limen.web.api.document import document_of
from limen.web.pages import account, console, front, kiosk, render
from limen.web.pages import self as self_service
from limen.web.problems import MEDIA_TYPE, Problem, ProblemError, problem_of
from limen.web.security.bodies import BoundedBody
from limen.web.security.headers import ALWAYS, SafeHeaders
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["API", "create_app"]

API = "/api/v1"
_LOG = structlog.get_logger("limen.web")
_SIGN_IN = "/sign-in"
_RESOURCES = (
    subjects,
    agreements,
    enrolments,
    passes,
    doors,
    rules,
    kiosks,
    door_live,
    door_frames,
    events,
    audit,
    health,
    metrics,
)


def create_app(service: Service) -> FastAPI:
    """The service as an ASGI application."""
    app = FastAPI(
        title="limen",
        version="1",
        summary="Doors for people who agreed to be recognised.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.mount("/static", render.static_files(), name="static")
    answers: dict[int | str, dict[str, Any]] = {
        "4XX": {"model": Problem, "description": "No, and why."},
        "5XX": {"model": Problem, "description": "Not at the moment."},
    }
    app.state.metrics = metrics.Metrics()
    app.state.metrics.registry.register(service.live)
    for resource in _RESOURCES:
        app.include_router(resource.router(service), prefix=API, responses=answers)
    for part in (front, account, console, self_service, kiosk):
        app.include_router(part.router(service), include_in_schema=False)
    app.add_api_route(f"{API}/openapi.json", _document, dependencies=[PUBLIC], include_in_schema=False)
    app.add_exception_handler(ProblemError, _told)
    app.add_exception_handler(LimenError, _told)
    app.add_exception_handler(RequestValidationError, _told)
    app.add_exception_handler(HTTPException, _told)
    app.add_exception_handler(Exception, _told)
    app.add_middleware(BoundedBody)
    app.add_middleware(SafeHeaders, tls=service.tls)
    app.add_middleware(metrics.Timed, metrics=app.state.metrics)
    return app


def _document(request: Request) -> JSONResponse:
    """The OpenAPI document of this version."""
    return JSONResponse(document_of(request.app))


async def _told(connection: Any, error: Exception) -> Any:  # Starlette types a request's and a WebSocket's apart
    """An error as an answer; a WebSocket that was not accepted is denied with the same."""
    answer = await run_in_threadpool(_answer, connection, _problem(error))
    if not isinstance(connection, WebSocket):
        return answer
    await connection.send_denial_response(answer)
    return None


def _answer(request: HTTPConnection, found: ProblemError) -> Response:
    """A problem for programs, a page for people, the way to sign in where that is missing."""
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
        return JSONResponse(
            found.problem.model_dump(),
            status_code=found.problem.status,
            media_type=MEDIA_TYPE,
            headers=found.headers,
        )
    if found.problem.status == 401:  # noqa: PLR2004  signed out
        return RedirectResponse(f"{_SIGN_IN}?then={request.url.path}", status_code=303)
    answer = render.page(request, "base/problem.html", status=found.problem.status, problem=found.problem)
    answer.headers.update(ALWAYS)  # an unforeseen error is answered outside the middleware that does it
    return answer


def _problem(error: Exception) -> ProblemError:
    match error:
        case ProblemError():
            return error
        case LimenError():
            found = problem_of(error)
            if found.problem.status == 503:  # noqa: PLR2004  whoever asked cannot act on it, and reads none of its words
                _LOG.error("request_failed", code=error.code, message=str(error), advice=error.advice())
            return found
        case RequestValidationError():
            mistakes = tuple((".".join(map(str, one["loc"])), str(one["msg"])) for one in error.errors())
            title = "What was sent cannot be read"
            return ProblemError(422, "not_valid", title=title, advice="correct each mistake", mistakes=mistakes)
        case HTTPException(status_code=404):
            return ProblemError.not_found()
        case HTTPException():
            return ProblemError(error.status_code, "http", title=error.detail, headers=dict(error.headers or {}))
        case _:
            return ProblemError(500, "broken", title="Something broke here", advice="tell the administrator")
