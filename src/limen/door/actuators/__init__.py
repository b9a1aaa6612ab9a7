"""What opens a door, and what it tells: one file a kind, and `make_gear`, which joins what a door has."""

from limen.door.actuators.factory import Gear, make_actuator, make_gear

__all__ = ["Gear", "make_actuator", "make_gear"]
