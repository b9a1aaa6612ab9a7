"""Settings: safe without any, TOML below the environment, and every mistake told at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard, get_args

import pytest
from pydantic import BaseModel, ValidationError

from limen.core.errors import ConfigError
from limen.settings import Settings, load_settings
from limen.settings.calendar import ScheduleSettings
from limen.settings.doors import DoorSettings, ZoneSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder."""
    return tmp_path


def _toml(folder: Path, text: str) -> None:
    (folder / "limen.toml").write_text(text, "utf-8")


def _mistake(folder: Path | None, **environment: str) -> str:
    """The text of the error that loading raises; it is one line, with advice."""
    with pytest.raises(ConfigError) as caught:
        load_settings(folder, environment=environment)
    assert "\n" not in str(caught.value)
    assert caught.value.advice()
    return str(caught.value)


def test_without_any_setting_the_defaults_are_safe(folder: Path) -> None:
    """One stranger in a thousand, the shipped model, all cores, a key beside the data."""
    settings = load_settings(folder, environment={})
    assert (settings.gallery.fpir, settings.vision.embedder, settings.vision.threads) == (0.001, "sface-2021dec", 0)
    assert (settings.site.key_file, settings.site.busy_seconds, settings.data) == (None, 5.0, folder)


def test_the_folders_come_from_the_environment(folder: Path) -> None:
    """LIMEN_DATA and LIMEN_CACHE name them, the argument goes before, and the platform's own are the default."""
    environment = {"LIMEN_DATA": str(folder / "a"), "LIMEN_CACHE": str(folder / "c")}
    settings = load_settings(environment=environment)
    assert (settings.data, settings.cache) == (folder / "a", folder / "c")
    assert load_settings(folder / "b", environment=environment).data == folder / "b"
    fallback = load_settings(environment={"LIMEN_DATA": "", "LIMEN_CACHE": ""})
    assert (fallback.data.name, fallback.cache.name) == ("limen", "limen")


def test_toml_is_read_from_the_data_folder(folder: Path) -> None:
    """What stands in limen.toml is in force; what does not keeps its default."""
    _toml(folder, '[gallery]\nfpir = 0.01\n[site]\nkey_file = "/etc/limen/key"\n')
    settings = load_settings(folder, environment={})
    assert (settings.gallery.fpir, settings.site.key_file) == (0.01, Path("/etc/limen/key"))
    assert settings.vision.threads == 0


def test_the_environment_beats_toml(folder: Path) -> None:
    """A variable goes before the file, key by key."""
    _toml(folder, "[gallery]\nfpir = 0.01\n[vision]\nthreads = 3\n")
    settings = load_settings(folder, environment={"LIMEN_GALLERY__FPIR": "0.02"})
    assert (settings.gallery.fpir, settings.vision.threads) == (0.02, 3)


def test_other_programs_variables_are_left_alone(folder: Path) -> None:
    """Only names that begin with LIMEN_ are looked at."""
    others = {"PATH": "/bin", "XLIMEN_FOO": "1", "LIMENESS": "2"}
    assert load_settings(folder, environment=others) == load_settings(folder, environment={})


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("colour = 3", "colour: there is no such setting"),
        (
            '[privacy]\nwhy_not_a_badge = "Badges were lent."',
            "privacy.why_not_a_badge: is written for each kind of template now: see [kinds]",
        ),
        ("[vision]\nthread = 3", "vision.thread: there is no such setting"),
        ("[door]\nopen = true", "door.open: expected a table"),
        ("vision = 3", "vision: expected a table"),
        ('[vision]\nthreads = "many"', "vision.threads: Input should be a valid integer"),
        ("[vision]\nthreads = -1", "vision.threads: Input should be greater than or equal to 0"),
        ("[vision]\nthreads = 257", "vision.threads: Input should be less than or equal to 256"),
        ("[gallery]\nfpir = 0", "gallery.fpir: Input should be greater than 0"),
        ("[gallery]\nfpir = 0.5", "gallery.fpir: Input should be less than or equal to 0.1"),
        ("[gallery]\nfpir = nan", "gallery.fpir: Input should be"),
        ("[site]\nbusy_seconds = 0", "site.busy_seconds: Input should be greater than 0"),
        ("[site]\nbusy_seconds = inf", "site.busy_seconds: Input should be less than or equal to 60"),
        ("[site]\nkey_file = 3", "site.key_file: Input is not a valid path"),
        ('data = "/elsewhere"', "data: cannot be set in limen.toml"),
        ('cache = "/elsewhere"', "cache: cannot be set in limen.toml"),
    ],
)
def test_a_wrong_line_in_toml_is_named(folder: Path, text: str, mistake: str) -> None:
    """Unknown keys, wrong types and values out of range are refused with the place where they stand."""
    _toml(folder, text)
    assert mistake in _mistake(folder)


