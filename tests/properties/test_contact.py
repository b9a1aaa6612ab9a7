"""Whatever happens at a door in whatever order, the alarms about its leaf hold together."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from limen.core.door import DoorSignal, SignalKind
from limen.core.messages import Contact
from limen.door.contact import ContactOptions, ContactState, looked_at, ordered, step
from support.clock import NOON
from support.gates import order

_OPTIONS = ContactOptions()
_MOVES = st.lists(
    st.tuples(st.sampled_from([*SignalKind, "order", "look"]), st.floats(min_value=-40, max_value=40)), max_size=40
)


def _told(moves: list[tuple[str, float]]) -> list[tuple[ContactState, tuple[DoorSignal, ...], str]]:
    """Every state, with what was told on the way to it and what happened."""
    state, at, way = ContactState(), NOON, []
    for move, seconds in moves:
        at += timedelta(seconds=seconds)
        told: tuple[DoorSignal, ...] = ()
        if move == "order":
            state = ordered(state, order("d", at=at), at=at, options=_OPTIONS)
        elif move == "look":
            state, told = looked_at(state, at=at, options=_OPTIONS)
        else:
            state, told = step(state, DoorSignal(kind=SignalKind(move), at=at), options=_OPTIONS)
        way.append((state, told, str(move)))
    return way


@given(_MOVES)
def test_no_alarm_is_told_twice_for_one_opening(moves: list[tuple[str, float]]) -> None:
    """Between two closings, forced and held are told at most once per opening."""
    forced = held = 0
    for _, told, move in _told(moves):
        kinds = [signal.kind for signal in told]
        if move in (SignalKind.CLOSED, SignalKind.OPENED) and kinds:
            forced = held = 0
        forced += kinds.count(SignalKind.FORCED_OPEN)
        held += kinds.count(SignalKind.HELD_OPEN)
        assert forced <= 1
        assert held <= 1


@given(_MOVES)
def test_every_opening_without_permission_is_forced(moves: list[tuple[str, float]]) -> None:
    """If neither an order nor the exit button came before, every opening that is told is told as forced."""
    without = [move for move in moves if move[0] not in ("order", SignalKind.EXIT_REQUESTED, SignalKind.FORCED_OPEN)]
    for _, told, _ in _told(without):
        kinds = [signal.kind for signal in told]
        assert (SignalKind.OPENED in kinds) == (SignalKind.FORCED_OPEN in kinds)


@given(_MOVES)
def test_there_are_never_more_lawful_openings_than_permissions(moves: list[tuple[str, float]]) -> None:
    """One order, or one press of the button, covers one opening."""
    permitted = lawful = 0
    for _, told, move in _told(moves):
        kinds = [signal.kind for signal in told]
        permitted += move in ("order", SignalKind.EXIT_REQUESTED)
        lawful += SignalKind.OPENED in kinds and SignalKind.FORCED_OPEN not in kinds
        assert lawful <= permitted


@given(_MOVES)
def test_open_since_is_known_while_a_door_is_open(moves: list[tuple[str, float]]) -> None:
    """And at no other time, and a closed door is neither forced nor held unless the door says so itself."""
    for state, _, _ in _told(moves):
        assert (state.open_since is not None) == (state.contact is Contact.OPEN)
