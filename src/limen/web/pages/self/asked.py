"""What pages of self-service send: JSON, read within a bound and held in memory alone.

Rule kept: no upload is spooled to a file, as a form's would be, because pictures of people come this way.
"""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from limen.core.people import TemplateKind
from limen.web.problems import ProblemError
from limen.web.security.roles import Role
from limen.web.service import Service

__all__ = [
    "Agreed",
    "Code",
    "Finished",
    "MyPicture",
    "MyPictures",
    "Pictured",
    "at_kiosk",
    "body_of",
    "picture_of",
]

MAX_PICTURES = 3
_SMALL = 20_000
_LARGE = 8_000_000
_PICTURE = 4_000_000

Model = TypeVar("Model", bound=BaseModel)


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Code(_Asked):
    """The code of an invitation, or of somebody's own page."""

    code: str = Field(max_length=60)


class Agreed(Code):
    """Somebody has read the text and agrees."""

    kind: TemplateKind
    adult: bool
    signature: str = Field(min_length=1, max_length=200)


class Pictured(Code):
    """One frame to be judged and dropped."""

    agreement: str = Field(max_length=60)
    kind: TemplateKind
    picture: str = Field(max_length=_PICTURE)


class Finished(Code):
    """The pictures that somebody is to be enrolled by."""

    agreement: str = Field(max_length=60)
    kind: TemplateKind
    name: str = Field(max_length=200)
    pin: str = Field(default="", max_length=64)
    pictures: tuple[str, ...] = Field(min_length=1, max_length=MAX_PICTURES)


class MyPicture(_Asked):
    """One frame of somebody who is enrolled, to be judged and dropped."""

    picture: str = Field(max_length=_PICTURE)


class MyPictures(_Asked):
    """New pictures of somebody who is enrolled, and of a pass's holder the old pass."""

    pictures: tuple[str, ...] = Field(min_length=1, max_length=MAX_PICTURES)
    old_pass: str = Field(default="", max_length=_PICTURE)


async def body_of(request: Request, model: type[Model]) -> Model:
    """What was sent.

    Raises:
        ProblemError: 413 or 422.
    """
    most = _LARGE if {"picture", "pictures"} & set(model.model_fields) else _SMALL
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise ProblemError(413, "too_large", title="What was sent is too large", advice="send less")
    try:
        return model.model_validate_json(bytes(content))
    except ValidationError as error:
        places = tuple((".".join(map(str, one["loc"])), one["type"]) for one in error.errors(include_input=False))
        raise ProblemError(
            422, "not_valid", title="What was sent cannot be read", advice="load the page again", mistakes=places
        ) from None


def picture_of(text: str) -> bytes:
    """A picture file from its Base64.

    Raises:
        ProblemError: 422.
    """
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ProblemError(422, "not_valid", title="The picture cannot be read", advice="load the page again") from None


async def at_kiosk(service: Service, request: Request) -> bool:
    """Whether the page is open on a kiosk that the site has paired, whoever else is signed in there."""

    def found() -> bool:
        callers = (find(request) for find in service.finders)
        return any(caller is not None and Role.KIOSK in caller.roles for caller in callers)

    return await run_in_threadpool(found)
