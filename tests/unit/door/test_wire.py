"""The messages of a door are what their schemas say, and what comes in is read strictly."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from limen.core.door import Direction, SignalKind
from limen.core.errors import ActuatorError
from limen.core.messages import PUBLIC_REASONS, Banner, Contact, DoorEvent, DoorState, EventKind, Outcome
from limen.door.wire import encode, event_document, order_document, read_signal, state_document
from support.clock import NOON
from support.gates import PLACE, order

_REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
_NAMES = ("event", "order", "sensor", "state")


def _schema(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_REFERENCE / "messages" / f"{name}.schema.json").read_text("utf-8"))
    return document


def _valid(name: str, document: object) -> bool:
    return bool(Draft202012Validator(_schema(name), format_checker=FormatChecker()).is_valid(document))


def _enum(name: str, field: str) -> set[Any]:
    what = _schema(name)["properties"][field]
    return set(what.get("enum") or what["items"]["enum"])


def test_there_is_a_schema_for_every_message_and_each_is_one() -> None:
    """Four files, each a valid schema of draft 2020-12 that takes no unknown key."""
    assert sorted(path.name for path in (_REFERENCE / "messages").iterdir()) == [f"{n}.schema.json" for n in _NAMES]
    for name in _NAMES:
        Draft202012Validator.check_schema(_schema(name))
        assert _schema(name)["additionalProperties"] is False


@pytest.mark.parametrize(("name", "message"), [("event", DoorEvent), ("state", DoorState)])
def test_a_schema_has_the_fields_of_its_message(name: str, message: type) -> None:
    """No more and no fewer, beside the type."""
    assert set(_schema(name)["properties"]) == {"type", *(field.name for field in fields(message))}
    assert set(_schema(name)["required"]) == set(_schema(name)["properties"])


@pytest.mark.parametrize(
    ("name", "field", "words"),
    [
        ("event", "kind", set(EventKind)),
        ("event", "outcome", {*Outcome, None}),
        ("event", "reasons", PUBLIC_REASONS),
        ("state", "contact", set(Contact)),
        ("state", "banners", set(Banner)),
        ("sensor", "signal", set(SignalKind)),
        ("sensor", "direction", set(Direction)),
    ],
)
def test_a_schema_has_the_words_of_the_code(name: str, field: str, words: set[Any]) -> None:
    """A word that is added to the code is added to the schema."""
    assert _enum(name, field) == {word if word is None else word.value for word in words}


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_is_valid(kind: EventKind) -> None:
    """As the schema says, for each kind and each outcome."""
    more: dict[str, Any] = {}
    for outcome in Outcome if kind is EventKind.ATTEMPT else (None,):
        if outcome is not None:
            more = {"outcome": outcome, "policy_version": "2026-11", "reasons": tuple(sorted(PUBLIC_REASONS))}
        event = DoorEvent(event_id="e-1", site="hq", door=PLACE.door, at=NOON, kind=kind, **more)
        assert _valid("event", json.loads(encode(event_document(event))))


@given(
    st.builds(
        DoorState,
        site=st.just("hq"),
        door=st.just(PLACE.door),
        at=st.just(NOON),
        contact=st.sampled_from(Contact),
        forced=st.booleans(),
        held=st.booleans(),
        banners=st.lists(st.sampled_from(Banner), max_size=3).map(tuple),
        occupancy=st.none() | st.integers(min_value=0, max_value=10**6),
    )
)
def test_every_state_is_valid(state: DoorState) -> None:
    """As the schema says."""
    assert _valid("state", json.loads(encode(state_document(state))))


@pytest.mark.parametrize("credential", [False, True])
def test_an_order_is_valid_and_has_a_credential_only_where_one_is_asked_for(*, credential: bool) -> None:
    """As the schema says."""
    document = order_document(order("d-1"), site="hq", credential=credential)
    assert _valid("order", document)
    assert ("credential" in document) == credential


def test_the_examples_of_the_page_are_valid_and_show_every_message() -> None:
    """Each JSON block of the page of messages is what the schema of its heading says."""
    text = (_REFERENCE / "messages.md").read_text("utf-8")
    shown = set()
    for part in text.split("\n## ")[1:]:
        name = part.splitlines()[0].lower()
        for example in re.findall(r"```json\n(.*?)```", part, re.DOTALL):
            assert _valid(name, json.loads(example)), example
            shown.add(name)
    assert shown == set(_NAMES)


@given(st.sampled_from(SignalKind), st.none() | st.sampled_from(Direction))
def test_a_valid_message_of_a_sensor_is_read(kind: SignalKind, direction: Direction | None) -> None:
    """With the time it arrived, and IN where the door does not say."""
    document: dict[str, object] = {"signal": kind.value}
    if direction is not None:
        document["direction"] = direction.value
    assert _valid("sensor", document)
    signal = read_signal(encode(document), at=NOON)
    assert (signal.kind, signal.direction, signal.at) == (kind, direction or Direction.IN, NOON)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"opened",
        b"[]",
        b"null",
        b'{"signal": "open"}',
        b'{"signal": ["opened"]}',
        b'{"signal": {}}',
        b'{"direction": "in"}',
        b'{"signal": "passed", "direction": "up"}',
        b'{"signal": "passed", "direction": null}',
        b'{"signal": "opened", "at": "2020-01-01T00:00:00Z"}',
        b'{"signal": "opened", "name": "x"}',
        b"\xff\xfe",
        b"[" * 4000,
        b'{"signal": "opened"}' + b" " * 5000,
    ],
)
def test_what_is_no_message_of_a_sensor_is_refused(content: bytes) -> None:
    """With an error for the installer that does not repeat it."""
    with pytest.raises(ActuatorError, match="door sensor: a message cannot be read") as caught:
        read_signal(content, at=NOON)
    assert "2020" not in str(caught.value)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Anything is a signal or an `ActuatorError`."""
    with contextlib.suppress(ActuatorError):
        assert read_signal(content, at=NOON).at == NOON
