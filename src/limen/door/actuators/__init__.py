"""What opens a door, and what it tells: one file a kind, and `make_gear`, which joins what a door has."""

from limen.door.actuators.factory import Gear, GearOptions, make_actuator, make_gear, simulated_gear

__all__ = ["Gear", "GearOptions", "make_actuator", "make_gear", "simulated_gear"]
