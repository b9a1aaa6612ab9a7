"""The routes of self-service: the way in for who was invited, and everybody's own page."""

from __future__ import annotations

from fastapi import APIRouter

from limen.bootstrap.self_service import SelfService
from limen.web.pages.self import join, mine, rights, starting
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service) -> APIRouter:
    """The routes."""
    alone, routes = SelfService(service.site), APIRouter()
    for part in (join, mine, rights, starting):
        routes.include_router(part.router(service, alone))
    return routes
