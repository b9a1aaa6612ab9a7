"""One connection to an MQTT 5 broker, in a thread of its own, behind methods that wait no longer than they say.

(1) An order is never queued: without a connection, or without the broker's acknowledgement in time, it fails, and the
    connection is given up with everything that lies in it. Each connection is a new client and a new session, so no
    library sends an old order again; and it is closed by a reset, so no kernel does. Before an order the broker has to
    answer a question: into silence no order is sent, as a broker that hung would deliver it when it goes on.
(2) What is kept is the newest of each topic; it is said again at each connection.
(3) Events wait, a thousand of them, the oldest dropped first.
(4) What the broker had retained before we subscribed is not a signal, and is not read.

Source: MQTT Version 5.0, OASIS Standard, sections 3.1.2.11, 3.3.2.3.3, 3.8.3.1.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from limen.core.errors import ActuatorError
from limen.door.actuators.options import BrokerOptions

__all__ = ["Heard", "MqttLink"]

_WAITING_EVENTS = 1000
_WAITING_HEARD = 1000
_KEEP_ALIVE_S = 10
_NOTHING = "limen/nothing"  # a topic that nobody listens to; to leave it is a question that changes nothing
_RESET_ON_CLOSE = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message that came in.

    Attributes:
        topic: where.
        payload: what.
    """

    topic: str
    payload: bytes


