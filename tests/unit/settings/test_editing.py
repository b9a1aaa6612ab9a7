"""A door's settings as a form: every field, only what was changed is written, and comments stay."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.settings import load_settings, settings_of
from limen.settings.editing import Kind, changed_text, digest_of, fields_of, read_text, replace_file

_EXAMPLE = files("limen.settings").joinpath("door_example.toml").read_text("utf-8").replace("NAME", "front")


def _changed(filled: dict[str, str], text: str = _EXAMPLE) -> str:
    door = settings_of(text, data=Path("nowhere")).door["front"]
    return changed_text(text, door="front", before=door, filled=filled)


def test_every_field_of_a_door_is_there_but_what_is_left_to_the_file() -> None:
    """Titles, choices and values as text; no address of a camera or relay."""
    door = settings_of(_EXAMPLE, data=Path("nowhere")).door["front"]
    fields = {field.key: field for field in fields_of(door)}
    assert {field.kind for field in fields.values()} == set(Kind)
    assert fields["attendance"].choices == ("attended", "unattended", "unsafe_face_only")
    assert fields["access"].value == "everybody = always"
    assert (fields["mask.rule"].value, fields["mask.rule"].default) == ("off", "off")
    assert (fields["fpir"].kind, fields["fpir"].value) == (Kind.NUMBER, "")
    assert [key for key in fields if key.startswith(("camera", "actuator", "sensor"))] == []
    assert all(field.title for field in fields.values())


def test_nothing_changed_is_the_same_text_to_the_letter() -> None:
    """A form sent back as it was shown changes no byte."""
    door = settings_of(_EXAMPLE, data=Path("nowhere")).door["front"]
    assert _changed({field.key: field.value for field in fields_of(door)}) == _EXAMPLE


def test_what_was_changed_is_written_in_its_place_and_comments_stay() -> None:
    """Numbers, names, choices, pairs, yes and no, and keys that go; every comment line is still there."""
    text = _changed(
        {
            "attendance": "unattended",
            "fpir": "0.0005",
            "second_factor": "badge",
            "min_quality": "20",
            "two_person": "yes",
            "lockdown_bypass": "guards, fire",
            "access": "staff = always\nguards = always",
            "mask.rule": "require",
            "mask.exempt": "excused",
        }
    )
    door = settings_of(text, data=Path("nowhere")).door["front"]
    assert (door.attendance, door.fpir, door.min_quality, door.two_person) == ("unattended", 0.0005, 20, True)
    assert (door.lockdown_bypass, door.access) == (("guards", "fire"), {"staff": "always", "guards": "always"})
    assert (door.mask.rule, door.mask.exempt) == ("require", ("excused",))
    comments = [line for line in _EXAMPLE.splitlines() if line.startswith("#")]
    assert [line for line in comments if line not in text.splitlines()] == []
    door = settings_of(_changed({"fpir": "", "two_person": ""}, text), data=Path("nowhere")).door["front"]
    assert (door.fpir, door.two_person) == (None, False)


def test_every_mistake_is_told_and_the_file_stays(tmp_path: Path) -> None:
    """A word for a number, a number too large and hours that there are not, all at once; nothing is written."""
    (tmp_path / "limen.toml").write_text(_EXAMPLE, "utf-8")
    text = _changed({"most_inside": "many", "min_quality": "101", "access": "staff = nights"})
    with pytest.raises(ConfigError) as caught:
        replace_file(tmp_path, text)
    assert sorted(mistake.partition(":")[0] for mistake in caught.value.mistakes) == [
        "door.front.access.staff",
        "door.front.min_quality",
        "door.front.most_inside",
    ]
    assert read_text(tmp_path) == _EXAMPLE
    assert [path.name for path in tmp_path.iterdir()] == ["limen.toml"]


def test_the_file_is_exchanged_as_a_whole(tmp_path: Path) -> None:
    """The new text is in force, the permissions stay, and another text has another digest."""
    (tmp_path / "limen.toml").write_text(_EXAMPLE, "utf-8")
    (tmp_path / "limen.toml").chmod(0o640)
    text = _changed({"min_quality": "20"})
    assert replace_file(tmp_path, text).door["front"].min_quality == 20
    assert load_settings(tmp_path, environment={}).door["front"].min_quality == 20
    assert (tmp_path / "limen.toml").stat().st_mode & 0o777 == 0o640
    assert digest_of(text) != digest_of(_EXAMPLE)


def test_a_door_that_does_not_stand_in_the_file_is_not_written() -> None:
    """Nor is a text that is no TOML."""
    door = settings_of(_EXAMPLE, data=Path("nowhere")).door["front"]
    for text in ("", "[door.back]\n", "= ="):
        with pytest.raises(ConfigError):
            changed_text(text, door="front", before=door, filled={"min_quality": "20"})


def test_no_file_is_an_empty_text(tmp_path: Path) -> None:
    """And one that is no text is an error."""
    assert read_text(tmp_path) == ""
    (tmp_path / "limen.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError):
        read_text(tmp_path)
