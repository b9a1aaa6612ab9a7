"""The console: what the people who run a site see and do. English; what visitors and subjects read is elsewhere."""

from __future__ import annotations

from limen.web.pages.console.router import router

__all__ = ["router"]
