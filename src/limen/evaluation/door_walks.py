"""One walk-up through the door's own loop, with the time every frame took.

Where errors are counted the door takes every second frame, so that they do not depend on the machine; where time is, it
takes the newest frame whenever it is free, as a camera is read. What a frame waits for counts. The latency of a grant
runs from the arrival of the first frame in which the visitor took part to the end of the frame that opened.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from limen.core.decision import Decision, Evidence, Grant
from limen.core.match import Recognised
from limen.core.ports import Gallery, Vision
from limen.door.loop import Answer, DoorLoop
from limen.door.rules import AttendedDoor, Policy, decide
from limen.door.zone import WHOLE_PICTURE
from limen.evaluation.walk_ups import BETWEEN, Picture, walk_up_frames

__all__ = ["Walk", "bench_loop", "walk"]

_EVERY = 2
_BETWEEN_MS = 1000.0 * BETWEEN.total_seconds()
_POLICY = Policy(version="bench-attended", attendance=AttendedDoor())


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What came of one walk-up.

    Attributes:
        granted: names of who was let in.
        decided_ms: how long each frame took in which something was decided, frame in to decision out.
        grant_ms: from the first usable frame to each grant.
    """

    granted: tuple[str, ...] = ()
    decided_ms: tuple[float, ...] = field(default=(), repr=False)
    grant_ms: tuple[float, ...] = field(default=(), repr=False)


def bench_loop(vision: Vision, gallery: Gallery, *, fpir_target: float) -> DoorLoop:
    """An attended door that looks at the whole picture."""
    return DoorLoop(vision=vision, gallery=gallery, judge=_judged, zone=WHOLE_PICTURE, fpir_target=fpir_target)


def walk(
    loop: DoorLoop, people: Sequence[Sequence[Picture]], *, rng: np.random.Generator, newest: bool = False
) -> Walk:
    """Let one person, or up to three at a time, come to the door.

    Args:
        loop: of the door, fresh; closed afterwards.
        people: the key frames of each.
        rng: decides how they move.
        newest: take the newest frame whenever the door is free, instead of every second one.
    """
    answers: list[Answer] = []
    decided_ms, grant_ms = [], []
    start: datetime | None = None
    free_ms = 0.0
    for frame in walk_up_frames(people, rng=rng, every=1 if newest else _EVERY):
        start = start or frame.captured_at
        arrived_ms = 1000.0 * (frame.captured_at - start).total_seconds()
        if newest and arrived_ms + _BETWEEN_MS <= free_ms:
            continue
        began = time.perf_counter()
        found = loop.step(frame)
        took_ms = 1000.0 * (time.perf_counter() - began)
        free_ms = max(arrived_ms, free_ms) + took_ms
        answers.extend(found)
        if found:
            decided_ms.append(took_ms)
        grants = [answer for answer in found if isinstance(answer.decision, Grant)]
        grant_ms += [free_ms - 1000.0 * (answer.first_at - start).total_seconds() for answer in grants]
    loop.close()
    names = [
        answer.match.subject_id
        for answer in answers
        if isinstance(answer.decision, Grant) and isinstance(answer.match, Recognised)
    ]
    return Walk(granted=tuple(names), decided_ms=tuple(decided_ms), grant_ms=tuple(grant_ms))


def _judged(evidence: Evidence, at: datetime) -> Decision:
    return decide(evidence, _POLICY, at=at)
