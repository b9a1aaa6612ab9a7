"""`limen people`: who is enrolled, and each one's rights: confirm, stop and delete, see one's data."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap.door import lay_down_of
from limen.cards.export_page import export_page
from limen.cli.capture import capture_from_camera
from limen.cli.invitations import accept, importing, invitations
from limen.cli.opening import open_existing
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.cli.private_file import as_json, write_private
from limen.core.errors import ConfigError
from limen.core.ledger import Receipt
from limen.core.people import Subject, SubjectId
from limen.flows.prove import agreement_document
from limen.flows.somebody import somebody
from limen.frames.pictures import read_picture

__all__ = ["app"]

app = typer.Typer(help="Enrolled people and their rights.", no_args_is_help=True)

app.add_typer(importing, name="import")
app.command()(invitations)
app.command()(accept)

SubjectArgument = Annotated[str, typer.Argument(metavar="ID", help="As `limen people list` shows it.")]


@app.command("list")
def list_people(*, data: DataOption = None, json: JsonOption = False) -> int:
    """List enrolled people."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        people = unit.subjects.all()
    table = new_table("id", "name", "kind", "references", "confirmed", "agreement until")
    for item in people:
        confirmed = "yes" if item.confirmed else "no: unknown to every door"
        until = f"{item.agreement.expires_at:%Y-%m-%d}"
        table.add_row(item.subject_id, item.name, item.kind.value, str(item.n_references), confirmed, until)
    empty = "Nobody is enrolled yet. Start with: limen consent new"
    output.answer({"people": [_document(item) for item in people]}, table if people else empty)
    return DONE


@app.command()
def access(
    subject_id: SubjectArgument,
    *,
    group: Annotated[
        list[str] | None, typer.Option(help="An access group; may be given several times, in place of those before.")
    ] = None,
    badge: Annotated[str | None, typer.Option(help="Number of the person's badge.")] = None,
    pin: Annotated[bool, typer.Option("--pin", help="Ask for a PIN; it is kept as a hash only.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Lay down which groups a person is in, and the person's badge or PIN; what is not given stays."""
    output = Output(json_wanted=json)
    typed = typer.prompt("PIN", hide_input=True, confirmation_prompt=sys.stdin.isatty(), err=True) if pin else None
    with open_existing(data, output) as site:
        rights = lay_down_of(site)(
            SubjectId(subject_id), groups=None if group is None else frozenset(group), badge=badge, pin=typed
        )
    document = {
        "subject_id": subject_id,
        "groups": sorted(rights.groups),
        "badge": rights.badge,
        "pin": rights.pin_hash is not None,
    }
    groups = ", ".join(sorted(rights.groups)) or "none"
    words = f"Groups: {groups}. Badge: {rights.badge or 'none'}. PIN: {'kept' if rights.pin_hash else 'none'}."
    output.answer(document, words)
    return DONE


@app.command()
def show(subject_id: SubjectArgument, *, data: DataOption = None, json: JsonOption = False) -> int:
    """Show one person."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        subject = somebody(unit, SubjectId(subject_id))
    document = _document(subject)
    output.answer(document, json_module.dumps(document, indent=2, ensure_ascii=False))
    return DONE


@app.command()
def confirm(
    subject_id: SubjectArgument,
    images: Annotated[list[Path] | None, typer.Argument(metavar="[IMAGE]...", help="Trial folders only.")] = None,
    *,
    camera: Annotated[str | None, typer.Option(metavar="[SOURCE]", help="Capture from a camera.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Confirm a person's references by a live capture of that person."""
    output = Output(json_wanted=json)
    if bool(images) == (camera is not None):
        raise ConfigError(
            "give --camera (or pictures, in a trial folder)", advice=f"people confirm {subject_id} --camera"
        )
    with open_existing(data, output) as site:
        now = site.clock.now()
        frames = (
            capture_from_camera(site, camera, output, wanted=1)
            if camera is not None
            else [read_picture(path, at=now) for path in images or []]
        )
        subject = site.confirm(SubjectId(subject_id), frames)
    output.answer(_document(subject), f"Confirmed: doors know {subject.subject_id} from now on.")
    return DONE


@app.command()
def withdraw(
    subject_id: SubjectArgument,
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the signed receipt there, for the person.")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Stop and delete: destroy everything that could recognise a person; prints the receipt."""
    output = Output(json_wanted=json)
    if out is not None and out.exists():
        raise ConfigError(f"{out}: is there already", advice="choose a new file; nobody was withdrawn")
    with open_existing(data, output) as site:
        receipt = site.withdraw(SubjectId(subject_id))
    output.answer(dict(receipt.statement), *_receipt_words(receipt))
    if out is not None:
        write_private(out, as_json(receipt.statement))
    return DONE


@app.command()
def code(subject_id: SubjectArgument, *, data: DataOption = None, json: JsonOption = False) -> int:
    """Issue the one-time code by which a person releases an export; hand it to that person only."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        issued = site.issue_code(SubjectId(subject_id))
    output.answer({"code": issued}, f"{issued}  (once; any earlier code is void)")
    return DONE


@app.command()
def export(
    subject_id: SubjectArgument,
    *,
    code: Annotated[
        str | None, typer.Option(help="The person's one-time code (`people code`); not needed in a trial folder.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write there, for the person alone.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a page that can be read.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """All that is held about one person, machine-readable and readable, released by that person."""
    output = Output(json_wanted=json)
    for path in (out, html):
        if path is not None and path.exists():
            raise ConfigError(f"{path}: is there already", advice="choose a new file; nothing was exported")
    with open_existing(data, output) as site:
        document = site.export(SubjectId(subject_id), code=code)
    if html is not None:
        write_private(html, export_page(document))
    if out is not None:
        write_private(out, as_json(document))
        output.answer({"written": str(out)}, f"Written to {out}. Hand it to the person, then delete it.")
    else:
        output.answer(document, as_json(document).rstrip())
    return DONE


def _document(subject: Subject) -> dict[str, object]:
    return {
        "subject_id": subject.subject_id,
        "name": subject.name,
        "kind": subject.kind.value,
        "references": subject.n_references,
        "confirmed": subject.confirmed,
        "enrolled_at": subject.enrolled_at.isoformat(),
        "agreement": agreement_document(subject.agreement),
    }


def _receipt_words(receipt: Receipt) -> list[str]:
    words = [f"Receipt {receipt.receipt_id}, {receipt.at:%Y-%m-%d %H:%M} UTC", "Gone:"]
    words += [f"  {item.count} x {item.what}" for item in receipt.gone]
    words.append("Stays:")
    words += [f"  {item.count} x {item.what}; until {item.until}; {item.why}" for item in receipt.stays]
    return words
