"""Relay, contacts and Wiegand lines on the pins of a board, with gpiozero's own mock of a board."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from limen.core.door import DoorSignal, SignalKind
from limen.core.errors import ActuatorError, ConfigError
from limen.door.actuators.gpio import GpioContacts, GpioRelay, WiegandLines
from limen.door.actuators.options import GpioInputOptions, GpioOptions, WiegandOptions
from limen.door.actuators.wiegand import wiegand_bits
from support.clock import NOON, FakeClock
from support.gates import order, pins


@pytest.mark.parametrize("active_high", [True, False])
def test_a_pulse_begins_at_once_and_ends_by_itself(*, active_high: bool) -> None:
    """Whichever level opens, the other one is there before and after."""
    board = pins()
    relay = GpioRelay(GpioOptions(pin=17, active_high=active_high, pulse_s=0.05), pins=board)
    pin = board.pin("GPIO17")
    assert pin.state == (not active_high)
    relay.open(order("d-1"))
    assert pin.state == active_high
    while pin.state == active_high:
        pin.changed.get(timeout=20)
    relay.close()
    assert pin.function == "input"


def test_letting_the_relay_go_ends_its_pulse() -> None:
    """However long it had been meant to be."""
    board = pins()
    relay = GpioRelay(GpioOptions(pin=17, pulse_s=30), pins=board)
    relay.open(order("d-1"))
    relay.close()
    assert not board.pin("GPIO17").state


def test_a_pin_that_is_taken_is_a_fault() -> None:
    """Two devices cannot share one."""
    board = pins()
    relay = GpioRelay(GpioOptions(pin=17), pins=board)
    with pytest.raises(ActuatorError, match="gpio: pin 17 cannot be used"):
        GpioRelay(GpioOptions(pin=17), pins=board)
    relay.close()


def test_a_board_without_the_pin_is_a_fault() -> None:
    """The number is named."""
    with pytest.raises(ActuatorError, match="gpio: pin 60 cannot be used"):
        GpioRelay(GpioOptions(pin=60), pins=pins())


def test_without_gpiozero_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain install says what to install."""
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(ConfigError, match="gpiozero is not installed") as caught:
        GpioRelay(GpioOptions(pin=17))
    assert "limen[gpio]" in caught.value.advice()


def _contacts(board: Any) -> GpioContacts:
    options = GpioInputOptions(contact_pin=5, exit_pin=6, tamper_pin=13)
    return GpioContacts(options, clock=FakeClock(), pins=board)


def _told(contacts: GpioContacts) -> list[SignalKind]:
    return [signal.kind for signal in contacts.signals()]


def test_contacts_tell_at_first_how_the_door_stands() -> None:
    """A pin at ground is a closed door; an open line is an open one, as a cut wire is."""
    board = pins()
    assert _contacts(board).signals() == (DoorSignal(kind=SignalKind.OPENED, at=NOON),)
    closed = pins()
    closed.pin("GPIO5")._pull = "up"
    contacts = _contacts(closed)
    closed.pin("GPIO5").drive_low()
    assert _told(contacts)[-1] is SignalKind.CLOSED


def test_contacts_tell_what_changes() -> None:
    """Opened, closed, the exit button pressed, the housing opened; letting the button go is nothing."""
    board = pins()
    contacts = _contacts(board)
    contacts.signals()
    for pin in ("GPIO5", "GPIO6", "GPIO13"):
        board.pin(pin).drive_low()
    assert _told(contacts) == [SignalKind.CLOSED, SignalKind.EXIT_REQUESTED]
    for pin in ("GPIO5", "GPIO6", "GPIO13"):
        board.pin(pin).drive_high()
    assert _told(contacts) == [SignalKind.OPENED, SignalKind.TAMPERED]
    assert _told(contacts) == []
    contacts.close()


@pytest.mark.parametrize("bits", [26, 34, 37])
def test_wiegand_lines_send_the_frame_bit_by_bit(bits: int) -> None:
    """Each bit is one low pulse on its own line, in order, and both lines rest high."""
    board = pins()
    lines = WiegandLines(WiegandOptions(data0_pin=20, data1_pin=21, bits=bits), pins=board)
    sent: list[str] = []
    for bit, pin in (("0", board.pin("GPIO20")), ("1", board.pin("GPIO21"))):
        assert pin.state
        pin.on_low = lambda bit=bit: sent.append(bit)
    lines.open(order("d-1", credential="118:1603"))
    assert "".join(sent) == wiegand_bits("118:1603", bits=bits)
    assert board.pin("GPIO20").state
    assert board.pin("GPIO21").state
    lines.close()


@pytest.mark.parametrize("credential", [None, "", "1603", "70000:1"])
def test_a_person_without_a_number_that_fits_opens_nothing(credential: str | None) -> None:
    """Nothing is sent, and the number is not repeated."""
    board = pins()
    lines = WiegandLines(WiegandOptions(data0_pin=20, data1_pin=21), pins=board)
    with pytest.raises(ActuatorError, match="does not fit a frame of 26 bits") as caught:
        lines.open(order("d-1", credential=credential))
    assert "1603" not in str(caught.value)
    assert False not in board.pin("GPIO20").driven
    assert False not in board.pin("GPIO21").driven
