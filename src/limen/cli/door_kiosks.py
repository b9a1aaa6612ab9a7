"""`limen door pair|kiosks|unpair`: the devices that stand at doors as kiosks."""

from __future__ import annotations

from typing import Annotated

import typer

from limen.bootstrap.door import kiosk_door
from limen.cli.opening import open_existing
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.devices import DeviceId

__all__ = ["kiosks", "pair", "unpair"]


def pair(
    name: Annotated[str, typer.Argument(help="Name of the door in limen.toml.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Show a one-time code that makes a tablet the kiosk of a door; it holds for ten minutes."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        device, code = site.pair.offer(kiosk_door(site.settings, name))
    document = {
        "door": name,
        "device": device.device_id,
        "code": code,
        "offered_until": device.offered_until.isoformat(),
    }
    said = [
        f"Code for door {name}: {code}",
        "On the tablet open the page /kiosk of this service and type it there. It holds for ten minutes, once.",
        "A browser's camera is not trusted: the door has to be attended, or ask for a badge or PIN.",
    ]
    output.answer(document, *said)
    return DONE


def kiosks(*, data: DataOption = None, json: JsonOption = False) -> int:
    """List the kiosks, and codes that still wait."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        devices = site.pair.all()
    table = new_table("kiosk", "door", "paired")
    for device in devices:
        waits = f"waits until {device.offered_until:%H:%M} UTC"
        table.add_row(device.device_id, device.door, f"{device.paired_at:%Y-%m-%d}" if device.paired_at else waits)
    told = [
        {
            "device": device.device_id,
            "door": device.door,
            "offered_until": device.offered_until.isoformat(),
            "paired_at": None if device.paired_at is None else device.paired_at.isoformat(),
        }
        for device in devices
    ]
    output.answer({"kiosks": told}, table)
    return DONE


def unpair(
    kiosk: Annotated[str, typer.Argument(help="Its id, as `limen door kiosks` shows it.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Make a kiosk's key worthless, or a code that still waits; a running service follows within seconds."""
    output = Output(json_wanted=json)
    with open_existing(data, output) as site:
        device = site.pair.revoke(DeviceId(kiosk))
    output.answer({"device": device.device_id, "door": device.door}, f"{kiosk} is no kiosk of door {device.door} now.")
    return DONE
