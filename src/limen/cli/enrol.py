"""`limen enrol`: a person who agreed becomes recognisable here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, assert_never

import typer

from limen.cards.card import CardSize
from limen.cli.codes import read_pin
from limen.cli.opening import open_or_create_trial
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.pass_making import (
    CameraOption,
    ImagesArgument,
    LanguageOption,
    agreed,
    check_out,
    frames_of,
    give_badge,
    give_pass,
)
from limen.core.errors import ConfigError
from limen.core.people import TemplateKind
from limen.flows.enrol import Enrolled
from limen.flows.making_pass import PassPlan
from limen.ledger.texts import CURRENT, PASS

__all__ = ["main"]


def main(
    images: ImagesArgument = None,
    *,
    name: Annotated[str, typer.Option(help="What the person wants to be called here.")],
    consent: Annotated[str, typer.Option(metavar="ID", help="The agreement; `trial` simulates one in a trial folder.")],
    kind: Annotated[TemplateKind, typer.Option(help="Where the template lives.")] = TemplateKind.GALLERY,
    camera: CameraOption = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the files of a face pass or badge go.")] = None,
    pin_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A PIN for the badge besides; `-` asks for it.")
    ] = None,
    language: LanguageOption = "en",
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Enrol one person from pictures or a camera. The pictures are not kept."""
    output = Output(json_wanted=json)
    _check_files(kind, out, pin_file, language=language)
    pin = read_pin(pin_file)
    with open_or_create_trial(data, output) as site:
        frames = frames_of(site, images, camera=camera, output=output)
        agreement_id = agreed(site, consent, version=PASS if kind is TemplateKind.PASS else CURRENT)
        match kind:
            case TemplateKind.GALLERY:
                enrolled = site.enrol(frames, name=name, agreement_id=agreement_id, kind=kind)
                output.answer(_document(enrolled), *_words(enrolled))
            case TemplateKind.PASS:
                plan = PassPlan(validity=timedelta(days=site.settings.passes.days))
                issued = site.passes.issue(frames, name=name, agreement_id=agreement_id, plan=plan)
                give_pass(issued, out or Path(), size=CardSize.A6, language=language, output=output)
            case TemplateKind.SEALED:
                sealed = site.passes.enrol_sealed(frames, name=name, agreement_id=agreement_id, pin=pin)
                give_badge(sealed, out or Path(), size=CardSize.A6, language=language, output=output)
            case _:
                assert_never(kind)
    return DONE


def _check_files(kind: TemplateKind, out: Path | None, pin_file: Path | None, *, language: str) -> None:
    """Before anything is made that exists nowhere else: it can be handed over."""
    if pin_file is not None and kind is not TemplateKind.SEALED:
        raise ConfigError("--pin-file belongs to a badge", advice="give it with --kind sealed only")
    if (out is None) != (kind is TemplateKind.GALLERY):
        raise ConfigError(
            "the hands-free list makes no files" if out else f"--kind {kind.value} makes files for the person",
            advice="leave --out away" if out else "say where: --out DIR",
        )
    if out is not None:
        check_out(out, language=language)


def _document(enrolled: Enrolled) -> dict[str, object]:
    subject = enrolled.subject
    return {
        "subject_id": subject.subject_id,
        "name": subject.name,
        "kind": subject.kind.value,
        "confirmed": subject.confirmed,
        "references": subject.n_references,
        "qualities": list(enrolled.qualities),
        "agreement_id": subject.agreement.agreement_id,
        "expires_at": subject.agreement.expires_at.isoformat(),
        "may_already_be_enrolled": enrolled.may_already_be_enrolled,
    }


def _words(enrolled: Enrolled) -> list[str]:
    subject = enrolled.subject
    qualities = ", ".join(map(str, enrolled.qualities))
    words = [f"Enrolled {subject.name} as {subject.subject_id}; quality {qualities} of 100. No picture was kept."]
    if not subject.confirmed:
        words.append(
            f"Not yet confirmed, so still unknown to every door: limen people confirm {subject.subject_id} --camera"
        )
    if enrolled.may_already_be_enrolled:
        words.append("Somebody this much alike may already be enrolled. Ask the person.")
    words.append(f"To stop and delete: limen people withdraw {subject.subject_id}")
    return words
