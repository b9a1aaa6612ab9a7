"""The only reader of configuration: `limen.toml` in the data folder, then `LIMEN_SECTION__KEY` in the environment.

Everything has a safe default, unknown keys are refused wherever they stand, and every mistake is listed at once.
Rooms never see this object: bootstrap hands each the few values it needs. Doors and schedules have names, so they stand
in `limen.toml` alone; no variable sets them.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, ValidationError

from limen.core.errors import ConfigError
from limen.settings.calendar import Days, ScheduleSettings, ZoneName
from limen.settings.devices import BrokerSettings, EventsSettings
from limen.settings.doors import DoorSettings
from limen.settings.mistakes import contradictions, field_mistakes, without
from limen.settings.passes import KindSettings, PassSettings
from limen.settings.section import Language, Name
from limen.settings.section import Section as _Section
from limen.settings.sign_in import SignInSettings

__all__ = [
    "BackupSettings",
    "GallerySettings",
    "PrivacySettings",
    "Settings",
    "SiteSettings",
    "VisionSettings",
    "load_settings",
    "settings_of",
    "variables_set",
]

_PREFIX = "LIMEN_"
_TOP_LEVEL = ("LIMEN_DATA", "LIMEN_CACHE")
_NAMED = ("door", "schedule")


class SiteSettings(_Section):
    """The site: its name, its time, the folder's key."""

    name: Name = Field(default="site", title="Name", description="Of the site in MQTT topics.")
    time_zone: ZoneName = Field(
        default="UTC", title="Time zone", description="Hours and holidays are read in it, like `Europe/Paris`."
    )
    holidays: Days = Field(
        default=(), title="Holidays", description="Days off, like `2026-12-25`, or `12-25` for every year."
    )
    language: Language = Field(
        default="en", title="Language", description="What doors speak, unless somebody at them chooses another."
    )
    profile: Literal["office", "home"] = Field(
        default="office",
        title="Profile",
        description="In an office what reaches many people takes two operators; at home one person is enough.",
    )
    key_file: Path | None = Field(
        default=None,
        title="Site key file",
        description="Where the 32-byte site key lies; without it, `site.key` in the data folder is used.",
    )
    pkcs11_module: Path | None = Field(
        default=None,
        title="PKCS#11 module",
        description="The library of a token that makes the site key, in place of a file.",
    )
    pkcs11_token: str = Field(default="limen", title="PKCS#11 token", description="The label of that token.")
    pkcs11_pin_file: Path | None = Field(
        default=None, title="PKCS#11 PIN file", description="A file with the PIN of that token, for its owner alone."
    )
    busy_seconds: float = Field(
        default=5.0, gt=0, le=60, title="Patience (s)", description="How long to wait for another process that writes."
    )


class BackupSettings(_Section):
    """Backups and how long they live."""

    days: int = Field(
        default=30,
        ge=1,
        le=30,
        title="Days a backup lives",
        description="Then its key is destroyed, and with it whatever was withdrawn since; 30 is the longest.",
    )
    keys: Path | None = Field(
        default=None,
        title="Folder of backup keys",
        description="Without it, `backup-keys` in the data folder; never where the backups go.",
    )


class PrivacySettings(_Section):
    """What the controller states, and how long what is not used is kept."""

    unused_days: int = Field(
        default=30,
        ge=1,
        le=30,
        title="Days for what is not used",
        description="How long an enrolment waits for its confirmation, and an agreement for its enrolment.",
    )
    controller: str = Field(default="", title="Controller", description="Who is responsible, with an address.")
    contact: str = Field(default="", title="Contact", description="How people reach the data-protection officer.")
    purpose: str = Field(default="", title="Purpose", description="What the doors are for.")
    legal_basis: str = Field(
        default="", title="Legal basis", description="Stated by the controller; an agreement is asked in any case."
    )
    other_way: str = Field(default="", title="The other way in", description="What it is, and where.")


class VisionSettings(_Section):
    """Models and threads."""

    threads: int = Field(
        default=0, ge=0, le=256, title="Threads", description="Worker threads; 0 takes one per usable core."
    )
    embedder: str = Field(
        default="sface-2021dec", title="Embedding model", description="A name from `limen models list`."
    )


class GallerySettings(_Section):
    """What recognising may cost."""

    fpir: float = Field(
        default=0.001,
        gt=0,
        le=0.1,
        title="Strangers let in (FPIR)",
        description="Share of attempts by people who are not enrolled that may be taken for somebody.",
    )


