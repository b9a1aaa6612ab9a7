"""Orders and events to a web server, signed as Standard Webhooks says.

An order is sent once and only while it is worth following; an event is sent again, with a growing pause, until the
receiver takes it or the attempts are used up. Neither a redirect is followed nor a proxy of the environment used.

Source: https://github.com/standard-webhooks/standard-webhooks, specification 1.0.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import ssl
import threading
from collections import deque
from collections.abc import Mapping

import httpx

from limen.core.door import OpenOrder
from limen.core.errors import ActuatorError
from limen.core.messages import DoorEvent, DoorMessage
from limen.core.ports import Clock
from limen.door.actuators.options import Place, WebhookOptions
from limen.door.wire import encode, event_document, order_document

__all__ = ["Webhook", "WebhookEvents", "signed"]

_WAITING_EVENTS = 1000
_LONGEST_PAUSE_S = 60.0
_EVENT_PATIENCE_S = 10.0


def signed(body: bytes, *, message_id: str, timestamp: int, key: bytes) -> dict[str, str]:
    """The headers that prove a body.

    Args:
        body: the message as it is sent.
        message_id: the same for every attempt to send this message.
        timestamp: of this attempt, seconds since 1970.
        key: the secret's bytes.
    """
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


class Webhook:
    """Implements `Actuator`."""

    def __init__(self, options: WebhookOptions, *, place: Place, clock: Clock) -> None:
        self._post = _Post(options, clock=clock)
        self._place = place
        self._clock = clock
        self._credential = options.credential

    def open(self, order: OpenOrder) -> None:
        """Send the order, within what is left of it.

        Raises:
            ActuatorError: the server cannot be reached, is too slow, or does not answer with 2xx; or it wants a number
                that the person does not have.
        """
        left_s = (order.not_after - self._clock.now()).total_seconds()
        document = order_document(order, site=self._place.site, credential=self._credential)
        self._post(encode(document), message_id=order.decision_id, patience_s=left_s)

    def close(self) -> None:
        """Close the connection."""
        self._post.close()


class WebhookEvents:
    """Implements `EventSink`: events only, from a queue of its own thread. States are for whoever keeps the newest."""

    def __init__(self, options: WebhookOptions, *, clock: Clock) -> None:
        self._options = options
        self._post = _Post(options, clock=clock)
        self._waiting: deque[DoorEvent] = deque(maxlen=_WAITING_EVENTS)
        self._there_is_one = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="limen-webhook", daemon=True)
        self._thread.start()

    def publish(self, message: DoorMessage) -> None:
        """Put an event into the queue; the oldest is dropped when a thousand wait."""
        if isinstance(message, DoorEvent):
            with self._there_is_one:
                self._waiting.append(message)
                self._there_is_one.notify()

    def close(self) -> None:
        """End after the attempt that is under way; what waits is dropped."""
        self._ended.set()
        with self._there_is_one:
            self._there_is_one.notify()
        self._thread.join(timeout=2 * _EVENT_PATIENCE_S)
        self._post.close()

    def _run(self) -> None:
        while (event := self._next()) is not None:
            self._deliver(event)

    def _next(self) -> DoorEvent | None:
        with self._there_is_one:
            self._there_is_one.wait_for(lambda: self._waiting or self._ended.is_set())
            return None if self._ended.is_set() else self._waiting.popleft()

    def _deliver(self, event: DoorEvent) -> None:
        body = encode(event_document(event))
        pause_s = self._options.retry_from_s
        for attempt in range(self._options.attempts):
            try:
                self._post(body, message_id=event.event_id, patience_s=_EVENT_PATIENCE_S)
            except ActuatorError:
                last = attempt == self._options.attempts - 1
                if last or self._ended.wait(pause_s):
                    return
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            else:
                return


class _Post:
    """One signed POST at a time to one address."""

    def __init__(self, options: WebhookOptions, *, clock: Clock) -> None:
        self._url = options.url
        self._host = httpx.URL(options.url).host
        self._key = options.key
        self._clock = clock
        for talkative in ("httpx", "httpcore"):  # they log addresses, which may hold what nobody else should know
            logging.getLogger(talkative).setLevel(logging.WARNING)
        trusted = True if options.ca_file is None else ssl.create_default_context(cafile=options.ca_file)
        self._client = httpx.Client(verify=trusted, trust_env=False, follow_redirects=False)

    def __call__(self, body: bytes, *, message_id: str, patience_s: float) -> None:
        """Send and wait for the first line of the answer; connecting and answering may take half of the time each."""
        headers = signed(body, message_id=message_id, timestamp=int(self._clock.now().timestamp()), key=self._key)
        try:
            code = self._code(body, headers, patience_s=patience_s)
        except httpx.TimeoutException as error:
            raise self._failed("did not answer in time") from error
        except httpx.HTTPError as error:
            raise self._failed(f"cannot be reached ({type(error).__name__})") from error
        if not httpx.codes.is_success(code):
            raise self._failed(f"answered {code}")

    def close(self) -> None:
        self._client.close()

    def _code(self, body: bytes, headers: Mapping[str, str], *, patience_s: float) -> int:
        half = max(patience_s / 2, 0.001)
        with self._client.stream("POST", self._url, content=body, headers=dict(headers), timeout=half) as answer:
            return answer.status_code

    def _failed(self, what: str) -> ActuatorError:
        return ActuatorError(
            f"web hook at {self._host}: {what}", advice="check the receiver and its address; a door stays shut"
        )
