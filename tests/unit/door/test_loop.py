"""The loop of a door: who is embedded, when it is decided, and what is left of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from limen.core.decision import Deny, Grant, Reason
from limen.core.door import Direction
from limen.core.in_view import NOBODY, Absence, InView
from limen.core.match import Match, Recognised, Unknown, UnknownReason
from limen.core.probe import Attack, Live, Probe, View
from limen.core.quality import Pose
from limen.core.thermal import TemperatureOutcome, TemperatureSeen
from limen.door.rules import AttendedDoor, MaskRule, Policy
from limen.door.temperature import DEFAULT_THRESHOLD, TemperatureRule, expected_alarms, switched_on
from limen.door.zone import Zone
from support.doorway import FakeDoor, FakeThermometer
from support.evidence import make_unknown

_FAR_LEFT = Zone(corners=((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0)))


def test_one_lucky_frame_is_not_enough() -> None:
    """Somebody enrolled is let in with the second frame, once, and not again while in view."""
    door = FakeDoor()
    ada = door.enrol(1)
    assert door.see(ada) == ()
    (answer,) = door.see(ada)
    assert isinstance(answer.decision, Grant)
    assert isinstance(answer.match, Recognised)
    assert (answer.match.subject_id, answer.frames) == (ada.subject_id, 2)
    assert [door.see(ada) for _ in range(200)] == [()] * 200


@pytest.mark.parametrize(
    ("zone", "eyes_px", "yaw", "signed"),
    [
        (_FAR_LEFT, 60.0, 0.0, False),
        (Zone(), 30.0, 0.0, False),
        (Zone(), 60.0, 60.0, False),
        (Zone(sign_needed=True), 60.0, 0.0, False),
    ],
)
def test_nobody_outside_the_zone_is_embedded(zone: Zone, eyes_px: float, yaw: float, *, signed: bool) -> None:
    """Promise 2: outside, far away, turned away or without the sign asked for, not one embedding is made."""
    door = FakeDoor(zone=zone)
    ada = door.enrol(1)
    door.site.vision.pose = Pose(yaw_deg=yaw, pitch_deg=0.0, roll_deg=0.0)
    for _ in range(20):
        assert door.see(ada, eyes_px=eyes_px, signed=signed) == ()
    assert (door.embedded, door.judged) == (0, [])


def test_a_sign_lets_somebody_take_part() -> None:
    """Pressing the button is the beginning of an attempt."""
    door = FakeDoor(zone=Zone(sign_needed=True))
    ada = door.enrol(1)
    door.see(ada)
    door.see(ada, signed=True)
    (answer,) = door.see(ada, signed=True)
    assert isinstance(answer.decision, Grant)


def test_a_stranger_is_told_so_after_the_doors_patience_and_overwritten() -> None:
    """Two seconds without a match end the attempt; the sum of the embeddings is zeros in its own memory."""
    door = FakeDoor()
    door.enrol(1)
    stranger = door.stranger(2)
    door.see(stranger)
    (total,) = door.loop._visits[1].gathered._sums.values()
    answers = [answer for _ in range(50) for answer in door.see(stranger)]
    assert [answer.decision.reasons for answer in answers] == [(Reason.NOT_RECOGNISED,)]
    assert not total.any()
    assert all(not probe.embedding.any() for probe in door.site.vision.given)


def test_whose_badge_waits_for_a_pin_is_told_so_at_once() -> None:
    """Not after the door's patience: two frames are enough to ask, and the PIN is looked at as soon as it is typed."""
    door = FakeDoor()
    ada = door.enrol(1)

    class Waiting:
        """Knows of a badge, until its PIN is typed."""

        typed = False

        def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
            """Nobody, for want of a PIN; or who it is."""
            if self.typed:
                return door.site.gallery.search_frame(probes, at=at, fpir_target=fpir_target)
            return (make_unknown(UnknownReason.BADGE_PIN_MISSING),) * len(probes)

    search = door.loop._gallery = Waiting()
    answers = [answer for _ in range(10) for answer in door.see(ada)]
    assert [(answer.decision.reasons, answer.frames) for answer in answers] == [((Reason.SECOND_FACTOR_MISSING,), 2)]
    search.typed = True
    door.loop.again()
    answers = [answer for _ in range(2) for answer in door.see(ada)]
    assert [type(answer.decision) for answer in answers] == [Grant]


def test_whoever_leaves_before_a_decision_is_overwritten() -> None:
    """When a track is lost, what was gathered of it goes."""
    door = FakeDoor()
    door.enrol(1)
    door.see(door.stranger(2))
    (total,) = door.loop._visits[1].gathered._sums.values()
    door.wait(1.0)
    door.see()
    assert not total.any()
    assert not door.loop._visits


def test_whoever_steps_out_of_the_zone_is_overwritten_after_the_doors_patience() -> None:
    """Standing beside the zone, in view, does not keep an embedding alive."""
    door = FakeDoor()
    door.enrol(1)
    stranger = door.stranger(2)
    door.see(stranger)
    (total,) = door.loop._visits[1].gathered._sums.values()
    door.site.vision.pose = Pose(yaw_deg=80.0, pitch_deg=0.0, roll_deg=0.0)
    for _ in range(60):
        door.see(stranger)
    assert not total.any()


