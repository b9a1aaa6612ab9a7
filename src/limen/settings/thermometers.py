"""Settings of a door -> its thermometer, as `limen.thermal.factory` takes it."""

from __future__ import annotations

from limen.core.errors import ConfigError
from limen.core.thermal import LinearScale
from limen.settings import Settings
from limen.settings.values import door_of
from limen.thermal.blackbody import BlackbodySetting
from limen.thermal.factory import ThermometerOptions
from limen.thermal.gates import ThermalGates
from limen.thermal.rig_file import read_rig

__all__ = ["thermometer_of"]


def thermometer_of(settings: Settings, name: str) -> ThermometerOptions:
    """The thermometer of a door.

    Raises:
        ConfigError: there is no such door, no rig file, or no place of a blackbody that there is.
    """
    chosen = door_of(settings, name).temperature
    place = f"door.{name}.temperature"
    if chosen.rig is None:
        raise ConfigError(f"{place}.rig: missing", advice="make a rig file with `limen thermal calibrate`")
    blackbody = None
    if chosen.blackbody:
        if chosen.blackbody_at is None:
            raise ConfigError(f"{place}.blackbody_at: missing", advice="write [x, y, radius, °C]")
        blackbody = BlackbodySetting.at(chosen.blackbody_at, emissivity=chosen.blackbody_emissivity)
    scale = None if chosen.kelvin_per_count is None else LinearScale(kelvin_per_count=chosen.kelvin_per_count)
    return ThermometerOptions(
        rig=read_rig(settings.data / chosen.rig),
        blackbody=blackbody,
        gates=ThermalGates(warm_up_s=60.0 * chosen.warm_up_minutes),
        room_c=chosen.room_c,
        room_sensor=chosen.room_sensor,
        scale=scale,
    )
