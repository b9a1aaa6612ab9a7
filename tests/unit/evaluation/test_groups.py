"""Rates by group: counted by hand, refused where they say nothing, told where they are bad, and codes kept opaque."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import gmean

from limen.core.errors import ConfigError
from limen.evaluation.groups import Groups, groups_report, ratios, read_groups
from limen.evaluation.intervals import wilson
from limen.evaluation.protocols import Pairs
from limen.evaluation.rates import Rate


def made(sizes: dict[str, tuple[int, int, int]]) -> tuple[Pairs, NDArray[np.float64], Groups]:
    """Per group: people with one mated pair each, how many of those fail, and how many of its non-mated pairs match.

    Non-mated pairs are all pairs of two people of a group; a match has similarity 1, a miss 0.
    """
    left, right, same, values = [], [], [], []
    codes: dict[str, int] = {}
    for place, (code, (people, misses, matches)) in enumerate(sizes.items()):
        names = [(f"{code}{person}/a", f"{code}{person}/b") for person in range(people)]
        codes |= {name: place for pair in names for name in pair}
        pairs = [(one, other) for i, (one, _) in enumerate(names) for _, other in names[i + 1 :]]
        left += [one for one, _ in names] + [one for one, _ in pairs]
        right += [other for _, other in names] + [other for _, other in pairs]
        same += [True] * people + [False] * len(pairs)
        values += [0.0] * misses + [1.0] * (people - misses)
        values += [1.0] * matches + [0.0] * (len(pairs) - matches)
    listed = Pairs(left=tuple(left), right=tuple(right), same=np.array(same, dtype=np.bool_))
    return listed, np.array(values), Groups(codes=tuple(sizes), of=codes)


def test_two_groups_counted_by_hand() -> None:
    """FMR over pairs within a group, FNMR over its mated pairs, FTA over its pictures; Wilson's intervals."""
    pairs, values, groups = made({"A": (40, 4, 10), "B": (60, 12, 40)})
    failed = [f"A{person}/a" for person in range(10)] + [f"B{person}/a" for person in range(5)]
    report = groups_report(values, pairs, groups, threshold=0.5, failed=failed)
    assert report["group_fnmr"] == {"A": 0.1, "B": 0.2}
    assert report["group_fnmr_counts"]["A"] == {"errors": 4, "trials": 40}
    assert report["group_fnmr_interval"]["B"] == wilson(12, 60)
    assert report["group_fmr_counts"] == {"A": {"errors": 10, "trials": 780}, "B": {"errors": 40, "trials": 1770}}
    assert report["group_fta"] == {"A": 10 / 80, "B": 5 / 120}
    assert report["group_n_people"] == {"A": 40, "B": 60}
    assert report["group_ratios"]["fnmr_max_over_min"] == pytest.approx(2.0, abs=1e-9)
    assert report["group_ratios"]["fnmr_max_over_geomean"] == pytest.approx(0.2 / gmean([0.1, 0.2]), abs=1e-9)
    assert report["group_refused"] == {}
    json.dumps(report)


def test_equal_groups_stay_below_what_chance_gives() -> None:
    """Beside a ratio stands what equal groups of these sizes reach one time in forty; more trials bring it nearer 1."""
    small = groups_report(*made_equal(40), threshold=0.5, failed=[])
    large = groups_report(*made_equal(400), threshold=0.5, failed=[])
    limits = [report["group_ratios_by_chance"]["fnmr_max_over_min"] for report in (small, large)]
    assert small["group_ratios"]["fnmr_max_over_min"] == 1.0
    assert 1.0 < limits[1] < limits[0]


def made_equal(people: int) -> tuple[NDArray[np.float64], Pairs, Groups]:
    """Two groups of so many mated pairs, a fifth of them failing, and no non-mated ones."""
    names = [(f"{code}{person}/a", f"{code}{person}/b") for code in "AB" for person in range(people)]
    pairs = Pairs(
        left=tuple(one for one, _ in names),
        right=tuple(other for _, other in names),
        same=np.ones(len(names), dtype=np.bool_),
    )
    of = {name: int(name.startswith("B")) for pair in names for name in pair}
    return np.array([float(place % 5 > 0) for place in range(2 * people)]), pairs, Groups(codes=("A", "B"), of=of)


def test_a_group_of_few_people_is_not_told() -> None:
    """Nine people have no rate, no counts and not even a number of people."""
    pairs, values, groups = made({"A": (60, 12, 40), "B": (9, 9, 36)})
    report = groups_report(values, pairs, groups, threshold=0.5, failed=[])
    assert report["group_n_people"]["B"] is None
    for name in ("fmr", "fnmr", "fta"):
        assert report[f"group_{name}"]["B"] is report[f"group_{name}_counts"]["B"] is None
        assert report["group_refused"][f"{name} B"] == "fewer than 10 people"
    assert report["group_ratios"]["fnmr_max_over_min"] is None


