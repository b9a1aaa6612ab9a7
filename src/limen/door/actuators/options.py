"""What an installer can choose about a door's devices; one frozen dataclass a kind, every mistake of one named at once.

Secrets come in as values: `limen.settings` reads them from files or the environment. None of them is shown by `repr`.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from limen.core.door import DoorId

__all__ = [
    "ActuatorOptions",
    "BrokerOptions",
    "CommandOptions",
    "GpioInputOptions",
    "GpioOptions",
    "MqttOptions",
    "NoActuatorOptions",
    "Place",
    "WebhookOptions",
    "WiegandOptions",
]

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_TOPIC = re.compile(r"[^+#\x00-\x1f/][^+#\x00-\x1f]{0,254}")
_HIGHEST_PIN = 63
_HIGHEST_PORT = 65535
_SECRET_BYTES = (24, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which door, of which site; both are part of topics.

    Attributes:
        site: name of the site: small letters, digits and hyphens, at most 63.
        door: the same for the door.
    """

    site: str
    door: DoorId

    def __post_init__(self) -> None:
        _refuse(
            *(
                f"{name}: expected small letters, digits and hyphens, got {value!r}"
                for name, value in (("site", self.site), ("door", self.door))
                if not _NAME.fullmatch(value)
            )
        )

    @property
    def topic(self) -> str:
        """The MQTT topic that everything of this door lies under."""
        return f"limen/v1/{self.site}/{self.door}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOptions:
    """An MQTT 5 broker.

    Attributes:
        host: name or address.
        port: 8883 with TLS, usually 1883 without.
        tls: whether the connection is encrypted and the broker's certificate checked.
        ca_file: certificates to trust; None for those of the operating system.
        username: to log in with, or None.
        password: the same.
        answer_within_s: how long the broker may take for anything.
        retry_from_s: how long to wait before the first attempt to connect again; doubles with each.
        retry_to_s: the longest wait between two attempts.
    """

    host: str
    port: int = 8883
    tls: bool = True
    ca_file: Path | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    answer_within_s: float = 1.0
    retry_from_s: float = 0.5
    retry_to_s: float = 30.0

    def __post_init__(self) -> None:
        _refuse(
            "" if self.host else "host: expected a name or an address, got nothing",
            "" if 1 <= self.port <= _HIGHEST_PORT else f"port: expected 1 to {_HIGHEST_PORT}, got {self.port}",
            _within("answer_within_s", self.answer_within_s, 0.1, 10),
            _within("retry_from_s", self.retry_from_s, 0.01, 60),
            _within("retry_to_s", self.retry_to_s, self.retry_from_s, 600),
            "ca_file: expected none without tls" if self.ca_file and not self.tls else "",
            "password: expected tls = true, or a broker on this machine; it would be sent in the clear"
            if self.password and not self.tls and not _is_this_machine(self.host)
            else "",
            "password: expected a username with it" if self.password and self.username is None else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttOptions:
    """A relay that follows orders from a broker.

    Attributes:
        topic: where orders go; None for ``limen/v1/<site>/<door>/order``.
        payload: what an order is, for a relay that reads no JSON (``ON``); None for the JSON document, which carries
            the decision and `not_after`, so that the relay itself can drop what is late or comes twice.
        relay_topic: where the relay says whether it is there (its own last will); None if it does not.
        credential: whether the number that an access controller knows the person by goes with an order.
        discovery_prefix: Home Assistant's, or None for no discovery.
    """

    topic: str | None = None
    payload: str | None = None
    relay_topic: str | None = None
    credential: bool = False
    discovery_prefix: str | None = "homeassistant"

    def __post_init__(self) -> None:
        _refuse(
            *(
                f"{name}: expected a topic without wildcards, got {value!r}"
                for name, value in (
                    ("topic", self.topic),
                    ("relay_topic", self.relay_topic),
                    ("discovery_prefix", self.discovery_prefix),
                )
                if value is not None and not _TOPIC.fullmatch(value)
            ),
            "payload: expected at least one character" if self.payload == "" else "",
            "credential: expected no payload of its own with it" if self.credential and self.payload else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookOptions:
    """A web server that is told, by Standard Webhooks.

    Attributes:
        url: ``https://…``.
        secret: ``whsec_`` and 24 to 64 bytes in base64, shared with the receiver.
        ca_file: certificates to trust; None for those that come with limen.
        credential: whether the number that an access controller knows the person by goes with an order.
        plain_http: allow ``http://``: messages are still signed, and can be read and held up by whoever is between.
        attempts: how often an event is sent before it is dropped; an order is sent once.
        retry_from_s: how long to wait before an event is sent again; doubles with each attempt, up to a minute.
    """

    url: str
    secret: str = field(repr=False)
    ca_file: Path | None = None
    credential: bool = False
    plain_http: bool = False
    attempts: int = 8
    retry_from_s: float = 1.0

    def __post_init__(self) -> None:
        _refuse(
            self._wrong_url(),
            "" if _secret_key(self.secret) else "secret: expected whsec_ and 24 to 64 bytes in base64",
            _within("attempts", self.attempts, 1, 20),
            _within("retry_from_s", self.retry_from_s, 0.01, 60),
        )

    @property
    def key(self) -> bytes:
        """The secret's bytes."""
        return _secret_key(self.secret)

    def _wrong_url(self) -> str:
        parts = urlsplit(self.url)
        schemes = ("http", "https") if self.plain_http or _is_this_machine(parts.hostname or "") else ("https",)
        if parts.scheme not in schemes or not parts.hostname:
            return "url: expected https://…, or plain_http = true"
        if parts.username or parts.password or parts.fragment:
            return "url: expected no user, password or fragment in it"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOptions:
    """A program on this machine.

    Attributes:
        argv: the program by its full path, and its arguments; no shell reads them.
    """

    argv: tuple[str, ...]

    def __post_init__(self) -> None:
        _refuse(
            "" if self.argv and Path(self.argv[0]).is_absolute() else "argv: expected a program by its full path first",
            "argv: expected no null character" if any("\0" in word for word in self.argv) else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GpioOptions:
    """A relay on a pin of a single-board computer.

    Attributes:
        pin: number of the GPIO (Broadcom numbering).
        active_high: whether a high level opens the door.
        pulse_s: for how long.
    """

    pin: int
    active_high: bool = True
    pulse_s: float = 1.0

    def __post_init__(self) -> None:
        _refuse(_wrong_pin("pin", self.pin), _within("pulse_s", self.pulse_s, 0.05, 30))


@dataclass(frozen=True, slots=True, kw_only=True)
class GpioInputOptions:
    """Contacts on pins; each connects its pin to ground when it closes.

    Attributes:
        contact_pin: closed while the door is closed, or None.
        exit_pin: closed while the exit button is pressed, or None.
        tamper_pin: closed while the housing is closed, or None.
        settle_s: a contact that bounces for this long is one change.
    """

    contact_pin: int | None = None
    exit_pin: int | None = None
    tamper_pin: int | None = None
    settle_s: float = 0.05

    def __post_init__(self) -> None:
        pins = {"contact_pin": self.contact_pin, "exit_pin": self.exit_pin, "tamper_pin": self.tamper_pin}
        used = [pin for pin in pins.values() if pin is not None]
        _refuse(
            *(_wrong_pin(name, pin) for name, pin in pins.items() if pin is not None),
            "" if used else "contact_pin, exit_pin, tamper_pin: expected at least one",
            "" if len(used) == len(set(used)) else "contact_pin, exit_pin, tamper_pin: expected different pins",
            _within("settle_s", self.settle_s, 0, 1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WiegandOptions:
    """Two data lines to an access controller, as a card reader has them.

    Attributes:
        data0_pin: GPIO of the line D0.
        data1_pin: GPIO of the line D1.
        bits: length of the frame: 26 (H10301), 34 (H10306) or 37 (H10304).
    """

    data0_pin: int
    data1_pin: int
    bits: int = 26

    def __post_init__(self) -> None:
        _refuse(
            _wrong_pin("data0_pin", self.data0_pin),
            _wrong_pin("data1_pin", self.data1_pin),
            "data1_pin: expected another pin than data0_pin" if self.data0_pin == self.data1_pin else "",
            "" if self.bits in (26, 34, 37) else f"bits: expected 26, 34 or 37, got {self.bits}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoActuatorOptions:
    """No device: a door that only says what to do."""


ActuatorOptions = MqttOptions | WebhookOptions | CommandOptions | GpioOptions | WiegandOptions | NoActuatorOptions


def _refuse(*mistakes: str) -> None:
    if found := [mistake for mistake in mistakes if mistake]:
        raise ValueError("; ".join(found))


def _within(name: str, value: float, least: float, most: float) -> str:  # noqa: PLR0917  a name and a range
    return "" if least <= value <= most else f"{name}: expected {least} to {most}, got {value}"


def _wrong_pin(name: str, pin: int) -> str:
    return "" if 0 <= pin <= _HIGHEST_PIN else f"{name}: expected 0 to {_HIGHEST_PIN}, got {pin}"


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _secret_key(secret: str) -> bytes:
    """The bytes of a secret, or none if it is not one."""
    prefix, _, text = secret.partition("_")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return b""
    least, most = _SECRET_BYTES
    return key if prefix == "whsec" and least <= len(key) <= most else b""
