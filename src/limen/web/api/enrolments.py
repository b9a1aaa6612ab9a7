"""Enrolments: pictures of a person who agreed become a template, and are gone when the request is answered.

Pictures are held in memory alone. What comes back may carry a face pass or a badge: it is told once, to whoever hands
it to its person, and is kept nowhere.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from pydantic import Field
from starlette.responses import Response

from limen.bootstrap.serving import MAX_BROWSER_BYTES, code_text, picture_frame
from limen.core.accounts import Role
from limen.core.frame import Frame
from limen.core.people import AgreementId, Subject, TemplateKind
from limen.flows.making_pass import PassPlan
from limen.web.api.models import ID, Model, Once, Served, Text, answered_once
from limen.web.api.subjects import SubjectOut, subject_out
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["PicturesIn", "digest_of", "frames_of", "router"]

PicturesIn = Annotated[
    list[UploadFile], File(min_length=1, max_length=10, description="JPEG, PNG or WebP, each of one face, up to 4 MiB.")
]


routes = APIRouter(prefix="/enrolments", tags=["enrolments"])


class EnrolmentOut(Model):
    """A person was enrolled."""

    subject: SubjectOut
    qualities: list[int] = Field(description="Of each picture, 0 to 100.")
    may_already_be_enrolled: bool | None = Field(
        description="Whether somebody so alike is enrolled; never who. Null where this is not looked at."
    )
    code: str | None = Field(description="The face pass or badge, as its QR code holds it, for its person; told once.")


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.post("", status_code=201, response_model=EnrolmentOut, dependencies=[needs(Role.ADMINISTRATOR, Role.OPERATOR)])
def enrol(
    *,
    name: Annotated[Text, Form()],
    agreement_id: Annotated[ID, Form()],
    kind: Annotated[TemplateKind, Form()],
    pass_days: Annotated[int, Form(ge=1, le=1098, description="Of a face pass: how long it holds.")] = 365,
    pictures: PicturesIn,
    once: Annotated[Once, answered_once],
    service: Served,
) -> Response:
    """Enrol a person who agreed. In a live folder a picture that was sent leaves them unconfirmed."""
    contents = [picture.file.read(MAX_BROWSER_BYTES + 1) for picture in pictures]
    asked = digest_of(contents, name, agreement_id, kind.value, str(pass_days))

    def done() -> EnrolmentOut:
        return _enrolled(
            service,
            frames_of(service, contents),
            name=name,
            agreement_id=AgreementId(agreement_id),
            kind=kind,
            pass_days=pass_days,
        )

    return once(done, asked=asked, secret=True)


def _enrolled(
    service: Service, frames: list[Frame], *, name: str, agreement_id: AgreementId, kind: TemplateKind, pass_days: int
) -> EnrolmentOut:
    match kind:
        case TemplateKind.GALLERY:
            made = service.site.enrol(frames, name=name, agreement_id=agreement_id, kind=kind)
            return _out(made.subject, made.qualities, alike=made.may_already_be_enrolled)
        case TemplateKind.PASS:
            plan = PassPlan(validity=timedelta(days=pass_days))
            issued = service.site.passes.issue(frames, name=name, agreement_id=agreement_id, plan=plan)
            return _out(issued.subject, issued.qualities, code=issued.code)
        case TemplateKind.SEALED:
            sealed = service.site.passes.enrol_sealed(frames, name=name, agreement_id=agreement_id)
            return _out(sealed.subject, sealed.qualities, code=sealed.badge)


def _out(
    subject: Subject, qualities: tuple[int, ...], *, alike: bool | None = None, code: bytes | None = None
) -> EnrolmentOut:
    return EnrolmentOut(
        subject=subject_out(subject),
        qualities=list(qualities),
        may_already_be_enrolled=alike,
        code=None if code is None else code_text(code),
    )


def frames_of(service: Service, contents: list[bytes]) -> list[Frame]:
    """Pictures that were sent, as frames.

    Raises:
        CaptureError: one is too large, or no picture.
    """
    return [picture_frame(service.site, content, name=f"picture {n}") for n, content in enumerate(contents, 1)]


def digest_of(contents: list[bytes], *words: str) -> bytes:
    """What tells one request with pictures from another."""
    return b"".join(sha256(part).digest() for part in (*(word.encode() for word in words), *contents))
