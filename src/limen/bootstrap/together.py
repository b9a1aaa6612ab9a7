"""Several doors kept by one process: they share models, gallery and processors.

1. Models are loaded once, whoever comes first; the gallery belongs to the site.
2. Whoever looks at a frame holds a turn, and there are as many turns as processors: a door that waits takes the newest
   frame when its turn comes, so under load frames are shed and none is looked at late. A visitor's second
   look comes right after the first (`limen.bootstrap.turns`).
3. Looking is never more urgent than answering: the threads that look step back where the system allows it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager
from dataclasses import replace

from limen.bootstrap.door import DoorChoices, keep_door
from limen.bootstrap.models import build_vision
from limen.bootstrap.site import Site
from limen.bootstrap.turns import Turn, Turns
from limen.core.ports import Vision
from limen.flows.keep import Keep, Told
from limen.frames.browser import BrowserFrames
from limen.settings.values import KIOSK, door_of
from limen.vision.detect import DOOR
from limen.vision.runtime import core_count

__all__ = ["BrowserFrames", "DoorsTogether", "step_back"]

_SILENT_S = 2.0
_STEP_BACK = 3


class DoorsTogether:
    """Makes doors that share what they can.

    Args:
        site: opened; its gallery is loaded with the first door.
        n_doors: that will be kept.
    """

    def __init__(self, site: Site, *, n_doors: int) -> None:
        cores = site.settings.vision.threads or core_count()
        self._site = site
        self._busy = n_doors > cores
        self._threads = max(1, cores // max(1, n_doors))
        self._turns = Turns(max(1, cores // self._threads))
        self._turn_of: dict[str, Turn] = {}
        self._loading = threading.Lock()
        self._vision: Vision | None = None

    def camera(self, name: str) -> BrowserFrames | None:
        """What the kiosk's frames go into; None where the door has a camera of its own.

        Raises:
            ConfigError: there is no such door.
        """
        if door_of(self._site.settings, name).camera != KIOSK:
            return None
        turn = self._turn_of[name] = Turn(self._turns)
        return BrowserFrames(clock=self._site.clock, stalled_after_s=_SILENT_S, turn=turn)

    def keep(self, name: str, choices: DoorChoices) -> AbstractContextManager[Keep]:
        """A door that can be kept; see `limen.bootstrap.door.keep_door` for what it raises."""
        with self._loading:
            if self._vision is None:
                site = self._site
                self._vision = build_vision(site.settings, site.calibration, options=DOOR, threads=self._threads)
        turn = self._turn_of.get(name)

        def tell(told: Told) -> None:
            if turn is not None:
                turn.used(undecided=told.in_view.looked_at and not told.decisions)
            choices.tell(told)

        return keep_door(self._site, name, replace(choices, vision=self._vision, busy=self._busy, tell=tell))


def step_back() -> None:
    """Make the present thread, and those that it starts, less urgent than the others of this process."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, os.nice(0) + _STEP_BACK))
