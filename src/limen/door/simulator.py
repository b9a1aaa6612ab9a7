"""A gate that is not there: follows orders, has a contact, and people who go through when told to.

It stands in for `Actuator` and `DoorSensor` in the demo, in trial folders and in tests.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from limen.core.door import Direction, DoorSignal, OpenOrder, SignalKind
from limen.core.errors import ActuatorError
from limen.core.ports import Clock

__all__ = ["DoorSimulator"]

_UNLOCKED_FOR = timedelta(seconds=5)


class DoorSimulator:
    """A door with a lock, a contact, an exit button and a tamper switch.

    How to use: hand it over as actuator and as sensor, then call `walk_through`, `force`, `press_exit`, `open_leaf`,
    `close_leaf` or `tamper` to make something happen, and `fail` to make the door silent. With ``walker=True`` somebody
    goes through after each order, by itself.
    """

    def __init__(self, *, clock: Clock, walker: bool = False) -> None:
        self._clock = clock
        self._walker = walker
        self._unlocked_at: datetime | None = None
        self._told: deque[DoorSignal] = deque()
        self._silent = False
        self.followed: list[OpenOrder] = []
        self.closed = False

    @property
    def unlocked(self) -> bool:
        """Whether the lock is open now: for five seconds after an order."""
        since = self._unlocked_at
        return since is not None and since <= self._clock.now() < since + _UNLOCKED_FOR

    def open(self, order: OpenOrder) -> None:
        """Unlock for five seconds.

        Raises:
            ActuatorError: the door was told to fail.
        """
        self._check()
        self.followed.append(order)
        self._unlocked_at = self._clock.now()
        if self._walker:
            self.walk_through()

    def signals(self) -> tuple[DoorSignal, ...]:
        """What has happened since the last call.

        Raises:
            ActuatorError: the door was told to fail.
        """
        self._check()
        return tuple(self._told.popleft() for _ in range(len(self._told)))

    def close(self) -> None:
        """Lock."""
        self._unlocked_at = None
        self.closed = True

    def walk_through(self, direction: Direction = Direction.IN) -> bool:
        """Somebody tries to go through; whether the door let them."""
        if not self.unlocked:
            return False
        self.open_leaf()
        self._tell(SignalKind.PASSED, direction)
        self.close_leaf()
        return True

    def press_exit(self) -> None:
        """Somebody inside presses the exit button, which unlocks by hardware."""
        self._tell(SignalKind.EXIT_REQUESTED)
        self._unlocked_at = self._clock.now()

    def force(self) -> None:
        """Somebody opens the leaf whatever the lock says."""
        self.open_leaf()

    def open_leaf(self) -> None:
        """The leaf opens."""
        self._tell(SignalKind.OPENED)

    def close_leaf(self) -> None:
        """The leaf closes, and the lock falls in."""
        self._tell(SignalKind.CLOSED)
        self._unlocked_at = None

    def tamper(self) -> None:
        """Somebody opens the housing."""
        self._tell(SignalKind.TAMPERED)

    def fail(self, *, silent: bool = True) -> None:
        """From now on the door answers nothing, or answers again."""
        self._silent = silent

    def _tell(self, kind: SignalKind, direction: Direction = Direction.IN) -> None:
        self._told.append(DoorSignal(kind=kind, at=self._clock.now(), direction=direction))

    def _check(self) -> None:
        if self._silent:
            raise ActuatorError("simulated door: does not answer", advice="it was told to fail; tell it to work again")
