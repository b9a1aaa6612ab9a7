"""Web hooks are signed as Standard Webhooks says; an order is sent once, an event until it is taken."""

from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook as Reference

from limen.core.errors import ActuatorError
from limen.core.messages import DoorEvent, DoorState, EventKind
from limen.door.actuators.options import WebhookOptions
from limen.door.actuators.webhook import Webhook, WebhookEvents, signed
from support.clock import FakeClock
from support.gates import PLACE, SECRET, Receiver, order


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that takes everything."""
    server = Receiver()
    yield server
    server.stop()


def _clock() -> FakeClock:
    """At the present, as the reference implementation accepts no other time."""
    return FakeClock(datetime.fromtimestamp(_seconds(), UTC))


def _seconds() -> float:
    import time  # noqa: PLC0415  the only place where a test needs the real time

    return time.time()


def _events(receiver: Receiver, *, clock: FakeClock, attempts: int = 8) -> WebhookEvents:
    options = WebhookOptions(url=receiver.url, secret=SECRET, attempts=attempts, retry_from_s=0.01)
    return WebhookEvents(options, clock=clock)


def _event(number: int) -> DoorEvent:
    return DoorEvent(event_id=f"e-{number}", site="hq", door=PLACE.door, at=_clock().now(), kind=EventKind.FORCED_OPEN)


def test_a_signature_is_that_of_the_reference_implementation() -> None:
    """Byte for byte, with text beyond ASCII in the body."""
    at = datetime(2026, 11, 24, 8, 1, 12, tzinfo=UTC)
    body = '{"door":"entrée"}'
    options = WebhookOptions(url="https://gate.example/", secret=SECRET)
    headers = signed(body.encode(), message_id="d-1", timestamp=int(at.timestamp()), key=options.key)
    assert headers["webhook-signature"] == Reference(SECRET).sign("d-1", at, body)
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("d-1", str(int(at.timestamp())))


def test_a_receiver_can_prove_an_order(receiver: Receiver) -> None:
    """The reference implementation accepts what is sent, and refuses it with one byte changed."""
    clock = _clock()
    door = Webhook(WebhookOptions(url=receiver.url, secret=SECRET), place=PLACE, clock=clock)
    door.open(order("d-1", at=clock.now()))
    door.close()
    ((headers, body),) = receiver.wait_for(1)
    assert Reference(SECRET).verify(body, headers)["decision_id"] == "d-1"
    with pytest.raises(Exception, match="No matching signature"):
        Reference(SECRET).verify(body.replace(b"d-1", b"d-2"), headers)


def test_a_server_that_does_not_answer_costs_no_more_than_the_order_holds() -> None:
    """It takes the connection and says nothing; the order fails while it is still worth following."""
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        clock = FakeClock()
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        door = Webhook(WebhookOptions(url=url, secret=SECRET), place=PLACE, clock=clock)
        given = order("d-1", at=clock.now())
        clock.advance(timedelta(seconds=1.8))
        before = _seconds()
        with pytest.raises(ActuatorError, match=r"127\.0\.0\.1: did not answer in time"):
            door.open(given)
        assert _seconds() - before < 2
        door.close()


@pytest.mark.parametrize("code", [301, 307, 400, 403, 404, 500, 503])
def test_an_answer_that_is_no_yes_is_a_fault_and_nothing_is_sent_twice(receiver: Receiver, code: int) -> None:
    """No redirect is followed, and no order repeated."""
    receiver.answers = [code]
    clock = FakeClock()
    door = Webhook(WebhookOptions(url=receiver.url, secret=SECRET), place=PLACE, clock=clock)
    with pytest.raises(ActuatorError, match=f"answered {code}"):
        door.open(order("d-1", at=clock.now()))
    door.close()
    assert len(receiver.received) == 1


def test_every_fault_of_httpx_is_one_of_ours() -> None:
    """What the library can raise while it sends is below the two classes that are caught."""
    transport = {
        error for error in vars(httpx).values() if isinstance(error, type) and issubclass(error, httpx.RequestError)
    }
    assert transport
    assert all(issubclass(error, httpx.HTTPError) for error in transport)


def test_an_event_is_sent_until_it_is_taken_with_one_id(receiver: Receiver) -> None:
    """A receiver that fails three times gets the same event a fourth time, and then the next one."""
    receiver.answers = [500, 503, 429, 204]
    sink = _events(receiver, clock=_clock())
    sink.publish(_event(1))
    sink.publish(_event(2))
    received = receiver.wait_for(5)
    sink.close()
    assert [headers["webhook-id"] for headers, _ in received] == ["e-1"] * 4 + ["e-2"]
    assert json.loads(received[-1][1])["event_id"] == "e-2"
    for headers, body in received:
        Reference(SECRET).verify(body, headers)


def test_an_event_is_dropped_when_the_attempts_are_used_up(receiver: Receiver) -> None:
    """The next one is not held up for ever."""
    receiver.answers = [500, 500]
    sink = _events(receiver, clock=_clock(), attempts=2)
    sink.publish(_event(1))
    sink.publish(_event(2))
    received = receiver.wait_for(3)
    sink.close()
    assert [headers["webhook-id"] for headers, _ in received] == ["e-1", "e-1", "e-2"]


def test_events_wait_for_a_receiver_that_is_away(receiver: Receiver) -> None:
    """Publishing returns at once, and the event comes when the receiver does."""
    receiver.stop()
    sink = _events(receiver, clock=_clock(), attempts=20)
    sink.publish(_event(1))
    receiver.start()
    ((headers, _),) = receiver.wait_for(1)
    sink.close()
    assert headers["webhook-id"] == "e-1"


def test_a_state_is_no_event(receiver: Receiver) -> None:
    """Web hooks tell what happened; how a door stands is for those who keep the newest."""
    sink = _events(receiver, clock=_clock())
    sink.publish(DoorState(site="hq", door=PLACE.door, at=_clock().now()))
    sink.publish(_event(1))
    ((headers, _),) = receiver.wait_for(1)
    sink.close()
    assert headers["webhook-id"] == "e-1"


def test_the_secret_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the options, nor a fault, nor a log repeat it, nor the path of the address."""
    caplog.set_level(logging.DEBUG)
    options = WebhookOptions(url="http://127.0.0.1:9/token-in-path", secret=SECRET)
    clock = FakeClock()
    door = Webhook(options, place=PLACE, clock=clock)
    with pytest.raises(ActuatorError) as caught:
        door.open(order("d-1", at=clock.now()))
    door.close()
    assert caplog.records == []
    text = f"{options!r} {caught.value} {caught.value.advice()}"
    assert SECRET not in text
    assert base64.b64decode(SECRET.removeprefix("whsec_")).hex() not in text
    assert "token" not in str(caught.value)
