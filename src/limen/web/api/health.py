"""Whether the service is alive."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from limen.web.api.models import Served
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["router"]


routes = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service answers."""

    alive: bool = Field(description="Always true; a service that is not alive does not answer.")


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("/health", dependencies=[PUBLIC])
def health(*, service: Served) -> Health:
    """Say that the service is alive and can read its service.site.store."""
    with service.site.store.read() as unit:
        unit.doors.occupancy()
    return Health(alive=True)
