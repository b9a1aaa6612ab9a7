"""A badge with a PIN: each typed PIN counts once, five that do not open it lock it; nothing tells which was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from typing_extensions import override

from limen.core.base45 import encode
from limen.core.door import DoorId
from limen.core.errors import RefusedError
from limen.core.frame import Frame
from limen.core.ledger import AuditTag
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.passes import SealedTemplate, SiteSecret
from limen.core.people import SubjectId
from limen.flows.enrol_sealed import Sealed
from limen.flows.moments import Moments
from limen.flows.pin_try import PinTry
from limen.flows.show_code import ShowCode
from limen.flows.unlock_badge import UnlockBadge
from limen.gallery.sealed import SecretLock
from support.flowsite import FlowSite
from support.vision import make_frame, make_probe, unit

_PIN, _OTHER = "2580", "0852"
_FRONT = DoorId("front")
_HERS, _SOMEBODY = unit(1), unit(2)


@dataclass(slots=True, kw_only=True)
class _Door:
    """A door of a site that has one badge with a PIN; the fake camera shows no code unless told."""

    site: FlowSite
    badge: bytes = b""
    who: SubjectId = field(init=False)
    seen: list[bytes] = field(default_factory=list)
    moments: Moments = field(default_factory=lambda: Moments(pin_check=lambda *_: False))
    codes: ShowCode = field(init=False)

    def __post_init__(self) -> None:
        sealed = enrolled(self.site)
        self.badge, self.who = sealed.badge, sealed.subject.subject_id
        self.codes = self.started()

    def started(self) -> ShowCode:
        """The door's search, as after a start of the process."""
        codes = ShowCode(
            door=_FRONT, gallery=self.site.gallery, present=self.site.present(), read=self.read, moments=self.moments
        )
        codes.see(make_frame())
        self.site.gallery.refresh()
        return codes

    def read(self, frame: Frame) -> Sequence[bytes]:
        """What the camera sees."""
        del frame
        return self.seen

    def shown(self, *texts: str) -> list[bool]:
        """What reader or keypad gives."""
        return [self.codes.take(text, at=self.site.clock.now()) for text in texts]

    def look(self, *faces: NDArray[np.float32]) -> tuple[Match, ...]:
        """One frame with these faces."""
        probes = [make_probe(face) for face in faces]
        return self.codes.search_frame(probes, at=self.site.clock.now(), fpir_target=0.001)

    def tried(self, pin: str, face: NDArray[np.float32]) -> UnknownReason | None:
        """Badge, PIN and face; then ten seconds pass. Why nobody was recognised, or None."""
        self.shown(encode(self.badge), pin)
        (match,) = self.look(face)
        self.site.clock.advance(timedelta(seconds=10))
        self.codes.forget(at=self.site.clock.now())
        return match.reason if isinstance(match, Unknown) else None

    @property
    def wrong(self) -> int:
        """What is counted."""
        (kept,) = self.site.store.state.sealed.values()
        return kept.wrong_pins

    @property
    def locks(self) -> list[dict[str, object]]:
        """What stands on record of locked badges."""
        records = self.site.store.state.audit
        return [dict(record.detail) for record in records if record.tag is AuditTag.BADGE_PIN_LOCKED]


class _Dying(SecretLock):
    """A lock in a process that is killed while it tries a PIN."""

    @override
    def unlock(
        self, sealed: SealedTemplate, *, badge: bytes, pepper: SiteSecret, pin: str | None
    ) -> NDArray[np.float32] | None:
        """Ends the process."""
        raise SystemExit


def enrolled(site: FlowSite) -> Sealed:
    """Somebody with a badge and a PIN."""
    frame = site.vision.shows(_HERS)
    return site.enrol_sealed()([frame], name="Ada", agreement_id=site.agreed(), pin=_PIN)


@pytest.fixture
def door(trial: FlowSite) -> _Door:
    """A door, and Ada's badge."""
    return _Door(site=trial)


