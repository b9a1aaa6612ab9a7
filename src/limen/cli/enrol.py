"""`limen enrol`: a person who agreed becomes recognisable here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import Site
from limen.cli.capture import capture_from_camera
from limen.cli.opening import open_or_create_trial
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.core.errors import ConfigError
from limen.core.frame import Frame
from limen.core.people import AgreementId, GivenHow, TemplateKind
from limen.flows.enrol import Enrolled
from limen.frames.pictures import read_picture
from limen.ledger.texts import agreement_text

__all__ = ["main"]

_TRIAL = "trial"
_TRIAL_VALIDITY = timedelta(days=365)


def main(
    images: Annotated[list[Path] | None, typer.Argument(metavar="[IMAGE]...", help="Pictures of one person.")] = None,
    *,
    name: Annotated[str, typer.Option(help="What the person wants to be called here.")],
    consent: Annotated[str, typer.Option(metavar="ID", help="The agreement; `trial` simulates one in a trial folder.")],
    kind: Annotated[TemplateKind, typer.Option(help="Where the template lives.")] = TemplateKind.GALLERY,
    camera: Annotated[
        str | None, typer.Option(metavar="[SOURCE]", help="Capture from a camera: number, device, rtsp:// or video.")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Enrol one person from pictures or a camera. The pictures are not kept."""
    output = Output(json_wanted=json)
    if bool(images) == (camera is not None):
        raise ConfigError("give either pictures or --camera", advice="limen enrol --name N --consent ID PICTURE...")
    with open_or_create_trial(data, output) as site:
        frames = _frames(site, images or [], camera=camera, output=output)
        agreement_id = _simulated(site) if consent == _TRIAL else AgreementId(consent)
        enrolled = site.enrol(frames, name=name, agreement_id=agreement_id, kind=kind)
    output.answer(_document(enrolled), *_words(enrolled))
    return DONE


def _frames(site: Site, images: Sequence[Path], *, camera: str | None, output: Output) -> Sequence[Frame]:
    if camera is not None:
        return capture_from_camera(site, camera, output)
    now = site.clock.now()
    return [read_picture(path, at=now) for path in images]


def _simulated(site: Site) -> AgreementId:
    """A simulated agreement; the flow refuses it outside trial folders."""
    agreement = site.agree(agreement_text("en"), how=GivenHow.SIMULATED, validity=_TRIAL_VALIDITY)
    return agreement.agreement_id


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
