"""Agreements: the words, and the record that a person agreed to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from limen.bootstrap.serving import AGREEMENT_LANGUAGES, AGREEMENT_VERSIONS, agreement_words
from limen.core.accounts import Role
from limen.core.people import Agreement, AgreementId, AgreementProof, GivenHow
from limen.web.api.models import ID, Model, Once, Served, Text, answered_once
from limen.web.problems import ProblemError
from limen.web.security.roles import PUBLIC, needs
from limen.web.service import Service

__all__ = ["router"]

_DESK = (Role.ADMINISTRATOR, Role.OPERATOR)
_Version = Literal[AGREEMENT_VERSIONS]  # type: ignore[valid-type]  # the versions that are bundled
_Language = Literal[AGREEMENT_LANGUAGES]  # type: ignore[valid-type]  # the same


routes = APIRouter(prefix="/agreements", tags=["agreements"])


class TextOut(Model):
    """The words that people agree to."""

    text_version: str
    language: str
    text: str
    sha256: str


class AgreementIn(Model):
    """That a person has agreed. A refusal is recorded nowhere."""

    text_version: _Version
    language: _Language
    how: GivenHow
    days: int = Field(ge=1, le=1098, description="How long it holds.")
    purpose: str = Field(default="", max_length=200, description="What the person was told it is for.")
    signature: Text | None = Field(default=None, description="As typed, where the person was alone at a screen.")
    paper_reference: Text | None = Field(default=None, description="Where the signed paper is.")
    witness: Text | None = Field(default=None, description="The second operator who saw it.")


class AgreementOut(Model):
    """The record."""

    agreement_id: ID
    text_version: str
    text_sha256: str
    language: str
    how: GivenHow
    given_at: datetime
    expires_at: datetime
    subject_id: ID | None = Field(description="Whose it is; null before the enrolment.")
    purpose: str


def router(_: Service) -> APIRouter:
    """The routes."""
    return routes


@routes.get("/texts/{text_version}", dependencies=[PUBLIC])
def show_text(text_version: _Version, language: Annotated[_Language, Query()]) -> TextOut:
    """Show the words of a version in a language."""
    text = agreement_words(language, version=text_version)
    return TextOut(text_version=text.version, language=text.language, text=text.text, sha256=text.sha256)


@routes.post("", status_code=201, response_model=AgreementOut, dependencies=[needs(*_DESK)])
def record(given: AgreementIn, once: Annotated[Once, answered_once], *, service: Served) -> Response:
    """Record that a person has agreed, in person, before anything about the person is computed or kept."""
    text = agreement_words(given.language, version=given.text_version)
    proof = AgreementProof(typed=given.signature, paper_reference=given.paper_reference, witness=given.witness)

    def done() -> AgreementOut:
        made = service.site.agree(
            text, how=given.how, validity=timedelta(days=given.days), purpose=given.purpose, proof=proof
        )
        return _out(made)

    return once(done, asked=given.model_dump_json().encode())


@routes.get("/{agreement_id}", dependencies=[needs(*_DESK, Role.DATA_PROTECTION_OFFICER)])
def show(agreement_id: ID, *, service: Served) -> AgreementOut:
    """Show one record."""
    with service.site.store.read() as unit:
        found = unit.agreements.get(AgreementId(agreement_id))
    if found is None:
        raise ProblemError.not_found("This agreement")
    return _out(found)


def _out(agreement: Agreement) -> AgreementOut:
    return AgreementOut(
        agreement_id=agreement.agreement_id,
        text_version=agreement.text_version,
        text_sha256=agreement.text_sha256,
        language=agreement.language,
        how=agreement.how,
        given_at=agreement.given_at,
        expires_at=agreement.expires_at,
        subject_id=agreement.subject_id,
        purpose=agreement.purpose,
    )
