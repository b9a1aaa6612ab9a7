"""A broker with TLS and passwords: limen comes in with both right, and with neither of them wrong."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from limen.core.errors import ActuatorError
from limen.door.actuators.mqtt import MqttDoor
from limen.door.actuators.options import BrokerOptions, MqttOptions
from support.broker import MISSING, Broker, find_mosquitto
from support.certificates import make_certificates
from support.clock import FakeClock
from support.gates import PLACE, order

pytestmark = pytest.mark.skipif(find_mosquitto() is None or shutil.which("mosquitto_passwd") is None, reason=MISSING)

_PASSWORD = "correct horse"  # noqa: S105  nobody's
_PATIENCE_S = 20.0


@pytest.fixture
def right(tmp_path: Path) -> Iterator[BrokerOptions]:
    """The options that lead into a broker with TLS and one user."""
    make_certificates(tmp_path)
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(tmp_path / "users"), "limen", _PASSWORD], check=True)
    lines = (
        # started by root, mosquitto would give that up before it reads these files
        f"user root\nallow_anonymous false\npassword_file {tmp_path}/users\n"
        f"certfile {tmp_path}/server.pem\nkeyfile {tmp_path}/server.key"
    )
    broker = Broker(tmp_path, lines=lines)
    broker.start()
    yield replace(broker.options(), tls=True, ca_file=tmp_path / "ca.pem", username="limen", password=_PASSWORD)
    broker.kill()


def _door(options: BrokerOptions) -> MqttDoor:
    return MqttDoor(MqttOptions(), broker=options, place=PLACE, clock=FakeClock())


def test_an_order_goes_through_tls_with_user_and_password(right: BrokerOptions) -> None:
    """The broker's certificate is checked against the authority that was named."""
    door = _door(right)
    assert door.wait(_PATIENCE_S)
    door.open(order("d-1"))
    door.close()


def _why(door: MqttDoor) -> str:
    """What the first attempt to connect has failed for."""
    text = "not connected yet"
    while "not connected yet" in text:
        assert not door.wait(0.01)
        with pytest.raises(ActuatorError) as caught:
            door.signals()
        text = str(caught.value)
    return text


# paho leaves a socket whose handshake failed to the garbage collector, which closes it and complains.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("wrong", "words"), [("ca_file", "certificate"), ("password", "Not authori")])
def test_nothing_is_said_to_a_broker_that_is_not_the_right_one(right: BrokerOptions, wrong: str, words: str) -> None:
    """An authority that did not sign its certificate, or a password that it does not know, ends the connection."""
    options = replace(right, ca_file=None) if wrong == "ca_file" else replace(right, password="wrong")  # noqa: S106
    door = _door(options)
    text = _why(door)
    assert words in text
    assert _PASSWORD not in text
    with pytest.raises(ActuatorError):
        door.open(order("d-1"))
    door.close()
