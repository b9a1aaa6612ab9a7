"""`limen consent`: the texts people agree to, and the records that they did."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from limen.cli.opening import open_existing, open_or_create_trial
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError, RefusedError
from limen.core.people import Agreement, AgreementId, AgreementText, GivenHow
from limen.ledger.texts import agreement_text, own_text

__all__ = ["agreement_document", "app"]

app = typer.Typer(help="Agreement texts and records.", no_args_is_help=True)


@app.command()
def new(
    *,
    how: Annotated[GivenHow, typer.Option(help="How the person agreed.")] = GivenHow.IN_PERSON_SCREEN,
    language: Annotated[str, typer.Option(help="Of the shipped text: en or fr.")] = "en",
    text: Annotated[Path | None, typer.Option(metavar="FILE", help="The controller's own text instead.")] = None,
    text_version: Annotated[str | None, typer.Option(help="Version of that text.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How long the agreement holds.")] = 365,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Record that a person read the text and agreed; prints the id that `limen enrol --consent` takes."""
    output = Output(json_wanted=json)
    words = agreement_text(language) if text is None else _own_text(text, language, text_version)
    with open_or_create_trial(data, output) as site:
        agreement = site.agree(words, how=how, validity=timedelta(days=days))
    output.answer(
        agreement_document(agreement),
        words.text,
        f"Recorded: {agreement.agreement_id}, valid until {agreement.expires_at:%Y-%m-%d}. "
        f"Next: limen enrol --name NAME --consent {agreement.agreement_id} PICTURE",
    )
    return DONE


@app.command()
def show(
    agreement_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="One record; without it, all.")] = None,
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Show agreement records."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        if agreement_id is None:
            found = unit.agreements.all()
        else:
            one = unit.agreements.get(AgreementId(agreement_id))
            if one is None:
                raise RefusedError(
                    f"there is no agreement {agreement_id}", advice="see `limen consent show`", reason="no_agreement"
                )
            found = (one,)
    table = new_table("agreement", "text", "language", "how", "given", "expires", "whose")
    for item in found:
        dates = (f"{item.given_at:%Y-%m-%d}", f"{item.expires_at:%Y-%m-%d}")
        whose = item.subject_id or "nobody yet"
        table.add_row(item.agreement_id, item.text_version, item.language, item.how.value, *dates, whose)
    output.answer({"agreements": [agreement_document(item) for item in found]}, table)
    return DONE


def agreement_document(agreement: Agreement) -> dict[str, str | None]:
    """An agreement record."""
    return {
        "agreement_id": agreement.agreement_id,
        "text_version": agreement.text_version,
        "text_sha256": agreement.text_sha256,
        "language": agreement.language,
        "how": agreement.how.value,
        "given_at": agreement.given_at.isoformat(),
        "expires_at": agreement.expires_at.isoformat(),
        "subject_id": agreement.subject_id,
    }


def _own_text(path: Path, language: str, version: str | None) -> AgreementText:
    if version is None:
        raise ConfigError("a text of your own needs --text-version", advice="for instance --text-version acme-2")
    return own_text(path, version=version, language=language)
