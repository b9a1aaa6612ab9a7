"""Forced and held open, from a contact, orders and an exit button."""

from __future__ import annotations

from datetime import timedelta

import pytest

from limen.core.door import OpenOrder, SignalKind
from limen.core.errors import ActuatorError
from limen.core.messages import Contact
from limen.door.actuators.once import Once
from limen.door.contact import ContactOptions, WatchedDoor
from limen.door.simulator import DoorSimulator
from support.clock import FakeClock
from support.gates import order

OPENED, CLOSED, FORCED, HELD = (
    SignalKind.OPENED,
    SignalKind.CLOSED,
    SignalKind.FORCED_OPEN,
    SignalKind.HELD_OPEN,
)


class _Watch:
    """A simulated door that is watched."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.door = DoorSimulator(clock=self.clock)
        self.watched = WatchedDoor(self.door, self.door, clock=self.clock, options=ContactOptions())

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    def order(self) -> None:
        self.watched.open(order("d-1", at=self.clock.now()))

    def told(self) -> list[SignalKind]:
        return [signal.kind for signal in self.watched.signals()]


@pytest.fixture
def watch() -> _Watch:
    """A door that nobody has touched."""
    return _Watch()


def test_a_walk_through_on_an_order_is_no_alarm(watch: _Watch) -> None:
    """Opened, passed, closed, and the state says closed."""
    watch.order()
    watch.pass_time(2)
    assert watch.door.walk_through()
    assert watch.told() == [OPENED, SignalKind.PASSED, CLOSED]
    assert watch.watched.state.contact is Contact.CLOSED


def test_an_opening_without_an_order_is_forced(watch: _Watch) -> None:
    """It is told behind the opening, at the same moment."""
    watch.door.force()
    opened, forced = watch.watched.signals()
    assert (opened.kind, forced.kind) == (OPENED, FORCED)
    assert opened.at == forced.at
    assert watch.watched.state.forced


@pytest.mark.parametrize(("seconds", "forced"), [(0, False), (5, False), (5.1, True), (-1, True)])
def test_an_order_covers_five_seconds(watch: _Watch, seconds: float, *, forced: bool) -> None:
    """Later, or when the clock has jumped back behind it, an opening is forced."""
    watch.order()
    watch.pass_time(seconds)
    watch.door.force()
    assert (FORCED in watch.told()) == forced


def test_an_order_from_a_frame_a_moment_ahead_permits_its_opening(watch: _Watch) -> None:
    """A recording's frames may be a little ahead of the clock; whoever is let in by one has forced nothing."""
    watch.watched.open(order("d-1", at=watch.clock.now() + timedelta(seconds=0.2)))
    watch.door.walk_through()
    assert FORCED not in watch.told()


def test_an_order_covers_one_opening(watch: _Watch) -> None:
    """Whoever opens the door again after it has closed needs an order of their own."""
    watch.order()
    watch.door.walk_through()
    watch.door.force()
    assert watch.told() == [OPENED, SignalKind.PASSED, CLOSED, OPENED, FORCED]


def test_an_order_that_failed_permits_nothing(watch: _Watch) -> None:
    """The door was not told to open."""
    watch.door.fail()
    with pytest.raises(ActuatorError):
        watch.order()
    watch.door.fail(silent=False)
    watch.door.force()
    assert FORCED in watch.told()


@pytest.mark.parametrize("ahead_s", [0.0, 0.5, 1.0])
def test_a_gate_that_opens_before_its_actuator_has_answered_is_not_forced(watch: _Watch, ahead_s: float) -> None:
    """A relay closes while a slow answer is under way; the frame of the order may be ahead of the clock, too."""
    door = DoorSimulator(clock=watch.clock, walker=True)
    meanwhile: list[SignalKind] = []

    class Slow:
        def __init__(self, *, read: bool) -> None:
            self.read = read

        def open(self, order: OpenOrder) -> None:
            door.open(order)
            watch.pass_time(1)
            if self.read:
                meanwhile.extend(signal.kind for signal in watched.signals())

        def close(self) -> None:
            door.close()

    for read in (True, False):
        watched = WatchedDoor(Slow(read=read), door, clock=watch.clock, options=ContactOptions())
        watched.open(order("d-1", at=watch.clock.now() + timedelta(seconds=ahead_s)))
        told = meanwhile if read else [signal.kind for signal in watched.signals()]
        assert told == [OPENED, SignalKind.PASSED, CLOSED]
        door.force()
        assert [signal.kind for signal in watched.signals()] == [OPENED, FORCED]
        door.close_leaf()
        watched.signals()


def test_the_exit_button_permits_an_opening(watch: _Watch) -> None:
    """Leaving is no alarm."""
    watch.door.press_exit()
    watch.door.walk_through()
    assert watch.told() == [SignalKind.EXIT_REQUESTED, OPENED, SignalKind.PASSED, CLOSED]


def test_a_door_held_open_is_told_once_until_it_closes(watch: _Watch) -> None:
    """And again, if it is held open again."""
    for _ in range(2):
        watch.order()
        watch.door.open_leaf()
        assert watch.told() == [OPENED]
        watch.pass_time(29.9)
        assert watch.told() == []
        watch.pass_time(0.1)
        assert watch.told() == [HELD]
        watch.pass_time(100)
        assert watch.told() == []
        watch.door.close_leaf()
        assert watch.told() == [CLOSED]


def test_what_the_door_finds_by_itself_is_told_once(watch: _Watch) -> None:
    """A controller that tells forced or held, too, makes no second alarm."""
    watch.door.force()
    watch.door._tell(FORCED)
    watch.door._tell(HELD)
    watch.door._tell(HELD)
    watch.door.tamper()
    assert watch.told() == [OPENED, FORCED, HELD, SignalKind.TAMPERED]


def test_an_opening_told_twice_is_one(watch: _Watch) -> None:
    """A contact that bounces, or a message that comes twice, is no second opening."""
    watch.order()
    watch.door.open_leaf()
    watch.door.open_leaf()
    assert watch.told() == [OPENED]


def test_closing_lets_both_devices_go(watch: _Watch) -> None:
    """Actuator and sensor."""
    watch.watched.close()
    assert watch.door.closed


def test_mistakes_are_listed_at_once() -> None:
    """Every time that makes no sense is named."""
    with pytest.raises(ValueError, match=r"open_within_s.*; held_after_s"):
        ContactOptions(open_within_s=0, held_after_s=1000)


def test_a_thousand_decisions_are_remembered_and_no_more() -> None:
    """Memory is bounded; what falls out of it has long been late."""
    clock = FakeClock()
    door = DoorSimulator(clock=clock)
    once = Once(door, clock=clock)
    for number in range(1100):
        once.open(order(f"d-{number}"))
    once.open(order("d-1099"))
    assert len(door.followed) == 1100
    assert len(once._tried) == 1024


def test_a_simulated_door_lets_nobody_through_that_is_locked() -> None:
    """Without an order, after five seconds, and after it has closed."""
    clock = FakeClock()
    door = DoorSimulator(clock=clock)
    assert not door.walk_through()
    door.open(order("d-1"))
    clock.advance(timedelta(seconds=5))
    assert not door.walk_through()
    door.open(order("d-2", at=clock.now()))
    assert door.walk_through()
    assert not door.walk_through()


def test_a_simulated_door_can_have_a_walker() -> None:
    """Then somebody goes through on each order."""
    door = DoorSimulator(clock=FakeClock(), walker=True)
    door.open(order("d-1"))
    assert [signal.kind for signal in door.signals()] == [OPENED, SignalKind.PASSED, CLOSED]