@pytest.mark.parametrize(
    ("name", "value", "mistake"),
    [
        ("LIMEN_FPIR", "0.01", "LIMEN_FPIR: there is no such setting"),
        ("LIMEN_", "", "LIMEN_: there is no such setting"),
        ("LIMEN_VISION", "3", "LIMEN_VISION: there is no such setting"),
        ("LIMEN_VISION__", "3", "LIMEN_VISION__: there is no such setting"),
        ("LIMEN_DOOR__OPEN", "1", "LIMEN_DOOR__OPEN: doors and schedules are set in limen.toml"),
        ("LIMEN_DATA__X", "1", "LIMEN_DATA__X: there is no such setting"),
        ("LIMEN_DATAFOLDER", "/x", "LIMEN_DATAFOLDER: there is no such setting"),
        ("LIMEN_VISION__THREAD", "3", "vision.thread: there is no such setting"),
        ("LIMEN_VISION__THREADS__MORE", "3", "vision.threads__more: there is no such setting"),
        ("LIMEN_VISION__THREADS", "", "vision.threads: Input should be a valid integer"),
        ("LIMEN_VISION__THREADS", "two", "vision.threads: Input should be a valid integer"),
        ("LIMEN_GALLERY__FPIR", "1e-3; drop", "gallery.fpir: Input should be a valid number"),
    ],
)
def test_a_wrong_variable_is_named(*, folder: Path, name: str, value: str, mistake: str) -> None:
    """A LIMEN_ variable that is no setting, or has no usable value, is refused by name."""
    assert mistake in _mistake(folder, **{name: value})


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    """Wrong lines and wrong variables stand in one error, so that nobody corrects them one by one."""
    _toml(folder, 'data = "x"\n[gallery]\nfpir = 7\n[vision]\nthread = 1\n')
    text = _mistake(folder, LIMEN_NOPE="1", LIMEN_ALSO_NOT="2", LIMEN_VISION__THREADS="x")
    for mistake in ("data:", "gallery.fpir:", "vision.thread:", "LIMEN_NOPE:", "LIMEN_ALSO_NOT:", "vision.threads:"):
        assert mistake in text


def test_a_variable_for_what_toml_made_no_table_is_refused(folder: Path) -> None:
    """Where the file says `vision = 3`, a variable cannot mend it."""
    _toml(folder, "vision = 3")
    assert "vision: expected a table" in _mistake(folder, LIMEN_VISION__THREADS="2")


@pytest.mark.parametrize(
    "content", [b"[vision", b"\xff\xfe\x00", b"= 3", b"a = 1\na = 2"], ids=["cut", "bytes", "no key", "twice"]
)
def test_a_file_that_is_no_toml_is_refused(folder: Path, content: bytes) -> None:
    """A broken file is named and not half-read."""
    (folder / "limen.toml").write_bytes(content)
    assert "limen.toml: cannot be read" in _mistake(folder)


def test_a_folder_in_place_of_the_file_is_refused(folder: Path) -> None:
    """A directory called limen.toml is no settings file."""
    (folder / "limen.toml").mkdir()
    assert "limen.toml: cannot be read" in _mistake(folder)


def test_settings_cannot_be_changed_afterwards(folder: Path) -> None:
    """They are frozen, in every section."""
    settings = load_settings(folder, environment={})
    with pytest.raises(ValidationError, match="frozen"):
        settings.data = folder / "elsewhere"
    with pytest.raises(ValidationError, match="frozen"):
        settings.gallery.fpir = 0.1


def test_every_setting_says_what_it_is() -> None:
    """Each field of each section has a title and a description."""
    sections = list(_sections(Settings))
    assert {Settings, DoorSettings, ScheduleSettings, ZoneSettings} <= set(sections)
    for section in sections:
        assert section.__doc__
        for name, field in section.model_fields.items():
            assert _is_section(field.annotation) or (field.title and field.description), name


def _sections(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A section and all below it, those with names of the site's own among them."""
    yield model
    for field in model.model_fields.values():
        for annotation in (field.annotation, *get_args(field.annotation)):
            if _is_section(annotation):
                yield from _sections(annotation)


def _is_section(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
