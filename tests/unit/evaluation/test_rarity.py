"""Rates in words."""

from __future__ import annotations

import pytest

from limen.evaluation.rarity import per, strangers


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (1.0, "100 %"),
        (0.5, "50 %"),
        (0.05, "1 in 20"),
        (1e-3, "1 in 1,000"),
        (1.48e-5, "1 in 68,000"),
        (1e-7, "1 in 10,000,000"),
        (3e-15, "fewer than 1 in 10,000,000"),
    ],
)
def test_a_rate_in_words(rate: float, words: str) -> None:
    """Rates read as one in so many, with two digits; below what any calibration reaches, only a bound."""
    assert per(rate) == words


def test_strangers() -> None:
    """A share of strangers is said as a share, a rare one as a count."""
    assert (strangers(0.12), strangers(0.001)) == ("12 % of strangers", "1 in 1,000 strangers")
