"""What an installer can choose: every mistake of one device is named at once, and no secret is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from limen.core.door import DoorId
from limen.core.messages import Banner, Contact, DoorState
from limen.door.actuators.factory import GearOptions, make_actuator, make_gear, simulated_gear
from limen.door.actuators.options import (
    ActuatorOptions,
    BrokerOptions,
    CommandOptions,
    GpioInputOptions,
    GpioOptions,
    MqttOptions,
    NoActuatorOptions,
    Place,
    WebhookOptions,
    WiegandOptions,
)
from limen.door.contact import ContactOptions
from support.clock import NOON, FakeClock
from support.gates import PLACE, SECRET, order, pins

_PASSWORD = "hunter2"  # noqa: S105  nobody's


@pytest.mark.parametrize(
    ("make", "mistakes"),
    [
        (lambda: Place(site="Head Office", door=DoorId("a/b")), ["site: expected", "door: expected"]),
        (lambda: Place(site="", door=DoorId("-a")), ["site: expected", "door: expected"]),
        (lambda: BrokerOptions(host="", port=0, answer_within_s=60), ["host:", "port:", "answer_within_s:"]),
        (lambda: BrokerOptions(host="h", retry_from_s=2, retry_to_s=1), ["retry_to_s: expected 2 to 600"]),
        (lambda: BrokerOptions(host="h", tls=False, ca_file=Path("x")), ["ca_file: expected none without tls"]),
        (
            lambda: BrokerOptions(host="10.0.0.1", tls=False, username="limen", password=_PASSWORD),
            ["password: expected tls = true"],
        ),
        (lambda: BrokerOptions(host="h", password=_PASSWORD), ["password: expected a username"]),
        (
            lambda: MqttOptions(topic="a/#", payload="", relay_topic="+/x", discovery_prefix=""),
            ["topic: expected", "relay_topic:", "discovery_prefix:", "payload:"],
        ),
        (
            lambda: WebhookOptions(url="http://10.0.0.1/", secret=_PASSWORD, attempts=0, retry_from_s=0),
            ["url: expected https", "secret: expected whsec_", "attempts:", "retry_from_s:"],
        ),
        (lambda: WebhookOptions(url="https://u:p@h/", secret=SECRET), ["url: expected no user"]),
        (lambda: WebhookOptions(url="gate", secret=SECRET), ["url: expected https"]),
        (lambda: WebhookOptions(url="https://h/", secret="whsec_" + "A" * 20), ["secret: expected whsec_"]),
        (lambda: WebhookOptions(url="https://h/", secret="whsec_" + "é" * 40), ["secret: expected whsec_"]),
        (lambda: CommandOptions(argv=()), ["argv: expected a program by its full path"]),
        (lambda: CommandOptions(argv=("open", "a\0b")), ["argv: expected a program", "argv: expected no null"]),
        (lambda: GpioOptions(pin=64, pulse_s=0), ["pin: expected 0 to 63", "pulse_s:"]),
        (GpioInputOptions, ["expected at least one"]),
        (
            lambda: GpioInputOptions(contact_pin=5, exit_pin=5, tamper_pin=-1, settle_s=2),
            ["tamper_pin:", "expected different pins", "settle_s:"],
        ),
        (lambda: WiegandOptions(data0_pin=99, data1_pin=99, bits=35), ["data0_pin:", "data1_pin:", "bits:"]),
        (lambda: GearOptions(actuator=MqttOptions()), ["broker: expected one"]),
        (lambda: MqttOptions(payload="ON", credential=True), ["credential: expected no payload of its own"]),
        (lambda: GearOptions(mqtt_sensor=True), ["broker: expected one"]),
        (
            lambda: GearOptions(
                broker=BrokerOptions(host="h"), mqtt_sensor=True, contacts=GpioInputOptions(contact_pin=5)
            ),
            ["sensor: expected MQTT or pins, not both"],
        ),
    ],
)
def test_every_mistake_is_named_at_once(make: Callable[[], object], mistakes: list[str]) -> None:
    """Each value that makes no sense, with what was expected, and no secret."""
    with pytest.raises(ValueError, match="expected") as caught:
        make()
    assert [mistake for mistake in mistakes if mistake not in str(caught.value)] == []
    assert _PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        BrokerOptions(host="broker.example", username="limen", password=_PASSWORD),
        BrokerOptions(host="127.0.0.1", tls=False, username="limen", password=_PASSWORD),
        WebhookOptions(url="https://gate.example/limen", secret=SECRET),
        WebhookOptions(url="http://10.0.0.1/limen", secret=SECRET, plain_http=True),
        WebhookOptions(url="http://[::1]:8000/", secret=SECRET),
    ],
)
def test_what_is_right_is_taken_and_its_secret_not_shown(options: object) -> None:
    """A password in the clear goes to this machine alone, and a plain address is a choice of its own."""
    assert _PASSWORD not in repr(options)
    assert SECRET not in repr(options)


def test_a_door_without_a_device_opens_nothing_and_tells_nothing() -> None:
    """And is no fault."""
    gear = make_gear(GearOptions(), place=PLACE, clock=FakeClock())
    gear.actuator.open(order("d-1"))
    gear.events.publish(DoorState(site="hq", door=PLACE.door, at=NOON))
    assert gear.sensor.signals() == ()
    assert gear.state(PLACE, at=NOON).contact is Contact.UNKNOWN
    gear.close()
    make_actuator(NoActuatorOptions(), place=PLACE, clock=FakeClock()).close()


@pytest.mark.parametrize(
    ("actuator", "asked"),
    [
        (NoActuatorOptions(), False),
        (GpioOptions(pin=17), False),
        (MqttOptions(), False),
        (MqttOptions(credential=True), True),
        (WebhookOptions(url="https://gate.example/", secret=SECRET), False),
        (WebhookOptions(url="https://gate.example/", secret=SECRET, credential=True), True),
        (WiegandOptions(data0_pin=20, data1_pin=21), True),
    ],
)
def test_a_number_is_asked_for_by_access_controllers_alone(actuator: ActuatorOptions, *, asked: bool) -> None:
    """Nothing else has an order carry one."""
    assert GearOptions(actuator=actuator, broker=BrokerOptions(host="h")).with_credential == asked


def test_a_trial_folder_has_a_gate_that_is_not_there() -> None:
    """Somebody goes through on each order, and nothing leaves the machine."""
    gear = simulated_gear(clock=FakeClock(), options=ContactOptions(), walker=True)
    gear.actuator.open(order("d-1"))
    gear.actuator.open(order("d-1"))
    assert [signal.kind.value for signal in gear.sensor.signals()] == ["opened", "passed", "closed"]
    gear.events.publish(DoorState(site="hq", door=PLACE.door, at=NOON))
    gear.close()


def test_contacts_on_pins_are_watched() -> None:
    """A door with a relay and a contact of this board tells an opening without an order as forced."""
    board: Any = pins()
    options = GearOptions(actuator=GpioOptions(pin=17, pulse_s=0.05), contacts=GpioInputOptions(contact_pin=5))
    gear = make_gear(options, place=PLACE, clock=FakeClock(), pins=board)
    gear.sensor.signals()
    board.pin("GPIO5").drive_low()
    gear.actuator.open(order("d-1"))
    board.pin("GPIO5").drive_high()
    board.pin("GPIO5").drive_low()
    board.pin("GPIO5").drive_high()
    assert [signal.kind.value for signal in gear.sensor.signals()] == [
        "closed",
        "opened",
        "closed",
        "opened",
        "forced_open",
    ]
    state = gear.state(PLACE, at=NOON, banners=(Banner.TRIAL,), occupancy=2)
    assert (state.contact, state.forced, state.held) == (Contact.OPEN, True, False)
    assert (state.site, state.door, state.banners, state.occupancy) == ("hq", PLACE.door, (Banner.TRIAL,), 2)
    gear.close()
    assert order("d-1").credential is not None
