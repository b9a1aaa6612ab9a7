"""The thermometer of a door: settings -> thermal camera, head pose and the door's rule of temperature, joined."""

from __future__ import annotations

from limen.core.people import SiteKind
from limen.core.ports import Clock, SkinThermometer
from limen.door.temperature import TemperatureOn
from limen.door.temperature_judge import TemperatureJudge
from limen.frames.thermal_sources import open_thermal
from limen.settings import Settings
from limen.settings.thermometers import thermometer_of
from limen.thermal.factory import open_thermometer
from limen.vision.pose import head_pose

__all__ = ["build_thermometer"]


def build_thermometer(
    settings: Settings, door: str, *, spec: str, rule: TemperatureOn, site: SiteKind, clock: Clock
) -> SkinThermometer:
    """The thermometer of a door, for its rule of temperature. The caller closes it.

    Args:
        settings: in force.
        door: its name.
        spec: a device, a folder of thermal files, or a plug-in; see ``open_thermal``.
        rule: of the door.
        site: a live one takes a live camera only.
        clock: stamps frames.

    Raises:
        ConfigError: rig, blackbody or source cannot be used.
        CaptureError: the camera cannot be opened.
    """
    options = thermometer_of(settings, door)
    return open_thermometer(
        options,
        lambda: open_thermal(spec, clock=clock, scale=options.scale),
        judge=TemperatureJudge(rule),
        pose=head_pose,
        live_only=site is SiteKind.LIVE,
        clock=clock,
    )
