"""How often a door errs on walk-ups, and how often a single frame would have: false refusals and false opens.

Everybody with several pictures comes three times: enrolled and bare, enrolled with a mask drawn on, and as a stranger,
their own reference taken off the gallery. People with one picture come as strangers, too. Every third walk-up is one of
a group. A single frame is judged at the same threshold as the walk-up: the promise about strangers is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from limen.core.frame import Frame, SourceKind
from limen.core.match import Recognised
from limen.core.ports import Gallery, Vision
from limen.evaluation.door_cast import Cast, Person
from limen.evaluation.door_walks import Walk, bench_loop, walk
from limen.evaluation.embedding import central_face
from limen.evaluation.masked_probes import MaskDrawer
from limen.evaluation.rates import Rate
from limen.evaluation.walk_ups import Picture, walk_up_frames
from limen.vision.recogniser import Recogniser

__all__ = ["DoorRates"]

_GROUP = 3
_AT = datetime(1970, 1, 1, tzinfo=UTC)

GalleryWithout = Callable[[str | None], Gallery]
"""A gallery of everybody but one person, or of everybody."""


@dataclass(slots=True, kw_only=True)
class _Count:
    errors: int = 0
    trials: int = 0

    def add(self, *, error: bool) -> None:
        self.errors += error
        self.trials += 1


@dataclass(slots=True, kw_only=True)
class DoorRates:
    """Counts over all walk-ups.

    Args:
        vision: with the door's options.
        galleries: of the enrolled, with anybody left out.
        fpir_target: the door's.
        seed: of all that is drawn.
    """

    vision: Recogniser
    galleries: GalleryWithout
    fpir_target: float
    seed: int
    counts: dict[str, _Count] = field(default_factory=dict)
    walks: list[Walk] = field(default_factory=list)

    def run(self, cast: Cast, *, progress: Callable[[int], None]) -> dict[str, Any]:
        """Let everybody come; rates, counts and intervals of DESIGN section 6.

        Args:
            cast: who comes.
            progress: told how many walk-ups are done.
        """
        everybody, rng = self.galleries(None), np.random.default_rng(self.seed)
        draw = MaskDrawer(self.vision)
        for number, person in enumerate(cast.people):
            company = [item.keys for item in cast.people[number + 1 : number + _GROUP]] if number % _GROUP == 0 else []
            self._enrolled(person, person.keys, everybody, company=company, prefix="", rng=rng)
            masked = [draw(f"{person.name}-{place}", _frame(key)) for place, key in enumerate(person.keys)]
            worn = tuple(np.asarray(frame.pixels) for frame in masked if frame is not None)
            if worn:
                self._enrolled(person, worn, everybody, company=[], prefix="masked_", rng=rng)
            self._stranger(person.keys, self.galleries(person.name), prefix="", rng=rng)
            progress(number + 1)
        for number, picture in enumerate(cast.strangers):
            self._stranger((picture,) * 4, everybody, prefix="", rng=rng)
            progress(len(cast.people) + number + 1)
        return self._report()

    def _enrolled(
        self,
        person: Person,
        keys: Sequence[Picture],
        gallery: Gallery,
        *,
        company: Sequence[Sequence[Picture]],
        prefix: str,
        rng: np.random.Generator,
    ) -> None:
        found = self._walk([keys, *company], gallery, rng=rng)
        self._count(f"{prefix}person_fnir").add(error=person.name not in found.granted)
        for key in keys:
            self._count(f"{prefix}frame_fnir").add(error=self._single(key, gallery, rng=rng) != person.name)

    def _stranger(self, keys: Sequence[Picture], gallery: Gallery, *, prefix: str, rng: np.random.Generator) -> None:
        found = self._walk([keys], gallery, rng=rng)
        self._count(f"{prefix}fpir").add(error=bool(found.granted))
        self._count(f"{prefix}frame_fpir").add(error=self._single(keys[0], gallery, rng=rng) is not None)

    def _walk(self, people: Sequence[Sequence[Picture]], gallery: Gallery, *, rng: np.random.Generator) -> Walk:
        found = walk(bench_loop(self.vision, gallery, fpir_target=self.fpir_target), people, rng=rng)
        self.walks.append(found)
        return found

    def _single(self, key: Picture, gallery: Gallery, *, rng: np.random.Generator) -> str | None:
        """Who a single frame of a walk-up would have been taken for."""
        frame = next(walk_up_frames([(key,)], rng=rng))
        return _one_frame(self.vision, frame, gallery, fpir_target=self.fpir_target)

    def _count(self, name: str) -> _Count:
        return self.counts.setdefault(name, _Count())

    def _report(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, count in self.counts.items():
            rate = Rate(errors=count.errors, trials=count.trials)
            found |= {name: rate.value, f"{name}_counts": rate.counts(), f"{name}_interval": rate.interval()}
        return found


def _one_frame(vision: Vision, frame: Frame, gallery: Gallery, *, fpir_target: float) -> str | None:
    """Who one frame alone would be taken for, or None."""
    face = central_face(vision.detect(frame), frame)
    if face is None:
        return None
    (probe,), _ = vision.assess(frame, [face])
    match = gallery.search(probe, at=frame.captured_at, fpir_target=fpir_target)
    probe.wipe()
    return match.subject_id if isinstance(match, Recognised) else None


def _frame(picture: Picture) -> Frame:
    return Frame(pixels=picture.copy(), captured_at=_AT, source="picture", kind=SourceKind.FILE)