def test_a_poster_is_tried_once() -> None:
    """A face that never moves is not looked at for ever: a minute of it costs one attempt."""
    door = FakeDoor()
    door.enrol(1)
    poster = door.stranger(2)
    for _ in range(25 * 60):
        door.see(poster)
    assert (len(door.judged), door.embedded) == (1, 51)


def test_a_stranger_who_moves_is_tried_a_few_times_at_growing_distances() -> None:
    """A minute of somebody unknown before the door costs five attempts and no more."""
    door = FakeDoor()
    door.enrol(1)
    stranger = door.stranger(2)
    for step in range(25 * 60):
        door.see(stranger, eyes_px=60.0 + 5.0 * (step % 2))
    assert len(door.judged) == 5


def test_a_mask_that_is_put_on_opens_the_door() -> None:
    """Somebody known who lacks a mask is judged once, and again as soon as it is worn."""
    door = FakeDoor(policy=Policy(version="1", attendance=AttendedDoor(), mask=MaskRule.REQUIRE))
    ada = door.enrol(1)
    bare = [answer for _ in range(50) for answer in door.see(ada, mask="none")]
    masked = [answer for _ in range(20) for answer in door.see(ada, mask="worn")]
    assert [answer.decision.reasons for answer in bare] == [(Reason.MASK_MISSING,)]
    assert [type(answer.decision) for answer in masked] == [Grant]


def test_what_is_presented_elsewhere_is_judged_at_once() -> None:
    """After a badge or a guard's clearance the same evidence is judged anew."""
    door = FakeDoor(policy=Policy(version="1", attendance=AttendedDoor(), mask=MaskRule.REQUIRE))
    ada = door.enrol(1)
    for _ in range(10):
        door.see(ada, mask="none")
    door.loop.again()
    answers = [answer for _ in range(10) for answer in door.see(ada, mask="none")]
    assert [type(answer.decision) for answer in answers] == [Deny]


def test_one_person_is_not_two_tracks_at_once() -> None:
    """Of two faces that match one person only one is let in, in the same frame and afterwards."""
    door = FakeDoor()
    ada = door.enrol(1)
    answers = [answer for _ in range(100) for answer in door.see(ada, ada)]
    assert [type(answer.decision) for answer in answers] == [Grant, Deny]
    second = answers[1].match
    assert isinstance(second, Unknown)
    assert second.reason is UnknownReason.SAME_PERSON_TWICE


def test_two_people_who_swap_places_do_not_lend_each_other_evidence() -> None:
    """A stranger in the place of somebody who was seen once is not let in on what that frame showed."""
    door = FakeDoor()
    ada, stranger = door.enrol(1), door.stranger(2)
    door.see(ada)
    answers = [answer for _ in range(10) for answer in door.see(stranger)]
    assert answers == []
    (answer,) = [answer for _ in range(60) for answer in door.see(stranger)]
    assert answer.decision.reasons == (Reason.NOT_RECOGNISED,)


def test_another_known_person_on_a_track_that_was_let_in_is_let_in_too() -> None:
    """Whoever takes the place of somebody let in is found at the next look, a second later."""
    door = FakeDoor()
    ada, eve = door.enrol(1), door.enrol(3)
    door.see(ada)
    door.see(ada)
    answers = [answer for _ in range(60) for answer in door.see(eve)]
    assert [answer.match.subject_id for answer in answers if isinstance(answer.match, Recognised)] == [eve.subject_id]


def test_only_so_many_are_embedded_in_one_frame_and_the_nearest_first() -> None:
    """Five hundred faces cost no more than the door's budget a frame."""
    door = FakeDoor(most_faces=10)
    assert door.see(*(door.stranger(seed) for seed in range(500)), eyes_px=40.0) == ()
    assert door.embedded == 10


def test_in_a_crowd_the_two_views_of_a_face_take_turns() -> None:
    """From four faces on a frame gives one view of each, and the next frame the other."""
    door = FakeDoor()
    crowd = [door.stranger(seed) for seed in range(1, 5)]
    for people in (crowd[:3], crowd, crowd):
        door.loop.close()
        door.see(*people, eyes_px=36.0)
    assert door.site.vision.views[-3:] == [View.BOTH, View.MIRRORED, View.PLAIN]


def test_time_that_jumps_back_opens_nothing_and_breaks_nothing() -> None:
    """An hour back, the visit goes on; a day ahead, it begins anew."""
    door = FakeDoor()
    ada = door.enrol(1)
    door.see(ada)
    door.wait(-3600.0)
    (answer,) = door.see(ada)
    assert isinstance(answer.decision, Grant)
    door.wait(86_400.0)
    assert door.see(ada) == ()
    (answer,) = door.see(ada)
    assert isinstance(answer.decision, Grant)


def test_closing_overwrites_what_was_gathered() -> None:
    """A door that stops leaves no embedding behind."""
    door = FakeDoor()
    door.see(door.stranger(2))
    (total,) = door.loop._visits[1].gathered._sums.values()
    door.loop.close()
    assert not total.any()


