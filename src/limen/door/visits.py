"""Visit: what one track at a door has shown and been told, and when it is looked at again.

Somebody unknown is looked at for a while, then left alone for longer and longer, and a face that never moves only once:
a poster is not tried for ever. Somebody known who may not come in yet is looked at again soon, as a mask is quickly put
on; but nothing is decided anew until what they show has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from limen.core.decision import Decision, Deny, Grant, Reason
from limen.core.match import Match, Recognised
from limen.core.people import SubjectId
from limen.core.probe import MaskSeen, MaskState, Probe
from limen.core.quality import NotAssessed
from limen.core.thermal import TemperatureSeen
from limen.door.gathering import Gathered
from limen.door.tracks import Track

__all__ = ["Shown", "Visit"]

_MOST_TRIES, _MOST_STILL_TRIES = 5, 1
_PAUSE = timedelta(seconds=1)
_SOON = timedelta(seconds=0.2)
_AFTER_GRANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a decision about a known person rests on; while it stays the same, so does the decision."""

    subject_id: SubjectId
    mask: MaskState | None
    temperature: TemperatureSeen | None
    companions: int
    round: int

    @staticmethod
    def of(
        match: Recognised, probe: Probe, temperature: TemperatureSeen | NotAssessed, *, companions: int, number: int
    ) -> Shown:
        """What is shown now.

        Args:
            match: who.
            probe: the fused one.
            temperature: what was seen of it, if anything.
            companions: others who wait here.
            number: grows when something was presented from outside the picture, for instance a badge.
        """
        return Shown(
            subject_id=match.subject_id,
            mask=probe.mask.state if isinstance(probe.mask, MaskSeen) else None,
            temperature=temperature if isinstance(temperature, TemperatureSeen) else None,
            companions=companions,
            round=number,
        )


@dataclass(slots=True, kw_only=True)
class Visit:
    """One track's attempt to come in. Mutable, in memory, gone with the track.

    Attributes:
        began_at: when this look at it began.
        gathered: what its frames have shown.
        tries: how often nobody was found.
        rest_until: not looked at before; None while it is being looked at.
        granted: who was let in on this track.
        shown, decision: what was decided last about a known person, and on what.
    """

    began_at: datetime
    gathered: Gathered = field(default_factory=Gathered)
    tries: int = 0
    rest_until: datetime | None = None
    granted: SubjectId | None = None
    shown: Shown | None = None
    decision: Decision | None = None

    @property
    def is_companion(self) -> bool:
        """Whether this visitor may come in, or may but for a second person."""
        if self.granted is not None:
            return True
        return isinstance(self.decision, Deny) and self.decision.reasons == (Reason.COMPANION_MISSING,)

    def is_due(self, track: Track, *, at: datetime) -> bool:
        """Whether its face is to be looked at now; takes it up again when its rest is over."""
        if self.tries >= (_MOST_STILL_TRIES if track.still else _MOST_TRIES):
            return False
        if self.rest_until is None:
            return True
        if at < self.rest_until:
            return False
        self.rest_until, self.began_at = None, at
        return True

    def take_up(self) -> None:
        """Look again at the next frame, unless somebody was let in."""
        if self.granted is None:
            self.tries, self.rest_until = 0, self.began_at if self.rest_until is not None else None

    def knows(self, match: Match, shown: Shown | None) -> bool:
        """Whether a look brings nothing new: the same person on the same grounds, or nobody where one was let in."""
        if isinstance(match, Recognised):
            return match.subject_id == self.granted or shown == self.shown
        return self.granted is not None

    def ended(self, match: Match, decision: Decision | None, *, at: datetime) -> None:
        """Note what came of a look, overwrite what was gathered, and rest."""
        self.gathered.wipe()
        if not isinstance(match, Recognised):
            if self.granted is None:
                self.tries += 1
                self.rest_until = at + _PAUSE * 2 ** (self.tries - 1)
            else:
                self.rest_until = at + _AFTER_GRANT
            return
        self.tries = 0
        if decision is not None:
            self.decision = decision
            self.granted = match.subject_id if isinstance(decision, Grant) else None
        self.rest_until = at + (_SOON if self.granted is None else _AFTER_GRANT)
