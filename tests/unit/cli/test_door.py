"""`limen door`: an example that works as it stands and with every line switched on, a list, a check in sentences."""

from __future__ import annotations

import io
import re
import sys
import tomllib
from pathlib import Path
from queue import SimpleQueue

import pytest

from limen.cli.door_run import _read_badges
from limen.core.base45 import encode
from limen.settings.doors import DoorSettings
from support.cli import limen
from support.doors import DOOR, read_doors

_TESTED = '[door.front.other_way]\nkind = "badge"\ntested_on = 2026-11-20\n'


def _written(folder: Path, text: str) -> Path:
    (folder / "limen.toml").write_text(text, "utf-8")
    return folder


def _without_twice(lines: list[str]) -> list[str]:
    """TOML lines of which the last one counts where a key stands twice in a table."""
    places: dict[tuple[str, str], str] = {}
    table = ""
    for line in lines:
        if line.startswith("["):
            table = line
        places[table, line.partition(" = ")[0]] = line
    return list(places.values())


def test_the_example_works_as_it_stands(tmp_path: Path) -> None:
    """What `new` prints is a limen.toml with one door, and says so with --json and without."""
    answer = limen("door", "new", "front", data=tmp_path)
    assert (answer.code, answer.document["door"], answer.document["written"]) == (0, "front", None)
    assert list(read_doors(tmp_path, answer.document["toml"]).door) == ["front"]
    printed = limen("door", "new", "front-2", data=tmp_path, json_wanted=False)
    assert "\n[door.front-2]\n" in printed.out
    assert tomllib.loads(printed.out)["door"]["front-2"]["camera"] == "0"


