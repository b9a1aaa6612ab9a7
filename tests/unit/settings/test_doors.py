"""Doors in limen.toml: what is wrong is told at once, in plain words, with the place where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.settings import load_settings
from support.doors import DOOR, read_doors

_OFFICE = '[schedule.office]\nweek = ["mon-fri 07:00-19:00"]\n'
_BROKER = '[broker]\nhost = "broker.example"\n'


def _mistakes(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_doors(folder, text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_least_that_a_door_needs(tmp_path: Path) -> None:
    """A camera, who watches, who may use it and when; everything else has a default."""
    door = read_doors(tmp_path, DOOR).door["front"]
    assert (door.camera, door.attendance, door.access) == ("0", "attended", {"everybody": "always"})
    assert (door.mask.rule.value, door.temperature.rule, door.actuator.kind) == ("off", "off", "none")


def test_by_default_nobody_watches_a_door(tmp_path: Path) -> None:
    """Without an attendance a second factor is asked for, so that forgetting the key opens nothing to a photograph."""
    text = '[door.front]\ncamera = "0"\naccess = { everybody = "always" }\n'
    assert "door.front.second_factor: badge or pin is needed" in _mistakes(tmp_path, text)
    assert read_doors(tmp_path, text + 'second_factor = "pin"').door["front"].attendance == "unattended"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[door.front]\n", "door.front.camera: is needed"),
        ("[door.front]\n", "door.front.access: is needed: who may use the door, and when"),
        (DOOR + "colour = 3\n", "door.front.colour: there is no such setting"),
        (DOOR + "fpir = 0.5\n", "door.front.fpir: Input should be less than or equal to 0.1"),
        (DOOR + 'mask = "require"\n', "door.front.mask: expected a table"),
        (DOOR + '[door.front.mask]\nrule = "always"\n', "door.front.mask.rule: Input should be 'off', 'advise' or"),
        (DOOR + "[door.front.zone]\ncorners = [[0, 0], [1, 1]]\n", "door.front.zone.corners: three corners at least"),
        (DOOR + "[door.front.zone]\ncorners = [[0, 0], [1, 0], [1, 1.2]]\n", "door.front.zone.corners.2.1:"),
        (DOOR.replace("always", "office"), "door.front.access.everybody: there is no [schedule.office]"),
        (DOOR.replace("everybody", "Staff"), "door.front.access.Staff: a name has small letters"),
        (DOOR.replace("front", "Front"), "door.Front: a name has small letters"),
        (DOOR.replace("front", "1st"), "door.1st: a name has small letters"),
        (DOOR.replace('"0"', '"rtsp://u:secret@cam/1"'), "door.front.camera: a password stands in it"),
        (DOOR + 'camera_password_file = "x"\n', "door.front.camera_password_file: only an address takes a password"),
        (DOOR + 'airlock_with = ["back"]\n', "door.front.airlock_with: there is no other door 'back'"),
        (DOOR + 'airlock_with = ["front"]\n', "door.front.airlock_with: there is no other door 'front'"),
        (DOOR + 'direction = "out"\npassback = "hard"\n', "door.front.passback: leaving never depends on limen"),
        (DOOR + 'direction = "out"\nmost_inside = 9\n', "door.front.most_inside: nobody is kept from leaving"),
        (DOOR + "most_inside = 9\n", "door.front.sensor.kind: contacts are needed"),
        (DOOR + 'passback = "soft"\n', "door.front.sensor.kind: contacts are needed"),
        (DOOR + "two_person = true\none_at_a_time = true\n", "door.front.two_person: two cannot be there"),
        (DOOR + '[door.front.temperature]\nrule = "refer"\n', "door.front.thermal: a thermal camera is needed"),
        (
            DOOR + 'thermal = "1"\n[door.front.temperature]\nrule = "refer"\nexpected_alarms_per_1000 = 3\n',
            "set expected_alarms_per_1000 = 77 if the site agrees to that",
        ),
        (DOOR + '[door.front.temperature]\nrule = "refer"\n', "door.front.temperature.expected_alarms_per_1000:"),
        (DOOR + '[door.front.actuator]\nkind = "laser"\n', "door.front.actuator.kind: Input should be"),
        (DOOR + '[door.front.actuator]\nkind = "gpio"\n', "door.front.actuator.pin: is needed by kind = 'gpio'"),
        (DOOR + '[door.front.actuator]\nkind = "command"\n', "door.front.actuator.argv: is needed by kind = 'command'"),
        (DOOR + "[door.front.actuator]\npin = 3\n", "door.front.actuator.pin: does not belong to kind = 'none'"),
        (DOOR + '[door.front.actuator]\nkind = "webhook"\n', "door.front.actuator.secret_file: is needed by kind"),
        (DOOR + '[door.front.actuator]\nkind = "mqtt"\n', "door.front.actuator.kind: [broker] with a host is needed"),
        (DOOR + '[door.front.sensor]\nkind = "gpio"\n', "door.front.sensor.contact_pin: contact_pin, exit_pin or"),
        (
            DOOR + '[door.front.sensor]\nkind = "gpio"\ncontact_pin = 4\nexit_pin = 4\n',
            "door.front.sensor.exit_pin: pin 4 is in use: door.front.sensor.contact_pin",
        ),
        (DOOR + '[door.front.actuator]\npassword = "x"\n', "door.front.actuator.password: there is no such setting"),
        (DOOR + '[door.front.other_way]\ntested_on = "soon"\n', "door.front.other_way.tested_on: Input should be"),
        ('[schedule.office]\nweek = ["mon-fri 7-19"]\n', "schedule.office.week.0: expected hours like 07:00-19:00"),
        ("[schedule.office.single_days]\n2027-02-29 = []\n", "schedule.office.single_days.2027-02-29: Input should be"),
        ("[schedule.always]\n", "schedule.always: this name is taken"),
        ('[site]\ntime_zone = "Europe/Parys"\n', "site.time_zone: there is no time zone 'Europe/Parys'"),
        ('[site]\nlanguage = "xx"\n', "site.language: there are sentences in en, fr; got 'xx'"),
        ('[site]\nholidays = ["02-30"]\n', "site.holidays.0: expected a day like 2026-12-25"),
        ("door = 3\n", "door: expected a table"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, mistake: str) -> None:
    """What a key cannot hold, and what two of them cannot say together, is told with its place."""
    assert mistake in _mistakes(tmp_path, text)


def test_every_mistake_of_every_door_is_told_at_once(tmp_path: Path) -> None:
    """A wrong value hides neither wrong values beside it nor what cannot hold together; nothing is told twice."""
    text = _mistakes(
        tmp_path,
        """
        [site]
        time_zone = "Mars"
        [door.front]
        camera = "0"
        attendance = "attended"
        access = { staff = "office", Bad = "always" }
        fpir = 7
        two_person = true
        one_at_a_time = true
        [door.back]
        airlock_with = ["side"]
        """,
    )
    parts = text.removeprefix("settings: ").split("; ")
    places = [part.split(": ")[0] for part in parts if part.startswith(("door.", "site."))]
    assert places == [
        "door.back.access",
        "door.back.airlock_with",
        "door.back.camera",
        "door.back.second_factor",
        "door.front.access.Bad",
        "door.front.access.staff",
        "door.front.fpir",
        "door.front.two_person",
        "site.time_zone",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (DOOR.replace('"0"', "[1]"), "door.front.camera"),
        (DOOR.replace('"0"', '[1]\ncamera_password_file = "x"'), "door.front.camera"),
        (DOOR.replace('"attended"', '"atended"'), "door.front.attendance"),
        (DOOR.replace("everybody", "All"), "door.front.access.All"),
        (DOOR + '[door.front.actuator]\nkind = "gipo"\npin = 17\n', "door.front.actuator.kind"),
        (DOOR + 'passback = "soft"\n[door.front.sensor]\nkind = "gipo"\ncontact_pin = 4\n', "door.front.sensor.kind"),
        (DOOR + '[door.front.actuator]\nkind = "mqtt"\n[broker]\nhost = 3\n', "broker.host"),
        (DOOR.replace("always", "office") + "[schedule]\noffice = 3\n", "schedule.office"),
        (DOOR + 'airlock_with = ["back"]\n[door]\nback = 3\n', "door.back"),
    ],
)
def test_what_follows_from_a_mistake_is_not_told_as_another(tmp_path: Path, text: str, place: str) -> None:
    """A wrong key is told once, and nothing that only seems wrong because it was left out."""
    told = _mistakes(tmp_path, text)
    assert re.findall(r"(?:settings: |; )([\w.]+): ", told) == [place]


@pytest.mark.parametrize("name", ["LIMEN_DOOR__FRONT", "LIMEN_DOOR__FRONT__CAMERA", "LIMEN_SCHEDULE__OFFICE__WEEK"])
def test_no_variable_sets_a_door(tmp_path: Path, name: str) -> None:
    """A variable that would set a door or a schedule is refused, and the words say where it is done."""
    with pytest.raises(ConfigError, match=f"{name}: doors and schedules are set in limen.toml"):
        load_settings(tmp_path, environment={name: "1"})


def test_a_broker_may_come_from_the_environment(tmp_path: Path) -> None:
    """The broker has no name of the site's own, so variables set it, and a door may rely on that."""
    (tmp_path / "limen.toml").write_text(DOOR + '[door.front.actuator]\nkind = "mqtt"\n', "utf-8")
    settings = load_settings(tmp_path, environment={"LIMEN_BROKER__HOST": "broker.example"})
    assert (settings.broker.host, settings.broker.port, settings.broker.tls) == ("broker.example", 8883, True)


def test_days_may_be_written_with_and_without_quotes(tmp_path: Path) -> None:
    """TOML knows days, and a holiday may be one."""
    settings = read_doors(tmp_path, '[site]\nholidays = [2026-12-25, "2027-05-17", "05-01"]\n')
    assert settings.site.holidays == ("2026-12-25", "2027-05-17", "05-01")


@pytest.mark.parametrize(
    "device",
    [
        'kind = "command"\nargv = ["/usr/bin/open-door", "front"]',
        'kind = "gpio"\npin = 17\nactive_high = false\npulse_s = 0.5',
        'kind = "wiegand"\ndata0_pin = 5\ndata1_pin = 6\nbits = 34',
        'kind = "webhook"\nurl = "https://gate.example/open"\nsecret_file = "/run/secrets/gate"',
        'kind = "mqtt"\npayload = "ON"\ntopic = "relays/1/set"\ncredential = true',
    ],
)
def test_every_kind_of_actuator_can_be_written(tmp_path: Path, device: str) -> None:
    """Each kind takes the keys that belong to it."""
    settings = read_doors(tmp_path, f"{_BROKER}{_OFFICE}{DOOR}[door.front.actuator]\n{device}\n")
    assert settings.door["front"].actuator.kind in device
