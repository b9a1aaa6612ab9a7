"""One door's camera: frames in, decisions out. Only core's ports are needed.

1. Faces become tracks. Whoever is not in the zone, near, turned to the door, or has not made the sign it asks for, is
   not embedded, and nothing about them is kept but the track.
2. Who takes part is embedded in this frame if it may change something: until the visit is decided, and now and then
   afterwards, as two people may swap places.
3. All undecided tracks of a frame are searched together, so that nobody is two tracks at once; who has been let in on
   one track is unknown on every other one while that is in view.
4. One lucky frame is not enough: whatever it says, it takes two.
5. A visit that nobody was found for ends after ``patience``; its embeddings are overwritten then, and when the track is
   lost or leaves the zone for so long.
6. In a crowd the two views of a face are taken from two frames in turn.
7. Where skin temperature is a rule, somebody known is decided on when there is a reading, or a reason for none.
8. Where there is a line, whoever walks over it is counted, in the zone or not: two totals, from tracks alone.
9. ``in_view`` tells where in the last frame they stood who take part, so that a preview can cover everybody else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from limen.core.decision import Decision, Evidence, StageTimes, Surroundings
from limen.core.door import Direction
from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.in_view import NOBODY, Absence, InView, Rectangle
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.ports import SkinThermometer, Vision
from limen.core.probe import Attack, Liveness, Probe, View
from limen.core.quality import NotAssessed
from limen.core.thermal import SetupAlarm, TemperatureSeen
from limen.door.counting import Line, LineCounter
from limen.door.still import Still
from limen.door.tracks import LOST_AFTER, Track, Tracker
from limen.door.visits import Shown, Visit
from limen.door.zone import Zone, absent

__all__ = ["CROWD", "Answer", "DoorLoop", "Judge", "Search"]

Judge = Callable[[Evidence, datetime], Decision]
"""Evidence and its moment -> decision: the rules alone, or a flow that also records."""


class Search(Protocol):
    """Who the probes of a frame are: the gallery, or something that asks it first."""

    def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
        """One answer for each probe; nobody is two of them."""


_LEAST_FRAMES = 2
_LOOKS = 5
"""A visit is compared with every frame, and the mean of a stranger's pictures comes nearer to somebody than each does;
measured, strangers got in five times as often as asked. So each comparison asks for a fifth (docs/adr/0015)."""

CROWD = 4
"""From so many faces on, a face's two views are taken from two frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one look at a visitor.

    Attributes:
        track: its number; means nothing outside this door and this moment.
        decision: of the judge.
        match: who, or unknown with a reason.
        frames: that were embedded for it.
        first_at: first frame in which the visitor took part.
        at: the frame it was decided in.
    """

    track: int
    decision: Decision
    match: Match
    frames: int
    first_at: datetime
    at: datetime


class DoorLoop:
    """The loop of one door.

    Args:
        vision: finds, assesses and embeds.
        gallery: finds people.
        judge: decides.
        zone: the door's space.
        fpir_target: share of strangers that may be let in, per visit.
        patience: how long somebody unknown is looked at.
        most_faces: that are embedded in one frame; the nearest count.
        thermometer: of the door, where skin temperature is a rule; let go by whoever made it.
        line: where people are counted, its two ends as shares of the picture; None counts nobody.
        lost_after: how long a face may be out of sight.
        crowd: from how many faces on the two views of a face come from two frames.
        still: where many doors share a processor: a frame like an empty one before is not searched for faces.
    """

    def __init__(
        self,
        *,
        vision: Vision,
        gallery: Search,
        judge: Judge,
        zone: Zone,
        fpir_target: float,
        patience: timedelta = timedelta(seconds=2),
        most_faces: int = 10,
        thermometer: SkinThermometer | None = None,
        line: tuple[tuple[float, float], tuple[float, float]] | None = None,
        lost_after: timedelta = LOST_AFTER,
        crowd: int = CROWD,
        still: Still | None = None,
    ) -> None:
        self._vision, self._gallery, self._judge = vision, gallery, judge
        self._zone, self._fpir_target = zone, fpir_target
        self._patience, self._most_faces = patience, most_faces
        self._tracker = Tracker(lost_after=lost_after)
        self._visits: dict[int, Visit] = {}
        self._turn = View.PLAIN
        self._round = 0
        self._thermometer, self._line = thermometer, line
        self._counter: LineCounter | None = None
        self._in_view = NOBODY
        self._still, self._crowd = still, crowd

    def step(self, frame: Frame, *, signed: bool = False) -> tuple[Answer, ...]:
        """Take one frame; what was decided in it.

        Args:
            frame: of the door's camera.
            signed: whether somebody has pressed, tapped or called, where the zone asks for it.
        """
        at, self._in_view = frame.captured_at, NOBODY
        faces = self._found(frame)
        self._forget_gone(at)
        tracks = self._tracker.update(faces, at=at)
        self._count(tracks, (frame.width_px, frame.height_px))
        present, absence = self._present(frame, tracks, signed=signed)
        self._in_view = InView(present=_rectangles(present, frame), absence=absence)
        if self._thermometer is not None:
            self._thermometer.see(frame, {track.number: track.face for track in present})
        chosen = self._due(present, at)
        self._forget_absent(chosen, at)
        if not chosen:
            return ()
        self._in_view = replace(self._in_view, looked_at=True)
        probes, times = self._vision.assess(frame, [track.face for track in chosen], view=self._view(len(chosen)))
        for track, probe in zip(chosen, probes, strict=True):
            if self._visits[track.number].gathered.add(probe):
                self._forget_heat((track.number,))
            probe.wipe()
        return self._decided(chosen, times, at=at, n_faces=len(present))

    def again(self) -> None:
        """Look at everybody anew: something was shown that no camera sees, such as a badge or a guard's clearance."""
        self._round += 1
        for visit in self._visits.values():
            visit.take_up()

    @property
    def in_view(self) -> InView:
        """Who stands before the door in the last frame."""
        return self._in_view

    @property
    def crossed(self) -> dict[Direction, int]:
        """How many people walked over the line, each way; to be shown through ``counting.shown``."""
        return dict.fromkeys(Direction, 0) if self._counter is None else self._counter.totals

    @property
    def setup_alarm(self) -> SetupAlarm | None:
        """What the site should look at about its thermal camera, or None."""
        return None if self._thermometer is None else self._thermometer.alarm()

    def close(self) -> None:
        """Overwrite everything that was gathered."""
        for visit in self._visits.values():
            visit.gathered.wipe()
        self._visits.clear()

    def _found(self, frame: Frame) -> Sequence[Face]:
        if self._still is None:
            return self._vision.detect(frame)
        if self._still.is_still(frame):
            return ()
        faces = self._vision.detect(frame)
        self._still.searched(frame, found=bool(faces))
        return faces

    def _count(self, tracks: Sequence[Track], size_px: tuple[int, int]) -> None:
        if self._line is None:
            return
        if self._counter is None:
            ends = [(x * size_px[0], y * size_px[1]) for x, y in self._line]
            self._counter = LineCounter(Line(start=ends[0], end=ends[1]))
        self._counter.update(tracks)

    def _present(self, frame: Frame, tracks: Sequence[Track], *, signed: bool) -> tuple[list[Track], Absence | None]:
        """Who takes part in this frame, and why the nearest of the others does not."""
        size = (frame.width_px, frame.height_px)
        poses = self._vision.poses([track.face for track in tracks])
        present, away = list[Track](), list[tuple[float, Absence]]()
        for track, pose in zip(tracks, poses, strict=True):
            absence = absent(track.face, pose, self._zone, size_px=size, signed=signed)
            if absence is None:
                present.append(track)
            else:
                away.append((track.face.inter_eye_px, absence))
        return present, max(away)[1] if away else None

    def _due(self, present: Sequence[Track], at: datetime) -> list[Track]:
        """Whom of those to embed, nearest first."""
        due = [track for track in present if self._visit(track, at).is_due(track, at=at)]
        due.sort(key=lambda track: -track.face.inter_eye_px)
        return due[: self._most_faces]

    def _visit(self, track: Track, at: datetime) -> Visit:
        return self._visits.setdefault(track.number, Visit(began_at=at))

    def _view(self, n_faces: int) -> View:
        """Both views, or in a crowd one after the other."""
        if n_faces < self._crowd:
            return View.BOTH
        self._turn = View.MIRRORED if self._turn is View.PLAIN else View.PLAIN
        return self._turn

    def _decided(self, chosen: Sequence[Track], times: StageTimes, *, at: datetime, n_faces: int) -> tuple[Answer, ...]:
        fused = [self._visits[track.number].gathered.fused() for track in chosen]
        answers = []
        try:
            matches = self._gallery.search_frame(fused, at=at, fpir_target=self._fpir_target / _LOOKS)
            for track, probe, match in zip(chosen, fused, matches, strict=True):
                answer = self._answer(track, probe, self._once(track, match), times=times, at=at, n_faces=n_faces)
                if answer is not None:
                    answers.append(answer)
        finally:
            for probe in fused:
                probe.wipe()
        return tuple(answers)

    def _once(self, track: Track, match: Match) -> Match:
        """Unknown for somebody who has just been let in on another track."""
        others = {visit.granted for number, visit in self._visits.items() if number != track.number}
        if isinstance(match, Recognised) and match.subject_id in others:
            return Unknown(
                reason=UnknownReason.SAME_PERSON_TWICE, fpir=match.fpir, operating_point=match.operating_point
            )
        return match

    def _answer(
        self, track: Track, probe: Probe, match: Match, *, times: StageTimes, at: datetime, n_faces: int
    ) -> Answer | None:
        """The decision about a visit, or None while more frames may change it or nothing has changed."""
        visit = self._visits[track.number]
        frames, first_at = visit.gathered.frames, visit.began_at
        shown = None
        companions = self._companions(track)
        temperature, liveness = self._heat(track, probe.liveness)
        if isinstance(match, Recognised):
            shown = Shown.of(match, probe, temperature, companions=companions, number=self._round)
            measuring = self._thermometer is not None and isinstance(temperature, NotAssessed)
            too_early = frames < _LEAST_FRAMES or measuring
        elif match.reason is UnknownReason.BADGE_PIN_MISSING:
            too_early = frames < _LEAST_FRAMES  # whoever is to type is told so at once
        else:
            too_early = at - first_at < self._patience
        if too_early:
            return None
        if visit.knows(match, shown):
            visit.ended(match, None, at=at)
            return None
        visit.shown = shown
        evidence = Evidence(
            evidence_id=f"e-{secrets.token_hex(8)}",
            match=match,
            quality=probe.quality,
            mask=probe.mask,
            temperature=temperature,
            liveness=liveness,
            second_factor=False,
            n_faces=n_faces,
            times=times,
            surroundings=Surroundings(companions=companions),
        )
        decision = self._judge(evidence, at)
        visit.ended(match, decision, at=at)
        return Answer(track=track.number, decision=decision, match=match, frames=frames, first_at=first_at, at=at)

    def _companions(self, track: Track) -> int:
        """How many others were let in here just now, or would be but for the two-person rule."""
        return sum(visit.is_companion for number, visit in self._visits.items() if number != track.number)

    def _forget_gone(self, at: datetime) -> None:
        ended = self._tracker.ended(at=at)
        for number in ended:
            visit = self._visits.pop(number, None)
            if visit is not None:
                visit.gathered.wipe()
        self._forget_heat(ended)
        if self._counter is not None:
            self._counter.forget(ended)

    def _forget_heat(self, numbers: Sequence[int]) -> None:
        if self._thermometer is not None:
            for number in numbers:
                self._thermometer.forget(number)

    def _heat(self, track: Track, liveness: Liveness) -> tuple[TemperatureSeen | NotAssessed, Liveness]:
        """The temperature of a track, and what heat adds about a presentation attack; warmth alone proves nobody."""
        if self._thermometer is None:
            return NotAssessed(reason="no thermal camera"), liveness
        heat = self._thermometer.liveness(track.number)
        return self._thermometer.outcome(track.number), heat if isinstance(heat, Attack) else liveness

    def _forget_absent(self, chosen: Sequence[Track], at: datetime) -> None:
        """Overwrite what was gathered of whoever has not taken part for as long as the door's patience."""
        looked_at = {track.number for track in chosen}
        for number, visit in self._visits.items():
            if number not in looked_at and visit.rest_until is None and at - visit.began_at >= self._patience:
                visit.gathered.wipe()
                visit.began_at = at


def _rectangles(tracks: Sequence[Track], frame: Frame) -> tuple[Rectangle, ...]:
    width, height = frame.width_px, frame.height_px
    boxes = [track.face.box for track in tracks]
    return tuple((b.x_px / width, b.y_px / height, b.width_px / width, b.height_px / height) for b in boxes)
