"""A door at a real broker: nothing opens late, whatever the broker, the relay or the network does meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from limen.core.door import Direction, OpenOrder, SignalKind
from limen.core.errors import ActuatorError
from limen.core.messages import Contact, DoorEvent, DoorState, EventKind
from limen.door.actuators.factory import GearOptions, make_gear
from limen.door.actuators.home_assistant import discovery
from limen.door.actuators.mqtt import MqttDoor
from limen.door.actuators.options import CommandOptions, MqttOptions, WebhookOptions
from support.broker import MISSING, Broker, Listener, find_mosquitto
from support.clock import NOON, FakeClock
from support.gates import PLACE, SECRET, Receiver, order

pytestmark = pytest.mark.skipif(find_mosquitto() is None, reason=MISSING)

_ORDER, _STATE, _EVENT, _SENSOR, _AVAILABILITY = (
    f"{PLACE.topic}/{name}" for name in ("order", "state", "event", "sensor", "availability")
)
_PATIENCE_S = 20.0


class _Wires:
    """A broker, a door and whoever listens; all are taken down at the end."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.broker = Broker(folder)
        self.broker.start()
        self._doors: list[MqttDoor] = []
        self._listeners: list[Listener] = []

    def door(self, options: MqttOptions | None = None, *, pause_s: float = 0.02) -> MqttDoor:
        door = MqttDoor(
            options or MqttOptions(),
            broker=self.broker.options(pause_s=pause_s),
            place=PLACE,
            clock=self.clock,
        )
        self._doors.append(door)
        assert door.wait(_PATIENCE_S)
        return door

    def listener(self, *topics: str, session: str | None = None) -> Listener:
        listener = Listener(self.broker, *(topics or ("#",)), session=session)
        self._listeners.append(listener)
        return listener

    def order(self, decision_id: str = "d-1") -> OpenOrder:
        return order(decision_id, at=self.clock.now())

    def close(self) -> None:
        for door in self._doors:
            door.close()
        for listener in self._listeners:
            listener.leave()
        self.broker.kill()


@pytest.fixture
def wires(tmp_path: Path) -> Iterator[_Wires]:
    """A broker that runs."""
    made = _Wires(tmp_path)
    yield made
    made.close()


def _event(number: int = 1) -> DoorEvent:
    return DoorEvent(event_id=f"e-{number}", site="hq", door=PLACE.door, at=NOON, kind=EventKind.PASSAGE)


def _state(contact: Contact) -> DoorState:
    return DoorState(site="hq", door=PLACE.door, at=NOON, contact=contact)


def _topics(messages: list[mqtt.MQTTMessage]) -> list[str]:
    return [message.topic for message in messages]


def test_an_order_tells_when_it_is_late_to_relay_and_broker(wires: _Wires) -> None:
    """It carries decision and not_after, is not kept, and expires at the broker within the two seconds it holds."""
    listener = wires.listener()
    wires.door().open(wires.order())
    message = listener.next(_ORDER)
    document = json.loads(message.payload)
    assert (document["decision_id"], document["not_after"]) == ("d-1", "2026-11-22T12:00:02.000Z")
    assert "credential" not in document
    assert message.qos == 1
    assert message.properties.MessageExpiryInterval == 1  # type: ignore[union-attr]
    assert _ORDER not in _topics(wires.listener().flush())


def test_an_order_that_the_broker_held_for_a_relay_that_was_away_expires_there(wires: _Wires) -> None:
    """A relay with a session of its own comes back after the order's end and gets nothing; a younger one arrives."""
    relay = wires.listener(_ORDER, session="relay")
    relay.leave()
    door = wires.door()
    door.open(wires.order("d-old"))
    _let_time_pass(wires, seconds=2.5)
    relay.join()
    assert relay.flush() == []
    relay.leave()
    door.open(wires.order("d-young"))
    relay.join()
    assert json.loads(relay.next(_ORDER).payload)["decision_id"] == "d-young"


