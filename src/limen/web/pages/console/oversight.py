"""Audit, privacy and settings: for those who look after the site, and for whoever wants to see what it promises."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from starlette.responses import Response

from limen.bootstrap.settings_told import SettingTold, settings_told
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag, AuditVerdict
from limen.web.pages.console.shared import EVENTS, OVERSIGHT, console_page
from limen.web.security.roles import Role, needs
from limen.web.service import Service

__all__ = ["router"]

_NEWEST = 50


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/audit", dependencies=[needs(*OVERSIGHT)])
    def audit(request: Request) -> Response:
        """How the chain stands."""
        return _audit(service, request, verdict=None)

    @routes.post("/audit/verify", dependencies=[needs(*OVERSIGHT)])
    def verify(request: Request) -> Response:
        """Check every record."""
        return _audit(service, request, verdict=service.site.attest.verify([]))

    @routes.post("/audit/checkpoint", dependencies=[needs(*OVERSIGHT)])
    def checkpoint() -> Response:
        """A signed checkpoint as a file."""
        text = json.dumps(service.site.attest.checkpoint(), indent=2, sort_keys=True)
        named = {"Content-Disposition": 'attachment; filename="checkpoint.json"'}
        return Response(text, media_type="application/json", headers=named)

    _add_told(routes, service)
    return routes


def _add_told(routes: APIRouter, service: Service) -> None:
    """Pages that tell and change nothing."""

    @routes.get("/privacy", dependencies=[needs(*EVENTS)])
    def privacy(request: Request) -> Response:
        """What is promised, how long what is kept, and what the controller states."""
        settings = service.site.settings
        return console_page(request, "privacy.html", privacy=settings.privacy, backup_days=settings.backup.days)

    @routes.get("/privacy/report", dependencies=[needs(*OVERSIGHT)])
    def report() -> Response:
        """The draft of an impact assessment."""
        if service.privacy_report is None:
            raise RefusedError(
                "the report is made at the command line here", advice="limen privacy report", reason="no_report"
            )
        named = {"Content-Disposition": 'attachment; filename="privacy.html"'}
        return Response(service.privacy_report(), media_type="text/html", headers=named)

    @routes.get("/settings", dependencies=[needs(Role.ADMINISTRATOR, Role.AUDITOR)])
    def settings(request: Request) -> Response:
        """Every setting in force, and where it came from."""
        told = settings_told(service.site.settings)
        sections: dict[str, list[SettingTold]] = {}
        for one in told:
            sections.setdefault(one.section, []).append(one)
        return console_page(request, "settings.html", sections=sections, data=str(service.site.settings.data))


def _audit(service: Service, request: Request, *, verdict: AuditVerdict | None) -> Response:
    with service.site.store.read() as unit:
        newest = unit.audit.latest(frozenset(AuditTag), most=_NEWEST)
    rows = [(item, ", ".join(f"{name}: {value}" for name, value in item.detail.items())) for item in newest]
    return console_page(request, "audit.html", verdict=verdict, rows=rows)
