"""Every door of this process, started and stopped together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from limen.bootstrap import Site
from limen.bootstrap.together import DoorsTogether
from limen.web.live.camera import KioskCamera
from limen.web.live.running import RunningDoor

__all__ = ["LiveDoors"]

_STOPS_WITHIN_S = 10.0


class LiveDoors(Collector):
    """The doors of a site that this process keeps; none before ``start``.

    Args:
        site: opened.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._doors: dict[str, RunningDoor] = {}

    def start(self) -> None:
        """Keep every door in ``limen.toml``."""
        together = DoorsTogether(self._site, n_doors=len(self._site.settings.door))
        for name in self._site.settings.door:
            frames = together.camera(name)
            self._doors[name] = RunningDoor(
                name,
                camera=None if frames is None else KioskCamera(frames),
                opened=partial(together.keep, name),
                clock=self._site.clock,
            )
        for door in self._doors.values():
            door.start()

    def end_feeds(self) -> None:
        """Send everybody home who follows a door, so that the service can end."""
        for door in self._doors.values():
            door.feed.end()

    def stop(self) -> None:
        """End every door after the frame at hand."""
        self.end_feeds()
        for door in self._doors.values():
            door.stop()
        for door in self._doors.values():
            door.join(_STOPS_WITHIN_S)

    def restart(self, name: str) -> None:
        """Let a door of this process begin anew, since its rules were changed; the others go on."""
        if (door := self._doors.get(name)) is not None:
            door.restart()

    def get(self, name: str) -> RunningDoor | None:
        """A door of this process, or None."""
        return self._doors.get(name)

    def all(self) -> tuple[RunningDoor, ...]:
        """Every door of this process."""
        return tuple(self._doors.values())

    @override
    def collect(self) -> Iterator[Metric]:
        """For Prometheus: frames by door, arrived and shed, and whether it is kept. Nothing of it is about anybody."""
        arrived = CounterMetricFamily("limen_frames_arrived", "Frames that came from kiosks.", labels=["door"])
        shed = CounterMetricFamily("limen_frames_shed", "Frames of kiosks that nobody looked at.", labels=["door"])
        seen = CounterMetricFamily("limen_frames_looked_at", "Frames that a door has looked at.", labels=["door"])
        kept = GaugeMetricFamily("limen_door_running", "Whether a door is kept.", labels=["door"])
        for name, door in self._doors.items():
            if door.camera is not None:
                arrived.add_metric([name], door.camera.arrived)
                shed.add_metric([name], door.camera.shed)
            seen.add_metric([name], door.feed.newest.frames)
            kept.add_metric([name], float(door.feed.newest.running))
        yield from (arrived, shed, seen, kept)
