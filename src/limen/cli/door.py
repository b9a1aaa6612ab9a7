"""`limen door`: writes an example of a door, lists doors, says what one does and what it still lacks."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.text import Text

from limen.bootstrap import SystemClock, calibration_of
from limen.cli import door_desk, door_kiosks, door_run
from limen.cli.door_words import access_words, cost_of, cost_words, door_words
from limen.cli.opening import open_existing
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError
from limen.core.people import SiteKind
from limen.door.schedule import is_within
from limen.settings import Settings, load_settings
from limen.settings.editing import new_door_text
from limen.settings.gear import gear_of
from limen.settings.section import is_name
from limen.settings.values import camera_of, door_of, fpir_of, not_ready, policy_of
from limen.storage.engine import DATABASE_NAME

__all__ = ["app"]

app = typer.Typer(help="Doors.", no_args_is_help=True)
app.command("run")(door_run.run)
for _name, _command in (
    ("state", door_desk.state),
    ("clear", door_desk.clear),
    ("open", door_desk.open_),
    ("events", door_desk.events),
    ("counts", door_desk.counts),
    ("pair", door_kiosks.pair),
    ("kiosks", door_kiosks.kiosks),
    ("unpair", door_kiosks.unpair),
):
    app.command(_name)(_command)

_PEOPLE = 100
NameArgument = Annotated[str, typer.Argument(help="Name of the door in limen.toml.")]


@app.command()
def new(
    name: NameArgument,
    *,
    write: Annotated[bool, typer.Option("--write", help="Append it to limen.toml instead of printing it.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Print a door to begin with, every line explained; nothing that stands in limen.toml is changed."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    if not is_name(name):
        raise ConfigError(f"door {name}: no name for a door", advice="small letters, digits and hyphens, like `front`")
    if name in settings.door:
        raise ConfigError(f"door {name}: it is in limen.toml already", advice=f"see `limen door check {name}`")
    text = new_door_text(name)
    path = settings.data / "limen.toml"
    if write:
        _append(path, text)
        output.answer({"door": name, "written": str(path), "toml": text}, escape(f"Appended door {name} to {path}."))
    else:
        output.answer({"door": name, "written": None, "toml": text}, Text(text))
    return DONE


@app.command("list")
def list_(*, data: DataOption = None, json: JsonOption = False) -> int:
    """All doors of this site."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    table = new_table("door", "camera", "direction", "watched", "opens for", "opened by", "other way in")
    doors = []
    for name, door in settings.door.items():
        way, opened_by = door.other_way.kind, door.actuator.kind
        table.add_row(
            name,
            escape(door.camera),
            door.direction.value,
            door.attendance,
            access_words(door, settings),
            opened_by,
            way if door.other_way.tested_on else f"{way}, not tested",
        )
        doors.append(
            {
                "door": name,
                "camera": door.camera,
                "direction": door.direction.value,
                "attendance": door.attendance,
                "access": door.access,
                "actuator": opened_by,
                "other_way": way,
            }
        )
    output.answer({"doors": doors}, table)
    return DONE


@app.command()
def check(
    name: NameArgument,
    *,
    people: Annotated[
        int | None, typer.Option(min=1, max=10_000_000, help="Size of the site; without it, those enrolled, or 100.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Who may come in then, like 2026-12-25T09:00 at the site; without it, now."),
    ] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Say in sentences what a door does, what its strictness costs, and what it still lacks."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    door = door_of(settings, name)
    kind, enrolled = _site(settings, data, output)
    cost = cost_of(calibration_of(settings), fpir=fpir_of(door, settings), people=people or enrolled or _PEOPLE)
    sentences = [*door_words(door, settings), ("costs", cost_words(cost))]
    missing = _missing(name, settings, kind=kind)
    policy, moment = policy_of(door, settings), _moment(at, ZoneInfo(settings.site.time_zone))
    groups = [opening.group for opening in policy.opens_for if is_within(opening.hours, at=moment)]
    sentences.append((f"{moment:%Y-%m-%d %H:%M}", f"Open for {', '.join(groups)}." if groups else "Open for nobody."))
    table = new_table("what", f"door {name}, rules {policy.version}")
    for what, sentence in sentences:
        table.add_row(what, escape(sentence))
    trial = ["A trial folder: no actuator is driven."] if kind is SiteKind.TRIAL else []
    words = [escape(f"MISSING {sentence}") for sentence in missing] or ["Ready to start."]
    document = {
        "door": name,
        "ready": not missing,
        "missing": missing,
        "policy_version": policy.version,
        "at": moment.isoformat(),
        "open_for": groups,
        "sentences": [{"what": what, "sentence": sentence} for what, sentence in sentences],
        "cost": cost,
    }
    output.answer(document, table, *trial, *words)
    return REFUSED if missing else DONE


def _moment(text: str | None, zone: ZoneInfo) -> datetime:
    """A time as it was given, at the site where no zone stands with it; now, where none was."""
    if text is None:
        return SystemClock().now().astimezone(zone)
    try:
        given = datetime.fromisoformat(text)
        local = given if given.tzinfo is not None else given.replace(tzinfo=zone)
        return local.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        raise ConfigError(f"--at {text}: no time", advice="write it like 2026-12-25T09:00") from None


def _site(settings: Settings, data: Path | None, output: Output) -> tuple[SiteKind | None, int]:
    """Kind of the site and how many people are enrolled; none and nobody where there is no site."""
    if not (settings.data / DATABASE_NAME).exists():
        return None, 0
    with open_existing(data, output) as site, site.store.read() as unit:
        return site.store.site_kind, unit.subjects.count()


def _missing(name: str, settings: Settings, *, kind: SiteKind | None) -> list[str]:
    """Why a door cannot start: no site, no other way in that was tested, a secret or a device that cannot be used."""
    door = door_of(settings, name)
    told = list(not_ready(door, on=_moment(None, ZoneInfo(settings.site.time_zone)).date()))
    if kind is None:
        told.append("there is no site in this folder yet: limen site new")
    for read in (lambda: camera_of(door), lambda: gear_of(settings, name)):
        try:
            read()
        except ConfigError as error:
            told.append(str(error))
    return told


def _append(path: Path, text: str) -> None:
    """Add to the end of a file, whole or not at all."""
    place = path.resolve()
    if not place.parent.is_dir():
        raise ConfigError(f"{place.parent}: there is no such folder", advice="make it with `limen site new`")
    before = place.read_text("utf-8") if place.exists() else ""
    after = before + ("\n" if before else "") + text
    unfinished = place.with_name(f"{place.name}.new")
    try:
        tomllib.loads(after)
        unfinished.write_text(after, "utf-8")
        if place.exists():
            unfinished.chmod(place.stat().st_mode)
        unfinished.replace(place)
    except (OSError, tomllib.TOMLDecodeError) as error:
        unfinished.unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written ({error})", advice="nothing in it was changed") from error
