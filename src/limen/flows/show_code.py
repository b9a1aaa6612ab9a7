"""show_code: at a door, whoever is not on the hands-free list may show a face pass or a badge, to camera or reader.

The list is searched first. Only where somebody who takes part is not found on it is the frame looked through for codes,
and a code is compared 1:1 with that face alone (`limen.flows.present`). A code that fits is a second factor, too: the
person has it, and the face is theirs. It is remembered for seconds, in memory, and never written or shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from limen.core.frame import Frame
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.passes import code_bytes
from limen.core.ports import Gallery
from limen.core.probe import Probe
from limen.flows.moments import Moments
from limen.flows.present import Present

__all__ = ["ShowCode"]

_HOLDS = timedelta(seconds=10)
_EVERY = 3


@dataclass(slots=True, kw_only=True)
class ShowCode:
    """A door's search: the list, and then codes.

    Attributes:
        gallery: the hands-free list.
        present: compares a code with a face.
        read: the codes in a frame.
        moments: of the door; told whose code fitted.
    """

    gallery: Gallery
    present: Present
    read: Callable[[Frame], Sequence[bytes]]
    moments: Moments
    _frame: Frame | None = None
    _asked: int = 0
    _held: dict[bytes, datetime] = field(default_factory=dict)

    def see(self, frame: Frame) -> None:
        """The frame that is looked at next."""
        self._frame = frame

    def hold(self, text: str, *, at: datetime) -> bool:
        """Take what a reader gave, if it is a code; whether it is one."""
        code = code_bytes(text)
        if isinstance(code, UnknownReason) or not code:
            return False
        self._held[code] = at
        return True

    def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
        """Who the probes of one frame are; a code is at most one of them, the most alike.

        Raises:
            StorageError: the store cannot be read; the door stays shut.
        """
        found = list(self.gallery.search_frame(probes, at=at, fpir_target=fpir_target))
        unknown = [place for place, match in enumerate(found) if isinstance(match, Unknown)]
        if unknown:
            self._read(at)
            for code in tuple(self._held):
                fits = self._fitting(code, {place: probes[place] for place in unknown}, at=at)
                if fits is not None:
                    place, found[place] = fits
                    unknown.remove(place)
        return tuple(found)

    def _read(self, at: datetime) -> None:
        """Look through every third frame for codes; those seen too long ago are forgotten."""
        self._asked += 1
        if self._frame is not None and self._asked % _EVERY == 1:
            self._held |= dict.fromkeys(self.read(self._frame), at)
        self._held = {code: seen for code, seen in self._held.items() if seen <= at < seen + _HOLDS}

    def _fitting(self, code: bytes, probes: Mapping[int, Probe], *, at: datetime) -> tuple[int, Recognised] | None:
        """Whose face the code is for, of those nobody was found for; the most alike, or nobody."""
        matches = {place: self.present(code, [probe], at=at) for place, probe in probes.items()}
        fitting = {place: match for place, match in matches.items() if isinstance(match, Recognised)}
        if not fitting:
            return None
        place, match = min(fitting.items(), key=lambda item: item[1].comparison.fmr)
        self.moments.has_code(match.subject_id, at=at)
        return place, match
