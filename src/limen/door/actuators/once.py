"""One decision opens once, in time or not at all. Every actuator is put into this, so the rule stands in one place.

(1) An order that is late is dropped. (2) An order whose decision was tried before is dropped, whether it worked or
not: after a failure nobody knows whether the door has heard, and a second pulse would be a second opening.
"""

from __future__ import annotations

from collections import OrderedDict

from limen.core.door import OpenOrder
from limen.core.ports import Actuator, Clock

__all__ = ["Once"]

_REMEMBERED = 1024


class Once:
    """Implements `Actuator` around another one; used from one thread."""

    def __init__(self, actuator: Actuator, *, clock: Clock) -> None:
        self._actuator = actuator
        self._clock = clock
        self._tried: OrderedDict[str, None] = OrderedDict()

    def open(self, order: OpenOrder) -> None:
        """Pass an order on, unless it is late or its decision was tried before.

        Raises:
            ActuatorError: the door cannot be told; it will not be told later either.
        """
        # (1) Late.
        if order.is_late(at=self._clock.now()):
            return
        # (2) Tried before.
        if order.decision_id in self._tried:
            return
        self._tried[order.decision_id] = None
        if len(self._tried) > _REMEMBERED:
            self._tried.popitem(last=False)
        self._actuator.open(order)

    def close(self) -> None:
        """Let the device go."""
        self._actuator.close()
