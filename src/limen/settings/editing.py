"""A door's settings as fields of a form, and what somebody wrote there, back into ``limen.toml``.

1. The fields are those of `DoorSettings`, with their titles and descriptions; nothing is listed a second time. What a
   form cannot show well (camera and relay addresses, corners of the zone) is left to the file.
2. Only what was changed is written, in its place: comments, order and everything else of the file stay as they are.
3. The file is exchanged as a whole once its new text holds as settings, so that no reader ever finds half of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import tomlkit
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from tomlkit.exceptions import TOMLKitError

from limen.core.errors import ConfigError
from limen.settings import Settings, settings_of
from limen.settings.doors import DoorSettings

__all__ = ["Field", "Kind", "changed_text", "digest_of", "fields_of", "new_door_text", "read_text", "replace_file"]

_LEFT_TO_THE_FILE = {
    *("camera", "camera_password_file", "thermal", "line", "actuator", "sensor", "zone.corners"),
    *("temperature.rig", "temperature.blackbody_at", "temperature.room_sensor"),
}


class Kind(StrEnum):
    """How a field is shown."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    NAMES = "names"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting of a door.

    Attributes:
        key: below ``[door.NAME]``, with dots.
        title, description: for people.
        kind: how it is shown.
        value: as text: ``yes`` or empty, a choice, a number, names with commas, ``group = hours`` by line.
        choices: of a choice.
        default: as text.
    """

    key: str
    title: str
    description: str
    kind: Kind
    value: str
    choices: tuple[str, ...]
    default: str


def fields_of(door: DoorSettings) -> tuple[Field, ...]:
    """All fields of a door, in the order of the reference."""
    return tuple(_fields(door, ""))


def digest_of(text: str) -> str:
    """Tells one text of ``limen.toml`` from another."""
    return sha256(text.encode()).hexdigest()[:32]


def read_text(data: Path) -> str:
    """The text of ``limen.toml``; empty if there is none.

    Raises:
        ConfigError: it cannot be read.
    """
    path = data / "limen.toml"
    try:
        return path.read_text("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice="correct the file or remove it") from error


def changed_text(text: str, *, door: str, before: DoorSettings, filled: Mapping[str, str]) -> str:
    """The text with the fields of one door that somebody has changed.

    Args:
        text: of ``limen.toml``.
        door: its name.
        before: its settings now.
        filled: key -> text, as in `Field.value`; a key that is not there stays.

    Raises:
        ConfigError: the text is no TOML, or the door does not stand in it as a table.
    """
    try:
        document = tomlkit.parse(text)
        table = document["door"][door]
    except (TOMLKitError, KeyError, TypeError) as error:
        raise ConfigError(f"door {door} does not stand in limen.toml as a table", advice="edit the file") from error
    for field in fields_of(before):
        told = filled.get(field.key)
        if told is not None and _tidy(told) != _tidy(field.value):
            _set(table, field.key.split("."), _toml_value(field, told))
    return tomlkit.dumps(document)


def replace_file(data: Path, text: str) -> Settings:
    """Put a new text in the place of ``limen.toml``; the settings then in force.

    Raises:
        ConfigError: the text does not hold, with every mistake, or cannot be written; the file is as it was.
    """
    settings = settings_of(text, data=data)
    path = data / "limen.toml"
    try:
        handle, name = tempfile.mkstemp(dir=data, prefix=".limen.toml.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o600)
        Path(name).replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="check the permissions") from error
    return settings


def _fields(section: BaseModel, prefix: str) -> Iterator[Field]:
    for name, info in type(section).model_fields.items():
        key, value = f"{prefix}{name}", getattr(section, name)
        if key in _LEFT_TO_THE_FILE:
            continue
        if isinstance(value, BaseModel):
            yield from _fields(value, f"{key}.")
            continue
        kind = _kind(info)
        default = info.get_default(call_default_factory=True, validated_data={})
        yield Field(
            key=key,
            title=info.title or name,
            description=info.description or "",
            kind=kind,
            value=_text(value),
            choices=_choices(info),
            default=_text(default),
        )


def _kind(info: FieldInfo) -> Kind:
    kinds = {part for part in (info.annotation, *get_args(info.annotation))}  # noqa: C416  a set of unhashable is none
    if info.annotation is bool:
        return Kind.YES_NO
    if _choices(info):
        return Kind.CHOICE
    if kinds & {int, float}:
        return Kind.NUMBER
    if get_origin(info.annotation) is dict:
        return Kind.PAIRS
    return Kind.NAMES if get_origin(info.annotation) is tuple else Kind.TEXT


def _choices(info: FieldInfo) -> tuple[str, ...]:
    kind = info.annotation
    if get_origin(kind) is Literal:
        return tuple(map(str, get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return tuple(member.value for member in kind)
    return ()


def _text(value: Any) -> str:  # any value of a setting
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case tuple():
            return ", ".join(map(str, value))
        case dict():
            return "\n".join(f"{group} = {hours}" for group, hours in value.items())
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _tidy(text: str) -> str:
    return " ".join(text.replace(",", " ").split())


def _toml_value(field: Field, told: str) -> Any:  # any value of TOML; None removes the key
    """What goes into the file; what cannot be read goes in as text, so that its mistake is told with all others."""
    match field.kind:
        case Kind.YES_NO:
            return bool(told.strip())
        case Kind.NAMES:
            return [name for name in told.replace(",", " ").split() if name] or None
        case Kind.PAIRS:
            pairs = (line.partition("=") for line in told.splitlines() if line.strip())
            table = tomlkit.inline_table()
            table.update({group.strip(): hours.strip() for group, _, hours in pairs})
            return table
        case Kind.NUMBER:
            return _number(told.strip())
        case Kind.CHOICE | Kind.TEXT:
            return told.strip() or None


def _number(told: str) -> int | float | str | None:
    try:
        number = float(told)
    except ValueError:
        return told or None
    return int(number) if number.is_integer() and "." not in told and "e" not in told.lower() else number


def _set(table: Any, key: list[str], value: Any) -> None:  # a table of tomlkit
    *outer, last = key
    for name in outer:
        if name not in table:
            table[name] = tomlkit.table()
        table = table[name]
    if value is None:
        table.pop(last, None)
    else:
        table[last] = value


def new_door_text(name: str, *, camera: str = "") -> str:
    """A door to begin with, as it stands in limen.toml, every line explained.

    Args:
        name: of the door.
        camera: instead of the first webcam.
    """
    text = files("limen.settings").joinpath("door_example.toml").read_text("utf-8").replace("NAME", name)
    return text.replace('camera = "0"', f'camera = "{camera}"', 1) if camera else text
