"""`limen pass`: face passes, whose template the person carries and the site does not keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from limen.bootstrap import Site
from limen.cards.card import CardSize
from limen.cli.codes import read_code, read_pin
from limen.cli.opening import open_existing, open_or_create_trial
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.cli.pass_making import (
    CameraOption,
    CardOption,
    ImagesArgument,
    LanguageOption,
    OutOption,
    agreed,
    check_out,
    frames_of,
    give_pass,
)
from limen.cli.words import match_document
from limen.core.errors import ConfigError
from limen.core.match import Recognised, UnknownReason
from limen.core.passes import PassRecord, code_bytes
from limen.core.people import SubjectId
from limen.evaluation.rarity import per
from limen.flows.code_words import CODE_WORDS
from limen.flows.making_pass import PassPlan
from limen.flows.open_pass import open_pass
from limen.ledger.texts import PASS, VISITOR
from limen.settings.values import door_of

__all__ = ["app"]

app = typer.Typer(help="Face passes: the template is with the person, the site keeps none.", no_args_is_help=True)

CodeArgument = Annotated[
    str,
    typer.Argument(
        metavar="PASS", help="A picture of the code, a file with its text, `-` for standard input, or the text itself."
    ),
]
DaysOption = Annotated[int | None, typer.Option(min=1, help="How long it holds; default: passes.days.")]


@app.command()
def issue(
    images: ImagesArgument = None,
    *,
    out: OutOption,
    name: Annotated[str | None, typer.Option(help="What the person wants to be called here.")] = None,
    consent: Annotated[
        str | None, typer.Option(metavar="ID", help="The agreement; `trial` simulates one in a trial folder.")
    ] = None,
    again: Annotated[
        str | None,
        typer.Option(metavar="SUBJECT_ID", help="Another pass for somebody who had one."),
    ] = None,
    host: Annotated[str, typer.Option(help="For a visitor: whom the visitor sees. The pass holds a day at most.")] = "",
    camera: CameraOption = None,
    days: DaysOption = None,
    card: CardOption = CardSize.A6,
    language: LanguageOption = "en",
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Make a face pass for a person who agreed, and write it for that person alone."""
    output = Output(json_wanted=json)
    if (again is None) != (name is not None and consent is not None):
        raise ConfigError("give --name and --consent, or --again", advice="limen pass issue --name N --consent ID …")
    check_out(out, language=language)
    with open_or_create_trial(data, output) as site:
        frames = frames_of(site, images, camera=camera, output=output)
        plan = PassPlan(validity=_validity(site, days), host=host.strip())
        if again is not None:
            issued = site.passes.issue.again(frames, subject_id=SubjectId(again), plan=plan)
        else:
            agreement_id = agreed(site, consent or "", version=VISITOR if plan.host else PASS)
            issued = site.passes.issue(frames, name=name or "", agreement_id=agreement_id, plan=plan)
    give_pass(issued, out, size=card, language=language, output=output)
    return DONE


