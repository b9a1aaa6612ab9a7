"""Options -> the thermometer of a running door: camera, feed, room and judge joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ConfigError
from limen.core.frame import SourceKind
from limen.core.ports import Clock, ThermalSource
from limen.core.quality import Pose
from limen.core.thermal import LinearScale
from limen.thermal.blackbody import BlackbodySetting
from limen.thermal.feed import ThermalFeed
from limen.thermal.gates import ThermalGates
from limen.thermal.registration import Rig
from limen.thermal.room import RoomSensor
from limen.thermal.thermometer import ThermalCamera
from limen.thermal.visitors import Judge, TrackThermometer

__all__ = ["ThermometerOptions", "open_thermometer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermometerOptions:
    """What a door's thermometer is made of.

    Attributes:
        rig: how the cameras stand to each other.
        blackbody: the reference source; None for readings that only compare people.
        gates: limits.
        room_c: temperature of the room, where it is kept steady.
        room_sensor: a file that holds it, instead.
        scale: what counts mean, of a camera that does not say it.
    """

    rig: Rig
    blackbody: BlackbodySetting | None
    gates: ThermalGates
    room_c: float | None = None
    room_sensor: Path | None = None
    scale: LinearScale | None = None


def open_thermometer(
    options: ThermometerOptions,
    opened: Callable[[], ThermalSource],
    *,
    judge: Judge,
    pose: Callable[[NDArray[np.float32]], Pose],
    live_only: bool,
    clock: Clock,
) -> TrackThermometer:
    """Open a thermal camera for a door. The caller closes it.

    Args:
        options: of the door.
        opened: opens the camera; called again after it has failed.
        judge: of the door's rule.
        pose: float32 (5, 2) landmarks -> head pose.
        live_only: whether recordings are refused, as in a live site.
        clock: for warm-up, room and recordings.

    Raises:
        ConfigError: a recording where only a live camera counts.
        CaptureError: the camera cannot be opened.
    """
    sensor = None if options.room_sensor is None else RoomSensor(options.room_sensor, clock=clock)

    def room_c() -> float | None:
        return options.room_c if sensor is None else sensor()

    def checked() -> ThermalSource:
        source = opened()
        if live_only and source.kind is not SourceKind.LIVE_CAMERA:
            source.close()
            raise ConfigError("thermal source: not a live camera", advice="a live site takes no recordings")
        return source

    camera = ThermalCamera(
        rig=options.rig, blackbody=options.blackbody, gates=options.gates, switched_on_at=clock.now()
    )
    feed = ThermalFeed(checked, take=lambda raw: camera.take(raw, room_c=room_c()), clock=clock)
    return TrackThermometer(camera=camera, feed=feed, judge=judge, pose=pose, room_c=room_c)
