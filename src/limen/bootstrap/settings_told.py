"""Settings in force, one by one, with where each came from; what leads to a secret is told as there or not."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from limen.settings import Settings, variables_set
from limen.settings.editing import read_text

__all__ = ["SettingTold", "settings_told"]

_HIDDEN = ("_file", "key_file", "password", "secret", "argv", "url", "camera", "headers")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingTold:
    """One setting.

    Attributes:
        section: of ``limen.toml``.
        key: with its section.
        value: as text; ``set`` or ``not set`` where it leads to a secret.
        source: ``default``, ``limen.toml`` or ``environment``.
    """

    section: str
    key: str
    value: str
    source: str


def settings_told(settings: Settings) -> tuple[SettingTold, ...]:
    """All of them, in the order of the reference.

    Raises:
        ConfigError: ``limen.toml`` cannot be read.
    """
    written = tomllib.loads(read_text(settings.data))
    return tuple(
        found
        for name in type(settings).model_fields
        if name not in {"data", "cache"}
        for found in _told(getattr(settings, name), (name,), written=written.get(name), variables=variables_set())
    )


def _told(value: Any, path: tuple[str, ...], *, written: Any, variables: frozenset[str]) -> Iterator[SettingTold]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _told(getattr(value, name), (*path, name), written=_below(written, name), variables=variables)
    elif isinstance(value, dict) and value and all(isinstance(one, BaseModel) for one in value.values()):
        for name, one in value.items():
            yield from _told(one, (*path, name), written=_below(written, name), variables=variables)
    elif not isinstance(value, dict) or written is not None:
        named = f"LIMEN_{path[0]}__{'__'.join(path[1:])}".upper() in variables
        source = "environment" if named else "limen.toml" if written is not None else "default"
        section = ".".join(path[:2]) if path[0] in {"door", "schedule"} else path[0]
        yield SettingTold(section=section, key=".".join(path), value=_shown(path[-1], value), source=source)


def _below(written: Any, name: str) -> Any:
    return written.get(name) if isinstance(written, Mapping) else None


def _shown(name: str, value: Any) -> str:
    if any(name.endswith(word) for word in _HIDDEN):
        return "set" if value else "not set"
    if value is None or value in ("", ()):
        return "–"  # noqa: RUF001  a dash for nothing
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
