"""A door of the service: started again after a fault, stopped after the frame at hand, calls kept until answered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from typing_extensions import override

from limen.bootstrap.door import DoorChoices
from limen.core.decision import Reason, Refer
from limen.core.door import Direction
from limen.core.errors import CaptureError, ConfigError, ModelError
from limen.core.in_view import InView
from limen.flows.keep import Keep, Told
from limen.web.live.feed import Feed
from limen.web.live.running import DoorNow, RunningDoor
from support.clock import FakeClock


@dataclass(slots=True, kw_only=True)
class _Kept:
    """Stands in for a kept door: tells what a test says, then waits to be stopped."""

    tell: Callable[[Told], None]
    script: list[Told | Exception]
    played: threading.Event = field(default_factory=threading.Event)

    def run(self, *, stop: Callable[[], bool]) -> int:
        """Play the script."""
        while self.script:
            step = self.script.pop(0)
            if isinstance(step, Exception):
                raise step
            self.tell(step)
        self.played.set()
        while not stop():
            threading.Event().wait(0.005)
        return 0


class _Opened:
    """Makes doors that are kept by `_Kept`; an error in ``first`` comes instead of the first of them."""

    def __init__(self, *script: Told | Exception, first: Exception | None = None) -> None:
        self.script, self.first, self.count = list(script), first, 0
        self.played = threading.Event()

    def __call__(self, choices: DoorChoices) -> AbstractContextManager[Keep]:
        """A door."""
        return self._kept(choices)

    @contextmanager
    def _kept(self, choices: DoorChoices) -> Iterator[Keep]:
        self.count += 1
        error, self.first = self.first, None
        if error is not None:
            raise error
        yield cast("Any", _Kept(tell=choices.tell, script=self.script, played=self.played))


class _Heard(Feed[DoorNow]):
    """A feed that keeps all it was told."""

    def __init__(self, first: DoorNow) -> None:
        super().__init__(first)
        self.heard: list[DoorNow] = []
        self.alarmed = threading.Event()

    @override
    def change(self, made: Callable[[DoorNow], DoorNow]) -> None:
        super().change(made)
        self.heard.append(self.newest)
        if self.newest.alarms:
            self.alarmed.set()


def _door(opened: _Opened) -> RunningDoor:
    return RunningDoor("front", camera=None, opened=opened, clock=FakeClock())


def _told(*decisions: Refer, crossed: int = 0) -> Told:
    seen = InView(present=((0.1, 0.1, 0.2, 0.2),))
    return Told(decisions=decisions, alarms=(), frames=1, took_ms=9.0, crossed={Direction.IN: crossed}, in_view=seen)


def _until(door: RunningDoor, opened: _Opened) -> None:
    door.start()
    assert opened.played.wait(30)
    door.stop()
    assert door.join(30)


def test_a_door_tells_what_it_sees_and_hides_small_totals() -> None:
    """A total below ten is not told; a referral is, with its event and no name."""
    refer = Refer(reasons=(Reason.MASK_UNSURE,), policy_version="p-1", evidence_id="e-1")
    opened = _Opened(_told(crossed=9), _told(refer, crossed=10))
    door = _door(opened)
    feed = _Heard(door.feed.newest)
    door.feed = feed
    _until(door, opened)
    begun, first, last, ended = feed.heard
    assert [first.crossed, last.crossed] == [{"in": None}, {"in": 10}]
    assert [one.event for one in last.referred] == ["e-1"]
    assert last.shown.state == "wait"
    assert (begun.running, last.in_view.present) == (True, ((0.1, 0.1, 0.2, 0.2),))
    assert (ended.running, ended.in_view.present) == (False, ())


@pytest.mark.parametrize("error", [ModelError("gone", advice="put it back"), ZeroDivisionError()])
def test_a_door_that_fails_is_started_again(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails, it is told as an alarm and tried again."""
    monkeypatch.setattr("limen.web.live.running._FIRST_WAIT_S", 0.01)
    opened = _Opened(CaptureError("the camera", advice="its cable"), first=error)
    _until(_door(opened), opened)
    assert opened.count == 3


def test_a_door_that_may_not_start_says_why_and_waits_for_a_person() -> None:
    """Settings that cannot be used are not tried again and again."""
    opened = _Opened(first=ConfigError("its camera is no kiosk", advice="write camera"))
    door = _door(opened)
    feed = door.feed = _Heard(door.feed.newest)
    door.start()
    assert feed.alarmed.wait(30)
    now = door.feed.newest
    assert (opened.count, now.running, now.shown.state) == (1, False, "out_of_service")
    assert [(alarm.what, alarm.message) for alarm in now.alarms] == [("door", "its camera is no kiosk")]
    door.stop()
    assert door.join(30)
    assert opened.count == 1


def test_a_door_that_may_not_start_does_once_its_rules_were_changed() -> None:
    """A restart wakes it, and nothing of the fault is left."""
    opened = _Opened(first=ConfigError("its camera is no kiosk", advice="write camera"))
    door = _door(opened)
    feed = door.feed = _Heard(door.feed.newest)
    door.start()
    assert feed.alarmed.wait(30)
    door.restart()
    assert opened.played.wait(30)
    assert (opened.count, door.feed.newest.running, door.feed.newest.alarms) == (2, True, ())
    door.stop()
    assert door.join(30)


def test_a_door_that_is_kept_begins_anew_when_it_is_told_to() -> None:
    """It is opened again at once, without an alarm, and whoever follows it is told on the same feed."""
    opened = _Opened()
    door = _door(opened)
    feed = door.feed = _Heard(door.feed.newest)
    door.start()
    assert opened.played.wait(30)
    opened.played.clear()
    door.restart()
    assert opened.played.wait(30)
    assert (opened.count, [one.running for one in feed.heard]) == (2, [True, False, True])
    assert not feed.alarmed.is_set()
    door.stop()
    assert door.join(30)


def test_a_call_for_the_desk_stays_until_somebody_answers() -> None:
    """A second call does not make it younger."""
    door = _door(_Opened())
    door.call(wanted=True)
    since = door.feed.newest.called_at
    door.call(wanted=True)
    assert since is not None
    assert door.feed.newest.called_at == since
    door.call(wanted=False)
    assert door.feed.newest.called_at is None


def test_what_is_presented_is_bounded() -> None:
    """Nobody fills the memory by showing badges to a door that is not kept."""
    door = _door(_Opened())
    for _ in range(50):
        door.present("badge")
    assert door._presented.qsize() == 8
