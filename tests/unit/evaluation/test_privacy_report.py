"""The draft of an impact assessment: numbers with counts, gaps marked, nobody named, nothing that runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from limen.evaluation.privacy_report import SiteFacts, privacy_page
from support.calibrations import make_calibration
from support.clock import NOON

_FACTS = SiteFacts(
    version="0.1.0",
    at=NOON,
    folder_kind="live",
    stated=(("Controller", "ACME <Ltd>"), ("Legal basis", "")),
    people=["gallery"] * 25 + ["pass"] * 3,
    n_references=75,
    n_unconfirmed=0,
    fpir=0.001,
    retention=(("Backups", "30 days"),),
    doors=("front",),
    granted=90,
    ungranted=10,
)


def test_what_is_stated_stands_there_escaped_and_what_is_not_is_marked() -> None:
    """The controller's words are shown as words; where there are none, the page says who owes them."""
    page = privacy_page(_FACTS, make_calibration())
    assert "ACME &lt;Ltd&gt;" in page
    assert page.count("NOT STATED") >= 2
    assert "<script" not in page


def test_people_are_counted_and_few_are_not_told_apart() -> None:
    """Kinds with fewer than ten people are told as fewer than ten."""
    page = privacy_page(_FACTS, make_calibration())
    assert "gallery: 25, pass: fewer than 10" in page
    assert "References</th>\n<td>75</td>" in page


def test_rates_stand_with_counts_and_interval() -> None:
    """Each condition has its FNIR with errors, trials, people and a 95 % interval, and the site's own is missing."""
    calibration = make_calibration()
    page = privacy_page(_FACTS, calibration)
    for condition, rates in calibration.conditions.items():
        assert f"{condition.value.replace('_', ' ')}: single pictures refused (FNIR)" in page
        assert f"of {rates.n_mated:,} mated comparisons of {rates.n_people:,} people" in page
    assert "95 % interval" in page
    assert "At this site" in page


@pytest.mark.parametrize("people", [[], ["gallery"]])
def test_a_small_site_has_a_page_too(people: list[str]) -> None:
    """Nobody, or one person, enrolled."""
    page = privacy_page(replace(_FACTS, people=people, n_references=len(people), doors=()), make_calibration())
    assert (">nobody<" in page) == (not people)


def test_the_share_of_the_other_way_is_a_total_or_is_not_told() -> None:
    """From ten on each side it is a share with its counts; below that it is not told."""
    assert "10% (10 of 100) without a grant" in privacy_page(_FACTS, make_calibration())
    few = privacy_page(replace(_FACTS, ungranted=9), make_calibration())
    assert "9 of" not in few
    assert "not told: fewer than 10" in few
