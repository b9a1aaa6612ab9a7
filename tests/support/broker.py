"""A real mosquitto on a free port of this machine, and somebody who listens to it.

How to use: ``broker = Broker(folder)``, ``broker.start()``; ``broker.options()`` is for the code under test, and
``Listener(broker, "#")`` records what anybody would receive. ``kill``, ``freeze`` and ``thaw`` are the faults.
"""

from __future__ import annotations

import queue
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from limen.door.actuators.options import BrokerOptions

__all__ = ["MISSING", "Broker", "Listener", "find_mosquitto"]

MISSING = "mosquitto is not installed (apt-get install mosquitto)"
_PATIENCE_S = 20.0
_MARK = "test/mark"


def find_mosquitto() -> str | None:
    """The broker's program; Debian puts it where only root's PATH leads."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class Broker:
    """One mosquitto with a configuration of its own; ``lines`` say who may come in, anybody otherwise."""

    def __init__(self, folder: Path, *, lines: str = "allow_anonymous true") -> None:
        self.port = _free_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(f"listener {self.port} 127.0.0.1\n{lines}\npersistence false\n", "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        program = find_mosquitto()
        assert program is not None
        self._process = subprocess.Popen(
            [program, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(2000):
            assert self._process.poll() is None, "mosquitto ended"
            with socket.socket() as trial:
                trial.settimeout(0.01)
                if trial.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            try:
                self._process.wait(0.01)
            except subprocess.TimeoutExpired:
                continue
        raise AssertionError("mosquitto accepts no connection")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Connections stand, and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def options(self, *, pause_s: float = 0.02) -> BrokerOptions:
        """To connect to it, with short pauses; longer ones let somebody else be there before limen comes back."""
        return BrokerOptions(
            host="127.0.0.1",
            port=self.port,
            tls=False,
            answer_within_s=2.0,
            retry_from_s=pause_s,
            retry_to_s=5 * pause_s,
        )


class Listener:
    """A second client: what it receives, in order.

    ``session`` makes it one that the broker keeps messages for while it is away (``leave`` and ``join``).
    """

    def __init__(self, broker: Broker, *topics: str, session: str | None = None) -> None:
        self._broker = broker
        self._topics = topics
        self._session = session
        self._client: mqtt.Client | None = None
        self.heard: queue.Queue[mqtt.MQTTMessage] = queue.Queue()
        self.join()

    def join(self) -> None:
        """Connect and subscribe; returns when the broker has acknowledged it."""
        ready: queue.Queue[bool] = queue.Queue()
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._session or "",
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        client.on_message = lambda _client, _data, message: self.heard.put(message)
        client.on_subscribe = lambda *_: ready.put(item=True)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho types most of itself
        properties.SessionExpiryInterval = 0 if self._session is None else 600
        client.connect("127.0.0.1", self._broker.port, clean_start=self._session is None, properties=properties)
        client.loop_start()
        self._client = client
        client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in (*self._topics, _MARK)])
        ready.get(timeout=_PATIENCE_S)

    def leave(self) -> None:
        """Disconnect."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def say(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish, and wait for the broker's acknowledgement."""
        assert self._client is not None
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(_PATIENCE_S)

    def next(self, topic: str) -> mqtt.MQTTMessage:
        """The next message of a topic; others are passed over."""
        while True:
            message = self.heard.get(timeout=_PATIENCE_S)
            if message.topic == topic:
                return message

    def flush(self) -> list[mqtt.MQTTMessage]:
        """Everything that was on its way to this listener, known by a mark sent behind it."""
        self.say(_MARK, "")
        passed = []
        while (message := self.heard.get(timeout=_PATIENCE_S)).topic != _MARK:
            passed.append(message)
        return passed
