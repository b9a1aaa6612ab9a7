"""Settings of a door become the values its room works with, and what still keeps it from starting is said."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from limen.core.decision import Access, Deny, Grant
from limen.core.door import Direction
from limen.core.errors import ConfigError
from limen.door.policy import (
    MaskAsked,
    MaskRule,
    Opening,
    Passback,
    Policy,
    SecondFactor,
    UnattendedDoor,
    UnsafeFaceOnly,
)
from limen.door.rules import decide
from limen.door.schedule import ALWAYS, Holidays, Schedule, Span, Weekly
from limen.door.temperature import AboveOthers, TemperatureOff, TemperatureOn, TemperatureRule
from limen.door.zone import Zone
from limen.settings.values import camera_of, check_kiosk, door_of, fpir_of, not_ready, policy_of, zone_of
from support.clock import NOON
from support.doors import DOOR, read_doors
from support.evidence import GOOD

_FULL = """
[site]
time_zone = "Europe/Paris"
holidays = ["12-25"]
[gallery]
fpir = 0.002
[schedule.office]
week = ["mon-fri 07:00-19:00"]
on_holidays = ["10:00-12:00"]
single_days = { 2026-12-24 = ["07:00-12:00"] }
[door.front]
camera = "rtsp://camera.example:554/1"
thermal = "1"
attendance = "unattended"
second_factor = "badge"
access = { staff = "office", guards = "always" }
min_quality = 20
one_at_a_time = true
passback = "hard"
passback_bypass = ["guards"]
most_inside = 40
occupancy_bypass = ["guards"]
alarm_disarm = ["guards"]
lockdown_bypass = ["guards"]
fpir = 0.0005
[door.front.zone]
corners = [[0.1, 0], [0.9, 0], [0.5, 1]]
least_eyes_px = 50
sign_needed = true
[door.front.mask]
rule = "require"
asked = "after"
exempt = ["excused"]
[door.front.temperature]
rule = "advise"
expected_alarms_per_1000 = 77
[door.front.sensor]
kind = "gpio"
contact_pin = 4
"""


def test_a_door_becomes_a_policy(tmp_path: Path) -> None:
    """Every rule that is written arrives in the policy."""
    settings = read_doors(tmp_path, _FULL)
    policy = policy_of(door_of(settings, "front"), settings)
    guards = frozenset({"guards"})
    office = Schedule(
        time_zone=ZoneInfo("Europe/Paris"),
        week=(Weekly.parse("mon-fri 07:00-19:00"),),
        holidays=Holidays.parse(["12-25"]),
        on_holidays=(Span.parse("10:00-12:00"),),
        single_days=((date(2026, 12, 24), (Span.parse("07:00-12:00"),)),),
    )
    assert policy == Policy(
        version=policy.version,
        attendance=UnattendedDoor(),
        opens_for=(Opening(group="staff", hours=office), Opening(group="guards", hours=ALWAYS)),
        min_quality=20,
        one_at_a_time=True,
        mask=MaskRule.REQUIRE,
        mask_asked=MaskAsked.AFTER,
        mask_exempt=frozenset({"excused"}),
        temperature=TemperatureOn(rule=TemperatureRule.ADVISE, limit=AboveOthers(), alarms_per_1000=77),
        second_factor=SecondFactor.BADGE,
        passback=Passback.HARD,
        passback_bypass=guards,
        most_inside=40,
        occupancy_bypass=guards,
        alarm_disarm=guards,
        lockdown_bypass=guards,
    )


def test_no_rule_of_a_policy_is_out_of_reach(tmp_path: Path) -> None:
    """Every field of a policy differs between two doors, so settings reach all of them."""
    plain = read_doors(tmp_path, DOOR)
    full = read_doors(tmp_path, _FULL.replace("one_at_a_time = true", "two_person = true"))
    out = read_doors(tmp_path, DOOR + 'direction = "out"\none_at_a_time = true\n')
    policies = [policy_of(settings.door["front"], settings) for settings in (plain, full, out)]
    same = [f.name for f in fields(Policy) if all(getattr(p, f.name) == getattr(policies[0], f.name) for p in policies)]
    assert same == []
    assert policies[2].direction is Direction.OUT


def test_a_written_door_decides(tmp_path: Path) -> None:
    """The policy that was written opens for the group it names and for nobody else."""
    settings = read_doors(tmp_path, DOOR.replace("everybody", "staff"))
    policy = policy_of(settings.door["front"], settings)
    assert isinstance(decide(GOOD, policy, at=NOON), Deny)
    staff = Access(groups=frozenset({"staff"}))
    evidence = type(GOOD)(**{f.name: getattr(GOOD, f.name) for f in fields(GOOD)} | {"access": staff})
    assert isinstance(decide(evidence, policy, at=NOON), Grant)


def test_unsafe_is_called_unsafe(tmp_path: Path) -> None:
    """The escape of promise 7 has to be written with its name."""
    settings = read_doors(tmp_path, DOOR.replace("attended", "unsafe_face_only"))
    policy = policy_of(settings.door["front"], settings)
    assert (policy.attendance, policy.temperature) == (UnsafeFaceOnly(), TemperatureOff())


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("min_quality = 20", "min_quality = 21", True),
        ('["10:00-12:00"]', '["10:00-13:00"]', True),
        ('["12-25"]', '["12-26"]', True),
        ("Europe/Paris", "Europe/Rome", True),
        ("77", "78", True),
        ("camera.example", "other.example", False),
        ("contact_pin = 4", "contact_pin = 5", False),
        ("least_eyes_px = 50", "least_eyes_px = 60", False),
    ],
)
def test_the_version_of_a_policy_follows_its_rules(tmp_path: Path, *, before: str, after: str, changes: bool) -> None:
    """A change of a rule, of hours or of the site's time is another version; a change of a device is not."""
    versions = []
    for text in (_FULL, _FULL.replace(before, after), _FULL):
        settings = read_doors(tmp_path, text)
        versions.append(policy_of(settings.door["front"], settings).version)
    assert (versions[0] != versions[1]) == changes
    assert versions[0] == versions[2]
    assert versions[0].startswith("p-")


