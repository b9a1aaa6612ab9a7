"""The audit chain: whether it holds."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from limen.core.accounts import Role
from limen.web.api.models import Model, Served
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["router"]


routes = APIRouter(prefix="/audit", tags=["audit"])


class VerdictOut(Model):
    """What checking the chain found."""

    holds: bool
    n_records: int
    broken_at: int | None = Field(description="The first record that does not hold.")
    problem: str | None
    head: str = Field(description="Digest of the last good record; keep it elsewhere.")
    not_covered: list[str] = Field(description="What this check cannot vouch for.")


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("/verify", dependencies=[needs(Role.ADMINISTRATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)])
def verify(*, service: Served) -> VerdictOut:
    """Check every record from the first to the last."""
    with service.site.store.read() as unit:
        verdict = unit.audit.verify()
    return VerdictOut(
        holds=verdict.broken_at is None and verdict.problem is None,
        n_records=verdict.n_records,
        broken_at=verdict.broken_at,
        problem=verdict.problem,
        head=verdict.head,
        not_covered=list(verdict.not_covered),
    )
