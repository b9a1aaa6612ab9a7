"""A door made of fakes: frames in which a test has put people, a gallery that knows some of them, the real loop.

How to use: ``door = FakeDoor(); ada = door.enrol(1)``; ``door.see(ada)`` is one frame later, with Ada before the door,
and gives what was decided in it. Nobody is anywhere but where ``see`` puts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from limen.core.decision import Decision, Evidence
from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.people import SubjectId
from limen.core.ports import Vision
from limen.core.probe import Liveness, Undetermined
from limen.core.quality import NotAssessed
from limen.core.thermal import SetupAlarm, TemperatureSeen
from limen.door.loop import Answer, DoorLoop
from limen.door.rules import AttendedDoor, Policy, decide
from limen.door.zone import WHOLE_PICTURE, Zone
from support.clock import NOON
from support.flowsite import FlowSite
from support.vision import unit

__all__ = ["BETWEEN", "POLICY", "FakeDoor", "FakeThermometer", "Visitor"]

BETWEEN = timedelta(milliseconds=40)
POLICY = Policy(version="test-1", attendance=AttendedDoor())


@dataclass(slots=True, kw_only=True)
class FakeThermometer:
    """Implements `limen.core.ports.SkinThermometer`: a test sets ``seen``; ``forgotten`` notes tracks."""

    seen: TemperatureSeen | NotAssessed = field(default_factory=lambda: NotAssessed(reason="measuring"))
    heat: Liveness = field(default_factory=lambda: Undetermined(reason="a test"))
    setup: SetupAlarm | None = None
    forgotten: list[int] = field(default_factory=list)
    faces: list[int] = field(default_factory=list)

    def see(self, frame: Frame, faces: Mapping[int, Face]) -> None:
        """Note how many there are."""
        del frame
        self.faces.append(len(faces))

    def outcome(self, track: int) -> TemperatureSeen | NotAssessed:
        """As a test has set it, whoever it is."""
        del track
        return self.seen

    def liveness(self, track: int) -> Liveness:
        """The same."""
        del track
        return self.heat

    def alarm(self) -> SetupAlarm | None:
        """The same."""
        return self.setup

    def forget(self, track: int) -> None:
        """Note it."""
        self.forgotten.append(track)

    def close(self) -> None:
        """Nothing to let go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody: an embedding, and who that is if enrolled."""

    embedding: NDArray[np.float32] = field(repr=False)
    subject_id: SubjectId | None = None


@dataclass(slots=True, kw_only=True)
class FakeDoor:
    """The loop of a door, with every evidence it was asked to judge."""

    policy: Policy = POLICY
    zone: Zone = WHOLE_PICTURE
    most_faces: int = 10
    line: tuple[tuple[float, float], tuple[float, float]] | None = None
    thermometer: FakeThermometer | None = None
    site: FlowSite = field(default_factory=FlowSite)
    at: datetime = NOON
    judged: list[Evidence] = field(default_factory=list)
    loop: DoorLoop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = DoorLoop(
            vision=self.site.vision,
            gallery=self.site.gallery,
            judge=self._judge,
            zone=self.zone,
            fpir_target=0.001,
            most_faces=self.most_faces,
            thermometer=self.thermometer,
            line=self.line,
        )

    @property
    def vision(self) -> Vision:
        """What the loop sees with."""
        return self.site.vision

    @property
    def embedded(self) -> int:
        """How many embeddings have been made since the door is there."""
        return len(self.site.vision.given)

    def enrol(self, seed: int) -> Visitor:
        """Somebody who agreed."""
        embedding = unit(seed)
        subject = self.site.enrol(self.site.vision.shows(embedding)).subject
        self.site.vision.given.clear()
        return Visitor(embedding=embedding, subject_id=subject.subject_id)

    def stranger(self, seed: int) -> Visitor:
        """Somebody who did not."""
        return Visitor(embedding=unit(seed))

    def see(
        self, *people: Visitor, eyes_px: float = 60.0, mask: str | None = None, signed: bool = False
    ) -> tuple[Answer, ...]:
        """The next frame, 40 ms later, with these people side by side."""
        return self.loop.step(self.frame(*people, eyes_px=eyes_px, mask=mask), signed=signed)

    def frame(self, *people: Visitor, eyes_px: float = 60.0, mask: str | None = None) -> Frame:
        """The same, without showing it to the loop; as wide as it takes."""
        self.at += BETWEEN
        wide = np.full((240, max(320, round(3 * eyes_px * (len(people) + 1))), 3), 128, dtype=np.uint8)
        return self.site.vision.shows(
            *(person.embedding for person in people), at=self.at, eyes_px=eyes_px, mask=mask, pixels=wide
        )

    def wait(self, seconds: float) -> None:
        """Let time pass without a frame."""
        self.at += timedelta(seconds=seconds)

    def _judge(self, evidence: Evidence, at: datetime) -> Decision:
        self.judged.append(evidence)
        return decide(evidence, self.policy, at=at)
