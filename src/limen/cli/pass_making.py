"""Making a pass or a badge at the command line: who, from which pictures, and the files that are handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import Site
from limen.cards.card import Card, CardSize, card_pdf
from limen.cards.codes import code_png, code_svg
from limen.cards.words import WORDS, CardKind
from limen.cli.capture import capture_from_camera
from limen.cli.output import Output
from limen.cli.private_file import write_private
from limen.core.base45 import encode
from limen.core.errors import ConfigError
from limen.core.frame import Frame
from limen.core.people import AgreementId, GivenHow, Subject
from limen.flows.enrol_sealed import Sealed
from limen.flows.making_pass import Issued
from limen.frames.pictures import read_picture
from limen.ledger.texts import CURRENT, PASS, VISITOR, agreement_text

__all__ = [
    "CameraOption",
    "CardOption",
    "ImagesArgument",
    "LanguageOption",
    "OutOption",
    "agreed",
    "check_out",
    "frames_of",
    "give_badge",
    "give_pass",
]

_TRIAL = "trial"
_VALIDITY = {CURRENT: timedelta(days=365), PASS: timedelta(days=365), VISITOR: timedelta(days=1)}
_ENDINGS = ("png", "svg", "pdf", "txt")

ImagesArgument = Annotated[list[Path] | None, typer.Argument(metavar="[IMAGE]...", help="Pictures of one person.")]
CameraOption = Annotated[
    str | None, typer.Option(metavar="[SOURCE]", help="Capture from a camera: number, device, rtsp:// or video.")
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Where the files for the person go: PNG, SVG, PDF card and text.")
]
CardOption = Annotated[CardSize, typer.Option(help="How large the card is printed.")]
LanguageOption = Annotated[str, typer.Option(help=f"Of the card: {' or '.join(WORDS)}.")]


def frames_of(site: Site, images: Sequence[Path] | None, *, camera: str | None, output: Output) -> Sequence[Frame]:
    """Pictures or captures.

    Raises:
        ConfigError: neither, or both.
    """
    if bool(images) == (camera is not None):
        raise ConfigError("give either pictures or --camera", advice="name pictures of one person, or --camera")
    if camera is not None:
        return capture_from_camera(site, camera, output)
    now = site.clock.now()
    return [read_picture(path, at=now) for path in images or ()]


def agreed(site: Site, consent: str, *, version: str) -> AgreementId:
    """The agreement named, or a simulated one, which the flows refuse outside trial folders."""
    if consent != _TRIAL:
        return AgreementId(consent)
    text = agreement_text("en", version=version)
    return site.agree(text, how=GivenHow.SIMULATED, validity=_VALIDITY[version]).agreement_id


def check_out(out: Path, *, language: str) -> None:
    """That files can be written before anything is made that exists nowhere else.

    Raises:
        ConfigError: the folder cannot be made, or there is no such language.
    """
    if language not in WORDS:
        raise ConfigError(f"there is no card in {language!r}", advice=f"choose one of {', '.join(WORDS)}")
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{out}: cannot be made ({error.strerror})", advice="choose another folder") from error


def give_pass(issued: Issued, out: Path, *, size: CardSize, language: str, output: Output) -> None:
    """Write the files of a pass for its holder, and say so.

    Raises:
        ConfigError: a file cannot be written. The pass exists nowhere else then: issue another.
    """
    record = issued.record
    card = Card(
        code=issued.code,
        kind=CardKind.VISITOR if record.host else CardKind.FACE_PASS,
        holder=record.terms.pass_id,
        valid_until=record.terms.valid_until,
        host=record.host,
        language=language,
    )
    files = _written(card, out, name=f"pass-{record.terms.pass_id}", size=size)
    output.answer(_pass_document(issued, files), *_pass_words(issued, files))


def give_badge(sealed: Sealed, out: Path, *, size: CardSize, language: str, output: Output) -> None:
    """Write the files of a badge for its holder, and say so.

    Raises:
        ConfigError: a file cannot be written. The badge exists nowhere else then: withdraw and enrol again.
    """
    subject = sealed.subject
    card = Card(
        code=sealed.badge,
        kind=CardKind.BADGE,
        holder=subject.subject_id,
        valid_until=subject.agreement.expires_at,
        language=language,
    )
    files = _written(card, out, name=f"badge-{subject.subject_id}", size=size)
    document = _subject_document(subject) | {"with_pin": sealed.with_pin, "qualities": list(sealed.qualities)}
    output.answer(
        document | {"files": files},
        f"Enrolled {subject.name} as {subject.subject_id}. What the site keeps opens with the badge alone.",
        f"Written: {', '.join(files)}",
        "Hand it to the person, then delete these files. limen keeps no copy: whoever loses the badge enrols again.",
    )


def _written(card: Card, out: Path, *, name: str, size: CardSize) -> list[str]:
    """The files, mode 0600; their names."""
    contents: tuple[str | bytes, ...] = (
        code_png(card.code),
        code_svg(card.code),
        card_pdf(card, size=size),
        encode(card.code),
    )
    paths = [out / f"{name}.{ending}" for ending in _ENDINGS]
    for path, content in zip(paths, contents, strict=True):
        write_private(path, content)
    return [str(path) for path in paths]


def _subject_document(subject: Subject) -> dict[str, object]:
    return {
        "subject_id": subject.subject_id,
        "name": subject.name,
        "kind": subject.kind.value,
        "confirmed": subject.confirmed,
        "agreement_id": subject.agreement.agreement_id,
        "expires_at": subject.agreement.expires_at.isoformat(),
    }


def _pass_document(issued: Issued, files: list[str]) -> dict[str, object]:
    """A pass that was made, without the pass."""
    terms = issued.record.terms
    return _subject_document(issued.subject) | {
        "pass_id": terms.pass_id,
        "valid_from": terms.valid_from.isoformat(),
        "valid_until": terms.valid_until.isoformat(),
        "key_number": terms.key_number,
        "model_id": terms.model_id,
        "visitor": bool(issued.record.host),
        "n_bytes": len(issued.code),
        "qualities": list(issued.qualities),
        "revoked": issued.revoked,
        "files": files,
    }


def _pass_words(issued: Issued, files: list[str]) -> list[str]:
    terms = issued.record.terms
    words = [
        f"Face pass {terms.pass_id} of {issued.subject.subject_id}, until {terms.valid_until:%Y-%m-%d %H:%M} UTC.",
        f"Written: {', '.join(files)}",
        "Hand it to the person, then delete these files. limen keeps no copy: a lost pass needs a new picture.",
    ]
    if issued.revoked:
        words.append(f"{issued.revoked} earlier passes of this person are refused from now on.")
    return words
