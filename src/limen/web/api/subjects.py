"""Subjects: people who are enrolled. No list has more than a name and how the enrolment stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints
from starlette.responses import Response

from limen.bootstrap.door import lay_down_of
from limen.core.accounts import Role
from limen.core.ledger import ReceiptItem
from limen.core.people import Rights, Subject, SubjectId, TemplateKind
from limen.web.api.models import ID, Limit, Model, Once, Served, answered_once, own
from limen.web.problems import ProblemError
from limen.web.security.roles import Caller, needs
from limen.web.service import Service

__all__ = ["SubjectOut", "router", "subject_out"]

_DESK = (Role.ADMINISTRATOR, Role.OPERATOR)
_Group = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


routes = APIRouter(prefix="/subjects", tags=["subjects"])


class SubjectOut(Model):
    """A person who is enrolled."""

    subject_id: ID
    name: str
    kind: TemplateKind = Field(description="Where the template is: with the person, badge-locked, or in the gallery.")
    confirmed: bool = Field(
        description="Whether a live capture has confirmed it; until then nobody is recognised by it."
    )
    enrolled_at: datetime
    agreement_id: ID
    expires_at: datetime = Field(description="When the agreement ends, and with it everything.")


class SubjectsOut(Model):
    """A page of people, in the order of enrolment."""

    items: list[SubjectOut]
    next: ID | None = Field(description="Ask with `after` for the next page; null at the end.")


class AccessIn(Model):
    """What is to be laid down; what is not given stays."""

    groups: list[_Group] | None = Field(default=None, max_length=100)
    badge: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,40}$")] | None = None
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")] | None = Field(
        default=None, description="Kept as a hash."
    )


class AccessOut(Model):
    """What is laid down for a person at doors."""

    groups: list[str]
    badge: str | None
    has_pin: bool


class ItemOut(Model):
    """One kind of thing in a receipt."""

    what: str
    count: int
    until: str | None
    why: str | None


class ReceiptOut(Model):
    """What a withdrawal destroyed, and what stays; signed by the site."""

    receipt_id: ID
    at: datetime
    gone: list[ItemOut]
    stays: list[ItemOut]
    statement: dict[str, object]


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("", dependencies=[needs(*_DESK, Role.DATA_PROTECTION_OFFICER)])
def list_subjects(
    after: Annotated[ID | None, Query()] = None, limit: Annotated[Limit, Query()] = 50, *, service: Served
) -> SubjectsOut:
    """List people, a page at a time."""
    with service.site.store.read() as unit:
        found = unit.subjects.page(after=None if after is None else SubjectId(after), most=limit + 1)
    last = found[limit - 1].subject_id if len(found) > limit else None
    return SubjectsOut(items=[subject_out(one) for one in found[:limit]], next=last)


@routes.get("/{subject_id}")
def show_subject(
    subject_id: ID,
    caller: Annotated[Caller, needs(*_DESK, Role.DATA_PROTECTION_OFFICER, Role.SUBJECT)],
    *,
    service: Served,
) -> SubjectOut:
    """Show one person."""
    return subject_out(_found(service, own(caller, subject_id)))


@routes.get("/{subject_id}/access")
def show_access(
    subject_id: ID, caller: Annotated[Caller, needs(*_DESK, Role.SUBJECT)], *, service: Served
) -> AccessOut:
    """Show what is laid down for one person at doors."""
    _found(service, own(caller, subject_id))
    with service.site.store.read() as unit:
        return _access(unit.rights.get(SubjectId(subject_id)))


@routes.put("/{subject_id}/access", dependencies=[needs(*_DESK)])
def lay_down(subject_id: ID, given: AccessIn, *, service: Served) -> AccessOut:
    """Lay down groups, badge number or PIN."""
    _found(service, SubjectId(subject_id))
    groups = None if given.groups is None else frozenset(given.groups)
    return _access(lay_down_of(service.site)(SubjectId(subject_id), groups=groups, badge=given.badge, pin=given.pin))


@routes.post("/{subject_id}/withdraw", response_model=ReceiptOut)
def withdraw(
    subject_id: ID,
    caller: Annotated[Caller, needs(*_DESK, Role.DATA_PROTECTION_OFFICER, Role.SUBJECT)],
    once: Annotated[Once, answered_once],
    *,
    service: Served,
) -> Response:
    """Stop and delete: the person's key, templates, name and agreement are destroyed; no door knows the person."""

    def done() -> ReceiptOut:
        receipt = service.site.withdraw(_found(service, own(caller, subject_id)).subject_id)
        return ReceiptOut(
            receipt_id=receipt.receipt_id,
            at=receipt.at,
            gone=[_item(item) for item in receipt.gone],
            stays=[_item(item) for item in receipt.stays],
            statement=dict(receipt.statement),
        )

    return once(done, status=200)


def subject_out(subject: Subject) -> SubjectOut:
    """A person as the API tells of them."""
    return SubjectOut(
        subject_id=subject.subject_id,
        name=subject.name,
        kind=subject.kind,
        confirmed=subject.confirmed,
        enrolled_at=subject.enrolled_at,
        agreement_id=subject.agreement.agreement_id,
        expires_at=subject.agreement.expires_at,
    )


def _found(service: Service, subject_id: SubjectId) -> Subject:
    with service.site.store.read() as unit:
        subject = unit.subjects.get(subject_id)
    if subject is None:
        raise ProblemError.not_found("This person")
    return subject


def _access(rights: Rights) -> AccessOut:
    return AccessOut(groups=sorted(rights.groups), badge=rights.badge, has_pin=rights.pin_hash is not None)


def _item(item: ReceiptItem) -> ItemOut:
    return ItemOut(what=item.what, count=item.count, until=item.until, why=item.why)