def _let_time_pass(wires: _Wires, *, seconds: float) -> None:
    """Wait for a time of the broker's own: the expiry of a message is its clock's, and no test can move that."""
    mark = wires.listener("nothing")
    end = datetime.now(UTC) + timedelta(seconds=seconds)  # noqa: TID251  the broker's clock is this machine's
    while datetime.now(UTC) < end:  # noqa: TID251  as above
        mark.flush()


def test_a_broker_that_was_killed_is_a_fault_at_once_and_no_order_comes_later(wires: _Wires) -> None:
    """Neither the order that failed nor one given while the broker was away is sent when it comes back."""
    door = wires.door()
    wires.broker.kill()
    for number in range(3):
        with pytest.raises(ActuatorError, match="MQTT broker"):
            door.open(wires.order(f"d-{number}"))
    wires.broker.start()
    listener = wires.listener()
    assert door.wait(_PATIENCE_S)
    door.publish(_event())
    listener.next(_EVENT)
    assert _ORDER not in _topics(listener.flush())
    door.open(wires.order("d-new"))
    assert json.loads(listener.next(_ORDER).payload)["decision_id"] == "d-new"


def test_a_broker_that_hangs_is_a_fault_in_time_and_the_order_does_not_open_later(wires: _Wires) -> None:
    """The connection stands and nothing answers; when the broker goes on, nothing that it had is an opening."""
    listener = wires.listener()
    door = wires.door()
    wires.broker.freeze()
    before = datetime.now(UTC)  # noqa: TID251  the patience is real time
    with pytest.raises(ActuatorError, match="did not take an order in time"):
        door.open(wires.order("d-1"))
    with pytest.raises(ActuatorError):
        door.open(wires.order("d-2"))
    assert datetime.now(UTC) - before < timedelta(seconds=4)  # noqa: TID251  as above
    wires.broker.thaw()
    assert door.wait(_PATIENCE_S)
    assert _ORDER not in _topics(listener.flush())
    door.open(wires.order("d-3"))
    assert json.loads(listener.next(_ORDER).payload)["decision_id"] == "d-3"


def test_before_the_first_connection_an_order_is_a_fault(wires: _Wires) -> None:
    """A door that starts before its broker says so, and works once the broker is there."""
    wires.broker.kill()
    door = MqttDoor(MqttOptions(), broker=wires.broker.options(), place=PLACE, clock=wires.clock)
    with pytest.raises(ActuatorError, match="MQTT broker"):
        door.open(wires.order())
    with pytest.raises(ActuatorError, match="MQTT broker"):
        door.signals()
    wires.broker.start()
    assert door.wait(_PATIENCE_S)
    assert door.signals() == ()
    door.close()
    door.publish(_event())  # nobody is told any more, and it is no fault


def test_availability_is_kept_and_the_will_says_offline(wires: _Wires) -> None:
    """Online while there is a connection; offline when limen goes, and when it is cut off without a word."""
    listener = wires.listener(_AVAILABILITY)
    door = wires.door()
    assert listener.next(_AVAILABILITY).payload == b"online"
    late = wires.listener(_AVAILABILITY).next(_AVAILABILITY)
    assert (late.payload, late.retain) == (b"online", True)
    door.close()
    assert listener.next(_AVAILABILITY).payload == b"offline"

    wires.door()
    assert listener.next(_AVAILABILITY).payload == b"online"
    wires.door()  # the same name a second time: the broker cuts the first connection off, which is how a crash looks
    assert listener.next(_AVAILABILITY).payload == b"offline"


