"""Turns: as many as processors, a visitor's second look first, and everybody in the end."""

from __future__ import annotations

import threading

import pytest

from limen.bootstrap.turns import Turn, Turns


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ([("a", 0), ("b", 0)], "a b"),
        ([("a", 0), ("second look", 1)], "second look a"),
        ([("a", 0), ("third look", 2)], "a third look"),
        ([("a", 1), ("b", 0), ("c", 1)], "a c b"),
    ],
    ids=["first come", "a second look goes first", "a third does not", "second looks among themselves"],
)
def test_the_next_turn(asked: list[tuple[str, int]], order: str) -> None:
    """Second looks at a visitor, then who asked first; each gets its turn when one is given back."""
    turns, got = Turns(1), list[str]()
    threads = []

    def look(name: str, turn: Turn) -> None:
        with turn:
            got.append(name)

    with Turn(turns):
        for number, (name, looks) in enumerate(asked):
            turn = Turn(turns)
            for _ in range(looks):
                turn.used(undecided=True)
            threads.append(threading.Thread(target=look, args=(name, turn)))
            threads[-1].start()
            while turns.waiting == number:
                threading.Event().wait(0.001)
        assert got == []
    for thread in threads:
        thread.join(30)
    assert " ".join(got) == order


def test_as_many_hold_a_turn_as_there_are() -> None:
    """Two of two are taken without waiting, and a fault in one gives it back."""
    turns = Turns(2)
    with Turn(turns), pytest.raises(ZeroDivisionError), Turn(turns):
        raise ZeroDivisionError
    with Turn(turns), Turn(turns):
        assert turns.waiting == 0
