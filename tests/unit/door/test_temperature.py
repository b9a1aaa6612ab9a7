"""Facts about what a skin temperature means to a door."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.core.errors import ConfigError
from limen.core.thermal import (
    NoReading,
    NotMeasured,
    SkinMeasured,
    SkinReading,
    TemperatureOutcome,
    TemperatureSeen,
)
from limen.door.temperature import (
    DEFAULT_THRESHOLD,
    AboveOthers,
    Baseline,
    TemperatureRule,
    Threshold,
    expected_alarms,
    outcome,
    switched_on,
)

readings = st.floats(30.0, 42.0)


def _measured(canthus_c: float, *, relative: bool = False) -> SkinMeasured:
    return SkinMeasured(
        canthus_c=canthus_c,
        right_c=canthus_c,
        left_c=canthus_c - 0.1,
        uncertainty_k=0.4,
        n_frames=8,
        relative=relative,
    )


def _seen(
    reading: SkinReading,
    limit: Threshold | AboveOthers = DEFAULT_THRESHOLD,
    *,
    room_c: float | None = 24.0,
    baseline: Baseline | None = None,
    repeated: bool = False,
) -> TemperatureSeen:
    return outcome(reading, limit, room_c=room_c, baseline=baseline or Baseline(), repeated=repeated)


def _baseline(*values: float) -> Baseline:
    baseline = Baseline()
    for value in values:
        baseline = baseline.then(value)
    return baseline


@pytest.mark.parametrize(
    ("canthus_c", "expected"),
    [
        (36.6, TemperatureOutcome.ABOVE),
        (36.2, TemperatureOutcome.REPEAT),
        (36.0, TemperatureOutcome.REPEAT),
        (35.4, TemperatureOutcome.BELOW),
    ],
)
def test_far_from_the_threshold_one_reading_decides(canthus_c: float, expected: TemperatureOutcome) -> None:
    """Within the grey zone somebody is looked at twice, outside it once."""
    assert _seen(_measured(canthus_c)).outcome is expected


@pytest.mark.parametrize(("canthus_c", "expected"), [(36.13, "above"), (36.11, "below")])
def test_a_second_reading_always_decides(canthus_c: float, expected: str) -> None:
    """Nobody is asked a third time."""
    assert _seen(_measured(canthus_c), repeated=True).outcome == expected


def test_a_warm_room_warms_the_skin() -> None:
    """The threshold rises by 0.09 °C for each degree of the room."""
    reading = _measured(36.4)
    assert _seen(reading, room_c=22.0).outcome is TemperatureOutcome.ABOVE
    assert _seen(reading, room_c=29.0, repeated=True).outcome is TemperatureOutcome.BELOW


@pytest.mark.parametrize("room_c", [None, 12.0, 19.9, 33.0])
def test_a_room_nobody_measured_gives_no_reading(room_c: float | None) -> None:
    """Outside the rooms of the study, or without a room sensor, there is no absolute reading."""
    seen = _seen(_measured(35.0), room_c=room_c)
    assert (seen.outcome, seen.reason) == (TemperatureOutcome.NO_READING, NoReading.ROOM_OUT_OF_RANGE)


@pytest.mark.parametrize("reason", list(NoReading))
@pytest.mark.parametrize("limit", [DEFAULT_THRESHOLD, AboveOthers()])
def test_no_reading_is_never_below(reason: NoReading, limit: Threshold | AboveOthers) -> None:
    """Whatever kept a reading from being made is handed on, and never taken for a low temperature."""
    seen = _seen(NotMeasured(reason=reason), limit, baseline=_baseline(*[35.5] * 40), repeated=True)
    assert seen == TemperatureSeen(outcome=TemperatureOutcome.NO_READING, reason=reason)


def test_an_absolute_threshold_needs_a_blackbody() -> None:
    """A reading without a reference source behind it is not held against an absolute threshold."""
    assert _seen(_measured(38.0, relative=True)).reason is NoReading.BLACKBODY_INVALID


def test_relative_readings_wait_for_thirty_people() -> None:
    """Below thirty people before there is no decision; from then on their median counts."""
    limit, few, enough = AboveOthers(), _baseline(*[35.0] * 29), _baseline(*[35.0] * 30)
    assert _seen(_measured(37.0, relative=True), limit, baseline=few).reason is NoReading.BASELINE_NOT_READY
    assert _seen(_measured(36.0, relative=True), limit, baseline=enough).outcome is TemperatureOutcome.ABOVE
    assert _seen(_measured(35.1, relative=True), limit, baseline=enough).outcome is TemperatureOutcome.BELOW


def test_a_run_of_feverish_people_is_not_the_new_usual() -> None:
    """The baseline moves by half a degree at most, and says that something has moved."""
    baseline = _baseline(*[35.0] * 30, *[38.0] * 60)
    assert baseline.median_c == pytest.approx(35.5)
    assert baseline.drifted
    assert not _baseline(*[35.0] * 30, *[35.2] * 60).drifted


@given(values=st.lists(readings, max_size=120))
def test_a_baseline_keeps_fifty_values_and_stays_near_the_first(values: list[float]) -> None:
    """However many people pass, at most fifty numbers are kept, and the median is within the cap."""
    baseline = _baseline(*values)
    assert len(baseline.recent_c) == min(len(values), 50)
    assert (baseline.median_c is None) == (len(values) < 30)
    if baseline.median_c is not None and baseline.site_c is not None:
        assert abs(baseline.median_c - baseline.site_c) <= 0.5 + 1e-9


@given(low=readings, high=readings, room_c=st.floats(20.0, 29.0))
def test_warmer_skin_is_never_judged_cooler(low: float, high: float, room_c: float) -> None:
    """At a second reading, whoever is above stays above when warmer."""
    low, high = sorted((low, high))
    first, second = (_seen(_measured(value), room_c=room_c, repeated=True).outcome for value in (low, high))
    assert not (first is TemperatureOutcome.ABOVE and second is TemperatureOutcome.BELOW)


def test_a_site_cannot_switch_it_on_unseen() -> None:
    """Whoever states another number of alarms is told the right one, and what limen does not claim."""
    with pytest.raises(ConfigError, match=r"expect 60 alarms per 1,000 entries, 51 of them false") as caught:
        switched_on(TemperatureRule.REFER, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=1.0)
    assert "no medical device" in caught.value.advice()
    assert "no lawful rule of entry" in caught.value.advice()


def test_a_site_that_knows_switches_it_on() -> None:
    """The number that was stated is kept with the rule."""
    rule = switched_on(TemperatureRule.ADVISE, limit=DEFAULT_THRESHOLD, expected_alarms_per_1000=60)
    assert (rule.rule, rule.limit, rule.alarms_per_1000) == (TemperatureRule.ADVISE, DEFAULT_THRESHOLD, 60)


@given(
    one=st.floats(35.5, 37.4),
    other=st.floats(35.5, 37.4),
    share=st.floats(0.0, 1.0),
)
def test_a_higher_threshold_alarms_less_and_misses_more(one: float, other: float, share: float) -> None:
    """Expected alarms fall and expected misses rise with the threshold; together all febrile people are counted."""
    low, high = (expected_alarms(Threshold(at_24_c=value), febrile_share=share) for value in sorted((one, other)))
    assert high.per_1000 <= low.per_1000 + 1e-9
    assert high.missed_per_1000 >= low.missed_per_1000 - 1e-9
    assert low.true_per_1000 + low.missed_per_1000 == pytest.approx(1000 * share)


@pytest.mark.parametrize("limit", [34.0, 38.0, float("nan")])
def test_a_threshold_that_is_none_is_refused(limit: float) -> None:
    """Thresholds outside the study's readings have no expected alarms and are refused."""
    with pytest.raises(ValueError, match=r"at_24_c: expected 35\.5 to 37\.4"):
        Threshold(at_24_c=limit)