def test_a_door_becomes_a_zone(tmp_path: Path) -> None:
    """Corners and limits arrive; without any it is the whole picture."""
    full, plain = read_doors(tmp_path, _FULL), read_doors(tmp_path, DOOR)
    corners = ((0.1, 0.0), (0.9, 0.0), (0.5, 1.0))
    assert zone_of(full.door["front"]) == Zone(corners=corners, least_eyes_px=50, sign_needed=True)
    assert zone_of(plain.door["front"]) == Zone()


def test_a_door_may_be_stricter_than_its_site(tmp_path: Path) -> None:
    """A door's own FPIR goes before that of the site."""
    full, plain = read_doors(tmp_path, _FULL), read_doors(tmp_path, DOOR + "[gallery]\nfpir = 0.003\n")
    assert (fpir_of(full.door["front"], full), fpir_of(plain.door["front"], plain)) == (0.0005, 0.003)


def test_a_door_that_is_not_there(tmp_path: Path) -> None:
    """Asking for it names those that are."""
    with pytest.raises(ConfigError, match="door back: not in") as caught:
        door_of(read_doors(tmp_path, DOOR), "back")
    assert "there are front" in caught.value.advice()
    with pytest.raises(ConfigError) as caught:
        door_of(read_doors(tmp_path, ""), "back")
    assert "there is none yet" in caught.value.advice()


def test_the_password_of_a_camera_comes_from_a_file(tmp_path: Path) -> None:
    """User and password join the address, written so that no character of them changes it."""
    secret = tmp_path / "camera"
    secret.write_text("limen:p@ss/w:rd\n", "utf-8")
    text = _FULL.replace("[door.front]\n", f'[door.front]\ncamera_password_file = "{secret}"\n')
    address = camera_of(read_doors(tmp_path, text).door["front"])
    assert address == "rtsp://limen:p%40ss%2Fw%3Ard@camera.example:554/1"
    assert camera_of(read_doors(tmp_path, DOOR).door["front"]) == "0"


@pytest.mark.parametrize(
    ("held", "told"),
    [(None, "cannot be read"), (b"", "no secret in it"), (b"\xff", "it is no text"), (b"word", "expected user:pass")],
)
def test_a_secret_that_cannot_be_used(tmp_path: Path, held: bytes | None, told: str) -> None:
    """A file that is missing, empty or no text is refused by name, and what it holds is not repeated."""
    secret = tmp_path / "camera"
    if held is not None:
        secret.write_bytes(held)
    text = _FULL.replace("[door.front]\n", f'[door.front]\ncamera_password_file = "{secret}"\n')
    with pytest.raises(ConfigError, match=told) as caught:
        camera_of(read_doors(tmp_path, text).door["front"])
    assert "word" not in str(caught.value).replace("password", "")


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("", "there is no other way in"),
        ('kind = "badge"', "write down the day"),
        ('kind = "badge"\ntested_on = 2026-11-25', "still to come"),
        ('kind = "badge"\ntested_on = 2025-11-20', "more than a year ago"),
        ('kind = "badge"\ntested_on = 2026-11-24', None),
        ('kind = "reception"\nwhere = "round the corner"\ntested_on = "2026-01-01"', None),
    ],
)
def test_nobody_is_searched_for_before_the_other_way_is_tested(tmp_path: Path, way: str, why: str | None) -> None:
    """Promise 5: declared and tested, not in the future and not too long ago."""
    door = read_doors(tmp_path, f"{DOOR}[door.front.other_way]\n{way}\n").door["front"]
    told = not_ready(door, on=date(2026, 11, 24))
    assert (told == ()) if why is None else (why in told[0])


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ('attendance = "attended"', ""),
        ('attendance = "unattended"\nsecond_factor = "badge"', ""),
        ('attendance = "unsafe_face_only"', "a face alone does not open an unattended door"),
        ('attendance = "attended"\nthermal = "1"', "no thermal camera beside it"),
    ],
)
def test_a_browser_is_a_camera_where_a_person_or_a_second_factor_stands_beside_it(
    tmp_path: Path, change: str, cause: str
) -> None:
    """Nowhere where whoever chooses the pixels could open the door with them alone."""
    text = DOOR.replace('camera = "0"', 'camera = "kiosk"').replace('attendance = "attended"', change)
    door = door_of(read_doors(tmp_path, text), "front")
    if not cause:
        check_kiosk(door, name="front")
        return
    with pytest.raises(ConfigError, match=cause):
        check_kiosk(door, name="front")


def test_a_door_with_a_camera_of_its_own_has_no_kiosk(tmp_path: Path) -> None:
    """It is said, with what to write."""
    with pytest.raises(ConfigError, match="its camera is no kiosk"):
        check_kiosk(door_of(read_doors(tmp_path, DOOR), "front"), name="front")
