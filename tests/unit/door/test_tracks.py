"""The same face again, by where it is; numbers that mean nothing and are never used twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from limen.core.face import Face
from limen.door.tracks import Track, Tracker
from support.clock import NOON
from support.vision import make_face

_STEP = timedelta(milliseconds=40)


def _numbers(tracker: Tracker, *faces: Face, at: datetime = NOON) -> list[int]:
    return [track.number for track in tracker.update(faces, at=at)]


def test_faces_keep_their_numbers_while_they_move() -> None:
    """Two people who come nearer stay who they are, in whatever order they are found."""
    tracker = Tracker()
    assert _numbers(tracker, make_face(x_px=200), make_face(x_px=600)) == [1, 2]
    assert _numbers(tracker, make_face(x_px=590, eyes_px=62), make_face(x_px=215), at=NOON + _STEP) == [2, 1]


def test_a_face_that_comes_new_has_a_new_number() -> None:
    """A number is never given again."""
    tracker = Tracker()
    _numbers(tracker, make_face(x_px=200))
    assert tracker.ended(at=NOON + timedelta(seconds=1)) == (1,)
    assert _numbers(tracker, make_face(x_px=200), at=NOON + timedelta(seconds=1)) == [2]


def test_a_face_that_is_missed_for_a_moment_is_the_same() -> None:
    """A track outlives a blink of the detector."""
    tracker = Tracker()
    _numbers(tracker, make_face(x_px=200))
    _numbers(tracker, at=NOON + 5 * _STEP)
    assert tracker.ended(at=NOON + 5 * _STEP) == ()
    assert _numbers(tracker, make_face(x_px=205), at=NOON + 10 * _STEP) == [1]


def test_where_frames_come_seldom_a_face_may_be_out_of_sight_for_longer() -> None:
    """A track that would have ended goes on for the time that is given."""
    tracker = Tracker(lost_after=timedelta(seconds=1.5))
    _numbers(tracker, make_face(x_px=200))
    assert tracker.ended(at=NOON + timedelta(seconds=1.5)) == ()
    assert _numbers(tracker, make_face(x_px=205), at=NOON + timedelta(seconds=1.5)) == [1]
    assert tracker.ended(at=NOON + timedelta(seconds=3.1)) == (1,)


def test_a_clock_that_jumps_ends_no_track_or_all() -> None:
    """Back, and nothing ends; ahead, and all are gone: people begin anew."""
    tracker = Tracker()
    _numbers(tracker, make_face(x_px=200))
    assert tracker.ended(at=NOON - timedelta(days=1)) == ()
    assert tracker.ended(at=NOON + timedelta(days=1)) == (1,)


def _after(*places: tuple[float, float]) -> Track:
    tracker = Tracker()
    tracks = [
        tracker.update([make_face(x_px=x_px, eyes_px=eyes_px)], at=NOON + number * _STEP)
        for number, (x_px, eyes_px) in enumerate(places)
    ]
    return tracks[-1][0]


def test_a_poster_is_still_and_a_person_is_not() -> None:
    """Trembling within a twentieth of the face's width is still; walking aside or nearer is not."""
    assert _after((200, 60), (201, 60.5), (199, 59.5)).still
    assert not _after((200, 60), (210, 60)).still
    assert not _after((200, 60), (200, 66)).still


@given(st.lists(st.lists(st.tuples(st.floats(0, 1200), st.floats(20, 200)), max_size=8), max_size=8))
def test_every_face_of_a_frame_has_a_track_of_its_own(frames: list[list[tuple[float, float]]]) -> None:
    """Whatever is seen, no two faces of one frame share a number."""
    tracker = Tracker()
    for number, places in enumerate(frames):
        faces = [make_face(x_px=x_px, eyes_px=eyes_px) for x_px, eyes_px in places]
        numbers = _numbers(tracker, *faces, at=NOON + number * _STEP)
        assert len(set(numbers)) == len(faces)
