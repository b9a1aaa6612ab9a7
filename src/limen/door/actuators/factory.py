"""From what the installer chose to the devices of one door.

Every actuator is put into `Once`. A door with contacts is watched (`limen.door.contact`), so that an opening without
an order is told as forced. What goes over MQTT shares one connection a door.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from limen.core.door import DoorSignal, OpenOrder
from limen.core.messages import Banner, DoorMessage, DoorState
from limen.core.ports import Actuator, Clock, DoorSensor, EventSink
from limen.door.actuators.command import Command
from limen.door.actuators.gpio import GpioContacts, GpioRelay, WiegandLines
from limen.door.actuators.mqtt import MqttDoor
from limen.door.actuators.once import Once
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
from limen.door.actuators.webhook import Webhook, WebhookEvents
from limen.door.contact import ContactOptions, ContactState, WatchedDoor
from limen.door.simulator import DoorSimulator

__all__ = ["Gear", "GearOptions", "make_actuator", "make_gear", "simulated_gear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GearOptions:
    """All devices of one door.

    Attributes:
        actuator: what opens it.
        broker: the site's MQTT broker, or None; with one, state and events go there whatever opens the door.
        mqtt_sensor: whether the contacts tell by MQTT.
        contacts: contacts on pins of this machine, or None.
        events_to: a web hook that events go to, or None.
        contact: how long is too long.
        discovery_prefix: Home Assistant's, or None; used where the actuator is not MQTT itself.
    """

    actuator: ActuatorOptions = field(default_factory=NoActuatorOptions)
    broker: BrokerOptions | None = None
    mqtt_sensor: bool = False
    contacts: GpioInputOptions | None = None
    events_to: WebhookOptions | None = None
    contact: ContactOptions = field(default_factory=ContactOptions)
    discovery_prefix: str | None = "homeassistant"

    def __post_init__(self) -> None:
        if self.broker is None and (isinstance(self.actuator, MqttOptions) or self.mqtt_sensor):
            raise ValueError("broker: expected one, as the actuator or the sensor speaks MQTT")
        if self.mqtt_sensor and self.contacts is not None:
            raise ValueError("sensor: expected MQTT or pins, not both")

    @property
    def with_credential(self) -> bool:
        """Whether an order has to carry the number that an access controller knows the person by."""
        asks = isinstance(self.actuator, MqttOptions | WebhookOptions) and self.actuator.credential
        return asks or isinstance(self.actuator, WiegandOptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gear:
    """The devices of one door.

    Attributes:
        actuator: opens once for a decision, or not at all.
        sensor: the contacts, with forced and held openings; tells nothing where there are none.
        events: tells every listener.
        watched: the same actuator and sensor joined, where there are contacts.
    """

    actuator: Actuator
    sensor: DoorSensor
    events: EventSink
    watched: WatchedDoor | None = None

    def state(
        self, place: Place, *, at: datetime, banners: tuple[Banner, ...] = (), occupancy: int | None = None
    ) -> DoorState:
        """How the door stands, as of the last call of ``sensor.signals``: the message to publish when it changes."""
        leaf = ContactState() if self.watched is None else self.watched.state
        return DoorState(
            site=place.site,
            door=place.door,
            at=at,
            contact=leaf.contact,
            forced=leaf.forced,
            held=leaf.held,
            banners=banners,
            occupancy=occupancy,
        )

    def close(self) -> None:
        """Let all devices go."""
        self.actuator.close()
        self.sensor.close()
        self.events.close()


def make_actuator(
    options: ActuatorOptions, *, place: Place, clock: Clock, broker: BrokerOptions | None = None, pins: Any = None
) -> Actuator:
    """An actuator on its own, without contacts and listeners.

    Raises:
        ActuatorError: a device is not there; that a broker or server is away is said at the first order.
        ConfigError: an extra is not installed.
    """
    gear = make_gear(GearOptions(actuator=options, broker=broker), place=place, clock=clock, pins=pins)
    return gear.actuator


def make_gear(options: GearOptions, *, place: Place, clock: Clock, pins: Any = None) -> Gear:
    """The devices of one door.

    Args:
        options: what there is.
        place: which door.
        clock: the time.
        pins: a pin factory of gpiozero; None for the machine's own.

    Raises:
        ActuatorError: a device is not there; that a broker or server is away is said at the first order.
        ConfigError: an extra is not installed.
    """
    door = _mqtt_door(options, place=place, clock=clock)
    actuator = _actuator(options.actuator, door=door, place=place, clock=clock, pins=pins)
    sinks: list[EventSink] = [] if door is None else [door]
    if options.events_to is not None:
        sinks.append(WebhookEvents(options.events_to, clock=clock))
    if options.contacts is not None:
        contacts: DoorSensor = GpioContacts(options.contacts, clock=clock, pins=pins)
    elif options.mqtt_sensor and door is not None:
        contacts = door
    else:
        return Gear(actuator=Once(actuator, clock=clock), sensor=_NoSensor(), events=_Sinks(sinks))
    watched = WatchedDoor(actuator, contacts, clock=clock, options=options.contact)
    return Gear(actuator=Once(watched, clock=clock), sensor=watched, events=_Sinks(sinks), watched=watched)


def simulated_gear(*, clock: Clock, options: ContactOptions, walker: bool = False) -> Gear:
    """What a trial folder has in the place of devices: a gate that is not there, watched like any other.

    Args:
        clock: the time.
        options: how long is too long.
        walker: whether somebody goes through on each order, by itself.
    """
    door = DoorSimulator(clock=clock, walker=walker)
    watched = WatchedDoor(door, door, clock=clock, options=options)
    return Gear(actuator=Once(watched, clock=clock), sensor=watched, events=_Sinks([]), watched=watched)


def _mqtt_door(options: GearOptions, *, place: Place, clock: Clock) -> MqttDoor | None:
    if options.broker is None:
        return None
    actuator = options.actuator
    chosen = actuator if isinstance(actuator, MqttOptions) else MqttOptions(discovery_prefix=options.discovery_prefix)
    return MqttDoor(chosen, broker=options.broker, place=place, clock=clock)


def _actuator(options: ActuatorOptions, *, door: MqttDoor | None, place: Place, clock: Clock, pins: Any) -> Actuator:
    match options:
        case MqttOptions():
            assert door is not None, "GearOptions takes no MQTT without a broker"
            return door
        case WebhookOptions():
            return Webhook(options, place=place, clock=clock)
        case CommandOptions():
            return Command(options, place=place, clock=clock)
        case GpioOptions():
            return GpioRelay(options, pins=pins)
        case WiegandOptions():
            return WiegandLines(options, pins=pins)
        case NoActuatorOptions():
            return _NoActuator()
        case _:
            assert_never(options)


class _NoActuator:
    """Opens nothing."""

    def open(self, order: OpenOrder) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing to let go."""


class _NoSensor:
    """Tells nothing."""

    def signals(self) -> tuple[DoorSignal, ...]:
        """Nothing."""
        return ()

    def close(self) -> None:
        """Nothing to let go."""


class _Sinks:
    """Several listeners as one."""

    def __init__(self, sinks: list[EventSink]) -> None:
        self._sinks = tuple(sinks)

    def publish(self, message: DoorMessage) -> None:
        """Tell each."""
        for sink in self._sinks:
            sink.publish(message)

    def close(self) -> None:
        """Let each go."""
        for sink in self._sinks:
            sink.close()
