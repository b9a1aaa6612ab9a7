"""Face passes: what the site keeps of them (never the template), another for their holder, and their end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import Field, StringConstraints
from starlette.responses import Response

from limen.bootstrap.serving import MAX_BROWSER_BYTES, code_text
from limen.core.accounts import Role
from limen.core.passes import PassId, PassRecord
from limen.core.people import SubjectId
from limen.flows.making_pass import Issued, PassPlan
from limen.web.api.enrolments import PicturesIn, digest_of, frames_of
from limen.web.api.models import ID, Model, Once, Served, answered_once, own
from limen.web.problems import ProblemError
from limen.web.security.roles import Caller, needs
from limen.web.service import Service

__all__ = ["router"]

_DESK = (Role.ADMINISTRATOR, Role.OPERATOR)
_PassId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
_Days = Annotated[int, Form(ge=1, le=1098, description="How long it holds; never past the agreement.")]


routes = APIRouter(tags=["passes"])


class PassOut(Model):
    """What the site keeps of a pass."""

    pass_id: _PassId
    subject_id: ID
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None


class PassesOut(Model):
    """The passes of one person, oldest first."""

    items: list[PassOut]


class IssuedOut(Model):
    """A new pass."""

    held: PassOut
    code: str = Field(description="The pass itself, as its QR code holds it, for its holder; told once, kept nowhere.")
    qualities: list[int] = Field(description="Of each picture, 0 to 100.")
    revoked: int = Field(description="How many earlier passes it replaces.")


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("/subjects/{subject_id}/passes")
def list_passes(
    subject_id: ID, caller: Annotated[Caller, needs(*_DESK, Role.SUBJECT)], *, service: Served
) -> PassesOut:
    """List the passes of one person."""
    with service.site.store.read() as unit:
        if unit.subjects.get(own(caller, subject_id)) is None:
            raise ProblemError.not_found("This person")
        return PassesOut(items=[_out(record) for record in unit.passes.of(SubjectId(subject_id))])


@routes.post("/subjects/{subject_id}/passes", status_code=201, response_model=IssuedOut, dependencies=[needs(*_DESK)])
def issue(
    *, subject_id: ID, days: _Days = 365, pictures: PicturesIn, once: Annotated[Once, answered_once], service: Served
) -> Response:
    """Make another pass from a new capture; earlier ones are revoked. The desk stands for who the holder is."""
    contents = [picture.file.read(MAX_BROWSER_BYTES + 1) for picture in pictures]
    plan = PassPlan(validity=timedelta(days=days))

    def done() -> IssuedOut:
        issued = service.site.passes.issue.again(
            frames_of(service, contents), subject_id=SubjectId(subject_id), plan=plan
        )
        return _issued(issued)

    return once(done, asked=digest_of(contents, str(days)), secret=True)


@routes.post(
    "/passes/renew",
    status_code=201,
    response_model=IssuedOut,
    dependencies=[needs(*_DESK, Role.KIOSK, Role.SUBJECT)],
)
def renew(
    *,
    code: Annotated[str, Form(min_length=1, max_length=800, description="The old pass, as its QR code holds it.")],
    days: _Days = 365,
    pictures: PicturesIn,
    once: Annotated[Once, answered_once],
    service: Served,
) -> Response:
    """Give whoever brings a pass and the face on it a new one."""
    contents = [picture.file.read(MAX_BROWSER_BYTES + 1) for picture in pictures]
    plan = PassPlan(validity=timedelta(days=days))

    def done() -> IssuedOut:
        return _issued(service.site.passes.renew(code, frames_of(service, contents), plan=plan))

    return once(done, asked=digest_of(contents, code, str(days)), secret=True)


@routes.get("/passes/{pass_id}", dependencies=[needs(*_DESK)])
def show(pass_id: _PassId, *, service: Served) -> PassOut:
    """Show what is kept of one pass."""
    return _out(_found(service, pass_id))


@routes.post("/passes/{pass_id}/revoke", response_model=PassOut)
def revoke(
    pass_id: _PassId,
    caller: Annotated[Caller, needs(*_DESK, Role.SUBJECT)],
    once: Annotated[Once, answered_once],
    *,
    service: Served,
) -> Response:
    """Refuse a pass from now on, at every door."""

    def done() -> PassOut:
        own(caller, _found(service, pass_id).subject_id)
        return _out(service.site.passes.revoke(pass_id)[0])

    return once(done, status=200)


def _found(service: Service, pass_id: str) -> PassRecord:
    with service.site.store.read() as unit:
        record = unit.passes.get(PassId(pass_id))
    if record is None:
        raise ProblemError.not_found("This pass")
    return record


def _issued(issued: Issued) -> IssuedOut:
    return IssuedOut(
        held=_out(issued.record), code=code_text(issued.code), qualities=list(issued.qualities), revoked=issued.revoked
    )


def _out(record: PassRecord) -> PassOut:
    return PassOut(
        pass_id=record.terms.pass_id,
        subject_id=record.subject_id,
        valid_from=record.terms.valid_from,
        valid_until=record.terms.valid_until,
        revoked_at=record.revoked_at,
    )
