"""Metrics for Prometheus: a closed list, and no label that tells of a person."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from limen.core.accounts import Role
from limen.web.api.models import Served
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["Metrics", "Timed", "router"]


routes = APIRouter(tags=["health"])


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is counted; the names stand in docs/guide/integrator.md."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    people: Gauge = field(init=False)
    inside: Gauge = field(init=False)

    def __post_init__(self) -> None:
        for name, made in (
            ("requests", Counter("limen_http_requests", "Answers.", ["method", "status"], registry=self.registry)),
            ("seconds", Histogram("limen_http_seconds", "Time to the answer.", ["method"], registry=self.registry)),
            ("people", Gauge("limen_enrolled_people", "People enrolled.", registry=self.registry)),
            ("inside", Gauge("limen_people_inside", "People inside, as counted.", registry=self.registry)),
        ):
            object.__setattr__(self, name, made)


class Timed:
    """Counts answers and how long they took.

    Args:
        app: what is behind.
        metrics: where to count.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, method = time.perf_counter(), scope["method"] if scope["method"] in _METHODS else "other"

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requests.labels(method, f"{message['status'] // 100}xx").inc()
                self._metrics.seconds.labels(method).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, counted)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get(
    "/metrics",
    dependencies=[needs(Role.ADMINISTRATOR, Role.GUARD, Role.AUDITOR)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def show(request: Request, *, service: Served) -> Response:
    """Show metrics in Prometheus' text format."""
    metrics: Metrics = request.app.state.metrics
    with service.site.store.read() as unit:
        metrics.people.set(unit.subjects.count())
        metrics.inside.set(unit.doors.occupancy())
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
