"""Settings of a door -> its devices, as `limen.door.actuators` takes them, with the secrets from their files.

What a single key may hold, and which keys belong together, was checked when the settings were read; what only a device
knows (an address, a topic, a secret) is checked by its options, and told as a mistake of the door.
"""

from __future__ import annotations

from pathlib import Path

from limen.core.door import DoorId
from limen.core.errors import ConfigError
from limen.door.actuators.factory import GearOptions
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
from limen.settings import Settings
from limen.settings.devices import ActuatorSettings, BrokerSettings, EventsSettings, SensorSettings, secret_in
from limen.settings.values import door_of

__all__ = ["gear_of", "place_of"]


def place_of(settings: Settings, name: str) -> Place:
    """The door's name and the site's, as they stand in topics.

    Raises:
        ConfigError: a name that cannot stand in a topic.
    """
    try:
        return Place(site=settings.site.name, door=DoorId(name))
    except ValueError as error:
        raise _unusable(name, error) from error


def gear_of(settings: Settings, name: str) -> GearOptions:
    """The devices of a door.

    Raises:
        ConfigError: there is no such door, a secret cannot be read, or a device cannot be used like that.
    """
    door = door_of(settings, name)
    try:
        return GearOptions(
            actuator=_actuator(door.actuator),
            broker=_broker(settings.broker),
            mqtt_sensor=door.sensor.kind == "mqtt",
            contacts=_contacts(door.sensor),
            events_to=_events(settings.events),
            contact=ContactOptions(held_after_s=door.sensor.held_after_s),
        )
    except ValueError as error:
        raise _unusable(name, error) from error


def _actuator(device: ActuatorSettings) -> ActuatorOptions:
    match device.kind:
        case "mqtt":
            return MqttOptions(
                topic=device.topic or None,
                payload=device.payload or None,
                relay_topic=device.relay_topic or None,
                credential=device.credential,
            )
        case "webhook":
            return WebhookOptions(
                url=device.url,
                secret=_secret(device.secret_file),
                ca_file=device.ca_file,
                plain_http=device.plain_http,
                credential=device.credential,
            )
        case "command":
            return CommandOptions(argv=device.argv)
        case "gpio":
            return GpioOptions(pin=_pin(device.pin), active_high=device.active_high, pulse_s=device.pulse_s)
        case "wiegand":
            return WiegandOptions(data0_pin=_pin(device.data0_pin), data1_pin=_pin(device.data1_pin), bits=device.bits)
        case "none":
            return NoActuatorOptions()


def _broker(broker: BrokerSettings) -> BrokerOptions | None:
    if not broker.host:
        return None
    return BrokerOptions(
        host=broker.host,
        port=broker.port,
        tls=broker.tls,
        ca_file=broker.ca_file,
        username=broker.username or None,
        password=None if broker.password_file is None else secret_in(broker.password_file),
    )


def _contacts(sensor: SensorSettings) -> GpioInputOptions | None:
    if sensor.kind != "gpio":
        return None
    return GpioInputOptions(contact_pin=sensor.contact_pin, exit_pin=sensor.exit_pin, tamper_pin=sensor.tamper_pin)


def _events(events: EventsSettings) -> WebhookOptions | None:
    if not events.url:
        return None
    return WebhookOptions(
        url=events.url, secret=_secret(events.secret_file), ca_file=events.ca_file, plain_http=events.plain_http
    )


def _secret(path: Path | None) -> str:
    if path is None:
        raise ValueError("secret_file: expected a file that holds whsec_…")
    return secret_in(path)


def _pin(number: int | None) -> int:
    assert number is not None, "the settings take no such kind without its pins"
    return number


def _unusable(name: str, error: ValueError) -> ConfigError:
    return ConfigError(f"door {name}: {error}", advice="correct it in limen.toml; see docs/guide/integrator.md, Gates")
