"""A year at a site, foretold from volunteers: by hand, honest about how little they show, and nobody named."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from limen.core.errors import ConfigError
from limen.evaluation.pictures import PictureSet
from limen.evaluation.rates import Rate
from limen.evaluation.runs import Runner
from limen.evaluation.site_forecast import (
    Traffic,
    Trial,
    at_size,
    choose_volunteers,
    measure_volunteers,
    site_forecast,
)
from limen.evaluation.site_run import run_site
from support.calibrations import make_calibration
from support.vision import FakeVision, alike, unit

TRAFFIC = Traffic(entries_per_day=400, strangers_per_day=20, size=200, days_per_year=250)


def test_a_year_by_hand() -> None:
    """1 % of 5,000 strangers at twice the size, 5 % of 100,000 entries, and the ends of the intervals likewise."""
    fpir = Trial(rate=Rate(errors=1, trials=100), interval=(0.0, 0.05))
    fnir = Trial(rate=Rate(errors=5, trials=100), interval=(0.02, 0.1))
    report = site_forecast(fpir, fnir, TRAFFIC, n_measured=100, fpir_target=0.001)
    assert report["fpir_at_size"] == pytest.approx(1 - 0.99**2, abs=1e-12)
    assert report["strangers_let_in_per_year"] == pytest.approx(5000 * 0.0199, abs=1e-9)
    assert report["strangers_let_in_per_year_interval"] == pytest.approx((0.0, 5000 * (1 - 0.95**2)), abs=1e-9)
    assert report["strangers_let_in_per_year_promised"] == pytest.approx(5.0)
    assert report["refusals_per_year"] == pytest.approx(5000.0)
    assert report["refusals_per_year_interval"] == pytest.approx((2000.0, 10000.0))
    assert report["n_volunteers"] == 101


def test_the_size_changes_nothing_where_it_is_the_measured_one() -> None:
    """Scaling to the same number gives the same rate, to more a higher one, and never more than all."""
    assert at_size(0.01, measured=50, size=50) == pytest.approx(0.01, abs=1e-12)
    assert at_size(0.01, measured=50, size=5000) == pytest.approx(1 - 0.99**100, abs=1e-12)
    assert (at_size(0.0, measured=1, size=9), at_size(1.0, measured=1, size=9)) == (0.0, 1.0)


def test_everybody_is_a_stranger_to_all_others() -> None:
    """Three people: the second's probe is nearer to the third, the third's is below the threshold, one probe failed."""
    table = np.array([[0.9, 0.1, 0.2], [0.1, 0.6, 0.7], [0.1, 0.2, 0.4], [-np.inf, -np.inf, np.nan]])
    fpir, fnir = measure_volunteers(table, np.array([0, 1, 2, 2]), threshold=0.5)
    assert fpir.rate == Rate(errors=1, trials=4)
    assert fnir.rate == Rate(errors=3, trials=4)
    assert fpir.interval[0] <= 0.25 <= fpir.interval[1]


def test_without_an_error_people_count_and_not_pictures() -> None:
    """Forty pictures of ten people without an error are compatible with three in ten, not with three in forty."""
    whose = np.repeat(np.arange(10), 4)
    table = np.where(whose[:, None] == np.arange(10), 0.9, 0.1)
    fpir, fnir = measure_volunteers(table, whose, threshold=0.5)
    assert fpir.interval == fnir.interval == (0.0, 0.3)
    worse, none = measure_volunteers(1.0 - table, whose, threshold=0.5)
    assert worse.interval == none.interval == (0.7, 1.0)


@pytest.mark.parametrize("shape", [(3, 1), (0, 3), (3,), (2, 3)])
def test_shapes_that_do_not_fit_are_misuse(shape: tuple[int, ...]) -> None:
    """Two people and a probe at least, and an owner for each."""
    with pytest.raises(ValueError, match="volunteers: expected"):
        measure_volunteers(np.zeros(shape), np.zeros(3, dtype=np.intp), threshold=0.5)


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"entries_per_day": -1.0}, {"strangers_per_day": float("nan")}, {"days_per_year": 0}]
)
def test_impossible_traffic_is_told(wrong: dict[str, float]) -> None:
    """A site without people, or with less than no visitors, is refused with an example."""
    with pytest.raises(ConfigError, match="size of 1 or more") as caught:
        Traffic(**{"entries_per_day": 1.0, "strangers_per_day": 1.0, "size": 1, **wrong})  # type: ignore[arg-type] # wrong on purpose
    assert "--entries-per-day" in caught.value.advice()


def test_nine_volunteers_give_nothing() -> None:
    """Fewer than ten people with two pictures are told in numbers only; those with one picture take no part."""
    people = {f"p{place}": (f"p{place}/1.png", f"p{place}/2.png") for place in range(9)} | {"one": ("one/1.png",)}
    with pytest.raises(ConfigError, match=r"^9 volunteers have two pictures"):
        choose_volunteers(people)


def _volunteers(folder: Path, vision: FakeVision, *, people: int) -> PictureSet:
    """Two pictures a person, alike; the last two people look alike as well."""
    encoded = cv2.imencode(".png", np.full((240, 320, 3), 128, dtype=np.uint8))[1].tobytes()
    for person in range(people):
        place = folder / f"Name{person:02}"
        place.mkdir()
        face = alike(unit(people - 2), 0.9, seed=555) if person == people - 1 else unit(person)
        for number, vector in enumerate((face, alike(face, 0.8, seed=100 + person))):
            (place / f"{number}.png").write_bytes(encoded)
            vision.shows(vector, source=f"Name{person:02}/{number}.png")
    return PictureSet([folder])


def test_a_folder_becomes_a_forecast_without_a_name(tmp_path: Path) -> None:
    """Two look-alikes of twelve let each other in; nothing in the answer says who, or how alike they are."""
    vision = FakeVision()
    pictures = _volunteers(tmp_path, vision, people=12)
    runner = Runner(vision=vision, calibration=make_calibration(), threads=1)
    report = run_site(pictures, runner, TRAFFIC, fpir_target=0.01)
    assert report["fpir_among_volunteers_counts"] == {"errors": 2, "trials": 12}
    assert report["fnir_counts"] == {"errors": 0, "trials": 12}
    assert report["strangers_let_in_per_year_promised"] == pytest.approx(50.0)
    assert report["fta"] == {"images": 24, "failed": 0, "rate": 0.0}
    assert "Name" not in json.dumps(report)
    assert "0.7" not in json.dumps({key: report[key] for key in ("fpir_among_volunteers", "fnir")})


def test_a_picture_without_a_face_counts_as_a_refusal(tmp_path: Path) -> None:
    """A failed probe is refused, and a failed reference refuses its person and lets nobody in."""
    vision = FakeVision()
    pictures = _volunteers(tmp_path, vision, people=12)
    vision.shows(source="Name00/0.png")
    vision.shows(source="Name01/1.png")
    runner = Runner(vision=vision, calibration=make_calibration(), threads=1)
    report = run_site(pictures, runner, TRAFFIC, fpir_target=0.01)
    assert report["fnir_counts"] == {"errors": 2, "trials": 12}
    assert report["fta"]["failed"] == 2
