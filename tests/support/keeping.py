"""A door that is kept, on fakes: a camera that follows a script, a store that can fail, a simulated gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from typing_extensions import override

from limen.core.decision import Decision
from limen.core.door import Direction, DoorId, DoorRequest, RequestKind
from limen.core.errors import StorageError
from limen.core.frame import Frame, SourceKind
from limen.core.messages import DoorEvent, DoorMessage, DoorState, EventKind
from limen.core.people import SiteKind
from limen.door.loop import DoorLoop
from limen.door.rules import Policy
from limen.door.simulator import DoorSimulator
from limen.door.zone import WHOLE_PICTURE, Zone
from limen.flows.admit import Admit
from limen.flows.alarms import Alarms
from limen.flows.keep import Keep, Told
from limen.flows.moments import Moments
from limen.flows.outside import Outside
from limen.flows.passage import Passage
from limen.flows.watch_clock import ClockWatch
from support.clock import NOON
from support.doorway import POLICY, FakeDoor, Visitor
from support.flowsite import FlowSite
from support.stores import MemoryStore, MemoryUnitOfWork

__all__ = ["FRONT", "FragileStore", "Kept", "Listener", "Script", "always"]

FRONT = DoorId("front")
Step = Callable[[], Sequence[Visitor] | Exception]


@dataclass(slots=True, kw_only=True)
class Script:
    """A camera that shows one step after the other; an error is raised, and then it is asked again."""

    door: FakeDoor
    steps: list[Step]
    mask: str | None = None

    @property
    def kind(self) -> SourceKind:
        """As a camera's."""
        return SourceKind.LIVE_CAMERA

    def frames(self) -> Iterator[Frame]:
        """See the class."""
        clock = self.door.site.clock
        while self.steps:
            shown = self.steps.pop(0)()
            if isinstance(shown, Exception):
                raise shown
            frame = self.door.frame(*shown, mask=self.mask)
            clock.advance(frame.captured_at - clock.now())
            yield frame

    def close(self) -> None:
        """Nothing to let go."""


@dataclass(slots=True, kw_only=True)
class Listener:
    """Hears every message."""

    heard: list[DoorMessage] = field(default_factory=list)

    def publish(self, message: DoorMessage) -> None:
        """Hear it."""
        self.heard.append(message)

    def close(self) -> None:
        """Stop listening."""


class FragileStore(MemoryStore):
    """A store whose disk is full while ``full`` is True, and gone while ``unreadable`` is."""

    full = False
    unreadable = False

    @override
    @contextmanager
    def read(self) -> Iterator[MemoryUnitOfWork]:
        """A view, or none."""
        if self.unreadable:
            raise StorageError("the disk is gone", advice="look after it")
        with super().read() as unit:
            yield unit

    @override
    @contextmanager
    def begin(self) -> Iterator[MemoryUnitOfWork]:
        """A transaction, or none."""
        if self.full:
            raise StorageError("the disk is full", advice="make room")
        with super().begin() as unit:
            yield unit


class Kept:
    """A kept door of fakes and a simulated gate; ``plays`` runs a script and gives what was decided."""

    def __init__(
        self,
        *,
        policy: Policy = POLICY,
        zone: Zone = WHOLE_PICTURE,
        opens: bool = True,
        airlock: tuple[DoorId, ...] = (),
    ) -> None:
        site = FlowSite(kind=SiteKind.LIVE if opens else SiteKind.TRIAL)
        self.store = FragileStore(clock=site.clock, site_kind=site.store.site_kind)
        site.store = self.store
        site.gallery._store = self.store
        self.fake, self.clock = FakeDoor(site=site), site.clock
        self.listener, self.gate, self.jumped = Listener(), DoorSimulator(clock=site.clock), 0.0
        self.told: list[Told] = []
        alarms, moments = Alarms(FRONT), Moments(pin_check=lambda kept, pin: kept == pin)
        passage = Passage(store=self.store, door=FRONT, leads=Direction.IN, next_to_pass=moments.next_to_pass)
        self.outside = Outside(
            door=FRONT,
            site="test",
            store=self.store,
            sensor=self.gate,
            events=self.listener,
            passage=passage,
            moments=moments,
            alarms=alarms,
            state=lambda at: DoorState(site="test", door=FRONT, at=at),
            airlock=airlock,
        )
        self.keep = Keep(
            door=FRONT,
            site="test",
            clock=site.clock,
            watch=ClockWatch(seconds=self._counted, newest=NOON),
            source=Script(door=self.fake, steps=[]),
            make_look=lambda judge: DoorLoop(
                vision=site.vision, gallery=site.gallery, judge=judge, zone=zone, fpir_target=0.001
            ),
            admit=Admit(store=self.store, door=FRONT, policy=policy, moments=moments),
            outside=self.outside,
            actuator=self.gate,
            alarms=alarms,
            opens=opens,
            tell=self.told.append,
            pause=lambda _: None,
        )

    def _counted(self) -> float:
        return (self.clock.now() - NOON).total_seconds() - self.jumped

    def jump(self, seconds: float) -> None:
        """Let the wall clock jump."""
        self.fake.wait(seconds)
        self.jumped += seconds

    def enrol(self, seed: int) -> Visitor:
        """Somebody who agreed and has confirmed."""
        ada = self.fake.enrol(seed)
        assert ada.subject_id is not None
        if self.store.site_kind is SiteKind.LIVE:
            with self.store.begin() as unit:
                unit.subjects.confirm(ada.subject_id)
                unit.commit()
        return ada

    def plays(self, *steps: Step | Sequence[Visitor] | Exception, mask: str | None = None) -> list[Decision]:
        """What is decided while the camera shows this."""
        scripted = [step if callable(step) else always(step) for step in steps]
        self.keep.source = Script(door=self.fake, steps=scripted, mask=mask)
        self.told.clear()
        self.keep.run(stop=lambda: False)
        return [decision for told in self.told for decision in told.decisions]

    def alarms(self) -> list[str]:
        """Every alarm that stood after some frame, once."""
        return sorted({alarm.what for told in self.told for alarm in told.alarms})

    def ask(self, kind: RequestKind, *, about: str = "") -> DoorRequest:
        """Leave a request as the desk does."""
        end = self.clock.now() + timedelta(seconds=30)
        request = DoorRequest(request_id="q-1", door=FRONT, kind=kind, about=about, not_after=end)
        with self.store.begin() as unit:
            unit.doors.ask(request)
            unit.commit()
        self.outside._asked_at = float("-inf")
        return request

    def events(self) -> list[EventKind]:
        """Kinds of all events told."""
        return [message.kind for message in self.listener.heard if isinstance(message, DoorEvent)]


def always(shown: Sequence[Visitor] | Exception) -> Step:
    """A step that shows the same again."""
    return lambda: shown
