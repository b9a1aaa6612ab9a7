"""A door that is kept: orders follow records, a fault keeps it shut until it ends, nothing is told of strangers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import structlog

from limen.core.base45 import encode
from limen.core.decision import Grant, Reason
from limen.core.door import Counted, DoorId, RequestKind, SignalKind
from limen.core.errors import CaptureError, ModelError
from limen.core.face import Face
from limen.core.frame import Frame
from limen.core.ledger import AuditTag
from limen.core.messages import EventKind
from limen.core.people import Rights
from limen.door.rules import AttendedDoor, MaskRule, Policy, UnattendedDoor
from limen.door.zone import Zone
from limen.flows.lay_down import LayDown
from limen.flows.show_code import ShowCode
from support.clock import NOON
from support.doorway import Visitor
from support.keeping import FRONT, Kept, Script, always
from support.vision import make_probe, unit


def test_a_grant_is_recorded_and_opens_once_and_tells_nobodys_name() -> None:
    """One record, one order, one event; the log has one line of it, and no id of the person."""
    kept = Kept()
    ada = kept.enrol(1)
    with structlog.testing.capture_logs() as lines:
        decisions = kept.plays(*[[ada]] * 10)
    assert [type(decision) for decision in decisions] == [Grant]
    assert [order.decision_id for order in kept.gate.followed] == [decisions[0].evidence_id]
    assert kept.store.state.audit[-1].tag is AuditTag.DOOR_DECIDED
    assert kept.events() == [EventKind.ATTEMPT]
    assert [(line["event"], line["outcome"]) for line in lines] == [("attempt_decided", "grant")]
    assert str(ada.subject_id) not in repr(lines) + repr(kept.listener.heard)


def test_a_trial_folder_decides_and_opens_nothing() -> None:
    """The record is there, the order is not followed."""
    kept = Kept(opens=False)
    ada = kept.enrol(1)
    assert [type(decision) for decision in kept.plays([ada], [ada])] == [Grant]
    assert kept.gate.followed == []


def test_nothing_is_told_of_a_stranger() -> None:
    """No event, no line of the log, no record: one more in a total."""
    kept = Kept()
    kept.enrol(1)
    before = len(kept.store.state.audit)
    with structlog.testing.capture_logs() as lines:
        decisions = kept.plays(*[[kept.fake.stranger(2)]] * 60)
    assert [decision.reasons for decision in decisions] == [(Reason.NOT_RECOGNISED,)]
    assert (lines, kept.events(), len(kept.store.state.audit)) == ([], [], before)
    assert list(kept.store.state.counts.values()) == [1]


def test_a_store_that_cannot_be_written_keeps_the_door_shut() -> None:
    """No record, no opening, an alarm; when there is room again the person comes in."""
    kept = Kept()
    ada = kept.enrol(1)
    kept.store.full = True
    refused = kept.plays(*[[ada]] * 5)
    assert [decision.reasons for decision in refused] == [(Reason.NO_RECORD,)]
    assert (kept.gate.followed, kept.alarms(), kept.events()) == ([], ["store"], [])
    kept.store.full = False
    assert [type(decision) for decision in kept.plays([], [ada], [ada])] == [Grant]
    assert (len(kept.gate.followed), kept.told[-1].alarms) == (1, ())


def test_a_camera_that_fails_is_an_alarm_and_the_contacts_are_followed_meanwhile() -> None:
    """The door does not end; a door forced open is recorded though nothing is seen."""
    kept = Kept()
    ada = kept.enrol(1)
    gone = CaptureError("camera 0: stopped giving pictures", advice="check its cable")

    def forced() -> Exception:
        kept.gate._tell(SignalKind.FORCED_OPEN)
        return gone

    decisions = kept.plays([ada], gone, forced, [ada], [ada])
    assert [type(decision) for decision in decisions] == [Grant]
    assert (kept.alarms(), kept.told[-1].alarms) == (["camera"], ())
    assert AuditTag.DOOR_FORCED in [record.tag for record in kept.store.state.audit]


@pytest.mark.parametrize("error", [ModelError("the model is gone", advice="put it back"), ZeroDivisionError()])
def test_a_model_that_fails_lets_nobody_in_and_does_not_end_the_door(error: Exception) -> None:
    """Whatever it raises is an alarm; the next frames are looked at."""
    kept = Kept()
    ada = kept.enrol(1)
    vision = kept.fake.site.vision
    works = vision.detect

    def breaks() -> Sequence[Visitor]:
        def fail(_: Frame) -> tuple[Face, ...]:
            vision.detect = works  # type: ignore[method-assign]  # works again with the next frame
            raise error

        vision.detect = fail  # type: ignore[method-assign, assignment]  # a model breaks
        return [ada]

    decisions = kept.plays([ada], breaks, [ada])
    assert [type(decision) for decision in decisions] == [Grant]
    assert kept.alarms() == ["vision"]


def test_a_relay_that_is_silent_is_an_alarm_and_nothing_opens_late() -> None:
    """The order is not tried again when the relay comes back."""
    kept = Kept()
    ada = kept.enrol(1)
    kept.gate.fail()
    kept.plays(*[[ada]] * 5)
    assert [alarm.what for alarm in kept.keep.alarms.standing()] == ["sensor", "actuator"]
    kept.gate.fail(silent=False)
    kept.plays([ada], [])
    assert kept.gate.followed == []


def test_a_clock_that_jumps_refers_and_does_not_open() -> None:
    """Hours and ends of agreements cannot be told; a person looks."""
    kept = Kept()
    ada = kept.enrol(1)
    kept.plays([], [])
    kept.jump(3600.0)
    decisions = kept.plays([ada], [ada])
    assert [decision.reasons for decision in decisions] == [(Reason.CLOCK_UNTRUSTED,)]
    assert kept.gate.followed == []


def test_the_desk_opens_a_running_door_once() -> None:
    """A request is followed and gone; in a trial folder it does nothing."""
    kept = Kept()
    request = kept.ask(RequestKind.OPEN)
    kept.plays([], [], [])
    assert [order.decision_id for order in kept.gate.followed] == [request.request_id]
    trial = Kept(opens=False)
    trial.ask(RequestKind.OPEN)
    trial.plays([], [])
    assert trial.gate.followed == []


def test_an_order_of_the_desk_does_not_wait_for_a_camera_that_rests() -> None:
    """What the desk asks while a camera that failed is left alone is followed before the camera is asked again."""
    kept, gone, followed = Kept(), CaptureError("camera 0: gone", advice="check its cable"), list[int]()
    kept.keep.pause = lambda _: None if kept.store.state.requests else asked()

    def asked() -> None:
        if not kept.gate.followed:
            kept.ask(RequestKind.OPEN)

    def again() -> Sequence[Visitor]:
        followed.append(len(kept.store.state.requests))
        return []

    kept.plays(gone, again)
    assert (followed, len(kept.gate.followed)) == ([0], 1)


def test_a_guard_clears_a_visitor_who_was_referred() -> None:
    """A mask that cannot be told is referred; cleared by the number of the event, the visitor comes in."""
    kept = Kept(policy=Policy(version="p-1", attendance=AttendedDoor(), mask=MaskRule.REQUIRE))
    ada = kept.enrol(1)
    (referred,) = kept.plays(*[[ada]] * 5, mask="unsure")
    kept.ask(RequestKind.CLEAR, about=referred.evidence_id)
    decisions = kept.plays([], *[[ada]] * 10, mask="unsure")
    assert [decision.reasons for decision in decisions] == [(Reason.RECOGNISED, Reason.CLEARED)]


def test_a_badge_opens_an_unattended_door_for_its_owner() -> None:
    """The face alone does not; the badge is looked at as soon as it is shown."""
    kept = Kept(policy=Policy(version="p-1", attendance=UnattendedDoor()))
    ada = kept.enrol(1)
    assert ada.subject_id is not None
    LayDown(store=kept.store, clock=kept.clock, pin_hash=str)(ada.subject_id, badge="0042")

    def shows_badge() -> Sequence[Visitor]:
        kept.outside.presented.put("0042")
        return [ada]

    decisions = kept.plays(*[[ada]] * 5, shows_badge, *[[ada]] * 10)
    assert [decision.reasons[0] for decision in decisions] == [Reason.SECOND_FACTOR_MISSING, Reason.RECOGNISED]


def test_a_pin_without_the_store_is_an_alarm_and_is_dropped() -> None:
    """Neither whether a badge waits for it, nor that it has locked one, can be told then; the door goes on, shut."""
    kept = Kept(opens=False)
    site = kept.fake.site
    codes = kept.outside.codes = ShowCode(
        door=FRONT, gallery=site.gallery, present=site.present(), read=lambda _: (), moments=kept.outside.moments
    )
    sealed = site.enrol_sealed()([site.vision.shows(unit(1))], name="A", agreement_id=site.agreed(), pin="2580")

    def alarms() -> list[str]:
        kept.outside.follow(site.clock.now())
        return [alarm.what for alarm in kept.keep.alarms.standing()]

    kept.outside.presented.put(encode(sealed.badge))
    assert alarms() == []
    kept.store.unreadable = True
    kept.outside.presented.put("2580")
    assert alarms() == ["store"]
    assert not kept.outside.moments.is_theirs(sealed.subject.subject_id, Rights(badge="2580"), at=site.clock.now())

    kept.store.unreadable = False
    for _ in range(5):
        assert codes.take(encode(sealed.badge), at=site.clock.now())
        assert codes.take("0000", at=site.clock.now())
        codes.search_frame([make_probe(unit(1))], at=site.clock.now(), fpir_target=0.001)
    kept.keep.alarms.works("store")
    site.clock.advance(timedelta(seconds=10))
    kept.store.full = True
    assert alarms() == ["store"]
    (still,) = kept.store.state.sealed.values()
    assert still.is_locked_out


def test_a_button_begins_an_attempt() -> None:
    """Where a sign is asked for nobody is looked at before it."""
    kept = Kept(zone=Zone(sign_needed=True))
    ada = kept.enrol(1)
    assert kept.plays(*[[ada]] * 10) == []
    assert kept.fake.embedded == 0
    kept.outside.presented.put("")
    assert [type(decision) for decision in kept.plays([ada], [ada])] == [Grant]


def test_an_airlock_opens_when_the_other_door_is_known_to_be_shut() -> None:
    """Open or unknown, this one stays shut."""
    kept = Kept(airlock=(DoorId("inner"),))
    ada = kept.enrol(1)
    assert [decision.reasons for decision in kept.plays([ada], [ada])] == [(Reason.INTERLOCK,)]
    with kept.store.begin() as unit:
        unit.doors.set_leaf(DoorId("inner"), is_open=False, at=kept.clock.now() + timedelta(seconds=1))
        unit.commit()
    kept.fake.wait(1.0)
    assert [type(decision) for decision in kept.plays([], [ada], [ada])] == [Grant]


def test_who_goes_through_is_inside_and_the_event_does_not_say_who() -> None:
    """Passages come from the contacts."""
    kept = Kept()
    ada = kept.enrol(1)

    def walks() -> Sequence[Visitor]:
        assert kept.gate.walk_through()
        return []

    kept.plays(*[[ada]] * 3, walks, [])
    assert (kept.store.state.inside, kept.store.state.people_inside) == (frozenset({ada.subject_id}), 1)
    assert kept.store.state.counts[FRONT, NOON, Counted.PASSED_IN] == 1
    assert EventKind.PASSAGE in kept.events()


def test_a_recorded_source_ends_by_itself_and_so_many_frames_are_enough() -> None:
    """A video ends the door; a number of frames does, too; what was gathered is overwritten."""
    kept = Kept()
    stranger = kept.fake.stranger(2)
    kept.plays(*[[stranger]] * 3)
    assert len(kept.told) == 3
    kept.keep.source = Script(door=kept.fake, steps=[always([stranger])] * 9)
    assert kept.keep.run(stop=lambda: False, most_frames=5) == 5
    assert all(not probe.embedding.any() for probe in kept.fake.site.vision.given)
