"""Facts about the thermometer of a room."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from limen.thermal.room import RoomSensor
from support.clock import FakeClock


def test_thousandths_of_a_degree_are_read(tmp_path: Path) -> None:
    """As the kernel writes them, with the end of the line."""
    path = tmp_path / "temp1_input"
    path.write_text("23562\n", "ascii")
    assert RoomSensor(path, clock=FakeClock())() == pytest.approx(23.562)


@pytest.mark.parametrize("content", [b"", b"warm", b"\xff\xff", b"850000", b"-127000", None])
def test_what_is_no_temperature_of_a_room_is_nothing(tmp_path: Path, content: bytes | None) -> None:
    """An empty, wrong, broken or missing sensor gives nothing, and no guess."""
    path = tmp_path / "temp1_input"
    if content is not None:
        path.write_bytes(content)
    assert RoomSensor(path, clock=FakeClock())() is None


def test_a_slow_sensor_is_read_twice_a_minute(tmp_path: Path) -> None:
    """For half a minute the last value holds; then a sensor that has gone gives nothing."""
    path, clock = tmp_path / "temp1_input", FakeClock()
    path.write_text("24000", "ascii")
    sensor = RoomSensor(path, clock=clock)
    assert sensor() == 24.0
    path.unlink()
    clock.advance(timedelta(seconds=29))
    assert sensor() == 24.0
    clock.advance(timedelta(seconds=1))
    assert sensor() is None