def test_a_group_too_small_to_say_anything_is_refused() -> None:
    """Where fewer than three errors would be expected of it, no error at all is no good news."""
    pairs, values, groups = made({"A": (95, 9, 0), "B": (12, 0, 0)})
    report = groups_report(values, pairs, groups, threshold=0.5, failed=[])
    assert report["group_fnmr"] == {"A": 9 / 95, "B": None}
    assert report["group_refused"]["fnmr B"] == "1 errors expected, 3 needed"


def test_a_small_group_that_fares_badly_is_told() -> None:
    """Where the interval lies above the common rate, being small hides nothing."""
    pairs, values, groups = made({"A": (190, 1, 0), "B": (12, 9, 0)})
    report = groups_report(values, pairs, groups, threshold=0.5, failed=[])
    assert 12 * 10 / 202 < 3
    assert report["group_fnmr"]["B"] == 0.75
    assert report["group_fnmr"]["A"] == 1 / 190


def test_without_any_error_every_group_is_refused() -> None:
    """A test set without an error says nothing of differences."""
    pairs, values, groups = made({"A": (30, 0, 0), "B": (30, 0, 0)})
    report = groups_report(values, pairs, groups, threshold=0.5, failed=[])
    assert set(report["group_fmr"].values()) == {None}
    assert report["group_ratios_by_chance"]["fmr_max_over_min"] is None


def test_comparisons_across_and_without_codes_are_left_out() -> None:
    """They are counted, and are in no group's rate."""
    pairs = Pairs(left=("a", "a", "a"), right=("b", "c", "x"), same=np.zeros(3, dtype=np.bool_))
    groups = Groups(codes=("A", "B"), of={"a": 0, "b": 0, "c": 1})
    report = groups_report([1.0, 1.0, 1.0], pairs, groups, threshold=0.5, failed=[])
    assert (report["group_across"], report["group_without_code"]) == (1, 1)


def test_one_person_has_one_code() -> None:
    """A mated pair across two groups is refused, without a name or a code."""
    pairs = Pairs(left=("a",), right=("b",), same=np.ones(1, dtype=np.bool_))
    with pytest.raises(ConfigError, match="pictures in two groups"):
        groups_report([1.0], pairs, Groups(codes=("A", "B"), of={"a": 0, "b": 1}), threshold=0.5, failed=[])


def test_similarities_belong_to_the_pairs() -> None:
    """Another number of them is misuse."""
    pairs = Pairs(left=("a",), right=("b",), same=np.ones(1, dtype=np.bool_))
    with pytest.raises(ValueError, match="expected"):
        groups_report([1.0, 2.0], pairs, Groups(codes=(), of={}), threshold=0.5, failed=[])


def test_ratios_agree_with_scipy() -> None:
    """Largest over geometric mean, and over smallest; none with a zero, or with one group."""
    rates = [Rate(errors=errors, trials=1000) for errors in (3, 11, 40)]
    over_mean, over_least = ratios(rates)
    assert over_mean == pytest.approx(0.04 / gmean([0.003, 0.011, 0.04]), abs=1e-9)
    assert over_least == pytest.approx(40 / 3, abs=1e-9)
    assert ratios([*rates, Rate(errors=0, trials=9)]) == ratios(rates[:1]) == (None, None)


def test_codes_are_read(tmp_path: Path) -> None:
    """Codes are sorted, a picture may be there twice, and neither codes' pictures nor names show in a repr."""
    path = tmp_path / "groups.csv"
    path.write_text("group,file,x\nB,./1.jpg,\nG7,2.jpg,\nB,1.jpg,\n", "utf-8")
    groups = read_groups(path)
    assert groups.codes == ("B", "G7")
    assert groups.rows(["2.jpg", "1.jpg", "3.jpg"]).tolist() == [1, 0, -1]
    assert "jpg" not in repr(groups)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column file, group"),
        ("file,group\n", "no codes"),
        ("file,group\na.jpg,young\n", "line 2: no picture, or no opaque code"),
        ("file,group\na.jpg,AB\n", "line 2: no picture, or no opaque code"),
        ("file,group\na.jpg,\n", "line 2: no picture, or no opaque code"),
        ("file,group\na.jpg\n", "line 2: no picture, or no opaque code"),
        ("file,group\n,A\n", "line 2: no picture, or no opaque code"),
        ("file,group\na.jpg,A\na.jpg,B\n", "line 3: this picture has two codes"),
        ("file,group\n../a.jpg,A\n", "leads out of the set"),
    ],
)
def test_codes_that_are_none_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """A word could say what it stands for; the message names the line and never the code."""
    path = tmp_path / "groups.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_groups(path)
    assert "young" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_groups(tmp_path / "none.csv")
