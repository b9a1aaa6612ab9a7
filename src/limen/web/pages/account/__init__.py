"""Beginning an account by a link, signing in and out, and who has an account."""

from __future__ import annotations

from fastapi import APIRouter

from limen.web.pages.account import begin, people, provider, sign_in
from limen.web.service import Service

__all__ = ["router"]


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    for part in (begin, sign_in, provider, people):
        routes.include_router(part.router(service))
    return routes
