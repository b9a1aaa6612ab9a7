"""Every page of the console."""

from __future__ import annotations

from fastapi import APIRouter

from limen.web.pages.console import (
    events,
    incidents,
    invitations,
    oversight,
    overview,
    people,
    person,
    rules,
    thresholds,
)
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    for part in (overview, people, invitations, person, rules, thresholds, incidents, events, oversight):
        routes.include_router(part.router(service), prefix="/console")
    return routes
