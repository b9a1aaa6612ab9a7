"""Self-service: an invitation becomes a face pass; later one's own page: my data, renew, not me, stop and delete."""

from __future__ import annotations

from limen.web.pages.self.router import router

__all__ = ["router"]
