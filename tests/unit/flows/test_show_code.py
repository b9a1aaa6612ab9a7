"""Codes at a door: looked for only when somebody is not on the list, compared with that face alone, gone in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import cast

from limen.core.base45 import encode
from limen.core.door import DoorId
from limen.core.frame import Frame
from limen.core.match import Comparison, Condition, Match, OperatingPoint, Recognised, Unknown, UnknownReason
from limen.core.people import SubjectId
from limen.core.ports import Gallery
from limen.core.probe import Probe
from limen.flows.moments import Moments
from limen.flows.present import Present
from limen.flows.show_code import ShowCode
from support.clock import NOON
from support.vision import TEST_MODEL, make_frame, make_probe, unit

_CODE = bytes([0xA1, *range(40)])
_ADA = SubjectId("s-ada")
_POINT = OperatingPoint(
    model_id=TEST_MODEL,
    condition=Condition.BARE_BARE,
    fpir_target=1e-4,
    n_references=1,
    fmr=1e-4,
    threshold=0.4,
    fnir_expected=0.02,
    calibrated_on=date(2026, 11, 22),
)
_NOBODY = Unknown(reason=UnknownReason.BELOW_THRESHOLD, fpir=None, operating_point=None)


def _recognised(fmr: float) -> Recognised:
    comparison = Comparison(similarity=0.7, fmr=fmr, log_likelihood_ratio=9.0, condition=Condition.BARE_BARE)
    return Recognised(subject_id=_ADA, comparison=comparison, fpir=fmr, operating_point=_POINT)


@dataclass(slots=True, kw_only=True)
class _Door:
    """A list on which nobody is but ``listed``, and a code that fits faces as well as ``fits`` says."""

    listed: Sequence[int] = ()
    fits: dict[int, float] = field(default_factory=dict)
    reads: int = 0
    compared: int = 0
    probes: list[Probe] = field(default_factory=list)
    moments: Moments = field(default_factory=lambda: Moments(pin_check=lambda *_: False))

    def search_frame(self, probes: Sequence[Probe], *, at: datetime, fpir_target: float) -> tuple[Match, ...]:
        """The list."""
        del at, fpir_target
        self.probes = list(probes)
        return tuple(_recognised(1e-9) if place in self.listed else _NOBODY for place in range(len(probes)))

    def present(self, code: bytes, probes: Sequence[Probe], *, at: datetime) -> Match:
        """The code."""
        del at
        assert code == _CODE
        self.compared += 1
        place = next(place for place, probe in enumerate(self.probes) if probe is probes[0])
        return _recognised(self.fits[place]) if place in self.fits else _NOBODY

    def read(self, frame: Frame) -> Sequence[bytes]:
        """The frame shows the code."""
        del frame
        self.reads += 1
        return (_CODE,)

    def search(self) -> ShowCode:
        """What is tried."""
        found = ShowCode(
            door=DoorId("front"),
            gallery=cast("Gallery", self),
            present=cast("Present", self.present),
            read=self.read,
            moments=self.moments,
        )
        found.see(make_frame())
        return found


def _probes(count: int) -> list[Probe]:
    return [make_probe(unit(seed)) for seed in range(1, count + 1)]


def test_whoever_is_on_the_list_is_asked_for_no_code() -> None:
    """No frame is looked through, and no code compared."""
    door = _Door(listed=(0,))
    (match,) = door.search().search_frame(_probes(1), at=NOON, fpir_target=0.001)
    assert isinstance(match, Recognised)
    assert (door.reads, door.compared) == (0, 0)


def test_a_code_is_one_face_at_most_the_most_alike() -> None:
    """Of two unknown faces that it fits, the better one is its holder, and has a second factor for a while."""
    door = _Door(fits={0: 1e-5, 1: 1e-8})
    found = door.search().search_frame(_probes(3), at=NOON, fpir_target=0.001)
    assert [isinstance(match, Recognised) for match in found] == [False, True, False]
    assert door.moments.has_shown_code(_ADA, at=NOON + timedelta(seconds=29))
    assert not door.moments.has_shown_code(_ADA, at=NOON + timedelta(seconds=31))


def test_a_code_that_fits_nobody_changes_nothing() -> None:
    """A stranger with somebody's pass is a stranger."""
    door = _Door()
    assert door.search().search_frame(_probes(1), at=NOON, fpir_target=0.001) == (_NOBODY,)
    assert not door.moments.has_shown_code(_ADA, at=NOON)


def test_frames_are_looked_through_now_and_then_and_codes_forgotten_in_seconds() -> None:
    """Every third look reads; ten seconds later the code is gone."""
    door = _Door(fits={0: 1e-8})
    search = door.search()
    for _ in range(6):
        search.search_frame(_probes(1), at=NOON, fpir_target=0.001)
    assert door.reads == 2
    search = replace(search, _frame=None)
    (match,) = search.search_frame(_probes(1), at=NOON + timedelta(seconds=11), fpir_target=0.001)
    assert match == _NOBODY


def test_a_reader_gives_codes_too_and_other_words_are_not_taken() -> None:
    """Base45 text of a pass or badge is held; a badge number or a PIN is none, though it may be Base45 by chance."""
    search = replace(_Door(fits={0: 1e-8}).search(), _frame=None)
    texts = ("0042", "123456", "A1B2C3", "", "no code", encode(_CODE))
    assert [search.take(text, at=NOON) for text in texts] == [False] * 5 + [True]
    assert isinstance(search.search_frame(_probes(1), at=NOON, fpir_target=0.001)[0], Recognised)


def test_what_was_shown_a_moment_after_the_frame_counts_for_it() -> None:
    """A frame is older than the moment in which it is looked at."""
    search = replace(_Door(fits={0: 1e-8}).search(), _frame=None)
    assert search.take(encode(_CODE), at=NOON + timedelta(milliseconds=40))
    assert isinstance(search.search_frame(_probes(1), at=NOON, fpir_target=0.001)[0], Recognised)
