"""Facts about the temperature report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from limen.core.errors import ConfigError
from limen.evaluation.temperature import auc, oral_estimate, read_temperatures, temperature_report

_HEAD = "aveOralM,T_atm,canthi4Max1,canthi4Max2,canthi4Max3\n"


def _table(folder: Path, *rows: str, head: str = _HEAD) -> Path:
    path = folder / "table.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


@given(
    values=hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(0, 5).map(float)),
    seed=st.integers(0, 2**16),
)
def test_auc_is_the_share_of_pairs_in_order(values: np.ndarray, seed: int) -> None:
    """Counted pair by pair, ties one half; the complement of the other class's."""
    positive = np.random.default_rng(seed).random(len(values)) < 0.5
    area = auc(values, positive)
    pairs = np.sign(values[positive][:, None] - values[~positive][None]) / 2 + 0.5
    assert area == (pytest.approx(pairs.mean()) if pairs.size else None)
    if area is not None:
        assert auc(values, ~positive) == pytest.approx(1 - area)


def test_the_report_counts_by_hand(tmp_path: Path) -> None:
    """Four visits: one raised and found, one raised and missed, one false alarm, one rightly below."""
    path = _table(
        tmp_path,
        "38.2,24,37.0,37.0,37.0",
        "37.6,24,35.5,35.5,35.5",
        "36.8,24,36.3,36.3,",
        "36.6,29,36.4,36.4,36.4",
        ",24,36.4,36.4,36.4",
        "36.6,24,,,",
    )
    report = temperature_report(read_temperatures(path))
    assert (report["n"], report["n_left_out"], report["n_febrile"]) == (4, 2, {"37.5": 2, "38.0": 1})
    assert (report["sensitivity"], report["specificity"]) == (0.5, 0.5)
    assert report["auc"] == {"37.5": 0.5, "38.0": 1.0}
    assert 0.0 < report["mae_c"] < 1.0


def test_images_that_are_there_are_averaged(tmp_path: Path) -> None:
    """A missing image is left out of the mean."""
    table = read_temperatures(_table(tmp_path, "36.6,24,36.0,,35.0"))
    assert table.canthus_c.tolist() == [35.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("aveOralM,T_atm\n36,24", "no column canthi4Max1 or canthi4Max2 or canthi4Max3"),
        ("T_atm,canthi4Max1\n24,36", "no column aveOralM"),
        (f"{_HEAD}warm,24,36,36,36", "line 2: aveOralM is 'warm', expected a number"),
        (f"{_HEAD},,,,", "no row with both"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path: Path, text: str, message: str) -> None:
    """Missing columns, words for numbers and empty tables are errors that name the place."""
    with pytest.raises(ConfigError, match=message):
        read_temperatures(_table(tmp_path, head=text))


def test_order_and_further_columns_do_not_matter(tmp_path: Path) -> None:
    """Columns in another order, quoted, with others between them and a byte order mark, read the same."""
    head = "\ufeffnote,canthi4Max3,aveOralM,canthi4Max2,canthi4Max1,T_atm,T_Max1\n"
    table = read_temperatures(_table(tmp_path, '"warm, he said",36.4,36.6,36.3,"36.2",24,41', "2,NA,36.6", head=head))
    assert table.canthus_c == pytest.approx([36.3])
    assert (table.oral_c.tolist(), table.room_c.tolist(), table.n_left_out) == ([36.6], [24.0], 1)


def test_one_image_and_no_room_will_do(tmp_path: Path) -> None:
    """Without the room's temperature nothing is corrected for it, and the report says how often."""
    table = read_temperatures(_table(tmp_path, "36.6,36.4", "38.6,37.4", head="aveOralM,canthi4Max2\n"))
    report = temperature_report(table)
    assert (report["n"], report["n_room_unknown"]) == (2, 2)
    assert table.excess_k() == pytest.approx([36.4 - 36.12, 37.4 - 36.12])


def test_values_that_are_no_temperature_are_not_there(tmp_path: Path) -> None:
    """A slipped digit, a zero for nothing and a missing mark spoil neither the row nor the mean."""
    rows = ("36.6,24,36.4,3.64,nan", "3661,24,36.4,36.4,36.4", "36.6,2400,0,36.2,-inf", "36.6,24,0,0,0")
    table = read_temperatures(_table(tmp_path, *rows))
    assert table.canthus_c == pytest.approx([36.4, 36.2])
    assert (table.n_left_out, table.n_room_unknown, table.n_implausible) == (2, 1, 8)


@pytest.mark.parametrize("oral_c", [36.6, 38.6])
def test_a_table_of_one_kind_of_people_has_half_a_report(tmp_path: Path, oral_c: float) -> None:
    """What cannot be measured is nothing, not zero; the rest is."""
    report = temperature_report(read_temperatures(_table(tmp_path, *[f"{oral_c},24,36.4,36.4,36.4"] * 3)))
    assert report["auc"] == {"37.5": None, "38.0": None}
    assert (report["sensitivity"] is None, report["specificity"] is None) == (oral_c < 37.5, oral_c >= 37.5)
    assert report["mae_c"] > 0.0


def test_a_table_that_is_not_there_says_so(tmp_path: Path) -> None:
    """A wrong path is an error in one line."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_temperatures(tmp_path / "none.csv")


def test_the_regression_bends_at_the_limit() -> None:
    """It has no jump there, rises everywhere, and more steeply above, where skin follows the body."""
    below, at, above = oral_estimate(np.array([-1.0, 0.0, 1.0]))
    assert 36.0 < below < at < 37.5 < above < 39.0
    assert above - at > 2.0 * (at - below)
    assert oral_estimate(np.array([-1e-9, 1e-9])) == pytest.approx([at, at])
