"""The demo's door: people walk up to it, by the loop, rules and record of a real one; a gate that is none opens."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import DOOR, Site, build_vision
from limen.core.decision import Decision, Evidence, Grant
from limen.core.door import DoorId
from limen.core.frame import Frame
from limen.door.loop import DoorLoop
from limen.door.rules import AttendedDoor, Policy
from limen.door.simulator import DoorSimulator
from limen.door.words import words
from limen.door.zone import WHOLE_PICTURE
from limen.evaluation.walk_ups import Picture, walk_up_frames
from limen.flows.admit import Admit
from limen.flows.moments import Moments
from limen.vision.recogniser import Recogniser

__all__ = ["DoorVisit", "Visitor", "door_walk"]

_EVERY = 2
_SHOWN = 4
_DOOR = DoorId("demo")
_POLICY = Policy(version="demo-attended-door", attendance=AttendedDoor())
_FPIR = 0.001
_SEED = 3
_WAITS, _OPENS, _STAYS_SHUT = (160, 140, 40), (60, 160, 40), (40, 60, 200)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visitor:
    """Somebody who is to walk up: who, by which key frames, and whether the door should open."""

    title: str
    keys: tuple[Picture, ...] = field(repr=False)
    expected: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoorVisit:
    """Somebody who walked up.

    Attributes:
        title: who.
        expected: whether the door should have opened.
        opened: whether the gate did.
        said: what the screen at the door said last.
        frames: looked at until the decision; None where there was none.
        waited_ms: from the first of them to the decision, by the camera's clock and the time that the last frame took.
        pictures: uint8 (H, W, 3) BGR, some frames with what the door knew in them.
    """

    title: str
    expected: bool
    opened: bool
    said: str
    frames: int | None
    waited_ms: float | None
    pictures: tuple[NDArray[np.uint8], ...] = field(repr=False)


def door_walk(site: Site, visitors: Sequence[Visitor]) -> tuple[DoorVisit, ...]:
    """Let people walk up to a door of a trial site, one after another.

    Args:
        site: a trial folder.
        visitors: in the order in which they come.
    """
    vision = build_vision(site.settings, site.calibration, options=DOOR)
    rng = np.random.default_rng(_SEED)
    return tuple(_visit(site, vision, visitor, rng=rng) for visitor in visitors)


def _visit(site: Site, vision: Recogniser, visitor: Visitor, *, rng: np.random.Generator) -> DoorVisit:
    gate = DoorSimulator(clock=site.clock)
    admit = Admit(store=site.store, door=_DOOR, policy=_POLICY, moments=Moments(pin_check=lambda *_: False))

    def judge(evidence: Evidence, at: datetime) -> Decision:
        admission = admit(evidence, at)
        if admission.order is not None:
            gate.open(admission.order)
        return admission.decision

    loop = DoorLoop(vision=vision, gallery=site.gallery, judge=judge, zone=WHOLE_PICTURE, fpir_target=_FPIR)
    said, frames, waited, strip = "", None, None, []
    for frame in walk_up_frames([visitor.keys], rng=rng, every=_EVERY, start=site.clock.now()):
        started = time.perf_counter()
        answers = loop.step(frame)
        took_ms = 1000.0 * (time.perf_counter() - started)
        for answer in answers:
            said = words(answer.decision, language="en", audience="public")
            frames = answer.frames
            waited = 1000.0 * (answer.at - answer.first_at).total_seconds() + took_ms
        opened = any(isinstance(answer.decision, Grant) for answer in answers) or bool(gate.followed)
        colour = _OPENS if opened else _STAYS_SHUT if frames is not None else _WAITS
        strip.append(_marked(frame, vision, colour))
    loop.close()
    chosen = np.unique(np.linspace(0, len(strip) - 1, _SHOWN).round().astype(int))
    return DoorVisit(
        title=visitor.title,
        expected=visitor.expected,
        opened=bool(gate.followed),
        said=said,
        frames=frames,
        waited_ms=waited,
        pictures=tuple(strip[place] for place in chosen),
    )


def _marked(frame: Frame, vision: Recogniser, colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The frame with a box around every face, in a colour that says what the door knew."""
    shown = np.array(frame.pixels)
    for face in vision.detect(frame):
        box = face.box
        rectangle = [round(side) for side in (box.x_px, box.y_px, box.width_px, box.height_px)]
        cv2.rectangle(shown, rectangle, colour, 8)
    return shown
