"""Everybody's own page: what is held about me, what was done with it and who looked.

Rules kept: the code of a page never stands in an address that the server sees; whoever has left is signed out; nothing
here can be asked about anybody else.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from limen.bootstrap.self_service import SelfService
from limen.core.errors import RefusedError
from limen.core.ledger import AuditRecord
from limen.core.people import SubjectId
from limen.flows.own_data import OwnData
from limen.web.pages.render import Words, language_of, page, words_of
from limen.web.pages.self.asked import Code, body_of
from limen.web.problems import ProblemError
from limen.web.security.limits import address_of
from limen.web.security.roles import PUBLIC, Caller, Role
from limen.web.service import Service

__all__ = ["day", "own_data", "router"]

PART = "self"


def router(service: Service, alone: SelfService) -> APIRouter:
    """The routes."""
    routes, pages = APIRouter(), _Mine(service, alone)
    routes.get("/my")(pages.mine)
    routes.post("/my/enter")(pages.enter)
    return routes


class _Mine:
    """What each route answers."""

    def __init__(self, service: Service, alone: SelfService) -> None:
        self._service = service
        self._alone = alone

    def mine(self, request: Request, caller: Annotated[Caller | None, PUBLIC]) -> Response:
        """The person's page; for whoever is not signed in as a person, the way to it."""
        if caller is None or Role.SUBJECT not in caller.roles:
            return page(request, "self/enter.html")
        own = own_data(self._alone, caller)
        words = words_of(PART, language_of(request))
        story = [(record.at, _told(record, words)) for record in own.story]
        return page(
            request, "self/mine.html", own=own, story=story, day=day, until=day(own.subject.agreement.expires_at)
        )

    async def enter(self, request: Request, _: Annotated[Caller | None, PUBLIC]) -> Response:
        """Sign in by the code of the page."""
        self._service.tries.ask(address_of(request))
        asked = await body_of(request, Code)
        subject = await run_in_threadpool(self._alone.links.person, asked.code)
        answer = JSONResponse({})
        roles = frozenset({Role.SUBJECT})
        await run_in_threadpool(lambda: self._service.sessions.begin(answer, subject.subject_id, roles=roles))
        return answer


def own_data(alone: SelfService, caller: Caller) -> OwnData:
    """What is held about whoever is signed in.

    Raises:
        ProblemError: the person has left.
    """
    try:
        return alone.own_data(SubjectId(caller.caller_id))
    except RefusedError:
        raise ProblemError.signed_out() from None


def day(moment: object) -> str:
    """A date as it is written on pages."""
    return f"{moment:%Y-%m-%d}"


def _told(record: AuditRecord, words: Words) -> str:
    """What a record says, for the person it is about."""
    known = words.starting("tag_")  # by tag, and by outcome of a door's decision
    told = known.get(record.tag.value.replace(":", "_"))
    if told is None:
        return words("tag_other", tag=record.tag.value)
    facts = dict.fromkeys(("door", "outcome", "role", "approved_role", "reason"), "")
    facts |= {name: str(value) for name, value in record.detail.items()}
    facts["outcome"] = known.get(f"outcome_{facts['outcome']}", facts["outcome"])
    return told.format(**facts)