def test_the_newest_state_is_kept_and_events_never_are(wires: _Wires) -> None:
    """Who comes later learns how the door stands, and nothing of what has happened."""
    listener = wires.listener()
    door = wires.door()
    door.publish(_state(Contact.OPEN))
    door.publish(_event())
    door.publish(_state(Contact.CLOSED))
    waited_for = {("event", "passage"), ("state", "closed")}
    while waited_for:
        message = listener.heard.get(timeout=_PATIENCE_S)
        if message.topic in (_STATE, _EVENT):
            document = json.loads(message.payload)
            waited_for.discard((message.topic.rpartition("/")[2], document.get("kind") or document.get("contact")))
    late = {message.topic: message for message in wires.listener().flush()}
    assert json.loads(late[_STATE].payload)["contact"] == "closed"
    assert late[_STATE].retain
    assert _EVENT not in late


def test_events_wait_for_the_broker_and_the_state_is_said_again(wires: _Wires) -> None:
    """What happened while it was away is told in order, and the state that held before it went is there again."""
    door = wires.door(pause_s=3.0)  # so that the listener is there first: nobody keeps an event for it
    door.publish(_state(Contact.CLOSED))
    wires.broker.kill()
    for number in range(5):
        door.publish(_event(number))
    wires.broker.start()
    listener = wires.listener()
    ids = [json.loads(listener.next(_EVENT).payload)["event_id"] for _ in range(5)]
    assert ids == [f"e-{number}" for number in range(5)]
    kept = {message.topic for message in wires.listener().flush()}
    assert {_STATE, _AVAILABILITY} <= kept


def test_home_assistant_finds_the_door(wires: _Wires) -> None:
    """Every entity is announced by a kept message below its prefix, and none takes a command."""
    wires.door()
    listener = wires.listener("homeassistant/#")
    announced = {}
    for _ in range(5):
        message = listener.heard.get(timeout=_PATIENCE_S)
        announced[message.topic] = message.payload
    assert announced == discovery(PLACE, prefix="homeassistant")


def test_home_assistant_is_left_alone_where_nobody_wants_it(wires: _Wires) -> None:
    """Without a prefix nothing is announced."""
    door = wires.door(MqttOptions(discovery_prefix=None))
    door.publish(_event())
    assert [topic for topic in _topics(wires.listener().flush()) if topic.startswith("homeassistant")] == []


def test_contacts_tell_by_mqtt_and_what_was_kept_is_no_signal(wires: _Wires) -> None:
    """A kept exit request would open at every start; it is not read. What is sent now is, in order."""
    listener = wires.listener()
    listener.say(_SENSOR, '{"signal": "exit_requested"}', retain=True)
    door = wires.door()
    for text in ('{"signal": "opened"}', '{"signal": "passed", "direction": "out"}', '{"signal": "closed"}'):
        listener.say(_SENSOR, text)
    told = _wait_for_signals(door, 3)
    assert told == [
        (SignalKind.OPENED, Direction.IN),
        (SignalKind.PASSED, Direction.OUT),
        (SignalKind.CLOSED, Direction.IN),
    ]


def _wait_for_signals(door: MqttDoor, count: int) -> list[tuple[SignalKind, Direction]]:
    told: list[tuple[SignalKind, Direction]] = []
    while len(told) < count:
        told.extend((signal.kind, signal.direction) for signal in door.signals())
    return told


def test_a_message_of_a_contact_that_cannot_be_read_is_a_fault_told_once(wires: _Wires) -> None:
    """Between two that can: both of these are told, and the fault in its place."""
    listener = wires.listener()
    door = wires.door()
    for text in ('{"signal": "opened"}', '{"signal": "explode"}', '{"signal": "closed"}'):
        listener.say(_SENSOR, text)
    assert _wait_for_signals(door, 1) == [(SignalKind.OPENED, Direction.IN)]
    with pytest.raises(ActuatorError, match="a message cannot be read"):
        _wait_for_signals(door, 1)
    assert _wait_for_signals(door, 1) == [(SignalKind.CLOSED, Direction.IN)]


