"""What every actuator does, whatever it is made of: one opening a decision, in time or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.door import OPEN_WITHIN
from limen.core.errors import ActuatorError
from support.broker import MISSING, find_mosquitto
from support.clock import NOON, FakeClock
from support.gates import Rig, order, rigs


@pytest.fixture
def clock() -> FakeClock:
    """Noon."""
    return FakeClock()


@pytest.fixture(params=sorted(rigs()))
def rig(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[Rig]:
    """A door of each kind that answers."""
    if request.param == "mqtt" and find_mosquitto() is None:
        pytest.skip(MISSING)
    made = rigs()[request.param](tmp_path, clock)
    yield made
    made.actuator.close()


def _once_silent(rig: Rig, act: Callable[[], None]) -> None:
    rig.silence()
    with pytest.raises(ActuatorError) as caught:
        act()
    assert caught.value.advice()
    assert "1603" not in str(caught.value)


def test_an_order_opens(rig: Rig) -> None:
    """Two decisions open twice."""
    rig.actuator.open(order("d-1"))
    rig.settle()
    rig.actuator.open(order("d-2"))
    assert rig.openings() == 2


def test_a_decision_opens_once(rig: Rig) -> None:
    """However often its order comes."""
    for _ in range(3):
        rig.actuator.open(order("d-1"))
    assert rig.openings() == 1


@pytest.mark.parametrize("moved", [OPEN_WITHIN, timedelta(days=1), -timedelta(hours=1)])
def test_a_stale_order_opens_nothing(rig: Rig, clock: FakeClock, moved: timedelta) -> None:
    """From its end on, or when the clock has jumped back, an order is dropped without an error."""
    clock.advance(moved)
    rig.actuator.open(order("d-1", at=NOON))
    assert rig.openings() == 0


def test_a_silent_device_is_an_error_and_is_not_told_later(rig: Rig) -> None:
    """The door stays shut then, and when the device comes back; the same decision cannot open any more."""
    _once_silent(rig, lambda: rig.actuator.open(order("d-1")))
    rig.mend()
    rig.actuator.open(order("d-1"))
    assert rig.openings() == 0


def test_a_device_that_comes_back_follows_the_next_decision(rig: Rig) -> None:
    """Nobody has to start limen again."""
    _once_silent(rig, lambda: rig.actuator.open(order("d-1")))
    rig.mend()
    rig.actuator.open(order("d-2"))
    assert rig.openings() == 1


def test_nothing_that_leaves_tells_who(rig: Rig) -> None:
    """No message of a door that decides by limen carries the number of a person."""
    rig.actuator.open(order("d-1"))
    assert "1603" not in rig.received()


def test_closing_twice_is_no_fault(rig: Rig) -> None:
    """The second time does nothing."""
    rig.openings()
    rig.actuator.close()
    rig.actuator.close()
