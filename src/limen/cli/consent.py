"""`limen consent`: the texts people agree to, and the records that they did."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from limen.cli.opening import open_existing, open_or_create_trial
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.cli.private_file import as_json, write_private
from limen.core.errors import ConfigError, RefusedError
from limen.core.people import AgreementId, AgreementProof, AgreementText, GivenHow
from limen.flows.prove import agreement_document
from limen.ledger.texts import CURRENT, PASS, VISITOR, agreement_text, own_text

__all__ = ["app"]

app = typer.Typer(help="Agreement texts and records.", no_args_is_help=True)


class About(StrEnum):
    """What a shipped text is about."""

    SITE = "site"
    PASS = "pass"  # noqa: S105  a face pass, not a password
    VISITOR = "visitor"


_ABOUT = {About.SITE: (CURRENT, 365), About.PASS: (PASS, 365), About.VISITOR: (VISITOR, 1)}
"""Version of the text, and days."""


HowOption = Annotated[GivenHow, typer.Option(help="How the person agreed.")]
LanguageOption = Annotated[str, typer.Option(help="Of the shipped text: en or fr.")]
TextOption = Annotated[Path | None, typer.Option(metavar="FILE", help="The controller's own text instead.")]
VersionOption = Annotated[str | None, typer.Option(help="Version of that text.")]
DaysOption = Annotated[int | None, typer.Option(min=1, help="How long it holds; default: 365, of a visitor 1.")]
AboutOption = Annotated[About, typer.Option(help="Which shipped text: the list or badge, a pass, or a visitor's.")]
TypedOption = Annotated[str | None, typer.Option(help="The person's signature, typed by the person.")]
DrawnOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The person's signature, drawn: the data of one SVG path.")
]
PaperOption = Annotated[str | None, typer.Option(help="Where the signed paper is.")]
WitnessOption = Annotated[str | None, typer.Option(help="The second operator who has seen the paper.")]


@app.command()
def new(
    *,
    how: HowOption = GivenHow.IN_PERSON_SCREEN,
    language: LanguageOption = "en",
    about: AboutOption = About.SITE,
    text: TextOption = None,
    text_version: VersionOption = None,
    days: DaysOption = None,
    purpose: Annotated[
        str, typer.Option(help="What the person was told it is for; `;` between several purposes.")
    ] = "",
    signature: TypedOption = None,
    signature_drawn: DrawnOption = None,
    paper_reference: PaperOption = None,
    witness: WitnessOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Record that a person read the text and agreed; prints the id that `limen enrol --consent` takes."""
    output = Output(json_wanted=json)
    version, validity = _ABOUT[about]
    words = agreement_text(language, version=version) if text is None else _own_text(text, language, text_version)
    proof = _proof(typed=signature, drawn=signature_drawn, paper=paper_reference, witness=witness)
    with open_or_create_trial(data, output) as site:
        agreement = site.agree(words, how=how, validity=timedelta(days=days or validity), purpose=purpose, proof=proof)
    output.answer(
        agreement_document(agreement),
        words.text,
        f"Recorded: {agreement.agreement_id}, valid until {agreement.expires_at:%Y-%m-%d}. "
        f"Next: limen enrol --name NAME --consent {agreement.agreement_id} PICTURE",
    )
    return DONE


@app.command()
def renew(
    agreement_id: Annotated[str, typer.Argument(metavar="ID", help="The agreement that is to go on.")],
    *,
    how: HowOption = GivenHow.IN_PERSON_SCREEN,
    language: LanguageOption = "en",
    about: AboutOption = About.SITE,
    text: TextOption = None,
    text_version: VersionOption = None,
    days: DaysOption = None,
    signature: TypedOption = None,
    signature_drawn: DrawnOption = None,
    paper_reference: PaperOption = None,
    witness: WitnessOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Record that an enrolled person agreed anew; the person stays enrolled, the old record goes."""
    output = Output(json_wanted=json)
    version, validity = _ABOUT[about]
    words = agreement_text(language, version=version) if text is None else _own_text(text, language, text_version)
    proof = _proof(typed=signature, drawn=signature_drawn, paper=paper_reference, witness=witness)
    with open_existing(data, output) as site:
        renewed = site.renew(
            AgreementId(agreement_id), words, how=how, validity=timedelta(days=days or validity), proof=proof
        )
    output.answer(
        agreement_document(renewed),
        words.text,
        f"Renewed: {renewed.agreement_id}, valid until {renewed.expires_at:%Y-%m-%d}; {agreement_id} is gone.",
    )
    return DONE


@app.command("list")
def list_agreements(
    *,
    expiring: Annotated[int, typer.Option(metavar="DAYS", min=0, help="Those that end within so many days.")] = 30,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """List enrolled people whose agreement ends soon, so that they can be asked in time."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        until = site.clock.now() + timedelta(days=expiring)
        found = [person for person in unit.subjects.all() if person.agreement.expires_at <= until]
    found.sort(key=lambda person: person.agreement.expires_at)
    table = new_table("agreement", "ends", "who", "name")
    for item in found:
        ends = f"{item.agreement.expires_at:%Y-%m-%d}"
        table.add_row(item.agreement.agreement_id, ends, item.subject_id, item.name)
    documents = [agreement_document(item.agreement) | {"name": item.name} for item in found]
    empty = f"No agreement ends within {expiring} days."
    output.answer({"agreements": documents}, table if found else empty)
    return DONE


@app.command()
def export(
    agreement_id: Annotated[str, typer.Argument(metavar="ID", help="The agreement.")],
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write there.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """The proof of one agreement: the record, signature, paper and witness, signed by the site."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        statement = site.prove(AgreementId(agreement_id))
    if out is None:
        output.answer(dict(statement), as_json(statement).rstrip())
    else:
        write_private(out, as_json(statement))
        output.answer({"written": str(out)}, f"Written to {out}.")
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


def _own_text(path: Path, language: str, version: str | None) -> AgreementText:
    if version is None:
        raise ConfigError("a text of your own needs --text-version", advice="for instance --text-version acme-2")
    return own_text(path, version=version, language=language)


def _proof(*, typed: str | None, drawn: Path | None, paper: str | None, witness: str | None) -> AgreementProof | None:
    if not any((typed, drawn, paper, witness)):
        return None
    try:
        path_data = None if drawn is None else drawn.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{drawn}: no drawn signature can be read", advice="give a file of SVG path data") from error
    return AgreementProof(typed=typed, drawn=path_data, paper_reference=paper, witness=witness)
