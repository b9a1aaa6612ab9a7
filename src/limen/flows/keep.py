"""keep: one door, day and night: frames are looked at, decisions written down, orders given, contacts followed.

1. Whatever fails, the door stays shut and the loop goes on: a camera, a model, the store, a relay. Each fault is an
   alarm until what failed works again; the other way in never ran through here (docs/adr/0004).
2. An order is given only for a decision that is durable, never in a trial folder, and from a thread of its own, so that
   a slow relay does not hold up the camera. It is dropped when late, by every actuator.
3. Nothing is told of anybody unknown: no event, no line of the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from limen.core.decision import Decision, Evidence, Reason
from limen.core.door import Direction, DoorId, OpenOrder
from limen.core.errors import LedgerError, LimenError, StorageError
from limen.core.frame import Frame
from limen.core.in_view import NOBODY, InView
from limen.core.match import Match, Recognised
from limen.core.messages import attempt_event
from limen.core.ports import Actuator, Clock, FrameSource
from limen.core.thermal import SetupAlarm
from limen.flows.admit import Admit, unrecorded
from limen.flows.alarms import Alarm, Alarms
from limen.flows.outside import Outside
from limen.flows.watch_clock import ClockWatch

__all__ = ["Answered", "Judge", "Keep", "Look", "Told"]

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0

_UNTOLD = {Reason.NO_RECORD, Reason.NOT_RECOGNISED}
"""What is not in the ledger is told to nobody: no record, or somebody who has withdrawn since the search."""

_THERMAL = {
    SetupAlarm.NO_CAMERA: ("the thermal camera gives nothing", "check its cable; until then a person measures"),
    SetupAlarm.BLACKBODY: ("the blackbody is not where it should be", "see docs/guide/temperature.md"),
    SetupAlarm.DRIFT: ("readings have drifted", "run `limen thermal check`, and let a person measure until then"),
}

Judge = Callable[[Evidence, datetime], Decision]
_LOG = structlog.get_logger("limen.door")


class Answered(Protocol):
    """What a look has decided about one visitor."""

    @property
    def decision(self) -> Decision:
        """Of the judge."""

    @property
    def match(self) -> Match:
        """Who, or unknown."""


class Look(Protocol):
    """A door's eyes, for instance `limen.door.loop.DoorLoop`."""

    def step(self, frame: Frame, *, signed: bool = False) -> Sequence[Answered]:
        """Take one frame; what was decided in it."""

    def again(self) -> None:
        """Judge everybody anew."""

    @property
    def crossed(self) -> Mapping[Direction, int]:
        """How many people walked over the door's line, whoever they were."""

    @property
    def in_view(self) -> InView:
        """Who stands before the door in the last frame."""

    @property
    def setup_alarm(self) -> SetupAlarm | None:
        """What the site should look at about its thermal camera, or None."""

    def close(self) -> None:
        """Overwrite everything that was gathered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What whoever watches the door is shown after a frame.

    Attributes:
        decisions: made in it.
        alarms: that stand now.
        frames: looked at so far.
        took_ms: for this frame; None if the camera gave none.
        crossed: how many people walked over the door's line so far; to be hidden below ten.
        in_view: who stands before the door in the frame.
    """

    decisions: tuple[Decision, ...]
    alarms: tuple[Alarm, ...]
    frames: int
    took_ms: float | None
    crossed: Mapping[Direction, int]
    in_view: InView = NOBODY


