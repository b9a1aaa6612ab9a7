"""A relay, contacts and Wiegand lines on the pins of a single-board computer, through gpiozero (``limen[gpio]``).

Every constructor takes a pin factory of gpiozero, or None for the machine's own. A pulse is ended by a thread of this
process: a process that is killed in the middle of it leaves the end to the operating system, which lets the pin go;
fit a relay that falls back without a signal.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from typing import Any

from limen.core.door import DoorSignal, OpenOrder, SignalKind
from limen.core.errors import ActuatorError, ConfigError
from limen.core.ports import Clock
from limen.door.actuators.options import GpioInputOptions, GpioOptions, WiegandOptions
from limen.door.actuators.wiegand import wiegand_bits

__all__ = ["GpioContacts", "GpioRelay", "WiegandLines"]

_PULSE_S = 50e-6
_GAP_S = 2e-3


class GpioRelay:
    """Implements `Actuator`: one pulse an order."""

    def __init__(self, options: GpioOptions, *, pins: Any = None) -> None:
        self._pulse_s = options.pulse_s
        self._pin = _device("DigitalOutputDevice", options.pin, pins, active_high=options.active_high)

    def open(self, order: OpenOrder) -> None:  # noqa: ARG002  a pin knows nothing of decisions
        """Close the relay for the length of a pulse, from now on; returns at once.

        Raises:
            ActuatorError: the pin cannot be driven.
        """
        _drive(self._pin.on)  # here a fault is an error; in the thread that ends the pulse nobody would hear of it
        _drive(lambda: self._pin.blink(on_time=self._pulse_s, off_time=0, n=1, background=True))

    def close(self) -> None:
        """End the pulse and let the pin go; a second time does nothing."""
        if not self._pin.closed:
            with contextlib.suppress(ActuatorError):  # a pin that cannot be driven is let go all the same
                _drive(self._pin.off)
            self._pin.close()


class GpioContacts:
    """Implements `DoorSensor`. What the door's contact says at the start is told first."""

    def __init__(self, options: GpioInputOptions, *, clock: Clock, pins: Any = None) -> None:
        self._clock = clock
        self._told: deque[DoorSignal] = deque()
        self._pins: list[Any] = []
        for number, closes, opens in (
            (options.contact_pin, SignalKind.CLOSED, SignalKind.OPENED),
            (options.exit_pin, SignalKind.EXIT_REQUESTED, None),
            (options.tamper_pin, None, SignalKind.TAMPERED),
        ):
            if number is not None:
                self._watch(number, closes, opens, settle_s=options.settle_s or None, pins=pins)
        if options.contact_pin is not None:
            self._tell(SignalKind.CLOSED if self._pins[0].is_active else SignalKind.OPENED)

    def signals(self) -> tuple[DoorSignal, ...]:
        """What the pins have told since the last call."""
        told = []
        while self._told:
            told.append(self._told.popleft())
        return tuple(told)

    def close(self) -> None:
        """Let the pins go."""
        for pin in self._pins:
            pin.close()

    def _watch(
        self, number: int, closes: SignalKind | None, opens: SignalKind | None, *, settle_s: float | None, pins: Any
    ) -> None:
        pin = _device("DigitalInputDevice", number, pins, pull_up=True, bounce_time=settle_s)
        if closes is not None:
            pin.when_activated = lambda: self._tell(closes)
        if opens is not None:
            pin.when_deactivated = lambda: self._tell(opens)
        self._pins.append(pin)

    def _tell(self, kind: SignalKind) -> None:
        self._told.append(DoorSignal(kind=kind, at=self._clock.now()))


class WiegandLines:
    """Implements `Actuator`: sends the order's credential as a card reader would.

    Both lines rest high; a zero is a short low pulse on D0, a one on D1. Python keeps the pulse of 50 µs no shorter,
    and sometimes longer.
    """

    def __init__(self, options: WiegandOptions, *, pins: Any = None) -> None:
        self._bits = options.bits
        self._lines = {
            bit: _device("DigitalOutputDevice", pin, pins, active_high=False)
            for bit, pin in (("0", options.data0_pin), ("1", options.data1_pin))
        }

    def open(self, order: OpenOrder) -> None:
        """Send the number; returns when it is sent, after a twentieth to a tenth of a second.

        Raises:
            ActuatorError: the person has no number, or none that fits the frame, or a line cannot be driven.
        """
        try:
            bits = wiegand_bits(order.credential or "", bits=self._bits)
        except ValueError as error:
            raise ActuatorError(
                f"access controller: the person's number does not fit a frame of {self._bits} bits",
                advice="give the person a number as facility:number that the controller knows",
            ) from error
        _drive(lambda: self._send(bits))

    def close(self) -> None:
        """Let the lines go."""
        for line in self._lines.values():
            line.close()

    def _send(self, bits: str) -> None:
        for bit in bits:
            line = self._lines[bit]
            line.on()
            time.sleep(_PULSE_S)
            line.off()
            time.sleep(_GAP_S)


def _device(kind: str, pin: int, pins: Any, **how: Any) -> Any:
    """A gpiozero device; Any and keywords, as gpiozero has no types."""
    try:
        import gpiozero  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ConfigError("gpio: gpiozero is not installed", advice='pip install "limen[gpio]"') from error
    try:
        return getattr(gpiozero, kind)(pin, pin_factory=pins, **how)
    except (gpiozero.GPIOZeroError, OSError) as error:
        raise ActuatorError(
            f"gpio: pin {pin} cannot be used ({type(error).__name__})",
            advice="check the pin's number, that nothing else uses it, and that the user may use /dev/gpiochip0",
        ) from error


def _drive(action: Any) -> None:
    import gpiozero  # noqa: PLC0415  there is a device, so it is installed

    try:
        action()
    except (gpiozero.GPIOZeroError, OSError) as error:
        raise ActuatorError(
            f"gpio: a pin cannot be driven ({type(error).__name__})", advice="check the board and its wiring"
        ) from error