@pytest.mark.parametrize(("said", "there"), [("Online", True), ("offline", False), (None, False)])
def test_a_relay_that_says_where_it_is_gets_orders_only_when_there(
    wires: _Wires, said: str | None, *, there: bool
) -> None:
    """A relay that is away, or was never heard of, is a fault, though the broker would take the order."""
    listener = wires.listener()
    if said is not None:
        listener.say("tele/gate/LWT", said, retain=True)
    door = wires.door(MqttOptions(relay_topic="tele/gate/LWT"))
    listener.say("tele/gate/other", "x")
    _hear(door, listener)
    if there:
        door.open(wires.order())
        listener.next(_ORDER)
    else:
        with pytest.raises(ActuatorError, match="the relay of front is not there"):
            door.open(wires.order())
        assert _ORDER not in _topics(listener.flush())


def _hear(door: MqttDoor, listener: Listener) -> None:
    """Until the door has taken in everything that was said before now."""
    listener.say(_SENSOR, '{"signal": "closed"}')
    _wait_for_signals(door, 1)


def test_a_relay_that_reads_no_json_gets_its_word(wires: _Wires) -> None:
    """On its own topic; the broker still drops it late."""
    listener = wires.listener()
    wires.door(MqttOptions(topic="cmnd/gate/POWER", payload="ON")).open(wires.order())
    message = listener.next("cmnd/gate/POWER")
    assert message.payload == b"ON"
    assert message.properties.MessageExpiryInterval >= 1  # type: ignore[union-attr]


def test_a_door_with_everything_tells_every_listener_and_is_watched(wires: _Wires) -> None:
    """Contacts by MQTT, a program that opens, events to broker and web hook, and an opening without an order forced."""
    receiver = Receiver()
    listener = wires.listener()
    options = GearOptions(
        actuator=CommandOptions(argv=("/bin/true",)),
        broker=wires.broker.options(),
        mqtt_sensor=True,
        events_to=WebhookOptions(url=receiver.url, secret=SECRET),
        discovery_prefix=None,
    )
    gear = make_gear(options, place=PLACE, clock=wires.clock)
    listener.next(_AVAILABILITY)
    gear.actuator.open(wires.order())
    for text in ('{"signal": "opened"}', '{"signal": "closed"}', '{"signal": "opened"}'):
        listener.say(_SENSOR, text)
    told: list[SignalKind] = []
    while len(told) < 4:
        told.extend(signal.kind for signal in gear.sensor.signals())
    assert told == [SignalKind.OPENED, SignalKind.CLOSED, SignalKind.OPENED, SignalKind.FORCED_OPEN]
    gear.events.publish(_event())
    assert json.loads(listener.next(_EVENT).payload) == json.loads(receiver.wait_for(1)[0][1])
    gear.close()
    assert listener.next(_AVAILABILITY).payload == b"offline"
    receiver.stop()


def test_orders_contacts_and_events_share_one_connection(wires: _Wires) -> None:
    """A door that speaks MQTT throughout is one client of the broker."""
    listener = wires.listener()
    options = GearOptions(actuator=MqttOptions(), broker=wires.broker.options(), mqtt_sensor=True)
    gear = make_gear(options, place=PLACE, clock=wires.clock)
    listener.next(_AVAILABILITY)
    gear.actuator.open(wires.order())
    listener.next(_ORDER)
    gear.events.publish(_event())
    listener.next(_EVENT)
    assert _AVAILABILITY not in _topics(listener.flush())
    gear.close()


def test_an_access_controller_gets_the_number_and_nobody_without_one(wires: _Wires) -> None:
    """The number is in the order to the controller, and in no other message."""
    listener = wires.listener()
    door = wires.door(MqttOptions(credential=True))
    door.open(order("d-1", credential="118:1603"))
    assert json.loads(listener.next(_ORDER).payload)["credential"] == "118:1603"
    with pytest.raises(ActuatorError, match="the person has no number there"):
        door.open(order("d-2", credential=None))
    assert _ORDER not in _topics(listener.flush())
