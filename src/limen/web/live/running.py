"""One door of this process: a thread that keeps it, started again when it fails, and what it tells.

1. A door that fails is started again, later and later, at most every half minute. One that the settings or a promise of
   limen forbid is not: a person has to change something first. Until then it says so, and stays shut.
2. It ends after the frame at hand. What was decided by then is durable. When its rules were changed, it ends so and
   begins anew under them; its kiosk and whoever follows it stay connected.
3. A call for the desk stays until a person answers it; it says at which door, and nothing else.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import SimpleQueue

from limen.bootstrap.door import DoorChoices
from limen.bootstrap.saying import said_to_desk
from limen.bootstrap.together import step_back
from limen.core.decision import Refer
from limen.core.door import DoorId
from limen.core.errors import CaptureError, ConfigError, RefusedError
from limen.core.in_view import NOBODY, InView
from limen.core.ports import Clock
from limen.flows.alarms import Alarm, Alarms
from limen.flows.desk import HIDDEN_BELOW
from limen.flows.keep import Keep, Told
from limen.web.live.camera import KioskCamera
from limen.web.live.feed import Feed
from limen.web.live.states import READY, Shown, State, States

__all__ = ["DoorNow", "Referred", "RunningDoor"]

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
_REFERRED_FOR = timedelta(minutes=1)
_MOST_REFERRED = 5
_MOST_PRESENTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """A visitor whom a person should look at; who it is is not told.

    Attributes:
        event: of the ledger; clears the doubt.
        why: for the desk, in English.
        at: when.
    """

    event: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorNow:
    """How a door is at this moment.

    Attributes:
        door: its name.
        running: whether it is kept; if not, ``alarms`` say why.
        shown: to whoever stands there.
        in_view: rectangles of those who take part.
        alarms: that stand.
        referred: visitors a person should look at, newest last.
        called_at: somebody asks for the desk since then.
        frames: looked at so far.
        took_ms: for the last of them.
        crossed: walked over its line, by direction; None below ten.
    """

    door: DoorId
    running: bool = False
    shown: Shown = READY
    in_view: InView = NOBODY
    alarms: tuple[Alarm, ...] = ()
    referred: tuple[Referred, ...] = ()
    called_at: datetime | None = None
    frames: int = 0
    took_ms: float | None = None
    crossed: Mapping[str, int | None]


Opened = Callable[[DoorChoices], AbstractContextManager[Keep]]


class RunningDoor:
    """Keeps one door in a thread of its own.

    Args:
        name: of the door.
        camera: what its kiosk feeds; None where it has a camera of its own.
        opened: makes it ready to be kept.
        clock: of the site.
    """

    def __init__(self, name: str, *, camera: KioskCamera | None, opened: Opened, clock: Clock) -> None:
        self.name, self.camera = name, camera
        self._opened, self._clock = opened, clock
        self._presented: SimpleQueue[str] = SimpleQueue()
        self._states, self._own = States(), Alarms(DoorId(name))
        self._referred: deque[Referred] = deque(maxlen=_MOST_REFERRED)
        self._stopping, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._kept, name=f"limen-door-{name}", daemon=True)
        self.feed = Feed(DoorNow(door=DoorId(name), crossed={}))

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the frame at hand."""
        self._stopping.set()
        self._over.set()
        if self.camera is not None:
            self.camera.close()

    def restart(self) -> None:
        """Ask it to end after the frame at hand, and to begin anew under the settings that are then in force."""
        self._over.set()

    def join(self, timeout_s: float) -> bool:
        """Wait until it has ended; whether it has."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def present(self, text: str) -> None:
        """Somebody has shown a badge, a pass or a PIN, or pressed the button (an empty text)."""
        if self._presented.qsize() < _MOST_PRESENTED:
            self._presented.put(text)

    def call(self, *, wanted: bool) -> None:
        """Somebody asks for the desk, or a person has answered."""
        at = self._clock.now() if wanted else None
        self.feed.change(lambda before: replace(before, called_at=at and (before.called_at or at)))

    def _kept(self) -> None:
        step_back()
        wait = _FIRST_WAIT_S
        while not self._is_to_end():
            began, by_itself = self._clock.now(), True
            try:
                self._keep_once()
            except (ConfigError, RefusedError) as error:
                self._fails(error)
                by_itself = False
            except Exception as error:  # noqa: BLE001  whatever it is, the door stays shut and is started again
                self._fails(error)
            if self._clock.now() - began > timedelta(seconds=_LONGEST_WAIT_S):
                wait = _FIRST_WAIT_S
            asked = self._over.wait(wait if by_itself else None)
            wait = _FIRST_WAIT_S if asked else min(_LONGEST_WAIT_S, 2 * wait)

    def _is_to_end(self) -> bool:
        """Whether it was stopped; a restart that was asked for until now is what follows."""
        self._over.clear()
        return self._stopping.is_set()

    def _keep_once(self) -> None:
        choices = DoorChoices(
            camera=None if self.camera is None else self.camera.frames, presented=self._presented, tell=self._told
        )
        with self._opened(choices) as keep:
            self._own.works("door")
            self.feed.change(lambda before: replace(before, running=True, alarms=(), shown=READY))
            keep.run(stop=self._over.is_set)
        self.feed.change(lambda before: replace(before, running=False, in_view=NOBODY))
        if not self._over.is_set():
            raise CaptureError(f"door {self.name}: its camera has ended", advice="check the camera in limen.toml")

    def _told(self, told: Told) -> None:
        now = self._clock.now()
        for decision in told.decisions:
            if isinstance(decision, Refer):
                why = said_to_desk(decision, language="en")
                self._referred.append(Referred(event=decision.evidence_id, why=why, at=now))
        while self._referred and now - self._referred[0].at > _REFERRED_FOR:
            self._referred.popleft()
        shown, referred = self._states.after(told, at=now), tuple(self._referred)
        crossed = {way.value: count if count >= HIDDEN_BELOW else None for way, count in told.crossed.items()}
        self.feed.change(
            lambda before: replace(
                before,
                shown=shown,
                in_view=told.in_view,
                alarms=told.alarms,
                referred=referred,
                frames=told.frames,
                took_ms=told.took_ms,
                crossed=crossed,
            )
        )

    def _fails(self, error: Exception) -> None:
        self._own.fails("door", error)
        alarms = self._own.standing()
        shown = Shown(state=State.OUT_OF_SERVICE, words={})
        self.feed.change(lambda before: replace(before, running=False, alarms=alarms, shown=shown, in_view=NOBODY))
