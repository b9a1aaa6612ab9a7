"""The whole path in one go, on pictures no camera has to take: agree, enrol, recognise, a stranger, stop and delete.

The steps are the site's own flows; nothing is acted. The agreement is marked *simulated*, the folder is a trial one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from limen.bootstrap import Site
from limen.core.decision import Decision, Evidence, Grant, StageTimes
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditVerdict, Receipt
from limen.core.people import Agreement, GivenHow, Subject, TemplateKind, new_id
from limen.core.probe import Undetermined
from limen.core.quality import NotAssessed
from limen.door.rules import AttendedDoor, Policy, decide
from limen.evaluation.door_walk import DoorVisit, Visitor, door_walk
from limen.flows.recognise import Recognition
from limen.frames.bundled import ASTRONAUT, GRACE_HOPPER
from limen.frames.drawn import PERSON, STRANGER, draw_face
from limen.frames.pictures import read_picture
from limen.ledger.texts import agreement_text
from limen.vision.drawn_masks import ENROLMENT_MASKS, draw_mask

__all__ = ["STEPS", "Attempt", "Cast", "Walkthrough", "choose_cast", "walk_through"]

_POLICY = Policy(version="demo-attended-door", attendance=AttendedDoor())
_VALIDITY = timedelta(days=30)
STEPS = 15
"""How many steps ``walk_through`` reports."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cast:
    """Who plays: pictures and where they come from."""

    person: Picture = field(repr=False)
    person_title: str
    stranger: Picture = field(repr=False)
    stranger_title: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempt:
    """One picture before the door.

    Attributes:
        title: what was done to the picture.
        picture: uint8 (H, W, 3) BGR.
        expected_known: whether the enrolled person is on it and enrolled at that moment.
        recognition: the answer, or None if no face was found.
        decision: of an attended door.
        times: per stage.
        total_ms: frame in to decision out.
    """

    title: str
    picture: Picture = field(repr=False)
    expected_known: bool
    recognition: Recognition | None
    decision: Decision
    times: StageTimes
    total_ms: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walkthrough:
    """All that happened; the last attempt is the one after stop and delete, ``visits`` are walk-ups to a door."""

    cast: Cast
    agreement: Agreement
    agreement_words: str
    subject: Subject
    qualities: tuple[int, ...]
    attempts: tuple[Attempt, ...]
    visits: tuple[DoorVisit, ...]
    receipt: Receipt
    audit: AuditVerdict

    def as_expected(self) -> bool:
        """Whether every attempt ended as it should."""
        pictures = all(isinstance(item.decision, Grant) == item.expected_known for item in self.attempts)
        return pictures and all(visit.opened == visit.expected for visit in self.visits)


def choose_cast(site: Site) -> Cast:
    """Pictures that installed packages carry, or drawn faces where they are not installed."""
    person, stranger = ASTRONAUT.locate(), GRACE_HOPPER.locate()
    if person is None or stranger is None:
        return Cast(
            person=draw_face(PERSON),
            person_title="a drawn face (pip install 'limen[demo]' shows photographs instead)",
            stranger=draw_face(STRANGER),
            stranger_title="another drawn face",
        )
    now = site.clock.now()
    return Cast(
        person=read_picture(person, at=now).pixels,
        person_title=ASTRONAUT.title,
        stranger=read_picture(stranger, at=now).pixels,
        stranger_title=GRACE_HOPPER.title,
    )


def walk_through(site: Site, cast: Cast, *, progress: Callable[[int], None] = lambda _: None) -> Walkthrough:
    """Go the whole path on an empty trial site.

    Args:
        site: a new trial folder.
        cast: the pictures.
        progress: told how many steps are done, of ``STEPS``.

    Raises:
        RefusedError: the picture to enrol shows no usable face.
    """
    text = agreement_text("en")
    agreement = site.agree(text, how=GivenHow.SIMULATED, validity=_VALIDITY)
    frame = _frame(site, cast.person, "the picture to enrol")
    enrolled = site.enrol([frame], name="Demo person", agreement_id=agreement.agreement_id, kind=TemplateKind.GALLERY)
    progress(1)
    before = []
    scenes = [
        *_scenes(cast),
        ("with a mask, drawn", _masked(site, cast.person), True),
        ("somebody else, with a mask", _masked(site, cast.stranger), False),
    ]
    for done, (title, picture, known) in enumerate(scenes, start=2):
        before.append(_attempt(site, title, picture, known=known))
        progress(done)
    visits = door_walk(site, _visitors(site, cast))
    progress(STEPS - 1)
    receipt = site.withdraw(enrolled.subject.subject_id)
    after = _attempt(site, "the same person, after stop and delete", cast.person, known=False)
    with site.store.read() as unit:
        audit = unit.audit.verify()
    progress(STEPS)
    return Walkthrough(
        cast=cast,
        agreement=agreement,
        agreement_words=text.text,
        subject=enrolled.subject,
        qualities=enrolled.qualities,
        attempts=(*before, after),
        visits=visits,
        receipt=receipt,
        audit=audit,
    )