@pytest.mark.parametrize("by_camera", [True, False])
def test_badge_then_pin_with_the_face_opens(door: _Door, *, by_camera: bool) -> None:
    """The badge alone is asked for its PIN; with it and the face the holder is found, and has shown both factors."""
    door.seen = [encode(door.badge).encode()] if by_camera else []
    if not by_camera:
        assert door.shown(encode(door.badge)) == [True]
    (asked,) = door.look(_HERS)
    assert isinstance(asked, Unknown)
    assert asked.reason is UnknownReason.BADGE_PIN_MISSING
    assert door.shown(_PIN) == [True]
    (found,) = door.look(_HERS)
    assert isinstance(found, Recognised)
    assert found.subject_id == door.who
    now = door.site.clock.now()
    assert door.moments.has_shown_code(door.who, at=now, with_pin=True)
    assert door.wrong == 0


def test_it_goes_on_fitting_for_the_frames_that_follow_and_no_longer(door: _Door) -> None:
    """One typed PIN serves the frames of one attempt, without another count; ten seconds later it is gone."""
    door.shown(encode(door.badge), _PIN)
    for _ in range(5):
        assert isinstance(door.look(_HERS)[0], Recognised)
        door.site.clock.advance(timedelta(seconds=1))
    assert door.wrong == 0
    door.site.clock.advance(timedelta(seconds=5))
    assert isinstance(door.look(_HERS)[0], Unknown)


def test_a_typed_pin_counts_once_however_many_frames_and_faces(door: _Door) -> None:
    """Six looks at two faces with one wrong PIN are one try."""
    door.shown(encode(door.badge), _OTHER)
    for _ in range(6):
        assert all(isinstance(match, Unknown) for match in door.look(_HERS, _SOMEBODY))
    assert door.wrong == 1


def test_a_pin_that_nobody_stood_there_for_is_not_tried(door: _Door) -> None:
    """Without a face in ten seconds nothing is counted, and nothing opens afterwards."""
    door.shown(encode(door.badge), _OTHER)
    door.site.clock.advance(timedelta(seconds=10))
    door.codes.forget(at=door.site.clock.now())
    door.look(_HERS)
    assert door.wrong == 0


def test_whether_the_pin_was_right_is_not_told_without_the_face(door: _Door) -> None:
    """A right and a wrong PIN beside another face: the same answer, the same count, the same lock on the fifth."""
    answers = [door.tried(pin, _SOMEBODY) for pin in (_PIN, _OTHER, _PIN, _OTHER)]
    assert answers == [UnknownReason.NOBODY_ENROLLED] * 4  # what the list says of anybody
    assert (door.wrong, door.locks) == (4, [])
    assert door.tried(_PIN, _SOMEBODY) is UnknownReason.BADGE_PIN_LOCKED
    assert door.locks == [{"door": "front", "reason": "badge_pin_locked"}]


def test_after_five_it_opens_for_nobody_and_a_new_process_knows(door: _Door) -> None:
    """Not for the holder with the right PIN either, nor at another door, nor after a start; it is told once."""
    for _ in range(5):
        door.tried(_OTHER, _HERS)
    door.codes = door.started()
    assert door.tried(_PIN, _HERS) is UnknownReason.BADGE_PIN_LOCKED
    match = door.site.present()(door.badge, [make_probe(_HERS)], at=door.site.clock.now(), pin=_PIN)
    assert isinstance(match, Unknown)
    assert match.reason is UnknownReason.BADGE_PIN_LOCKED
    assert len(door.locks) == 1
    assert not door.moments.has_shown_code(door.who, at=door.site.clock.now())


def test_a_locked_badge_asks_for_its_pin_like_any_other(door: _Door) -> None:
    """Whoever holds it learns nothing before typing."""
    for _ in range(5):
        door.tried(_OTHER, _SOMEBODY)
    door.shown(encode(door.badge))
    (match,) = door.look(_SOMEBODY)
    assert isinstance(match, Unknown)
    assert match.reason is UnknownReason.BADGE_PIN_MISSING


def test_the_count_begins_anew_when_it_opens(door: _Door) -> None:
    """Four wrong ones, the right one, and four more: not locked, as they are not five in a row."""
    for pin in (_OTHER,) * 4 + (_PIN,) + (_OTHER,) * 4:
        door.tried(pin, _HERS)
    assert (door.wrong, door.locks) == (4, [])
    assert door.tried(_PIN, _HERS) is None


def test_the_fifth_may_still_be_right(door: _Door) -> None:
    """It opens, and there is nothing to unlock."""
    for _ in range(4):
        door.tried(_OTHER, _HERS)
    assert door.tried(_PIN, _HERS) is None
    assert (door.wrong, door.locks) == (0, [])