@app.command()
def renew(
    code: CodeArgument,
    images: ImagesArgument = None,
    *,
    out: OutOption,
    camera: CameraOption = None,
    days: DaysOption = None,
    card: CardOption = CardSize.A6,
    language: LanguageOption = "en",
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Make a new pass for whoever brings an old one and the face on it; the old one is refused from then on."""
    output = Output(json_wanted=json)
    check_out(out, language=language)
    with open_existing(data, output) as site:
        old = read_code(code, at=site.clock.now())
        frames = frames_of(site, images, camera=camera, output=output)
        issued = site.passes.renew(old, frames, plan=PassPlan(validity=_validity(site, days)))
    give_pass(issued, out, size=card, language=language, output=output)
    return DONE


@app.command()
def verify(
    code: CodeArgument,
    image: Annotated[Path | None, typer.Argument(metavar="[IMAGE]", help="The face; trial folders only.")] = None,
    *,
    camera: CameraOption = None,
    pin_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The PIN of a badge that asks for one; `-` asks for it.")
    ] = None,
    door: Annotated[
        str | None, typer.Option(metavar="NAME", help="As that door would: only whoever agreed to its purpose.")
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Is the face that of the holder of a face pass or badge?"""
    output = Output(json_wanted=json)
    pin = read_pin(pin_file)
    with open_existing(data, output) as site:
        given = read_code(code, at=site.clock.now())
        frames = frames_of(site, None if image is None else [image], camera=camera, output=output)
        purpose = "" if door is None else door_of(site.settings, door).purpose
        match = site.passes.verify(given, frames[0], pin=pin, purpose=purpose)
    document = match_document(match, name=None)
    if isinstance(match, Recognised):
        alike = per(match.comparison.fmr)
        output.answer(document, f"The holder, {match.subject_id}: {alike} others would look as much like the code.")
        return DONE
    what, advice = CODE_WORDS[match.reason]
    output.answer(document | {"message": what, "advice": advice}, f"{what} — {advice}")
    return REFUSED


@app.command()
def unlock(
    subject_id: Annotated[str, typer.Argument(help="Whose badge.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, in a few words; it is written down.")],
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Let a badge be used again that five wrong PINs in a row have locked."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        wrong = site.passes.unlock(SubjectId(subject_id), reason=reason)
    output.answer({"subject_id": subject_id, "wrong_pins": wrong}, "Written down. The badge and its PIN open again.")
    return DONE


@app.command()
def inspect(code: CodeArgument, *, data: DataOption = None, json: JsonOption = False) -> int:
    """What stands on a pass in clear, whether its signature holds, and, with this site's key, what it says."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        document = _inspected(site, read_code(code, at=site.clock.now()), at=site.clock.now())
    refused = document["refused"]
    words = [f"{key}: {value}" for part in ("clear", "says") for key, value in (document[part] or {}).items()]
    words.append("The pass holds." if refused is None else f"{document['message']} — {document['advice']}")
    output.answer(document, *words)
    return DONE if refused is None else REFUSED


@app.command("list")
def list_passes(*, data: DataOption = None, json: JsonOption = False) -> int:
    """List the passes that were issued, without their templates, which the site does not have."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site, site.store.read() as unit:
        now = site.clock.now()
        records, keys = unit.passes.all(), {key.number for key in unit.passes.keys(at=now)}
    table = new_table("pass", "of", "valid until", "state")
    documents = []
    for item in records:
        state = _state(item, at=now, keys=keys)
        until = item.terms.valid_until
        table.add_row(item.terms.pass_id, item.subject_id, f"{until:%Y-%m-%d %H:%M}", state)
        terms = {"pass_id": item.terms.pass_id, "subject_id": item.subject_id, "valid_until": until.isoformat()}
        documents.append(terms | {"key_number": item.terms.key_number, "visitor": bool(item.host), "state": state})
    output.answer({"passes": documents}, table if records else "No pass was issued yet: limen pass issue")
    return DONE


@app.command()
def revoke(
    which: Annotated[str, typer.Argument(metavar="ID", help="Of a pass, or of a person whose passes are all revoked.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Refuse a lost pass from now on, at every door of the site."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        revoked = site.passes.revoke(which)
    ids = [item.terms.pass_id for item in revoked]
    output.answer(
        {"revoked": ids},
        f"Refused from now on: {', '.join(ids)}. For another: limen pass issue --again {revoked[0].subject_id}",
    )
    return DONE


@app.command()
def rotate(
    *,
    accept_days: Annotated[
        int, typer.Option(min=0, max=1098, help="How long older passes are still accepted; 0: not at all.")
    ] = 0,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Change the key of passes: after a door box was stolen, or once in a while."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        rotated = site.passes.rotate(accept_for=timedelta(days=accept_days))
    until = "are refused from now on" if accept_days == 0 else f"are accepted for {accept_days} days more"
    output.answer(
        {"key_number": rotated.number, "to_replace": rotated.to_replace, "accept_days": accept_days},
        f"New pass key, number {rotated.number}. {rotated.to_replace} passes made before {until}; "
        "renew them (limen pass renew) or issue them again (limen pass issue --again).",
    )
    return DONE


def _validity(site: Site, days: int | None) -> timedelta:
    return timedelta(days=days or site.settings.passes.days)


def _state(record: PassRecord, *, at: datetime, keys: set[int]) -> str:
    if record.revoked_at is not None:
        return "revoked"
    if record.terms.key_number not in keys:
        return "key no longer accepted"
    return "holds" if at < record.terms.valid_until else "ended"


def _inspected(site: Site, code: bytes | str, *, at: datetime) -> dict[str, Any]:
    codec = site.passes.codec
    raw = code_bytes(code)
    header = raw if isinstance(raw, UnknownReason) else codec.header(raw)
    document: dict[str, Any] = {"clear": None, "signature_holds": False, "says": None, "refused": None}
    if isinstance(raw, UnknownReason) or isinstance(header, UnknownReason):
        return document | _refused(header)
    with site.store.read() as unit:
        opened = codec.open(raw, keys=unit.passes.keys(at=at))
        found = open_pass(unit, raw, codec=codec, at=at)
    clear = {"site_tag": header.site_tag, "key_number": header.key_number, "n_bytes": header.n_bytes}
    document["clear"] = clear
    if not isinstance(opened, UnknownReason):
        terms = opened.terms
        opened.wipe()
        document["signature_holds"] = True
        document["says"] = {
            "pass_id": terms.pass_id,
            "valid_from": terms.valid_from.isoformat(),
            "valid_until": terms.valid_until.isoformat(),
            "model_id": terms.model_id,
        }
    if isinstance(found, UnknownReason):
        return document | _refused(found)
    found[0].wipe()
    return document


def _refused(reason: Any) -> dict[str, str]:
    what, advice = CODE_WORDS[reason]
    return {"refused": reason.value, "message": what, "advice": advice}
