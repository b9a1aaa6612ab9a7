"""`limen door state|clear|open|events|counts`: what a person at the desk does about a door. No list names anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from limen.bootstrap.door import desk_of
from limen.cli.opening import open_existing
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.flows.desk import HIDDEN_BELOW

__all__ = ["clear", "counts", "events", "open_", "state"]

NameArgument = Annotated[str, typer.Argument(help="Name of the door in limen.toml.")]
ReasonOption = Annotated[str, typer.Option(help="Why, in a few words; written down. No names.")]


def state(
    name: NameArgument,
    *,
    lock_down: Annotated[
        bool | None, typer.Option("--lock-down/--release", help="Shut it for everybody, or end that.")
    ] = None,
    alarm: Annotated[
        bool | None, typer.Option("--alarm-set/--alarm-off", help="Say whether the intruder alarm behind it is armed.")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Nobody is inside: begin counting anew.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Show how a door stands, or change it; a running door follows at once."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        desk = desk_of(site, name)
        standing = desk.stand(locked_down=lock_down, alarm_set=alarm)
        if empty:
            desk.empty()
        inside = desk.occupancy()
    document = {
        "door": name,
        "locked_down": standing.locked_down,
        "alarm_set": standing.alarm_set,
        "occupancy": inside,
    }
    said = [
        "LOCKED DOWN: opens for nobody but groups that may pass." if standing.locked_down else "Not locked down.",
        "The alarm is set." if standing.alarm_set else "The alarm is off.",
        f"{inside} inside, as passages were counted.",
    ]
    output.answer(document, f"Door {name}. " + " ".join(said))
    return DONE


def clear(
    name: NameArgument,
    event: Annotated[str, typer.Argument(help="Of the referred visitor, as `limen door run` shows it.")],
    *,
    reason: ReasonOption,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Say that a person has looked at a referred visitor and is content; settles a mask or temperature alone."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        request = desk_of(site, name).clear(event, reason=reason)
    document = {"door": name, "request": request.request_id, "not_after": request.not_after.isoformat()}
    output.answer(document, "Written down. The running door lets the visitor try again within 30 seconds.")
    return DONE


def open_(name: NameArgument, *, reason: ReasonOption, data: DataOption = None, json: JsonOption = False) -> int:
    """Open a running door once, by hand; written down before it happens."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        request = desk_of(site, name).open(reason=reason)
    document = {"door": name, "request": request.request_id, "not_after": request.not_after.isoformat()}
    output.answer(document, "Written down. The running door opens within two seconds, or not at all.")
    return DONE


def events(
    name: NameArgument,
    *,
    most: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """List what happened at a door, without whom it was about."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        found = desk_of(site, name).events(most=most)
    table = new_table("at (UTC)", "what", "outcome", "reasons")
    for record in found:
        told = record.detail
        table.add_row(
            f"{record.at:%Y-%m-%d %H:%M:%S}",
            record.tag.value,
            str(told.get("outcome", "")),
            str(told.get("reasons", told.get("reason", ""))),
        )
    document = [{"at": r.at.isoformat(), "tag": r.tag.value, **r.detail} for r in found]
    output.answer({"door": name, "events": document}, table if found else "Nothing yet.")
    return DONE


def counts(
    name: NameArgument,
    *,
    hours: Annotated[int, typer.Option(min=1, max=720, help="Back from now.")] = 24,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Totals by the hour; what happened fewer than ten times in an hour is not told."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        found = desk_of(site, name).counts(since=site.clock.now() - timedelta(hours=hours))
    table = new_table("hour (UTC)", "what", "how often")
    for item in found:
        often = f"fewer than {HIDDEN_BELOW}" if item.count == 0 else str(item.count)
        table.add_row(f"{item.hour:%Y-%m-%d %H:00}", item.what.value.replace("_", " "), often)
    document = [{"hour": item.hour.isoformat(), "what": item.what.value, "count": item.count or None} for item in found]
    output.answer({"door": name, "hidden_below": HIDDEN_BELOW, "counts": document}, table if found else "Nothing yet.")
    return DONE
