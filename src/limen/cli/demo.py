"""`limen demo`: the whole path on bundled material, no camera, and a report to look at."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import open_site
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError
from limen.core.match import Recognised
from limen.core.people import SiteKind
from limen.evaluation.demo_report import demo_report
from limen.evaluation.door_walk import DoorVisit
from limen.evaluation.rarity import per
from limen.evaluation.walkthrough import STEPS, Attempt, Walkthrough, choose_cast, walk_through

__all__ = ["main"]


def main(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where report.html goes.")] = Path("limen-demo"),
    data: DataOption = None,  # noqa: ARG001  every command takes --data; the demo works in a folder of its own
    json: JsonOption = False,
) -> int:
    """Enrol, recognise, refuse a stranger, forget; writes report.html."""
    output = Output(json_wanted=json)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{out}: cannot be made ({error.strerror})", advice="choose another --out") from error
    with (
        tempfile.TemporaryDirectory(prefix="limen-demo-") as folder,
        open_site(folder, create=SiteKind.TRIAL) as site,
        output.progress("demo", STEPS) as progress,
    ):
        walk = walk_through(site, choose_cast(site), progress=progress)
        page = demo_report(walk, site.calibration)
    report = out / "report.html"
    report.write_text(page, "utf-8")
    output.answer(_document(walk, report), *_words(walk, report))
    return DONE if walk.as_expected() else REFUSED


def _document(walk: Walkthrough, report: Path) -> dict[str, object]:
    return {
        "as_expected": walk.as_expected(),
        "report": str(report),
        "attempts": [_attempt(item) for item in walk.attempts],
        "walk_ups": [_walk_up(visit) for visit in walk.visits],
        "receipt_id": walk.receipt.receipt_id,
        "audit_whole": walk.audit.broken_at is None,
    }


def _attempt(item: Attempt) -> dict[str, object]:
    match = None if item.recognition is None else item.recognition.match
    return {
        "title": item.title,
        "outcome": "recognised" if isinstance(match, Recognised) else "unknown",
        "expected": "recognised" if item.expected_known else "unknown",
        "decision": type(item.decision).__name__.lower(),
        "reasons": [reason.value for reason in item.decision.reasons],
        "fpir": None if match is None else match.fpir,
        "total_ms": round(item.total_ms, 1),
    }


def _walk_up(visit: DoorVisit) -> dict[str, object]:
    return {
        "title": visit.title,
        "opened": visit.opened,
        "expected": visit.expected,
        "frames": visit.frames,
        "waited_ms": None if visit.waited_ms is None else round(visit.waited_ms, 1),
    }


def _words(walk: Walkthrough, report: Path) -> list[object]:
    table = new_table("at the door", "decision", "why", "strangers as alike", "ms")
    for item in walk.attempts:
        match = None if item.recognition is None else item.recognition.match
        risk = "" if match is None or match.fpir is None else per(match.fpir)
        reasons = ", ".join(reason.value.replace("_", " ") for reason in item.decision.reasons)
        table.add_row(item.title, type(item.decision).__name__, reasons, risk, f"{item.total_ms:.0f}")
    end = "Everything went as it should." if walk.as_expected() else "SOMETHING WENT WRONG: see the report."
    return [
        f"Enrolled: {walk.cast.person_title}. The agreement is simulated.",
        table,
        *(_walked(visit) for visit in walk.visits),
        f"Stop and delete: receipt {walk.receipt.receipt_id}; {walk.audit.n_records} audit records, chain whole.",
        f"{end} Open {report} in a browser.",
    ]


def _walked(visit: DoorVisit) -> str:
    how = "" if visit.waited_ms is None else f", decided after {visit.frames} frames and {visit.waited_ms:.0f} ms"
    return f"Walking up, {visit.title}: the gate {'opens' if visit.opened else 'stays shut'}{how}."
