"""Orders to open are followed in time or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from limen.core.door import OPEN_WITHIN, DoorId, DoorSignal, OpenOrder, SignalKind
from support.clock import NOON


def _order(at: datetime = NOON) -> OpenOrder:
    return OpenOrder(decision_id="e-1", door=DoorId("front"), issued_at=at, not_after=at + OPEN_WITHIN)


@pytest.mark.parametrize(
    ("seconds", "late"), [(-3.0, True), (-2.0, False), (0.0, False), (1.999, False), (2.0, True), (3600.0, True)]
)
def test_an_order_is_late_from_its_end_on_and_when_the_clock_has_jumped_back(seconds: float, *, late: bool) -> None:
    """It holds for two seconds, and a little before it was given, as two clocks differ; at no other time."""
    assert _order().is_late(at=NOON + timedelta(seconds=seconds)) == late


def test_times_have_a_zone() -> None:
    """Neither an order nor a signal takes a naive time."""
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="order: expected times with a time zone"):
        _order(naive)
    with pytest.raises(ValueError, match="at: expected a time with a time zone"):
        DoorSignal(kind=SignalKind.OPENED, at=naive)