def _scenes(cast: Cast) -> list[tuple[str, Picture, bool]]:
    """Title, picture, and whether the enrolled person is on it."""
    picture = cast.person
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 1.0)
    turned = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    noise = np.random.default_rng(1).normal(0.0, 12.0, picture.shape)
    wide = cv2.copyMakeBorder(picture, height, height, width, width, cv2.BORDER_CONSTANT, value=(90, 90, 90))
    return [
        ("as enrolled", picture, True),
        ("half size", _scaled(picture, 0.5), True),
        ("far away in a larger picture", np.asarray(wide, dtype=np.uint8), True),
        ("darker", np.asarray(cv2.convertScaleAbs(picture, alpha=0.45), dtype=np.uint8), True),
        ("brighter", np.asarray(cv2.convertScaleAbs(picture, alpha=1.3, beta=30), dtype=np.uint8), True),
        ("cropped", picture[: height * 3 // 4, width // 8 : width * 7 // 8].copy(), True),
        ("head tilted", np.asarray(turned, dtype=np.uint8), True),
        ("noisy camera", np.clip(picture + noise, 0, 255).astype(np.uint8), True),
        ("somebody else", cast.stranger, False),
        ("somebody else, half size", _scaled(cast.stranger, 0.5), False),
    ]


def _visitors(site: Site, cast: Cast) -> list[Visitor]:
    darker = np.asarray(cv2.convertScaleAbs(cast.person, alpha=0.7), dtype=np.uint8)
    masked = _masked(site, cast.person)
    return [
        Visitor(title="the enrolled person", keys=(darker, cast.person), expected=True),
        Visitor(title="the same, with a mask", keys=(masked, masked), expected=True),
        Visitor(title="somebody else, who waits", keys=(cast.stranger,) * 7, expected=False),
    ]


def _masked(site: Site, picture: Picture) -> Picture:
    """The picture with a mask on its largest face; as it is if there is none."""
    faces = site.vision.detect(_frame(site, picture, "to draw a mask on"))
    if not faces:
        return picture
    face = max(faces, key=lambda item: item.box.width_px)
    return draw_mask(picture, face.landmarks, ENROLMENT_MASKS[0], rng=np.random.default_rng(1))


def _scaled(picture: Picture, factor: float) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _frame(site: Site, picture: Picture, name: str) -> Frame:
    return Frame(pixels=picture.copy(), captured_at=site.clock.now(), source=name, kind=SourceKind.BUNDLED)


def _attempt(site: Site, title: str, picture: Picture, *, known: bool) -> Attempt:
    started = time.perf_counter()
    recognitions, times = site.recognise(_frame(site, picture, title))
    found = max(recognitions, key=lambda item: item.probe.face.box.width_px, default=None)
    evidence = Evidence(
        evidence_id=new_id("e"),
        match=None if found is None else found.match,
        quality=None if found is None else found.probe.quality,
        mask=NotAssessed(reason="no face was found") if found is None else found.probe.mask,
        temperature=NotAssessed(reason="no thermal camera"),
        liveness=Undetermined(reason="no face") if found is None else found.probe.liveness,
        second_factor=False,
        n_faces=len(recognitions),
        times=times,
    )
    decision = decide(evidence, _POLICY, at=site.clock.now())
    return Attempt(
        title=title,
        picture=picture,
        expected_known=known,
        recognition=found,
        decision=decision,
        times=times,
        total_ms=1000.0 * (time.perf_counter() - started),
    )