class Settings(_Section):
    """All settings; `data` and `cache` are folders."""

    data: Path = Field(title="Data folder", description="Where the store lies; `--data` or LIMEN_DATA.")
    cache: Path = Field(title="Cache folder", description="Folded models; LIMEN_CACHE.")
    site: SiteSettings = SiteSettings()
    backup: BackupSettings = BackupSettings()
    privacy: PrivacySettings = PrivacySettings()
    vision: VisionSettings = VisionSettings()
    gallery: GallerySettings = GallerySettings()
    passes: PassSettings = PassSettings()
    kinds: KindSettings = KindSettings()
    broker: BrokerSettings = BrokerSettings()
    events: EventsSettings = EventsSettings()
    sign_in: SignInSettings = SignInSettings()
    schedule: dict[Name, ScheduleSettings] = Field(default={}, title="Schedules", description="Hours, by name.")
    door: dict[Name, DoorSettings] = Field(default={}, title="Doors", description="Doors, by name.")


def load_settings(data: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings in force.

    Args:
        data: the data folder, or None for LIMEN_DATA, or else the platform's own.
        environment: variables; None for those of this process.

    Raises:
        ConfigError: an unknown or unusable setting; every mistake is named with where it stands.
    """
    variables = os.environ if environment is None else environment  # noqa: TID251  this is the one reader
    folder = data or Path(variables.get("LIMEN_DATA") or user_data_path("limen"))
    path = folder / "limen.toml"
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice="correct the file or remove it") from error
    return settings_of(text, data=folder, environment=variables)


def settings_of(text: str, *, data: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings that would be in force with this text as ``limen.toml``; nothing is written.

    Args:
        text: TOML.
        data: the data folder.
        environment: variables; None for those of this process.

    Raises:
        ConfigError: as `load_settings`.
    """
    variables = os.environ if environment is None else environment  # noqa: TID251  this is the one reader
    folder = data
    cache = Path(variables.get("LIMEN_CACHE") or user_cache_path("limen"))
    tables = _read_toml(text, path=folder / "limen.toml")
    mistakes = [f"{name}: cannot be set in limen.toml" for name in ("data", "cache") if name in tables]
    for name, value in sorted(variables.items()):
        if name.startswith(_PREFIX) and name not in _TOP_LEVEL:
            mistakes += _put(tables, name, value)
    return _checked({**tables, "data": folder, "cache": cache}, mistakes)


def variables_set(environment: Mapping[str, str] | None = None) -> frozenset[str]:
    """Names of the variables that set something, without what they say."""
    variables = os.environ if environment is None else environment  # noqa: TID251  this is the one reader
    return frozenset(name for name in variables if name.startswith(_PREFIX))


def _checked(tables: dict[str, Any], mistakes: list[str]) -> Settings:
    """The settings, or every mistake at once."""
    wrong = []
    try:
        settings = Settings.model_validate(tables)
    except ValidationError as error:
        wrong = field_mistakes(error)
        settings = Settings.model_validate(without(tables, [place for place, _ in wrong]))
    told = [place for place, _ in wrong]
    broker = bool(settings.broker.host)
    wrong += contradictions(door=settings.door, schedule=settings.schedule, broker=broker, told=told)
    wrong.sort(key=lambda mistake: [str(part) for part in mistake[0]])
    mistakes += [f"{'.'.join(map(str, place))}: {words}" for place, words in wrong]
    if mistakes:
        raise _unusable(mistakes)
    return settings


def _unusable(mistakes: list[str]) -> ConfigError:
    advice = "see docs/reference/settings.md for what can be set"
    return ConfigError("settings: " + "; ".join(mistakes), advice=advice, mistakes=tuple(mistakes))


def _read_toml(text: str, *, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice="correct the file or remove it") from error


def _put(tables: dict[str, Any], name: str, value: str) -> list[str]:
    """Lay a variable over the tables; returns what is wrong with it."""
    section, separator, key = name.removeprefix(_PREFIX).lower().partition("__")
    if separator and section in _NAMED:
        return [f"{name}: doors and schedules are set in limen.toml"]
    if not separator or not key or section not in Settings.model_fields or section in ("data", "cache"):
        return [f"{name}: there is no such setting (they are named LIMEN_SECTION__KEY)"]
    table = tables.setdefault(section, {})
    if not isinstance(table, dict):
        return [f"{section}: expected a table in limen.toml"]
    table[key] = value
    return []