def test_every_line_of_the_example_can_be_switched_on(tmp_path: Path) -> None:
    """With the # taken off, every setting in it is one, and names a value that is allowed."""
    text = limen("door", "new", "front", data=tmp_path).document["toml"]
    (tmp_path / "secret").write_text("user:password", "utf-8")
    lines = [re.sub(r"^#(?=[a-z\[])", "", line) for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    # a way out has no limit of people, two cannot be alone, and there is no second door here
    left_out = ("direction", "two_person", "airlock_with")
    lines = [line for line in lines if not line.startswith(left_out)]
    settings = read_doors(tmp_path, "\n".join(_without_twice(lines)))
    door = settings.door["front"]
    assert (door.camera, door.second_factor, door.other_way.kind) == (
        "rtsp://camera.example:554/stream1",
        "badge",
        "badge",
    )
    assert door.model_fields_set >= set(DoorSettings.model_fields) - {*left_out}


def test_new_appends_and_changes_nothing_else(tmp_path: Path) -> None:
    """`--write` leaves every byte that was there, makes a file where there is none, and leaves nothing unfinished."""
    before = '# mine\n[site]\ntime_zone = "Europe/Paris"\n'
    _written(tmp_path, before)
    (tmp_path / "limen.toml").chmod(0o640)
    assert limen("door", "new", "front", "--write", data=tmp_path).code == 0
    assert limen("door", "new", "back", "--write", data=tmp_path).code == 0
    after = (tmp_path / "limen.toml").read_text("utf-8")
    assert after.startswith(before)
    assert list(tomllib.loads(after)["door"]) == ["front", "back"]
    assert [path.name for path in tmp_path.iterdir()] == ["limen.toml"]
    assert (tmp_path / "limen.toml").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (DOOR, "front", "it is in limen.toml already"),
        ("", "Front Door", "no name for a door"),
        ("door = {}\n", "front", "nothing in it was changed"),
        ("[gallery]\nfpir = 7\n", "front", "gallery.fpir"),
    ],
)
def test_what_new_refuses(tmp_path: Path, *, text: str, name: str, told: str) -> None:
    """A door that is there, a name that is none, a file it would break or that is wrong: 2, and the file as before."""
    _written(tmp_path, text)
    answer = limen("door", "new", name, "--write", data=tmp_path)
    assert answer.code == 2
    assert told in str(answer.document["error"])
    assert (tmp_path / "limen.toml").read_text("utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["limen.toml"]


def test_new_makes_no_folder(tmp_path: Path) -> None:
    """Where there is no folder, nothing is written."""
    assert limen("door", "new", "front", "--write", data=tmp_path / "none").code == 2
    assert not (tmp_path / "none").exists()


def test_doors_are_listed(tmp_path: Path) -> None:
    """Each door with its camera, who watches, who may use it, what opens it and the other way in."""
    _written(tmp_path, DOOR + _TESTED)
    answer = limen("door", "list", data=tmp_path)
    assert (answer.code, answer.document) == (
        0,
        {
            "doors": [
                {
                    "door": "front",
                    "camera": "0",
                    "direction": "in",
                    "attendance": "attended",
                    "access": {"everybody": "always"},
                    "actuator": "none",
                    "other_way": "badge",
                }
            ]
        },
    )
    assert "Everybody who is enrolled, at any hour." in limen("door", "list", data=tmp_path, json_wanted=False).out


def test_a_site_without_doors_has_an_empty_list(tmp_path: Path) -> None:
    """None is an answer, too."""
    assert limen("door", "list", data=tmp_path).document == {"doors": []}


def test_check_says_what_is_missing(tmp_path: Path) -> None:
    """Without another way in, a site and readable secrets nothing starts; each is told, and the answer is no."""
    _written(tmp_path, DOOR.replace('"0"', '"rtsp://[::1]/1"\ncamera_password_file = "/nonexistent/secret"'))
    answer = limen("door", "check", "front", data=tmp_path)
    assert (answer.code, answer.document["ready"]) == (1, False)
    missing = " ".join(answer.document["missing"])
    for told in ("there is no other way in", "/nonexistent/secret: the secret in it cannot be read", "limen site new"):
        assert told in missing
    assert "rtsp://[::1]/1" in limen("door", "check", "front", data=tmp_path, json_wanted=False).out


def test_check_looks_at_the_devices(tmp_path: Path) -> None:
    """What only a device knows to be wrong is among what is missing."""
    device = '[door.front.actuator]\nkind = "command"\nargv = ["open-door"]\n'
    missing = limen("door", "check", "front", data=_written(tmp_path, DOOR + device)).document["missing"]
    assert [told for told in missing if "argv: expected a program by its full path" in told]


def test_check_of_a_door_that_is_ready(tmp_path: Path) -> None:
    """With a site and another way in that was tested it may start; a trial folder says that it opens nothing."""
    assert limen("site", "new", "--kind", "trial", data=tmp_path).code == 0
    _written(
        tmp_path,
        DOOR + "[door.front.other_way]\nkind = 'reception'\nwhere = 'round the corner'\ntested_on = 2026-11-20\n",
    )
    answer = limen("door", "check", "front", data=tmp_path)
    assert [told for told in answer.document["missing"] if "more than a year" not in told] == []
    printed = limen("door", "check", "front", data=tmp_path, json_wanted=False)
    assert "A trial folder: no actuator is driven." in printed.out
    assert "Reception, round the corner; tested on 2026-11-20." in printed.out


def test_check_says_every_rule_in_a_sentence(tmp_path: Path) -> None:
    """Rules that are on have their sentence, and what strictness costs follows the size of the site."""
    _written(
        tmp_path,
        """
        [site]
        time_zone = "Europe/Paris"
        holidays = ["12-25", "01-01"]
        [broker]
        host = "broker.example"
        [schedule.office]
        week = ["mon-fri 07:00-19:00"]
        single_days = { 2026-12-24 = [] }
        [door.back]
        camera = "1"
        attendance = "unsafe_face_only"
        access = { everybody = "always" }
        [door.front]
        camera = "0"
        thermal = "2"
        attendance = "unattended"
        second_factor = "pin"
        access = { staff = "office", guards = "always" }
        passback = "hard"
        most_inside = 40
        occupancy_bypass = ["guards"]
        two_person = true
        airlock_with = ["back"]
        alarm_disarm = ["guards"]
        [door.front.mask]
        rule = "require"
        asked = "after"
        exempt = ["excused"]
        [door.front.temperature]
        rule = "refer"
        expected_alarms_per_1000 = 77
        [door.front.sensor]
        kind = "mqtt"
        [door.front.actuator]
        kind = "gpio"
        pin = 17
        """,
    )
    said = {
        row["what"]: row["sentence"] for row in limen("door", "check", "front", data=tmp_path).document["sentences"]
    }
    assert said["opens for"] == (
        "Group staff, mon-fri 07:00-19:00 (Europe/Paris); on 2 holidays closed; 1 single day with hours of its own. "
        "Group guards, at any hour."
    )
    assert said["second factor"] == "Beside the face, a pin of the same person is shown."
    assert said["masks"].endswith(
        "of those who are recognised; where that cannot be told a person looks. Not of excused."
    )
    assert "expect 77 alarms, 69 of them false" in said["temperature"]
    assert said["anti-passback"] == "Whoever went in and has not come out is refused."
    assert said["most inside"] == "40 people; then the door stays shut. Not for guards."
    assert said["airlock"] == "It stays shut while one of these is open: back."
    assert said["alarm"] == "While it is set guards may go in to switch it off."
    assert said["opened by"] == "A relay on pin 17, for 1 s."
    assert {"two persons", "lock-down", "costs"} <= said.keys()
    back = {row["what"]: row["sentence"] for row in limen("door", "check", "back", data=tmp_path).document["sentences"]}
    assert back["watched"].startswith("UNSAFE")
    costs = [
        limen("door", "check", "back", "--people", size, data=tmp_path).document["cost"]["fnir_single_picture"][
            "bare/bare"
        ]
        for size in ("10", "5000")
    ]
    assert costs[0] < costs[1]


@pytest.mark.parametrize(
    ("at", "open_for", "shown"),
    [
        ("2026-12-23T09:00", ["staff", "guards"], "2026-12-23T09:00:00+01:00"),
        ("2026-12-25T09:00", ["guards"], "2026-12-25T09:00:00+01:00"),
        ("2026-12-23T22:00+00:00", ["guards"], "2026-12-23T23:00:00+01:00"),
        ("2027-03-28T02:30", ["guards"], "2027-03-28T03:30:00+02:00"),
    ],
)
def test_check_says_who_may_come_in_at_a_time(*, tmp_path: Path, at: str, open_for: list[str], shown: str) -> None:
    """A time is one at the site unless a zone stands with it, and the groups are told that the door opens for then."""
    _written(
        tmp_path,
        '[site]\ntime_zone = "Europe/Paris"\nholidays = ["12-25"]\n[schedule.office]\nweek = ["mon-fri 07:00-19:00"]\n'
        + DOOR.replace('everybody = "always"', 'staff = "office", guards = "always"'),
    )
    document = limen("door", "check", "front", "--at", at, data=tmp_path).document
    assert (document["open_for"], document["at"]) == (open_for, shown)


def test_a_time_that_is_none_is_misuse(tmp_path: Path) -> None:
    """The answer shows how a time is written."""
    answer = limen("door", "check", "front", "--at", "noon", data=_written(tmp_path, DOOR))
    assert answer.code == 2
    assert "2026-12-25T09:00" in answer.document["error"]["advice"]


def test_check_of_a_door_that_is_not_there(tmp_path: Path) -> None:
    """An unknown name is misuse, and the answer says how to begin."""
    answer = limen("door", "check", "side", data=_written(tmp_path, DOOR))
    assert answer.code == 2
    assert "limen door new side" in answer.document["error"]["advice"]


def test_a_code_keeps_the_spaces_it_begins_or_ends_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Base45 has a space; a badge number loses those around it."""
    code = next(text for number in range(256) if (text := encode(bytes([0xB1, number]))).startswith(" "))
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{code}\r\n 0042 \n\n"))
    presented: SimpleQueue[str] = SimpleQueue()
    _read_badges(presented)
    assert [presented.get_nowait() for _ in range(3)] == [code, "0042", ""]
