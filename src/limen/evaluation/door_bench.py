"""The door on walk-ups: how long a frame takes, how soon people are let in, whom it misses and lets in wrongly.

Everything is the door's own: its detector options, its loop, its rules, its gallery, filled up with synthetic
references to any size. Error rates are those of the pictures given, with real references alone; without given pictures
there are none.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from limen.core.frame import Frame, SourceKind
from limen.core.ports import Store
from limen.evaluation.door_cast import Cast, Person
from limen.evaluation.door_rates import DoorRates
from limen.evaluation.door_walks import Walk, bench_loop, walk
from limen.evaluation.embedding import central_face
from limen.evaluation.enrolled import EnrolledInMemory, synthetic_embeddings
from limen.evaluation.thermal_speed import thermal_frame_ms
from limen.evaluation.walk_ups import Picture, crowd_frame
from limen.gallery.calibration import Calibration
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import Rotation
from limen.vision.recogniser import Recogniser

__all__ = ["DoorBench"]

_TEN = 10
_CROWD_ROUNDS = 12
_WARM_UP = 3
_THERMAL_PEOPLE = 12
_SECRET = b"a benchmark has no secret, all of it is drawn"
_NO_RATES = ("person_fnir", "frame_fnir", "fpir", "frame_fpir", "masked_person_fnir", "masked_frame_fnir")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorBench:
    """Runs the door.

    Args:
        vision: with the door's options.
        calibration: of its model.
        fpir_target: the door's.
        workers: threads of the search.
        seed: of everything drawn.
        timed_walks: walk-ups that are timed at each size.
    """

    vision: Recogniser
    calibration: Calibration
    fpir_target: float
    workers: int
    seed: int = 20261123
    timed_walks: int = 24

    def steps(self, people: Cast, sizes: Sequence[int], *, rates: bool) -> int:
        """How many walk-ups ``run`` lets people make, for a progress bar."""
        walks = len(people.people) + len(people.strangers) if rates else 0
        return walks + len(sizes) * self.timed_walks

    def run(
        self,
        people: Cast,
        sizes: Sequence[int],
        *,
        rates: bool,
        progress: Callable[[int], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The report of DESIGN section 6.

        Args:
            people: who comes.
            sizes: of the gallery.
            rates: whether the pictures are evidence; else the rates are None.
            progress: told how many walk-ups are done.
        """
        enrolled = [
            (person, row)
            for person in people.people
            for picture in person.references
            if (row := self._embedded(picture)) is not None
        ]
        names = [person.name for person, _ in enrolled]
        embeddings = np.stack([row for _, row in enrolled])
        known = [person for person in people.people if person.name in names]
        counted = self._counted(people, names, embeddings, progress=progress) if rates else dict.fromkeys(_NO_RATES)
        done = self.steps(people, (), rates=rates)
        table: dict[str, Any] = {}
        walks: list[Walk] = []
        for size in sizes:
            gallery = self._gallery(names, embeddings, size=size)
            found = self._timed(known, gallery, done=done, progress=progress)
            table[str(size)] = _times([took for item in found for took in item.decided_ms])
            table[str(size)]["grant_p95_ms"] = _times([waited for item in found for waited in item.grant_ms])["p95_ms"]
            walks, done = [*walks, *found], done + self.timed_walks
        crowd = self._ten(known, self._gallery(names, embeddings, size=max(sizes)))
        grants = [waited for item in walks for waited in item.grant_ms]
        return {
            "enrolled": table,
            "ten_faces_ms": crowd["ms"],
            "ten_faces_decided": crowd["decided"],
            "grant_p95_ms": _times(grants)["p95_ms"],
            "grant_ms": _times(grants),
            "thermal_frame_ms": _times(thermal_frame_ms(people=_THERMAL_PEOPLE, seed=self.seed)),
            "rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, 1),
            "n_people": len(known),
            "n_references": len(enrolled),
            "n_grants_timed": len(grants),
            "fpir_target": self.fpir_target,
            **counted,
        }

    def _counted(
        self,
        people: Cast,
        names: Sequence[str],
        embeddings: NDArray[np.float32],
        *,
        progress: Callable[[int], None],
    ) -> dict[str, Any]:
        def without(name: str | None) -> MemoryGallery:
            kept = [place for place, item in enumerate(names) if item != name]
            return self._gallery([names[place] for place in kept], embeddings[kept], size=0)

        rates = DoorRates(vision=self.vision, galleries=without, fpir_target=self.fpir_target, seed=self.seed)
        return rates.run(people, progress=progress)

    def _timed(
        self, people: Sequence[Person], gallery: MemoryGallery, *, done: int, progress: Callable[[int], None]
    ) -> list[Walk]:
        rng, walks = np.random.default_rng(self.seed), []
        for number in range(self.timed_walks + _WARM_UP):
            person = people[number % len(people)]
            loop = bench_loop(self.vision, gallery, fpir_target=self.fpir_target)
            walks.append(walk(loop, [person.keys], rng=rng, newest=True))
            progress(done + max(0, number + 1 - _WARM_UP))
        return walks[_WARM_UP:]

    def _ten(self, people: Sequence[Person], gallery: MemoryGallery) -> dict[str, Any]:
        """Ten enrolled people in one frame: until all their evidence is updated and decided."""
        chosen = [people[number % len(people)] for number in range(_TEN)]
        pictures = [self._cut(person.keys[0]) for person in chosen]
        rng = np.random.default_rng(self.seed)
        times, decided = [], 0
        for number in range(_CROWD_ROUNDS + _WARM_UP):
            loop = bench_loop(self.vision, gallery, fpir_target=self.fpir_target)
            loop.step(crowd_frame(pictures, rng=rng))
            frame = crowd_frame(pictures, rng=rng, number=1)
            started = time.perf_counter()
            answers = loop.step(frame)
            took = 1000.0 * (time.perf_counter() - started)
            loop.close()
            if number >= _WARM_UP:
                times.append(took)
                decided = max(decided, len(answers))
        return {"ms": round(float(np.median(times)), 1), "decided": decided}

    def _cut(self, picture: Picture) -> Picture:
        """The face and a little around it, as ten heads side by side fill a picture."""
        face = central_face(self.vision.detect(frame := _still(picture)), frame)
        if face is None:
            return picture
        (x, y), half = face.box.centre, 0.8 * max(face.box.width_px, face.box.height_px)
        height, width = picture.shape[:2]
        rows = slice(max(0, round(y - half)), min(height, round(y + half)))
        return picture[rows, max(0, round(x - half)) : min(width, round(x + half))]

    def _gallery(self, names: Sequence[str], embeddings: NDArray[np.float32], *, size: int) -> MemoryGallery:
        rng = np.random.default_rng(self.seed)
        known = len(set(names))
        each = max(1, round(len(names) / max(1, known)))
        missing = each * max(0, size - known)
        dimensions = len(self.calibration.centre)
        filled = synthetic_embeddings(missing, like=embeddings, dimensions=dimensions, rng=rng)
        rotation = Rotation(_SECRET, dimensions=dimensions)
        store = EnrolledInMemory(
            [*names, *(f"synthetic-{number // each}" for number in range(missing))],
            np.concatenate([embeddings, filled]),
            model_id=self.calibration.model_id,
            rotation=rotation,
        )
        gallery = MemoryGallery(
            cast("Store", store), calibration=self.calibration, rotation=rotation, workers=self.workers
        )
        gallery.refresh()
        return gallery

    def _embedded(self, picture: Picture) -> NDArray[np.float32] | None:
        face = central_face(self.vision.detect(frame := _still(picture)), frame)
        if face is None:
            return None
        (probe,), _ = self.vision.assess(frame, [face])
        return probe.embedding.copy()


def _still(picture: Picture) -> Frame:
    at = datetime(1970, 1, 1, tzinfo=UTC)
    return Frame(pixels=picture.copy(), captured_at=at, source="picture", kind=SourceKind.FILE)


def _times(values: Sequence[float]) -> dict[str, float | None]:
    return {f"p{share}_ms": round(float(np.percentile(values, share)), 1) if values else None for share in (50, 95, 99)}
