"""`limen privacy`: what the data-protection officer begins with."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import Site
from limen.cli.opening import open_existing
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.core.door import Counted, DoorId
from limen.core.errors import ConfigError
from limen.core.people import TemplateKind
from limen.evaluation.pdf import write_pdf
from limen.evaluation.privacy_report import SiteFacts, privacy_page
from limen.settings.passes import KindSettings

__all__ = ["app", "report_of"]

app = typer.Typer(help="For the data-protection officer.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """For the data-protection officer."""


@app.command()
def report(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the HTML page goes.")] = Path("privacy.html"),
    pdf: Annotated[Path | None, typer.Option(metavar="FILE", help="Also a PDF; needs an installed Chromium.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Draft a data-protection impact assessment from the configuration in force; people are counted, never named."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        page = report_of(site)
        facts = _facts(site)
    try:
        out.write_text(page, "utf-8")
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written ({error.strerror})", advice="choose another --out") from error
    if pdf is not None:
        write_pdf(page, pdf)
    missing = [name for name, words in facts.stated if not words]
    written = [str(path) for path in (out, pdf) if path is not None]
    words = [f"Written to {', '.join(written)}."]
    words += [f"Not stated yet: {', '.join(missing)} (settings, [privacy] and [kinds])."] if missing else []
    output.answer({"written": written, "not_stated": missing}, *words)
    return DONE


def _reasons(kinds: KindSettings, used: set[TemplateKind]) -> list[tuple[str, str]]:
    """Why a badge is not enough, for each kind that is in use or written about; asked where there is none yet."""
    why = "Why a badge is not enough"
    written = {
        TemplateKind.PASS: kinds.pass_why_not_a_badge,
        TemplateKind.SEALED: kinds.sealed_why_not_a_badge,
        TemplateKind.GALLERY: kinds.gallery_why_not_a_badge,
    }
    rows = [(f"{why}: {kind.value}", words) for kind, words in written.items() if words or kind in used]
    if kinds.gallery_why_one_to_many or TemplateKind.GALLERY in used:
        rows.append(("Why everybody has to be searched: gallery", kinds.gallery_why_one_to_many))
    return rows or [(why, "")]


def report_of(site: Site) -> str:
    """The draft as a page, for whoever serves this site."""
    return privacy_page(_facts(site), site.calibration)


def _facts(site: Site) -> SiteFacts:
    settings = site.settings
    stated, backup_days = settings.privacy, settings.backup.days
    since = site.clock.now() - timedelta(days=30)
    with site.store.read() as unit:
        people = unit.subjects.all()
        hours = [hour for door in settings.door for hour in unit.doors.counts(DoorId(door), since=since)]
    passed = {what: sum(hour.count for hour in hours if hour.what is what) for what in Counted}
    return SiteFacts(
        version=version("limen"),
        at=site.clock.now(),
        folder_kind=site.store.site_kind.value,
        stated=(
            ("Controller", stated.controller),
            ("Contact", stated.contact),
            ("Purpose", stated.purpose),
            ("Legal basis", stated.legal_basis),
            *_reasons(settings.kinds, {person.kind for person in people}),
            ("The other way in", stated.other_way),
        ),
        people=[person.kind.value for person in people],
        n_references=sum(person.n_references for person in people),
        n_unconfirmed=sum(not person.confirmed for person in people),
        fpir=settings.gallery.fpir,
        retention=(
            ("Templates, name, agreement", "until withdrawal or the end of the agreement, three years at most"),
            ("Enrolments never confirmed, agreements never used", f"{stated.unused_days} days"),
            ("Pictures used to enrol", "until the templates are made, in memory"),
            ("Backups", f"{backup_days} days, then their key is destroyed"),
            ("Audit records, without names", "as long as the data folder"),
        ),
        doors=sorted(settings.door),
        granted=passed[Counted.GRANTED],
        ungranted=passed[Counted.PASSED_UNGRANTED],
    )
