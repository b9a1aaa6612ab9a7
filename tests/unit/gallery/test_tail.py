"""The tail is what extreme-value theory says, and the fit finds the parameters of samples made from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from limen.gallery.tail import Tail, fit_tail
from support.vectors import load_vectors

_CASES = load_vectors("tail")


def _tail(**changes: float) -> Tail:
    return Tail(**{"start": 0.3, "share": 1e-3, "shape": 0.1, "scale": 0.04, **changes})


@pytest.mark.parametrize("case", _CASES["cases"], ids=lambda case: f"{case['shape']} at {case['similarity']:.2f}")
def test_survival_is_that_of_scipy(case: dict[str, Any]) -> None:
    """The share above a similarity equals scipy's generalised Pareto survival."""
    tail = Tail(start=case["start"], share=case["share"], shape=case["shape"], scale=case["scale"])
    found = float(tail.survival(np.array([case["similarity"]]))[0])
    assert found == pytest.approx(case["survival"], rel=1e-9, abs=_CASES["tolerance"])


@pytest.mark.parametrize("shape", [0.0, 1e-9, 1e-5, 0.1, 0.9, 2.0])
@pytest.mark.parametrize("survival", [1e-3, 5e-4, 1e-5, 1e-9, 1e-15])
def test_similarity_is_the_inverse_of_survival(shape: float, survival: float) -> None:
    """Going to a similarity and back gives the same share to nine digits."""
    tail = _tail(shape=shape)
    back = tail.survival(np.array([tail.similarity(survival)]))
    assert float(back[0]) == pytest.approx(survival, rel=1e-9)


def test_a_tiny_shape_is_nearly_exponential() -> None:
    """There is no jump where the formula changes."""
    at = np.array([0.31, 0.5, 0.9])
    below, above = _tail(shape=0.99e-6).survival(at), _tail(shape=1.01e-6).survival(at)
    np.testing.assert_allclose(below, above, rtol=2e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"scale": 0.0},
        {"scale": -1.0},
        {"scale": float("nan")},
        {"scale": float("inf")},
        {"shape": -0.1},
        {"shape": float("nan")},
        {"shape": float("inf")},
        {"share": 0.0},
        {"share": 1.0},
        {"share": float("nan")},
        {"start": float("nan")},
        {"start": float("inf")},
    ],
    ids=str,
)
def test_an_impossible_tail_is_refused(changes: dict[str, float]) -> None:
    """Wrong or undefined parameters are refused: a threshold that is not a number would let everybody in."""
    with pytest.raises(ValueError, match="tail: expected"):
        _tail(**changes)


@pytest.mark.parametrize("scale", [0.01, 0.05])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_exponential_sample_gives_its_scale(scale: float, seed: int) -> None:
    """From 2,000 excesses the scale is found to 15 % and rates a hundred times rarer than the data to a factor of 3."""
    sample = np.random.default_rng(seed).exponential(scale, 200_000)
    tail = fit_tail(sample, share=0.01)
    assert tail.scale == pytest.approx(scale, rel=0.15)
    assert tail.shape < 0.1
    assert tail.share == pytest.approx(0.01, rel=0.01)
    rare = tail.similarity(1e-6)
    true = float(np.exp(-rare / scale))
    assert 1 / 3 < true / 1e-6 < 3


@pytest.mark.parametrize("shape", [0.2, 0.5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_heavy_tail_gives_its_shape(shape: float, seed: int) -> None:
    """From 5,000 excesses of a generalised Pareto sample the shape is found to 0.08."""
    uniform = np.random.default_rng(seed).random(100_000)
    sample = 0.02 * (uniform**-shape - 1) / shape
    tail = fit_tail(sample, share=0.05)
    assert tail.shape == pytest.approx(shape, abs=0.08)
    # Excesses over u of GPD(shape, scale) are GPD(shape, scale + shape * u).
    assert tail.scale == pytest.approx(0.02 + shape * tail.start, rel=0.15)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_bounded_sample_is_given_an_unbounded_tail(seed: int) -> None:
    """Even where the data end, the shape is not below zero: no similarity is promised to be out of reach."""
    sample = np.random.default_rng(seed).random(20_000) * 0.5
    tail = fit_tail(sample, share=0.05)
    assert tail.shape == 0.0
    assert float(tail.survival(np.array([1.0]))[0]) > 0.0


def test_the_order_of_the_sample_does_not_matter() -> None:
    """Shuffled similarities give the same tail."""
    sample = np.random.default_rng(4).exponential(0.03, 10_000)
    one, other = fit_tail(sample, share=0.02), fit_tail(np.sort(sample)[::-1], share=0.02)
    assert (one.start, one.share) == (other.start, other.share)
    assert (one.shape, one.scale) == pytest.approx((other.shape, other.scale), rel=1e-9)


@pytest.mark.parametrize("count", [1, 10, 4_000])
def test_too_small_a_sample_is_refused(count: int) -> None:
    """Fewer than fifty excesses are no tail."""
    with pytest.raises(ValueError, match="tail: expected at least 50 similarities"):
        fit_tail(np.random.default_rng(5).random(count), share=0.01)


def test_a_sample_of_one_value_is_refused() -> None:
    """Where all similarities are equal none lies above the start."""
    with pytest.raises(ValueError, match="tail: expected at least 50 similarities"):
        fit_tail(np.full(100_000, 0.2), share=0.01)
