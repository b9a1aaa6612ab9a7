"""A real door, planned: a few wishes -> what would stand in limen.toml, and every mistake in it; nothing is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from limen.core.errors import ConfigError
from limen.settings import settings_of
from limen.settings.editing import new_door_text, read_text
from limen.settings.section import is_name

__all__ = ["DoorWishes", "door_plan"]

_ACTUATOR = ".actuator]"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorWishes:
    """What somebody wants of a door.

    Attributes:
        name: of the door.
        camera: a number, a device, an address, or ``kiosk``.
        second_factor: none, badge or pin.
        relay: the kind of what opens it.
    """

    name: str
    camera: str
    second_factor: str
    relay: str


def door_plan(data: Path, wishes: DoorWishes) -> tuple[str, str]:
    """The text for limen.toml, and every mistake that the settings would have with it; empty if none.

    Raises:
        ConfigError: limen.toml cannot be read.
    """
    if not is_name(wishes.name):
        return "", "a door's name has small letters, digits and hyphens, like front"
    text = new_door_text(wishes.name).replace('camera = "0"', f"camera = {json.dumps(wishes.camera)}", 1)
    if wishes.second_factor != "none":
        text = text.replace('#second_factor = "badge"', f"second_factor = {json.dumps(wishes.second_factor)}", 1)
    head, found, rest = text.partition(_ACTUATOR)
    text = head + found + rest.replace('kind = "none"', f"kind = {json.dumps(wishes.relay)}", 1)
    try:
        settings_of(read_text(data) + "\n" + text, data=data)
    except ConfigError as error:
        return text, str(error)
    return text, ""
