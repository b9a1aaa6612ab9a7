"""What a door shows to whoever stands there: one state at a time, never why.

1. A decision is shown as the instruction that follows from it, and stays long enough to be read without haste.
2. Until there is one, the state follows from where the nearest person stands. Nobody is spoken to who is not near.
3. A state says nothing about who it is, nor whether anybody is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from limen.bootstrap.saying import instruction, said_in_public
from limen.core.in_view import Absence, InView
from limen.flows.keep import Told

__all__ = ["Shown", "State", "States"]

_HOLDS: Mapping[str, timedelta] = {
    "go": timedelta(seconds=5),
    **dict.fromkeys(
        ("wait", "second_factor", "second_person", "other_door", "full", "mask_on", "mask_over_nose"),
        timedelta(seconds=30),
    ),
}
_OTHERWISE = timedelta(seconds=8)


class State(StrEnum):
    """States of a door without a decision; the others are named as the instructions of `limen.bootstrap.saying`."""

    READY = "ready"
    COME_CLOSER = "come_closer"
    LOOK_HERE = "look_here"
    PRESS = "press"
    LOOKING = "looking"
    OUT_OF_SERVICE = "out_of_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown.

    Attributes:
        state: a `State`, or an instruction.
        words: of a decision, by language; empty where the page has its own.
    """

    state: str
    words: Mapping[str, str]


_OF_ABSENCE = {
    Absence.TOO_FAR: State.COME_CLOSER,
    Absence.TURNED_AWAY: State.LOOK_HERE,
    Absence.NO_SIGN: State.PRESS,
    Absence.OUTSIDE: State.READY,
}
_BROKEN = ("vision", "store")
READY = Shown(state=State.READY, words={})


class States:
    """Follows one door. One thread tells it; it has no clock of its own."""

    def __init__(self) -> None:
        self._decided: Shown | None = None
        self._until: datetime | None = None

    def after(self, told: Told, *, at: datetime) -> Shown:
        """What is shown after a frame."""
        if any(alarm.what in _BROKEN for alarm in told.alarms):
            return Shown(state=State.OUT_OF_SERVICE, words={})
        if told.decisions:
            state = instruction(told.decisions[-1])
            self._decided = Shown(state=state, words=said_in_public(told.decisions[-1]))
            self._until = at + _HOLDS.get(state, _OTHERWISE)
        if self._decided is not None and self._until is not None and at < self._until:
            return self._decided
        if self._decided is not None and (self._decided.state == "go" or not told.in_view.present):
            self._decided = None
        return self._decided or Shown(state=_waiting(told.in_view), words={})


def _waiting(seen: InView) -> State:
    if seen.looked_at:
        return State.LOOKING
    return State.READY if seen.absence is None or seen.present else _OF_ABSENCE[seen.absence]
