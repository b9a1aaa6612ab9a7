"""What must hold of any calibration, made up or shipped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limen.core.match import Condition
from limen.gallery.calibration import FMR_CEILING, Calibration
from limen.gallery.calibration_file import bundled_calibration
from limen.gallery.tail import Tail
from support.calibrations import make_calibration

_SHIPPED = bundled_calibration("sface-2021dec")

tails = st.builds(
    Tail,
    start=st.floats(0.0, 0.6),
    share=st.floats(1e-5, 0.05),
    shape=st.one_of(st.just(0.0), st.floats(1e-8, 1.5)),
    scale=st.floats(0.005, 0.2),
)
calibrations = st.one_of(st.just(_SHIPPED), tails.map(lambda tail: make_calibration(tail=tail)))
similarities = st.floats(-1.0, 1.0)
rates = st.floats(1e-12, 0.9)


@given(calibration=calibrations, one=similarities, other=similarities)
def test_the_more_alike_the_rarer(calibration: Calibration, one: float, other: float) -> None:
    """FMR never rises (but for the last digits) and the log-likelihood ratio never falls with the similarity."""
    low, high = sorted((one, other))
    first, second = (calibration.compare(value, Condition.BARE_BARE) for value in (low, high))
    assert first.fmr >= second.fmr * (1 - 1e-12)
    assert first.log_likelihood_ratio <= second.log_likelihood_ratio


@given(calibration=calibrations, share=st.floats(1e-9, 1.0))
def test_threshold_and_fmr_are_inverse_in_the_tail(calibration: Calibration, share: float) -> None:
    """A threshold asked for by a rate in the tail has that rate, to nine digits."""
    condition_rates = calibration.rates(Condition.BARE_BARE)
    fmr = condition_rates.tail.share * share
    threshold = condition_rates.threshold(fmr)
    assert float(condition_rates.fmr(np.array([threshold]))[0]) == pytest.approx(fmr, rel=1e-9)


@given(calibration=calibrations, fpir=st.floats(1e-6, 0.5), n_references=st.integers(1, 10**7))
def test_no_operating_point_breaks_its_promise(calibration: Calibration, fpir: float, n_references: int) -> None:
    """The FPIR at the threshold is the target, or below it where the ceiling binds, and never above."""
    point = calibration.operating_point(fpir_target=fpir, n_references=n_references, condition=Condition.BARE_BARE)
    kept = calibration.fpir(point.threshold, n_references=n_references, condition=Condition.BARE_BARE)
    assert kept <= fpir * (1 + 1e-6)
    assert point.fmr <= FMR_CEILING
    if point.fmr < min(FMR_CEILING, calibration.rates(Condition.BARE_BARE).tail.share):
        assert kept == pytest.approx(fpir, rel=1e-6)


@given(
    calibration=calibrations,
    fpir=st.tuples(st.floats(1e-6, 0.5), st.floats(1e-6, 0.5)),
    n=st.tuples(st.integers(1, 10**7), st.integers(1, 10**7)),
)
def test_stricter_promises_and_larger_galleries_never_lower_the_threshold(
    calibration: Calibration, fpir: tuple[float, float], n: tuple[int, int]
) -> None:
    """Less FPIR or more references: the threshold, and the expected refusals, stay or rise."""
    loose = calibration.operating_point(fpir_target=max(fpir), n_references=min(n), condition=Condition.BARE_BARE)
    strict = calibration.operating_point(fpir_target=min(fpir), n_references=max(n), condition=Condition.BARE_BARE)
    assert strict.threshold >= loose.threshold
    assert strict.fnir_expected >= loose.fnir_expected - 1e-12


@given(similarity=similarities, n=st.integers(1, 10**7))
def test_fpir_is_a_rate_between_one_comparison_and_all(similarity: float, n: int) -> None:
    """It is at least the FMR of one comparison, at most n times it, and at most one."""
    fmr = _SHIPPED.compare(similarity, Condition.BARE_BARE).fmr
    fpir = _SHIPPED.fpir(similarity, n_references=n, condition=Condition.BARE_BARE)
    assert fmr * (1 - 1e-9) - 1e-11 <= fpir <= min(1.0, n * fmr * (1 + 1e-9) + 1e-11)