@dataclass(slots=True, kw_only=True)
class Keep:
    """Keeps one door. Everything it needs comes as a port; bootstrap wires it.

    Attributes:
        door, site: names.
        clock: of the site.
        watch: says whether the clock may be believed.
        source: the camera, held open.
        make_look: the door's eyes, given who judges.
        admit: decides and records.
        outside: everything that comes otherwise than through the camera.
        actuator: opens the door.
        alarms: of this door.
        opens: whether orders are given at all; never in a trial folder.
        tell: is told after every frame.
        pause: waits so many seconds before a camera that failed is asked again.
    """

    door: DoorId
    site: str
    clock: Clock
    watch: ClockWatch
    source: FrameSource
    make_look: Callable[[Judge], Look]
    admit: Admit
    outside: Outside
    actuator: Actuator
    alarms: Alarms
    opens: bool
    tell: Callable[[Told], None] = lambda _: None
    pause: Callable[[float], None] = time.sleep
    _orders: list[OpenOrder] = field(default_factory=list)
    _frames: int = 0
    _clock_trusted: bool = False

    def run(self, *, stop: Callable[[], bool], most_frames: int | None = None) -> int:
        """Keep the door until told to stop; how many frames were looked at.

        Args:
            stop: asked after every frame.
            most_frames: end after so many; None goes on. A recorded source ends by itself.
        """
        look = self.make_look(self._judged)
        self.outside.publish_state(self.clock.now())
        try:
            with ThreadPoolExecutor(1, thread_name_prefix="limen-open") as hand:
                for frame in self._frames_until(stop, look, hand):
                    self._one(frame, look, hand)
                    if stop() or self._frames == most_frames:
                        break
        finally:
            look.close()
        return self._frames

    def _frames_until(self, stop: Callable[[], bool], look: Look, hand: ThreadPoolExecutor) -> Iterator[Frame]:
        """Frames: a camera that fails is asked again and again, and everything else is followed meanwhile."""
        wait = _FIRST_WAIT_S
        while not stop():
            try:
                for frame in self.source.frames():
                    self.alarms.works("camera")
                    wait = _FIRST_WAIT_S
                    yield frame
            except LimenError as error:
                self.alarms.fails("camera", error)
            else:
                return
            self._follow(look, hand)
            self.tell(
                Told(
                    decisions=(), alarms=self.alarms.standing(), frames=self._frames, took_ms=None, crossed=look.crossed
                )
            )
            self._wait(wait, look, hand, stop=stop)
            wait = min(_LONGEST_WAIT_S, 2 * wait)

    def _wait(self, seconds: float, look: Look, hand: ThreadPoolExecutor, *, stop: Callable[[], bool]) -> None:
        """Let a camera rest, and follow what comes otherwise meanwhile: an order of the desk does not wait for it."""
        for _ in range(round(seconds / _FIRST_WAIT_S)):
            if stop():
                return
            self.pause(_FIRST_WAIT_S)
            self._follow(look, hand)

    def _one(self, frame: Frame, look: Look, hand: ThreadPoolExecutor) -> None:
        started = time.perf_counter()
        self._follow(look, hand)
        self.outside.see(frame)
        answers: Sequence[Answered] = ()
        try:
            answers = look.step(frame, signed=self.outside.is_signed(frame.captured_at))
        except Exception as error:  # noqa: BLE001  the attempt loop: whatever it is, nothing opens and the door goes on
            self._orders.clear()
            self.alarms.fails("vision", error)
        else:
            self.alarms.works("vision")
        self._follow_thermal(look.setup_alarm)
        self._give(hand)
        self._frames += 1
        took_ms = round(1000.0 * (time.perf_counter() - started), 1)
        for answer in answers:
            self._tell_others(answer, frame.captured_at, took_ms=took_ms)
        told = tuple(answer.decision for answer in answers)
        self.tell(
            Told(
                decisions=told,
                alarms=self.alarms.standing(),
                frames=self._frames,
                took_ms=took_ms,
                crossed=look.crossed,
                in_view=look.in_view,
            )
        )

    def _follow_thermal(self, alarm: SetupAlarm | None) -> None:
        if alarm is None:
            self.alarms.works("thermal")
        else:
            message, advice = _THERMAL[alarm]
            self.alarms.fails("thermal", LimenError(message, advice=advice))

    def _follow(self, look: Look, hand: ThreadPoolExecutor) -> None:
        now = self.clock.now()
        self._clock_trusted = self.watch.is_trusted(now)
        come = self.outside.follow(now)
        if come.again:
            look.again()
        self._orders.extend(come.orders)
        self._give(hand)

    def _judged(self, evidence: Evidence, at: datetime) -> Decision:
        """The judge of the eyes: decide, write down, remember the order."""
        try:
            around = replace(
                evidence.surroundings,
                clock_trusted=self._clock_trusted,
                interlocked=self.outside.interlocked(self.clock.now()),
            )
            admission = self.admit(replace(evidence, surroundings=around), at)
        except (StorageError, LedgerError) as error:
            self.alarms.fails("store", error)
            return unrecorded(evidence, self.admit.policy)
        self.alarms.works("store")
        if admission.order is not None:
            self._orders.append(admission.order)
        return admission.decision

    def _give(self, hand: ThreadPoolExecutor) -> None:
        orders, self._orders = self._orders, []
        if self.opens:
            for order in orders:
                hand.submit(self.actuator.open, order).add_done_callback(self._given)

    def _given(self, done: Future[None]) -> None:
        error = done.exception()
        if error is None:
            self.alarms.works("actuator")
        else:
            self.alarms.fails("actuator", error)

    def _tell_others(self, answer: Answered, at: datetime, *, took_ms: float) -> None:
        """One event and one line of the log for somebody recognised; nothing for anybody else."""
        decision = answer.decision
        if not isinstance(answer.match, Recognised) or not _UNTOLD.isdisjoint(decision.reasons):
            return
        _LOG.info(
            "attempt_decided",
            attempt=decision.evidence_id,
            door=self.door,
            outcome=type(decision).__name__.lower(),
            reasons=[reason.value for reason in decision.reasons],
            ms=took_ms,
        )
        event = attempt_event(decision, event_id=decision.evidence_id, site=self.site, door=self.door, at=at)
        self.outside.events.publish(event)
