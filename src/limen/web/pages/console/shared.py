"""What pages of the console have in common: who may see which, how they are made, what a form that failed says."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from limen.core.errors import LimenError, RefusedError
from limen.web.pages.render import page, words_of
from limen.web.problems import problem_of
from limen.web.security.roles import Caller, Role

__all__ = ["DESK", "EVENTS", "OFFICE", "OVERSIGHT", "PAGES", "back", "console_page", "failed", "role_for"]

DESK: Final = (Role.GUARD, Role.OPERATOR, Role.ADMINISTRATOR)
"""Who works at the door and at the desk."""

OFFICE: Final = (Role.OPERATOR, Role.ADMINISTRATOR)
"""Who looks after people."""

OVERSIGHT: Final = (Role.ADMINISTRATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
"""Who looks after the site."""

EVENTS: Final = (*DESK, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
"""Who sees what doors did, without whom it was about."""

PAGES: Final = (
    ("/console", "Overview", EVENTS),
    ("/console/people", "People", DESK),
    ("/console/events", "Events", EVENTS),
    ("/console/incidents", "Incidents", EVENTS),
    ("/console/rules", "Rules", OVERSIGHT),
    ("/console/thresholds", "Thresholds", EVENTS),
    ("/console/audit", "Audit", OVERSIGHT),
    ("/console/privacy", "Privacy", EVENTS),
    ("/console/settings", "Settings", (Role.ADMINISTRATOR, Role.AUDITOR)),
)
"""Address, name, and who may see it."""


def console_page(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """A page of the console, with the ways to those that the caller may see."""
    caller: Caller | None = getattr(request.state, "caller", None)
    roles = caller.roles if caller else frozenset[Role]()
    ways = [(address, name) for address, name, needed in PAGES if roles & set(needed)]
    here = max((address for address, _ in ways if request.url.path.startswith(address)), key=len, default="")
    values = {"language": "en", "t": words_of("console", "en"), "ways": ways, "here": here, **_may(roles), **values}
    values.setdefault("done", request.query_params.get("done", ""))
    values.setdefault("wrong", None)
    answer = page(request, f"console/{template}", status=status, **values)
    answer.headers["Content-Language"] = "en"
    return answer


def _may(roles: frozenset[Role]) -> dict[str, bool]:
    """What templates ask of the caller."""
    asked = {"desk": DESK, "office": OFFICE, "oversee": OVERSIGHT, "administer": (Role.ADMINISTRATOR,)}
    return {f"may_{what}": bool(roles & set(needed)) for what, needed in asked.items()}


def back(address: str, done: str = "") -> Response:
    """After a change: the page anew, with a word that it was done."""
    return RedirectResponse(f"{address}?done={done}" if done else address, status_code=303)


def failed(error: LimenError) -> tuple[int, dict[str, Any]]:
    """Status and words of an error that belongs on the page where it happened."""
    problem = problem_of(error).problem
    mistakes = getattr(error, "mistakes", ()) or (problem.title,)
    reason = error.reason if isinstance(error, RefusedError) else problem.code
    return problem.status, {"mistakes": list(mistakes), "advice": problem.advice, "reason": reason}


def role_for(caller: Caller, among: tuple[Role, ...], *, but: str = "") -> Role:
    """As which of the caller's roles something is done; never as ``but`` where there is another.

    Raises:
        ValueError: none of them.
    """
    own = [role for role in among if role in caller.roles]
    if not own:
        raise ValueError("roles: the route let somebody through who has none of its roles")
    return next((role for role in own if role.value != but), own[0])