def test_it_is_counted_before_it_is_tried(door: _Door) -> None:
    """A process that dies while it tries a PIN has counted it."""
    door.site.lock = _Dying(door.site.store.site_tag())
    door.codes = door.started()
    door.shown(encode(door.badge), _PIN)
    with pytest.raises(SystemExit):
        door.look(_HERS)
    assert door.wrong == 1


def test_a_pin_typed_elsewhere_meanwhile_ends_the_try(door: _Door) -> None:
    """Who tries PINs at another door does not gain by the holder's right one here."""
    now = door.site.clock.now()
    present = door.site.present()
    tried = present.try_pin(door.badge, _PIN, at=now)
    assert isinstance(tried, PinTry)
    present(door.badge, [make_probe(_SOMEBODY)], at=now, pin=_OTHER)
    assert isinstance(present.compare(tried, [make_probe(_HERS)], at=now), Unknown)
    assert door.wrong == 2


def test_whoever_withdraws_in_between_is_nobody(door: _Door) -> None:
    """The template in memory opens nothing, and nothing is written about somebody who is gone."""
    now = door.site.clock.now()
    present = door.site.present()
    tried = present.try_pin(door.badge, _PIN, at=now)
    assert isinstance(tried, PinTry)
    door.site.withdraw()(door.who)
    assert isinstance(present.compare(tried, [make_probe(_HERS)], at=now), Unknown)
    present.try_pin.end(replace(tried, sealed=replace(tried.sealed, wrong_pins=5)), at=now)
    assert (tried.vector is None, door.locks) == (False, [])


def test_the_template_is_overwritten_when_the_seconds_are_over(door: _Door) -> None:
    """What a PIN opened is zeros afterwards."""
    present = door.site.present()
    tried = present.try_pin(door.badge, _PIN, at=door.site.clock.now())
    assert isinstance(tried, PinTry)
    vector = tried.vector
    assert vector is not None
    present.try_pin.end(tried, at=door.site.clock.now())
    assert not vector.any()
    assert _PIN not in repr(door.codes)


def test_digits_are_a_pin_only_while_a_badge_waits_for_one(door: _Door) -> None:
    """Before, and beside a badge without a PIN, they are left to whoever else takes them."""
    assert door.shown(_PIN) == [False]
    frame = door.site.vision.shows(unit(3))
    plain = door.site.enrol_sealed()([frame], name="Bo", agreement_id=door.site.agreed())
    assert door.shown(encode(plain.badge), _PIN) == [True, False]
    assert door.shown(encode(door.badge), "no digits", _PIN) == [True, False, True]


def test_the_desk_unlocks_for_a_reason_on_record(door: _Door) -> None:
    """Then the right PIN opens again; without a reason, or where nothing is locked, nothing changes."""
    unlock = UnlockBadge(store=door.site.store, clock=door.site.clock)
    with pytest.raises(RefusedError) as caught:
        unlock(door.who, reason="to try")
    assert caught.value.reason == "not_locked"
    for _ in range(5):
        door.tried(_OTHER, _HERS)
    with pytest.raises(RefusedError, match="a reason is needed"):
        unlock(door.who, reason=" ")
    with pytest.raises(RefusedError):
        unlock(SubjectId("s-nobody"), reason="came to the desk")
    assert door.wrong == 5
    assert unlock(door.who, reason="came to the desk") == 5
    record = door.site.store.state.audit[-1]
    assert (record.tag, record.detail) == (AuditTag.BADGE_UNLOCKED, {"reason": "came to the desk"})
    assert record.alias is not None
    assert door.tried(_PIN, _HERS) is None


def test_whoever_enrols_again_begins_anew(door: _Door) -> None:
    """A new badge is not locked by what was typed for the one before."""
    for _ in range(5):
        door.tried(_OTHER, _HERS)
    door.site.withdraw()(door.who)
    door.badge = enrolled(door.site).badge
    assert door.wrong == 0
    assert door.tried(_PIN, _HERS) is None


def test_the_person_is_told_what_is_counted(door: _Door) -> None:
    """It stands in the export."""
    door.tried(_OTHER, _HERS)
    assert door.site.export()(door.who)["badge_lock"] == {"with_pin": True, "wrong_pins_in_a_row": 1}
