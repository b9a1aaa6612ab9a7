"""What stands in limen.toml about a door's devices becomes those devices, with the secrets from their files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.door.actuators.options import (
    CommandOptions,
    GpioInputOptions,
    GpioOptions,
    MqttOptions,
    NoActuatorOptions,
    WebhookOptions,
    WiegandOptions,
)
from limen.settings.gear import gear_of, place_of
from support.doors import DOOR, read_doors
from support.gates import SECRET

_BROKER = '[broker]\nhost = "broker.example"\nusername = "limen"\npassword_file = "{folder}/secret"\n'


def _read(folder: Path, device: str, *, site: str = "") -> object:
    (folder / "secret").write_text(SECRET + "\n", "utf-8")
    text = f"{site}{DOOR}[door.front.actuator]\n{device}\n".replace("{folder}", str(folder))
    return gear_of(read_doors(folder, text), "front").actuator


@pytest.mark.parametrize(
    ("device", "site", "options"),
    [
        ('kind = "none"', "", NoActuatorOptions()),
        ('kind = "command"\nargv = ["/bin/true", "1"]', "", CommandOptions(argv=("/bin/true", "1"))),
        (
            'kind = "gpio"\npin = 17\nactive_high = false\npulse_s = 2.5',
            "",
            GpioOptions(pin=17, active_high=False, pulse_s=2.5),
        ),
        (
            'kind = "wiegand"\ndata0_pin = 20\ndata1_pin = 21\nbits = 34',
            "",
            WiegandOptions(data0_pin=20, data1_pin=21, bits=34),
        ),
        (
            'kind = "webhook"\nurl = "https://gate.example/"\nsecret_file = "{folder}/secret"\ncredential = true',
            "",
            WebhookOptions(url="https://gate.example/", secret=SECRET, credential=True),
        ),
        ('kind = "mqtt"', _BROKER, MqttOptions()),
        (
            'kind = "mqtt"\ntopic = "cmnd/gate/POWER"\npayload = "ON"\nrelay_topic = "tele/gate/LWT"',
            _BROKER,
            MqttOptions(topic="cmnd/gate/POWER", payload="ON", relay_topic="tele/gate/LWT"),
        ),
    ],
)
def test_every_kind_of_actuator_is_read(tmp_path: Path, device: str, *, site: str, options: object) -> None:
    """With the keys of its own, and defaults for the rest."""
    assert _read(tmp_path, device, site=site) == options


def test_broker_events_and_contacts_are_read(tmp_path: Path) -> None:
    """The password from its file, and what is not set is not there."""
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    more = '[events]\nurl = "https://log.example/"\nsecret_file = "{folder}/secret"\n'
    sensor = '[door.front.sensor]\nkind = "gpio"\ncontact_pin = 5\ntamper_pin = 6\nheld_after_s = 12\n'
    text = (_BROKER + more + DOOR + sensor).replace("{folder}", str(tmp_path))
    gear = gear_of(read_doors(tmp_path, text), "front")
    assert gear.broker is not None
    assert (gear.broker.host, gear.broker.port, gear.broker.tls) == ("broker.example", 8883, True)
    assert (gear.broker.username, gear.broker.password) == ("limen", SECRET)
    assert gear.events_to == WebhookOptions(url="https://log.example/", secret=SECRET)
    assert gear.contacts == GpioInputOptions(contact_pin=5, tamper_pin=6)
    assert gear.contact.held_after_s == 12
    assert not gear.mqtt_sensor

    plain = gear_of(read_doors(tmp_path, DOOR), "front")
    assert (plain.broker, plain.events_to, plain.contacts) == (None, None, None)


@pytest.mark.parametrize(
    ("device", "site", "words"),
    [
        ('kind = "command"\nargv = ["true"]', "", "door front: argv: expected a program by its full path"),
        (
            'kind = "webhook"\nurl = "ftp://x"\nsecret_file = "{folder}/secret"',
            "",
            "door front: url: expected https",
        ),
        ('kind = "webhook"\nurl = "https://x/"\nsecret_file = "{folder}/none"', "", "the secret in it cannot be read"),
        ('kind = "mqtt"\ntopic = "a/#"', _BROKER, "door front: topic: expected a topic without wildcards"),
        ('kind = "none"', '[events]\nurl = "https://x/"\n', "door front: secret_file: expected a file"),
    ],
)
def test_what_only_a_device_knows_is_a_mistake_of_the_door(
    tmp_path: Path, device: str, *, site: str, words: str
) -> None:
    """Told with the door's name, and never with the secret."""
    with pytest.raises(ConfigError, match=words) as caught:
        _read(tmp_path, device, site=site)
    assert SECRET not in str(caught.value)


def test_the_examples_of_the_guide_are_read(tmp_path: Path) -> None:
    """Every TOML block of the integrator's guide about gates makes the devices of a door."""
    guide = (Path(__file__).parents[3] / "docs" / "guide" / "integrator.md").read_text("utf-8")
    gates = guide.split("\n## Gates\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```toml\n(.*?)```", gates, re.DOTALL)
    assert len(blocks) == 6
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    for block in blocks:
        broker = "" if "[broker]" in block else _BROKER
        text = f"{broker}{DOOR}{block}".replace("{folder}", str(tmp_path))
        gear = gear_of(read_doors(tmp_path, re.sub(r'"/etc/limen/\w+"', f'"{tmp_path}/secret"', text)), "front")
        assert not isinstance(gear.actuator, NoActuatorOptions)


def test_a_door_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    """The doors that there are, are named."""
    with pytest.raises(ConfigError, match="door back: not in"):
        gear_of(read_doors(tmp_path, DOOR), "back")


def test_site_and_door_make_the_topics(tmp_path: Path) -> None:
    """The site's name from its section, the door's from its table."""
    settings = read_doors(tmp_path, '[site]\nname = "hq"\n' + DOOR)
    assert place_of(settings, "front").topic == "limen/v1/hq/front"
    with pytest.raises(ConfigError, match="expected small letters"):
        place_of(settings, "Front Door")
