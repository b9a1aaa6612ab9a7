"""`[broker]`, `[events]`, `[door.NAME.actuator]` and `[door.NAME.sensor]`: what opens a door and what tells of it.

Secrets stand in files of their own and never in `limen.toml`. Which keys belong to which kind is said once, in `KEYS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from limen.core.errors import ConfigError
from limen.settings.section import Section

__all__ = [
    "ActuatorSettings",
    "BrokerSettings",
    "EventsSettings",
    "SensorSettings",
    "pins_of",
    "secret_in",
    "wrong_keys",
]

_HIGHEST_PIN = 63


class BrokerSettings(Section):
    """The site's MQTT broker; with one, every door tells how it stands and what has happened."""

    host: str = Field(default="", title="Broker", description="Name or address; empty is none.")
    port: int = Field(default=8883, ge=1, le=65535, title="Port", description="8883 with TLS, usually 1883 without.")
    tls: bool = Field(default=True, title="TLS", description="Encrypt, and check the broker's certificate.")
    ca_file: Path | None = Field(default=None, title="Certificates", description="To trust instead of the system's.")
    username: str = Field(default="", title="User", description="To log in with.")
    password_file: Path | None = Field(default=None, title="Password file", description="Holds the password alone.")


class EventsSettings(Section):
    """A web server that is told what happens at every door of the site; nobody is named to it."""

    url: str = Field(default="", title="Address", description="`https://…`; empty is none.")
    secret_file: Path | None = Field(default=None, title="Secret file", description="Holds `whsec_…`.")
    ca_file: Path | None = Field(default=None, title="Certificates", description="To trust instead.")
    plain_http: bool = Field(default=False, title="Allow http", description="Signed, but readable on its way.")


class ActuatorSettings(Section):
    """What opens the door. Each kind has keys of its own."""

    kind: Literal["none", "mqtt", "webhook", "command", "gpio", "wiegand"] = Field(
        default="none",
        title="Kind",
        description="By a broker, a web server, a program, a pin; or by two data lines to an access controller.",
    )
    credential: bool = Field(
        default=False,
        title="Send a credential number",
        description="By mqtt or webhook, the number that an access controller knows the person by goes along.",
    )
    topic: str = Field(default="", title="Topic of orders", description="mqtt; empty is limen's own.")
    payload: str = Field(default="", title="Order", description="mqtt; a word like `ON` for a relay without JSON.")
    relay_topic: str = Field(default="", title="Topic of the relay", description="mqtt; where it says it is there.")
    url: str = Field(default="", title="Address", description="webhook; `https://…`.")
    secret_file: Path | None = Field(default=None, title="Secret file", description="webhook; holds `whsec_…`.")
    ca_file: Path | None = Field(default=None, title="Certificates", description="webhook; to trust instead.")
    plain_http: bool = Field(default=False, title="Allow http", description="webhook; signed, but readable on its way.")
    argv: tuple[str, ...] = Field(
        default=(), title="Program", description="command; its full path, then arguments; no shell reads them."
    )
    pin: int | None = Field(default=None, ge=0, le=_HIGHEST_PIN, title="Pin", description="gpio; Broadcom number.")
    active_high: bool = Field(default=True, title="Level", description="gpio; whether a high level opens.")
    pulse_s: float = Field(default=1.0, ge=0.05, le=30, title="Pulse (s)", description="gpio; how long it opens.")
    data0_pin: int | None = Field(default=None, ge=0, le=_HIGHEST_PIN, title="Line D0", description="wiegand; pin.")
    data1_pin: int | None = Field(default=None, ge=0, le=_HIGHEST_PIN, title="Line D1", description="wiegand; pin.")
    bits: Literal[26, 34, 37] = Field(default=26, title="Length", description="wiegand; of the frame, in bits.")


class SensorSettings(Section):
    """What tells that the door is open, was passed or forced. Counts and anti-passback need it."""

    kind: Literal["none", "mqtt", "gpio"] = Field(
        default="none", title="Kind", description="Contacts that a broker tells of, or contacts on pins."
    )
    contact_pin: int | None = Field(
        default=None, ge=0, le=_HIGHEST_PIN, title="Contact", description="gpio; closed while the door is."
    )
    exit_pin: int | None = Field(
        default=None, ge=0, le=_HIGHEST_PIN, title="Exit button", description="gpio; closed while it is pressed."
    )
    tamper_pin: int | None = Field(
        default=None, ge=0, le=_HIGHEST_PIN, title="Tamper", description="gpio; closed while the housing is."
    )
    held_after_s: float = Field(
        default=30.0, ge=0.5, le=600, title="Held open (s)", description="Open for longer is told as held open."
    )


_Needs = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]

KEYS: dict[type[Section], _Needs] = {
    ActuatorSettings: {
        "none": ((), ()),
        "mqtt": ((), ("topic", "payload", "relay_topic", "credential")),
        "webhook": (("url", "secret_file"), ("ca_file", "plain_http", "credential")),
        "command": (("argv",), ()),
        "gpio": (("pin",), ("active_high", "pulse_s")),
        "wiegand": (("data0_pin", "data1_pin"), ("bits",)),
    },
    SensorSettings: {
        "none": ((), ()),
        "mqtt": ((), ("held_after_s",)),
        "gpio": ((), ("contact_pin", "exit_pin", "tamper_pin", "held_after_s")),
    },
}
"""Kind -> keys that it needs, keys that it may have."""


def wrong_keys(device: ActuatorSettings | SensorSettings) -> Iterator[tuple[str, str]]:
    """Keys that a kind needs and are not there, and keys that belong to another kind: (key, sentence)."""
    needed, more = KEYS[type(device)][device.kind]
    for key in needed:
        if getattr(device, key) in (None, "", ()):
            yield key, f"is needed by kind = {device.kind!r}"
    for key in sorted(device.model_fields_set - {"kind", *needed, *more}):
        yield key, f"does not belong to kind = {device.kind!r}"
    if isinstance(device, SensorSettings) and device.kind == "gpio" and not pins_of(device):
        yield "contact_pin", "contact_pin, exit_pin or tamper_pin is needed by kind = 'gpio'"


def pins_of(device: ActuatorSettings | SensorSettings) -> dict[str, int]:
    """Pins that a device takes: key -> number."""
    keys = ("pin", "data0_pin", "data1_pin", "contact_pin", "exit_pin", "tamper_pin")
    return {key: pin for key in keys if (pin := getattr(device, key, None)) is not None}


def secret_in(path: Path) -> str:
    """The secret that a file holds, without the end of its line.

    Raises:
        ConfigError: it cannot be read, or is empty; limen does not start without it. The text never repeats it.
    """
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(
            f"{path}: the secret in it cannot be read ({why})", advice="write it there, readable by limen's user alone"
        ) from None
    if not secret:
        raise ConfigError(f"{path}: there is no secret in it", advice="write it there, readable by limen's user alone")
    return secret
