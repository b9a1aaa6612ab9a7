"""A door at an MQTT 5 broker: orders out, contacts in, state and events for whoever listens.

| topic below limen/v1/<site>/<door> | who writes | kept by the broker | what |
|---|---|---|---|
| order | limen | never | an order to open, which expires at the broker |
| state | limen | yes | how the door stands |
| event | limen | never | what has happened |
| availability | limen, or the broker as its last will | yes | online, offline |
| sensor | the door | not read if it was | what the contacts tell |
"""

from __future__ import annotations

from collections import deque

from limen.core.door import DoorSignal, OpenOrder
from limen.core.errors import ActuatorError
from limen.core.messages import DoorMessage, DoorState
from limen.core.ports import Clock
from limen.door.actuators.home_assistant import AVAILABILITY, OFFLINE, ONLINE, discovery
from limen.door.actuators.mqtt_link import Heard, MqttLink
from limen.door.actuators.options import BrokerOptions, MqttOptions, Place
from limen.door.wire import encode, event_document, order_document, read_signal, state_document

__all__ = ["MqttDoor"]


class MqttDoor:
    """One connection for one door; implements `Actuator`, `DoorSensor` and `EventSink`."""

    def __init__(self, options: MqttOptions, *, broker: BrokerOptions, place: Place, clock: Clock) -> None:
        self._options = options
        self._place = place
        self._clock = clock
        self._order_topic = options.topic or f"{place.topic}/order"
        self._sensor_topic = f"{place.topic}/sensor"
        self._relay_there = options.relay_topic is None
        self._told: deque[DoorSignal | ActuatorError] = deque()
        topics = {self._sensor_topic: False}
        if options.relay_topic is not None:
            topics[options.relay_topic] = True
        available = f"{place.topic}/{AVAILABILITY}"
        self._link = MqttLink(
            broker, client_id=f"limen-{place.site}-{place.door}", will=(available, OFFLINE), topics=topics
        )
        self._link.keep(available, ONLINE)
        if options.discovery_prefix is not None:
            for topic, payload in discovery(place, prefix=options.discovery_prefix).items():
                self._link.keep(topic, payload)

    def wait(self, patience_s: float) -> bool:
        """Wait for the broker; whether there is a connection. A door need not wait: it refuses until then."""
        return self._link.wait(patience_s)

    def open(self, order: OpenOrder) -> None:
        """Send the order now and have the broker acknowledge it.

        The broker drops it when it has waited there for a second less than the order holds, as brokers count in whole
        seconds and mosquitto adds up to one. A relay should look at `not_after` itself.

        Raises:
            ActuatorError: broker or relay are away, or the broker did not acknowledge in time.
        """
        self._take_in()
        if not self._relay_there:
            raise self._link.fault(f"the relay of {self._place.door} is not there")
        left_s = (order.not_after - self._clock.now()).total_seconds()
        self._link.order(self._order_topic, self._payload(order), expires_s=max(1, int(left_s) - 1), patience_s=left_s)

    def signals(self) -> tuple[DoorSignal, ...]:
        """What the contacts have told since the last call, up to the first message that cannot be read.

        Raises:
            ActuatorError: there is no connection, or such a message is the next.
        """
        self._take_in()
        if not self._told and not self._link.up:
            raise self._link.fault()
        signals: list[DoorSignal] = []
        while self._told and isinstance(self._told[0], DoorSignal):
            signals.append(self._told[0])
            self._told.popleft()
        if not signals and self._told:
            fault = self._told.popleft()
            if isinstance(fault, ActuatorError):
                raise fault
        return tuple(signals)

    def publish(self, message: DoorMessage) -> None:
        """Tell whoever listens, now or when there is a connection again."""
        if isinstance(message, DoorState):
            self._link.keep(f"{self._place.topic}/state", encode(state_document(message)))
        else:
            self._link.tell(f"{self._place.topic}/event", encode(event_document(message)))

    def close(self) -> None:
        """Say offline and go."""
        self._link.close()

    def _payload(self, order: OpenOrder) -> bytes:
        if self._options.payload is not None:
            return self._options.payload.encode()
        return encode(order_document(order, site=self._place.site, credential=self._options.credential))

    def _take_in(self) -> None:
        for heard in self._link.heard():
            if heard.topic == self._sensor_topic:
                self._told.append(self._signal(heard))
            else:
                self._relay_there = heard.payload.strip().lower() == ONLINE

    def _signal(self, heard: Heard) -> DoorSignal | ActuatorError:
        try:
            return read_signal(heard.payload, at=self._clock.now())
        except ActuatorError as error:
            return error
