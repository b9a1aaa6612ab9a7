"""`limen doctor`: what is wrong on this machine and what to do about it."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from limen.bootstrap import SystemClock, build_vision, calibration_of, known_models, open_site, thread_count
from limen.bootstrap.passes import written_reasons
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import LimenError
from limen.core.operators import Approved
from limen.core.people import SiteKind, TemplateKind
from limen.flows.restored import restored
from limen.settings import Settings, load_settings
from limen.storage.engine import DATABASE_NAME
from limen.vision.weights import verify

__all__ = ["main"]

_LEAST_FREE = 512 * 1024 * 1024
_BUILT = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: ``ok``, ``warning`` or ``fault``; what was found; what to do."""

    what: str
    state: str
    found: str
    advice: str = ""


def main(*, data: DataOption = None, json: JsonOption = False) -> int:
    """Check CPU, models, cameras, store and key, clock, disk and swap."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    findings = [
        _cpu(settings),
        *_models(settings),
        _cameras(),
        _store(settings),
        *_kinds(settings),
        *_approvals(settings),
        _clock(),
        _disk(settings.data),
        _swap(Path("/proc/swaps")),
    ]
    table = new_table("what", "state", "found", "what to do")
    for item in findings:
        table.add_row(item.what, item.state, item.found, item.advice)
    faults = [item for item in findings if item.state == "fault"]
    output.answer({"healthy": not faults, "findings": [asdict(item) for item in findings]}, table)
    return REFUSED if faults else DONE


def _cpu(settings: Settings) -> Finding:
    flags = Path("/proc/cpuinfo")
    text = flags.read_text("utf-8", errors="replace") if flags.exists() else ""
    threads = thread_count(settings)
    if "flags" in text and " avx2" not in text:
        advice = "recognition works but takes several times longer; use a CPU from 2014 or later"
        return Finding(what="CPU", state="warning", found=f"{threads} threads, no AVX2", advice=advice)
    return Finding(what="CPU", state="ok", found=f"{threads} threads, Python {sys.version.split()[0]}")


def _models(settings: Settings) -> list[Finding]:
    findings = []
    for name, (card, folder) in known_models(settings).items():
        try:
            verify(card, folder=folder)
            findings.append(Finding(what=f"model {name}", state="ok", found=f"whole, {card.licence}"))
        except LimenError as error:
            findings.append(Finding(what=f"model {name}", state="fault", found=str(error), advice=error.advice()))
    try:
        calibration = calibration_of(settings)
        build_vision(settings, calibration, threads=1)
        found = f"for {calibration.model_id}, made {calibration.made_on}"
        findings.append(Finding(what="calibration", state="ok", found=found))
    except LimenError as error:
        findings.append(Finding(what="calibration", state="fault", found=str(error), advice=error.advice()))
    return findings


def _cameras() -> Finding:
    devices = sorted(str(path) for path in Path("/dev").glob("video*"))
    if devices:
        return Finding(what="cameras", state="ok", found=", ".join(devices))
    return Finding(what="cameras", state="warning", found="none", advice="plug one in to enrol people live")


def _store(settings: Settings) -> Finding:
    if not (settings.data / DATABASE_NAME).exists():
        advice = "limen consent new starts a trial folder; limen site new --kind live a real one"
        return Finding(what="store", state="ok", found=f"none yet in {settings.data}", advice=advice)
    try:
        with open_site(settings.data) as site, site.store.read() as unit:
            verdict = unit.audit.verify()
            back = restored(unit)
            kind, people = site.store.site_kind.value, unit.subjects.count()
    except LimenError as error:
        return Finding(what="store", state="fault", found=str(error), advice=error.advice())
    if verdict.broken_at is not None:
        found = f"audit chain broken at record {verdict.broken_at}"
        return Finding(what="store", state="fault", found=found, advice="see `limen audit verify`")
    if back:
        found = f"{len(back)} people who withdrew were put back"
        return Finding(what="store", state="fault", found=found, advice="see `limen audit verify`")
    return Finding(what="store", state="ok", found=f"{kind}, {people} people, {verdict.n_records} audit records")


def _kinds(settings: Settings) -> list[Finding]:
    """Which kinds of template are in use, and whether somebody has written why."""
    if not (settings.data / DATABASE_NAME).exists():
        return []
    try:
        with open_site(settings.data) as site, site.store.read() as unit:
            used = Counter(subject.kind for subject in unit.subjects.all())
            live = site.store.site_kind is SiteKind.LIVE
    except LimenError:
        return []  # `_store` has said so
    reasons = written_reasons(settings)
    findings = []
    for kind in TemplateKind:
        missing, found = reasons.missing(kind), f"{used[kind]} people"
        advice = f"write into limen.toml, below [kinds]: {' and '.join(missing)}" if missing else ""
        if missing:
            found += "; no reason written why a badge is not enough" + (": cannot be used" if live else "")
        state = "warning" if missing and (live or used[kind]) else "ok"
        findings.append(Finding(what=f"kind {kind.value}", state=state, found=found, advice=advice))
    return findings


def _approvals(settings: Settings) -> list[Finding]:
    """Settings beyond what two operators have approved; the hands-free list counts where somebody is on it."""
    if not (settings.data / DATABASE_NAME).exists():
        return []
    try:
        with open_site(settings.data) as site:
            with site.store.read() as unit:
                listed = any(subject.kind is TemplateKind.GALLERY for subject in unit.subjects.all())
            missing = site.approvals.missing(*(what for what in Approved if listed or what is not Approved.GALLERY))
    except LimenError:
        return []  # `_store` has said so
    if missing:
        advice = "limen site approve, with the codes of two operators; doors do not start until then"
        found = f"not approved: {', '.join(missing)}"
        return [Finding(what="two people", state="fault", found=found, advice=advice)]
    return [Finding(what="two people", state="ok", found="nothing goes beyond what was approved, or had to be")]


def _clock() -> Finding:
    now = SystemClock().now()
    if now < _BUILT:
        advice = "set the clock: agreements and schedules count as unmet until then"
        return Finding(
            what="clock", state="fault", found=f"{now:%Y-%m-%d}, before this version was made", advice=advice
        )
    return Finding(what="clock", state="ok", found=f"{now:%Y-%m-%d %H:%M} UTC")


def _disk(folder: Path) -> Finding:
    place = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < _LEAST_FREE:
        advice = "free some: without a record nothing opens"
        return Finding(what="disk", state="fault", found=f"{free // 2**20} MiB free", advice=advice)
    return Finding(what="disk", state="ok", found=f"{free // 2**30} GiB free")


def _never_plain(place: str) -> bool:
    """Whether a swap device is compressed memory, or a device-mapper one made by dm-crypt."""
    if place.startswith("/dev/zram"):
        return True
    mapped = Path("/sys/block") / Path(place).name / "dm" / "uuid"
    return mapped.is_file() and mapped.read_text("ascii", errors="replace").startswith("CRYPT-")


def _swap(table: Path) -> Finding:
    rows = table.read_text("utf-8").splitlines()[1:] if table.exists() else []
    plain = [place for place in (row.split()[0] for row in rows) if not _never_plain(place)]
    if plain:
        advice = "encrypt swap or switch it off: templates in memory may be written there"
        return Finding(what="swap", state="warning", found=f"unencrypted: {', '.join(plain)}", advice=advice)
    return Finding(what="swap", state="ok", found="none, or encrypted")
