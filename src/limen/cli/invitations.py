"""`limen people import`, `invitations`, `accept`: pictures from elsewhere wait for their person's agreement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from limen.cli.brought import Brought, from_compreface, from_folders
from limen.cli.opening import open_existing
from limen.cli.output import DONE, CodesOption, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError
from limen.core.people import AgreementId, Invitation, InvitationId
from limen.flows.invite import check_invitation

__all__ = ["accept", "importing", "invitations"]

importing = typer.Typer(help="Bring people's pictures along; nothing is computed from them.", no_args_is_help=True)


@importing.callback()
def _group() -> None:
    """Bring people's pictures along; nothing is computed from them."""


DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only list who is there, with how many pictures.")]


@importing.command()
def folder(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="A folder for each person, named like the person.")],
    *,
    dry_run: DryRunOption = False,
    operator_code: CodesOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Keep the pictures encrypted until their person agrees, and destroy them after 30 days otherwise."""
    return _bring(from_folders(source), source, dry_run=dry_run, codes=operator_code, data=data, json=json)


@importing.command()
def compreface(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help="Its list of faces (faces.json), and the pictures named by image_id.")
    ],
    *,
    dry_run: DryRunOption = False,
    operator_code: CodesOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """The same for what the owner of a CompreFace server has fetched from it; limen calls no server."""
    return _bring(from_compreface(source), source, dry_run=dry_run, codes=operator_code, data=data, json=json)


def invitations(*, data: DataOption = None, json: JsonOption = False) -> int:
    """List people whose pictures wait for their agreement."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        found = unit.invitations.all()
    output.answer({"invitations": [_document(item) for item in found]}, _table(found) if found else "None waits.")
    return DONE


def accept(
    invitation_id: Annotated[str, typer.Argument(metavar="ID", help="As `limen people invitations` shows it.")],
    *,
    consent: Annotated[str, typer.Option(metavar="ID", help="The agreement that the person has given.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Enrol a person who was invited and has agreed; the pictures that waited are destroyed."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        subject = site.accept(InvitationId(invitation_id), AgreementId(consent)).subject
    words = [f"Enrolled {subject.name} as {subject.subject_id}. The pictures are gone."]
    if not subject.confirmed:
        words.append(f"Still unknown to every door: limen people confirm {subject.subject_id} --camera")
    document = {"subject_id": subject.subject_id, "confirmed": subject.confirmed, "references": subject.n_references}
    output.answer(document, *words)
    return DONE


def _bring(
    people: Sequence[Brought],
    source: Path,
    *,
    dry_run: bool,
    codes: Sequence[str] | None,
    data: Path | None,
    json: bool,
) -> int:
    """List people, or keep their pictures; all of them are checked before the first is kept."""
    output = Output(json_wanted=json)
    for person in people:
        check_invitation(person.name, [_size(path) for path in person.pictures])
    if dry_run:
        listed = new_table("name", "pictures")
        for person in people:
            listed.add_row(person.name, str(len(person.pictures)))
        document = [{"name": person.name, "pictures": len(person.pictures)} for person in people]
        output.answer({"people": document}, listed)
        return DONE
    with open_existing(data, output) as site:
        site.operators.approve(codes or (), what="import people")
        made = [site.invite(person.name, [_content(path) for path in person.pictures]) for person in people]
    output.answer(
        {"invitations": [_document(item) for item in made]},
        _table(made),
        "Nothing was computed. Ask these people; who agrees: limen people accept ID --consent AGREEMENT",
        f"The pictures in {source} are still there: delete them yourself.",
    )
    return DONE


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", advice="check the permissions") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", advice="check the permissions") from error


def _document(invitation: Invitation) -> dict[str, object]:
    return {
        "invitation_id": invitation.invitation_id,
        "name": invitation.name,
        "pictures": invitation.n_pictures,
        "expires_at": invitation.expires_at.isoformat(),
    }


def _table(found: Sequence[Invitation]) -> Table:
    listed = new_table("invitation", "name", "pictures", "destroyed on")
    for item in found:
        listed.add_row(item.invitation_id, item.name, str(item.n_pictures), f"{item.expires_at:%Y-%m-%d}")
    return listed
