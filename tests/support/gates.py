"""Doors of every kind that tests can look at from the other side: what the relay, the server or the pin has received.

How to use: the fixture ``rig`` of tests/contracts gives each in turn. Order with ``rig.actuator.open(order("d-1"))``;
``rig.silence()`` and ``rig.mend()`` are the fault, and ``rig.openings()``, asked last, says how often the door opened.
"""

from __future__ import annotations

import base64
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPin
from typing_extensions import override

from limen.core.door import OPEN_WITHIN, DoorId, OpenOrder
from limen.core.ports import Actuator, Clock
from limen.door.actuators import make_actuator
from limen.door.actuators.once import Once
from limen.door.actuators.options import (
    CommandOptions,
    GpioOptions,
    MqttOptions,
    Place,
    WebhookOptions,
    WiegandOptions,
)
from limen.door.simulator import DoorSimulator
from support.broker import Broker, Listener
from support.clock import NOON

__all__ = ["PLACE", "SECRET", "Pin", "Receiver", "Rig", "order", "pins", "rigs"]

PLACE = Place(site="hq", door=DoorId("front"))
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def order(decision_id: str, *, at: datetime = NOON, credential: str | None = "118:1603") -> OpenOrder:
    """An order given at a moment, of somebody whom an access controller knows by a number."""
    return OpenOrder(
        decision_id=decision_id,
        door=PLACE.door,
        issued_at=at,
        not_after=at + OPEN_WITHIN,
        credential=credential,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A door seen from both sides.

    Attributes:
        actuator: what limen holds.
        openings: how often the door was opened; closes the actuator, so it is asked last.
        silence: make the device fall silent.
        mend: make it answer again, and wait until it can.
        received: everything that left limen, as text.
        settle: wait until the device has done what it was told.
    """

    actuator: Actuator
    openings: Callable[[], int]
    silence: Callable[[], None]
    mend: Callable[[], None]
    received: Callable[[], str]
    settle: Callable[[], None] = lambda: None


class Pin(MockPin):  # type: ignore[misc] # gpiozero has no types
    """A pin that counts how often it was driven, and can break."""

    broken = False

    def __init__(self, factory: Any, info: Any) -> None:
        self.driven: list[bool] = []
        self.changed: queue.Queue[bool] = queue.Queue()
        self.on_low: Callable[[], None] = lambda: None
        super().__init__(factory, info)

    def _set_state(self, value: Any) -> None:
        if type(self).broken:
            raise gpiozero.PinError("broken")
        changes = bool(value) != self._state
        super()._set_state(value)
        if changes:
            self.driven.append(bool(value))
            self.changed.put(bool(value))
            if not value:
                self.on_low()


def pins() -> Any:
    """The pins of a board that is not there."""
    return MockFactory(pin_class=type("FreshPin", (Pin,), {}))


class Receiver:
    """A web server on a free port of this machine that keeps what it was sent, and answers as it is told."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.arrived = threading.Condition()
        self.port = 0
        self._server: ThreadingHTTPServer | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/limen"

    def start(self) -> None:
        """Listen, at the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def wait_for(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        """What was received, once it is so much."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, timeout=20)
            return list(self.received)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with receiver.arrived:
                receiver.received.append(({k.lower(): v for k, v in self.headers.items()}, body))
                code = receiver.answers.pop(0) if receiver.answers else 204
                receiver.arrived.notify_all()
            self.send_response(code)
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def rigs() -> dict[str, Callable[[Path, Clock], Rig]]:
    """How each kind is set up, in an empty folder."""
    return {
        "simulator": _simulator,
        "command": _command,
        "webhook": _webhook,
        "gpio": _gpio,
        "wiegand": _wiegand,
        "mqtt": _mqtt,
    }


def _simulator(_folder: Path, clock: Clock) -> Rig:
    door = DoorSimulator(clock=clock)
    return Rig(
        actuator=Once(door, clock=clock),
        openings=lambda: len(door.followed),
        silence=door.fail,
        mend=lambda: door.fail(silent=False),
        received=lambda: str([replace(followed, credential=None) for followed in door.followed]),
    )


def _command(folder: Path, clock: Clock) -> Rig:
    program, log = folder / "open.sh", folder / "log"
    log.touch()

    def write(last: str) -> None:
        program.write_text(f'#!/bin/sh\necho "$(env | sort | tr "\\n" " ") $*" >> {log}\n{last}\n', "utf-8")
        program.chmod(0o700)

    write("exit 0")
    actuator = make_actuator(CommandOptions(argv=(str(program), "now")), place=PLACE, clock=clock)
    return Rig(
        actuator=actuator,
        openings=lambda: len(log.read_text("utf-8").splitlines()),
        silence=program.unlink,
        mend=lambda: write("exit 0"),
        received=lambda: log.read_text("utf-8"),
    )


def _webhook(_folder: Path, clock: Clock) -> Rig:
    receiver = Receiver()
    actuator = make_actuator(WebhookOptions(url=receiver.url, secret=SECRET), place=PLACE, clock=clock)

    def openings() -> int:
        actuator.close()
        receiver.stop()
        return len(receiver.received)

    return Rig(
        actuator=actuator,
        openings=openings,
        silence=receiver.stop,
        mend=receiver.start,
        received=lambda: str(receiver.received),
    )


def _gpio(_folder: Path, clock: Clock) -> Rig:
    board = pins()
    actuator = make_actuator(GpioOptions(pin=17, pulse_s=0.05), place=PLACE, clock=clock, pins=board)
    pin = board.pin("GPIO17")

    def openings() -> int:
        actuator.close()
        return int(pin.driven.count(True))

    rig = _board(actuator, board, openings=openings, received=lambda: str(pin.driven))

    def settle() -> None:
        while pin.changed.get(timeout=20):
            pass

    return replace(rig, settle=settle)


def _wiegand(_folder: Path, clock: Clock) -> Rig:
    board = pins()
    options = WiegandOptions(data0_pin=20, data1_pin=21)
    actuator = make_actuator(options, place=PLACE, clock=clock, pins=board)
    zero, one = board.pin("GPIO20"), board.pin("GPIO21")

    def openings() -> int:
        actuator.close()
        frames, rest = divmod(zero.driven.count(False) + one.driven.count(False), 26)
        assert rest == 0
        return int(frames)

    return _board(actuator, board, openings=openings, received=lambda: "")


def _board(actuator: Actuator, board: Any, *, openings: Callable[[], int], received: Callable[[], str]) -> Rig:
    def set_broken(*, state: bool) -> None:
        board.pin_class.broken = state

    return Rig(
        actuator=actuator,
        openings=openings,
        silence=lambda: set_broken(state=True),
        mend=lambda: set_broken(state=False),
        received=received,
    )


def _mqtt(folder: Path, clock: Clock) -> Rig:
    broker = Broker(folder)
    broker.start()
    listeners = [Listener(broker, f"{PLACE.topic}/#")]
    actuator = make_actuator(MqttOptions(), place=PLACE, clock=clock, broker=broker.options())
    online = f"{PLACE.topic}/availability"
    listeners[-1].next(online)
    orders: list[str] = []
    everything: list[str] = []

    def collect() -> None:
        for message in listeners[-1].flush():
            everything.append(f"{message.topic} {message.payload.decode()}")
            orders.extend([message.topic] if message.topic == f"{PLACE.topic}/order" else [])

    def openings() -> int:
        collect()
        actuator.close()
        listeners[-1].leave()
        broker.kill()
        return len(orders)

    def silence() -> None:
        collect()
        listeners[-1].leave()
        broker.kill()

    def mend() -> None:
        broker.start()
        listeners.append(Listener(broker, f"{PLACE.topic}/#"))
        listeners[-1].next(online)

    def received() -> str:
        collect()
        return str(everything)

    return Rig(actuator=actuator, openings=openings, silence=silence, mend=mend, received=received)