class MqttLink:
    """A connection that comes back by itself.

    Args:
        broker: which.
        client_id: under which name; a second connection with the same name ends the first.
        will: topic and payload that the broker keeps when this end goes silent.
        topics: what to listen to, and whether what was retained there is wanted, too.
    """

    def __init__(
        self, broker: BrokerOptions, *, client_id: str, will: tuple[str, bytes], topics: Mapping[str, bool]
    ) -> None:
        self._broker = broker
        self._client_id = client_id
        self._will = will
        self._topics = dict(topics)
        self._kept: dict[str, bytes] = {}
        self._unsaid: set[str] = set()
        self._events: deque[tuple[str, bytes]] = deque(maxlen=_WAITING_EVENTS)
        self._heard: deque[Heard] = deque(maxlen=_WAITING_HEARD)
        self._client: aiomqtt.Client | None = None
        self._lock = threading.Lock()
        self._up = threading.Event()
        self._why_down = "not connected yet"
        self._orders: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # a socket lost while it is being watched
        self._stop = asyncio.Event()
        self._work = asyncio.Event()
        self._give_up = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="limen-mqtt", daemon=True)
        self._thread.start()

    @property
    def up(self) -> bool:
        """Whether there is a connection now, as far as can be known."""
        return self._up.is_set()

    def wait(self, patience_s: float) -> bool:
        """Wait for a connection; whether there is one."""
        return self._up.wait(patience_s)

    def order(self, topic: str, payload: bytes, *, expires_s: int, patience_s: float) -> None:
        """Send now, have it acknowledged, and let the broker drop it when it has waited there for too long.

        Raises:
            ActuatorError: there is no connection, or no acknowledgement in time. It is not sent later.
        """
        if not self.up:
            raise self.fault()
        patience_s = min(patience_s, self._broker.answer_within_s)
        sending = self._order(topic, payload, expires_s=expires_s, before=self._loop.time() + patience_s)
        future = asyncio.run_coroutine_threadsafe(sending, self._loop)
        try:
            future.result(patience_s)
        except (concurrent.futures.TimeoutError, concurrent.futures.CancelledError, aiomqtt.MqttError) as error:
            future.cancel()
            self._up.clear()
            self._why_down = "did not take an order in time"
            self._from_outside(self._give_up)
            raise self.fault() from error

    def keep(self, topic: str, payload: bytes) -> None:
        """Have the broker keep this as the newest of a topic, now or at the next connection."""
        with self._lock:
            self._kept[topic] = payload
            self._unsaid.add(topic)
        self._from_outside(self._work)

    def tell(self, topic: str, payload: bytes) -> None:
        """Send an event, now or when there is a connection again."""
        self._events.append((topic, payload))
        self._from_outside(self._work)

    def heard(self) -> tuple[Heard, ...]:
        """What has come in since the last call."""
        heard = []
        while self._heard:
            heard.append(self._heard.popleft())
        return tuple(heard)

    def fault(self, what: str | None = None) -> ActuatorError:
        """The error that says what is wrong with the connection."""
        return ActuatorError(
            f"MQTT broker {self._broker.host}:{self._broker.port}: {what or self._why_down}",
            advice="check that the broker runs and lets limen in; doors stay shut and the other way in works",
        )

    def close(self) -> None:
        """Say the last will and go; a second time does nothing."""
        self._from_outside(self._stop)
        self._thread.join(timeout=10 * self._broker.answer_within_s + _KEEP_ALIVE_S)

    def _from_outside(self, event: asyncio.Event) -> None:
        """Set an event of the thread from another one; nothing happens once the thread has ended."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(event.set)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(self) -> None:
        pause_s = self._broker.retry_from_s
        while not self._stop.is_set():
            try:
                async with self._new_client() as client:
                    await self._greet(client)
                    pause_s = self._broker.retry_from_s
                    await self._talk(client)
            except (aiomqtt.MqttError, OSError) as error:
                self._why_down = f"cannot be reached ({error})"
            finally:
                self._lose()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause_s)
            pause_s = min(2 * pause_s, self._broker.retry_to_s)

    def _new_client(self) -> aiomqtt.Client:
        broker = self._broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(*self._will, qos=1, retain=True),
            clean_start=True,
            timeout=broker.answer_within_s,
            keepalive=_KEEP_ALIVE_S,
            max_queued_incoming_messages=_WAITING_HEARD,
            tls_context=ssl.create_default_context(cafile=broker.ca_file) if broker.tls else None,
            socket_options=(_RESET_ON_CLOSE,),
            logger=_silent_logger(),
        )

    async def _greet(self, client: aiomqtt.Client) -> None:
        for topic, retained in self._topics.items():
            handling = SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE if retained else SubscribeOptions.RETAIN_DO_NOT_SEND
            await client.subscribe(topic, options=SubscribeOptions(qos=1, retainHandling=handling))
        with self._lock:
            self._unsaid = set(self._kept)
        self._give_up.clear()
        self._work.set()
        self._client = client
        self._up.set()

    async def _talk(self, client: aiomqtt.Client) -> None:
        """Until this end stops, or the connection is lost or given up."""
        tasks = [
            asyncio.ensure_future(work)
            for work in (self._listen(client), self._write(client), self._stop.wait(), self._give_up.wait())
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self._lose()
        for ended in await _ended(tasks):
            if isinstance(ended, Exception):
                raise ended
        if self._stop.is_set():
            await client.publish(*self._will, qos=1, retain=True)
        if self._give_up.is_set():
            raise aiomqtt.MqttError("did not take an order in time")

    def _lose(self) -> None:
        """There is no connection any more: whatever order waits for its acknowledgement fails now."""
        self._client = None
        self._up.clear()
        for task in tuple(self._orders):
            task.cancel()

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = message.payload
            self._heard.append(Heard(topic=message.topic.value, payload=payload))

    async def _write(self, client: aiomqtt.Client) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while (newest := self._next_kept()) is not None:
                await client.publish(*newest, qos=1, retain=True)
            while self._events:
                event = self._events[0]
                await client.publish(*event, qos=1)
                if self._events and self._events[0] is event:
                    self._events.popleft()

    def _next_kept(self) -> tuple[str, bytes] | None:
        """Take one topic as said; a lost connection makes all of them unsaid again."""
        with self._lock:
            if not self._unsaid:
                return None
            topic = self._unsaid.pop()
            return topic, self._kept[topic]

    async def _order(self, topic: str, payload: bytes, *, expires_s: int, before: float) -> None:
        client = self._client
        if client is None:
            raise aiomqtt.MqttError("not connected")
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho types most of itself
        properties.MessageExpiryInterval = expires_s
        task = asyncio.current_task()
        assert task is not None
        self._orders.add(task)
        try:
            await client.unsubscribe(_NOTHING)
            if self._loop.time() >= before:
                raise aiomqtt.MqttError("answered too late")
            await client.publish(topic, payload, qos=1, properties=properties)
        finally:
            self._orders.discard(task)


async def _ended(tasks: Sequence[asyncio.Future[Any]]) -> list[Any]:
    """Cancel what still runs, as often as it takes, and give all results.

    Once is not enough: `asyncio.wait_for`, which aiomqtt waits with, loses a cancellation that meets its result.
    """
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=0.1)
    return await asyncio.gather(*tasks, return_exceptions=True)


def _silent_logger() -> logging.Logger:
    """A logger that is registered nowhere: topics and faults are said by `ActuatorError` alone."""
    return logging.Logger("limen.mqtt", logging.CRITICAL + 1)  # noqa: LOG001  so that nobody switches it on
