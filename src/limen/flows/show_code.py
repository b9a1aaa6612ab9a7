"""show_code: at a door, whoever is not on the hands-free list may show a face pass or a badge, to camera or reader.

The list is searched first. Only where somebody who takes part is not found on it is the frame looked through for codes,
and a code is compared 1:1 with that face alone (`limen.flows.present`). A code that fits is a second factor, too: the
person has it, and the face is theirs. It is remembered for seconds, in memory, and never written or shown.

A badge with a PIN is shown first. Then its PIN is waited for; what is typed meanwhile is that PIN, counts once, and is
tried when there is a face to compare (`limen.flows.pin_try`). Locked or not, right or wrong, the public is told the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from limen.core.door import DoorId
from limen.core.frame import Frame
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.passes import is_pin, own_code
from limen.core.ports import Gallery
from limen.core.probe import Probe
from limen.flows.moments import Moments
from limen.flows.pin_try import PinTry
from limen.flows.present import Present

__all__ = ["ShowCode"]

_HOLDS = timedelta(seconds=10)
_PIN_WITHIN = timedelta(seconds=30)
_EVERY = 3
_TOLD = (UnknownReason.BADGE_PIN_LOCKED, UnknownReason.BADGE_PIN_MISSING)
"""What the rules are told of a badge that does not fit (yet); the first counts."""


@dataclass(slots=True, kw_only=True)
class _Typed:
    """A PIN for a badge, and what came of trying it; None before."""

    code: bytes = field(repr=False)
    pin: str = field(repr=False)
    at: datetime
    tried: PinTry | None = None


@dataclass(slots=True, kw_only=True)
class ShowCode:
    """A door's search: the list, and then codes.

    Attributes:
        door: which.
        gallery: the hands-free list.
        present: compares a code with a face.
        read: the codes in a frame.
        moments: of the door; told whose code fitted.
    """

    door: DoorId
    gallery: Gallery
    present: Present
    read: Callable[[Frame], Sequence[bytes]]
    moments: Moments
    _frame: Frame | None = None
    _asked: int = 0
    _held: dict[bytes, datetime] = field(default_factory=dict)
    _ask_pin: set[bytes] = field(default_factory=set)
    _typed: _Typed | None = None

    def see(self, frame: Frame) -> None:
        """The frame that is looked at next."""
        self._frame = frame

    def take(self, text: str, *, at: datetime) -> bool:
        """Take what a reader or keypad gave, if it is a code or the PIN of a badge that was shown; whether it is.

        Raises:
            StorageError: the store cannot be read.
        """
        code = own_code(text)
        if code is not None:
            self._held[code] = at
            return True
        held = [code for code in self._held if self._is_fresh(code, at)] if is_pin(text) else []
        waiting = [code for code in held if self.present.asks_pin(code, at=at)]
        if not waiting:
            return False
        self._end_try(at)
        self._typed = _Typed(code=max(waiting, key=lambda held: self._held[held]), pin=text, at=at)
        return True

    def forget(self, *, at: datetime) -> None:
        """Forget a PIN that was typed too long ago; what it opened is overwritten.

        Raises:
            StorageError: that a badge is locked now cannot be written down.
        """
        if self._typed is not None and abs(at - self._typed.at) >= _HOLDS:
            self._end_try(at)

    def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
        """Who the probes of one frame are; a code is at most one of them, the most alike.

        Raises:
            StorageError: the store cannot be read, or not written where a PIN was typed; the door stays shut.
        """
        found = list(self.gallery.search_frame(probes, at=at, fpir_target=fpir_target))
        unknown = [place for place, match in enumerate(found) if isinstance(match, Unknown)]
        if unknown:
            self._read(at)
            self._try(at)
            told = set[UnknownReason]()
            for code in tuple(self._held):
                answers = self._answers(code, {place: probes[place] for place in unknown}, at=at)
                fits = self._fitting(code, answers, at=at)
                if fits is not None:
                    place, found[place] = fits
                    unknown.remove(place)
                told |= _reasons(answers)
            for reason in [reason for reason in _TOLD if reason in told][:1]:
                nobody = Unknown(reason=reason, fpir=None, operating_point=None)
                found = [nobody if place in unknown else match for place, match in enumerate(found)]
        return tuple(found)

    def _read(self, at: datetime) -> None:
        """Look through every third frame for codes; those seen too long ago are forgotten."""
        self._asked += 1
        if self._frame is not None and self._asked % _EVERY == 1:
            codes = (own_code(code) for code in self.read(self._frame))
            self._held |= {code: at for code in codes if code is not None}
        self._held = {code: seen for code, seen in self._held.items() if self._is_fresh(code, at)}
        self._ask_pin &= self._held.keys()

    def _try(self, at: datetime) -> None:
        """Try what was typed, now that there is a face; once."""
        typed = self._typed
        if typed is None or typed.tried is not None:
            return
        tried = self.present.try_pin(typed.code, typed.pin, at=at)
        if isinstance(tried, PinTry):
            typed.tried, typed.pin = tried, ""
            self._held[typed.code] = at
        else:
            self._typed = None

    def _answers(self, code: bytes, probes: Mapping[int, Probe], *, at: datetime) -> dict[int, Match]:
        """Whether the code is for each of the faces."""
        typed = self._typed
        if typed is not None and typed.tried is not None and typed.code == code:
            tried = typed.tried
            return {place: self.present.compare(tried, [probe], at=at) for place, probe in probes.items()}
        answers = {place: self.present(code, [probe], at=at) for place, probe in probes.items()}
        if UnknownReason.BADGE_PIN_MISSING in _reasons(answers):
            self._ask_pin.add(code)
        return answers

    def _fitting(self, code: bytes, answers: Mapping[int, Match], *, at: datetime) -> tuple[int, Recognised] | None:
        """Whose face the code is for, of those nobody was found for; the most alike, or nobody."""
        fitting = {place: match for place, match in answers.items() if isinstance(match, Recognised)}
        if not fitting:
            return None
        place, match = min(fitting.items(), key=lambda item: item[1].comparison.fmr)
        self.moments.has_code(match.subject_id, at=at, with_pin=code in self._ask_pin)
        return place, match

    def _is_fresh(self, code: bytes, at: datetime) -> bool:
        """Whether it was shown lately; a frame is a little older than what was shown before it is looked at."""
        return abs(at - self._held[code]) < (_PIN_WITHIN if code in self._ask_pin else _HOLDS)

    def _end_try(self, at: datetime) -> None:
        typed, self._typed = self._typed, None
        if typed is not None and typed.tried is not None:
            self.present.try_pin.end(typed.tried, at=at, door=self.door)


def _reasons(answers: Mapping[int, Match]) -> set[UnknownReason]:
    return {match.reason for match in answers.values() if isinstance(match, Unknown)}