def test_two_people_who_may_come_in_let_each_other_in() -> None:
    """Where two have to be there, one alone waits; somebody who may not come in is no company."""
    policy = Policy(version="1", attendance=AttendedDoor(), two_person=True)
    door = FakeDoor(policy=policy)
    ada, eve = door.enrol(1), door.enrol(3)
    alone = [answer for _ in range(10) for answer in door.see(ada)]
    assert [answer.decision.reasons for answer in alone] == [(Reason.COMPANION_MISSING,)]
    strange = [answer for _ in range(70) for answer in door.see(ada, door.stranger(4))]
    assert Grant not in [type(answer.decision) for answer in strange]
    door.wait(1.0)
    both = [answer for _ in range(40) for answer in door.see(ada, eve)]
    assert [type(answer.decision) for answer in both].count(Grant) == 2


def test_only_faces_in_the_zone_count_for_a_door_that_admits_one_at_a_time() -> None:
    """Somebody who passes by outside the zone keeps nobody out."""
    policy = Policy(version="1", attendance=AttendedDoor(), one_at_a_time=True)
    door = FakeDoor(policy=policy, zone=Zone(corners=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))))
    ada, passer_by = door.enrol(1), door.stranger(4)
    answers = [answer for _ in range(5) for answer in door.see(ada, passer_by)]
    assert [type(answer.decision) for answer in answers] == [Grant]


def test_whoever_walks_over_the_line_is_counted_and_not_embedded() -> None:
    """Somebody outside the zone is one more going in; nothing of them is looked at."""
    zone = Zone(corners=((0.0, 0.0), (0.01, 0.0), (0.01, 0.01)))
    door = FakeDoor(zone=zone, line=((0.25, 1.0), (0.25, 0.0)))
    for eyes_px in (20.0, 25.0, 30.0, 40.0, 60.0, 80.0):
        door.see(door.stranger(2), eyes_px=eyes_px)
    assert (door.loop.crossed, door.embedded) == ({Direction.IN: 1, Direction.OUT: 0}, 0)


def test_the_loop_tells_where_those_stand_who_take_part_and_nothing_else() -> None:
    """Rectangles as shares of the picture, and why the nearest of the others stays outside; no word of who it is."""
    door = FakeDoor(zone=Zone(corners=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))))
    ada = door.enrol(1)
    door.see(ada, door.stranger(2))
    seen = door.loop.in_view
    assert (len(seen.present), seen.looked_at, seen.absence) == (1, True, Absence.OUTSIDE)
    left, top, width, height = seen.present[0]
    assert 0.0 < left < left + width < 0.5
    assert 0.0 < top < top + height < 1.0
    door.see(eyes_px=60.0)
    assert door.loop.in_view == NOBODY
    door.see(ada, eyes_px=20.0)
    assert door.loop.in_view == InView(absence=Absence.TOO_FAR)


def _warm_door() -> FakeDoor:
    expected = expected_alarms(DEFAULT_THRESHOLD).per_1000
    rule = switched_on(TemperatureRule.REFER, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=expected)
    policy = Policy(version="1", attendance=AttendedDoor(), temperature=rule)
    return FakeDoor(policy=policy, thermometer=FakeThermometer())


def test_somebody_known_waits_for_the_reading_and_is_decided_on_once() -> None:
    """While it is measured nothing is decided; a reading below the limit opens."""
    door = _warm_door()
    ada = door.enrol(1)
    assert [answer for _ in range(80) for answer in door.see(ada)] == []
    assert door.thermometer is not None
    door.thermometer.seen = TemperatureSeen(outcome=TemperatureOutcome.BELOW)
    answers = [answer for _ in range(5) for answer in door.see(ada)]
    assert [type(answer.decision) for answer in answers] == [Grant]


def test_another_person_in_the_same_place_is_measured_anew() -> None:
    """Nobody is let in on somebody else's temperature; a track that ends is forgotten."""
    door = _warm_door()
    ada, eve = door.enrol(1), door.enrol(3)
    door.see(ada)
    door.see(eve)
    assert door.thermometer is not None
    assert door.thermometer.forgotten == [1]
    door.wait(1.0)
    door.see()
    assert door.thermometer.forgotten == [1, 1]
    assert door.thermometer.faces == [1, 1, 0]


def test_a_cold_face_is_suspected_and_a_warm_one_proves_nothing() -> None:
    """Heat may say attack; that it says living does not count alone."""
    for heat, reason in ((Attack(species="print"), Reason.ATTACK_SUSPECTED), (Live(), Reason.RECOGNISED)):
        door = _warm_door()
        ada = door.enrol(1)
        assert door.thermometer is not None
        door.thermometer.seen, door.thermometer.heat = TemperatureSeen(outcome=TemperatureOutcome.BELOW), heat
        answers = [answer for _ in range(5) for answer in door.see(ada)]
        assert [answer.decision.reasons for answer in answers] == [(reason,)]
        assert not isinstance(door.judged[-1].liveness, Live)
