"""Whether the service is alive."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["router"]


class Health(BaseModel):
    """The service answers."""

    alive: bool = Field(description="Always true; a service that is not alive does not answer.")


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health", dependencies=[PUBLIC])
    def health() -> Health:
        """Say that the service is alive and can read its store."""
        with service.site.store.read():
            return Health(alive=True)

    return routes
