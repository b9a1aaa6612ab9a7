"""Whatever is typed for a badge in whatever order: it opens for its holder alone, and never after five in a row."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from limen.core.ledger import AuditTag
from limen.core.match import Recognised, UnknownReason
from limen.core.passes import MOST_WRONG_PINS
from limen.flows.unlock_badge import UnlockBadge
from support.flowsite import FlowSite
from support.vision import make_probe, unit

_PIN = "2580"
pins = st.one_of(st.just(_PIN), st.text(alphabet="0123456789", min_size=4, max_size=12))
faces = st.sampled_from([1, 2])
tries = st.lists(st.tuples(pins, faces), max_size=24)


def _door() -> tuple[FlowSite, bytes]:
    site = FlowSite()
    frame = site.vision.shows(unit(1))
    sealed = site.enrol_sealed()([frame], name="Ada", agreement_id=site.agreed(), pin=_PIN)
    return site, sealed.badge


@settings(max_examples=60, deadline=None)
@given(tries)
def test_it_opens_exactly_while_fewer_than_five_in_a_row_have_not(tried: list[tuple[str, int]]) -> None:
    """The count is that of tries since the last one that opened; each lock stands on record once."""
    site, badge = _door()
    present, wrong = site.present(), 0
    for pin, face in tried:
        match = present(badge, [make_probe(unit(face))], at=site.clock.now(), pin=pin)
        opens = wrong < MOST_WRONG_PINS and pin == _PIN and face == 1
        wrong = 0 if opens else wrong + 1
        assert isinstance(match, Recognised) is opens
        (kept,) = site.store.state.sealed.values()
        assert kept.wrong_pins == wrong
    locks = [record for record in site.store.state.audit if record.tag is AuditTag.BADGE_PIN_LOCKED]
    assert len(locks) == (wrong >= MOST_WRONG_PINS)


@settings(max_examples=60, deadline=None)
@given(st.lists(pins, max_size=12))
def test_beside_another_face_nothing_depends_on_the_pins(typed: list[str]) -> None:
    """Answers, counts and records are those of as many wrong ones."""

    def seen(pins: list[str]) -> tuple[list[UnknownReason], int, int]:
        site, badge = _door()
        found = [site.present()(badge, [make_probe(unit(2))], at=site.clock.now(), pin=pin) for pin in pins]
        (kept,) = site.store.state.sealed.values()
        return (
            [match.reason for match in found if not isinstance(match, Recognised)],
            kept.wrong_pins,
            len(site.store.state.audit),
        )

    assert seen(typed) == seen(["0000"] * len(typed))


@given(st.integers(min_value=MOST_WRONG_PINS, max_value=9))
@settings(max_examples=5, deadline=None)
def test_whatever_was_typed_the_desk_unlocks_it(number: int) -> None:
    """Then the holder's PIN and face open it."""
    site, badge = _door()
    for pin in ["0000"] * number:
        site.present()(badge, [make_probe(unit(1))], at=site.clock.now(), pin=pin)
    (kept,) = site.store.state.sealed.values()
    assert UnlockBadge(store=site.store, clock=site.clock)(kept.subject_id, reason="came by") == number
    match = site.present()(badge, [make_probe(unit(1))], at=site.clock.now(), pin=_PIN)
    assert isinstance(match, Recognised)
