"""Facts about the temperature report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from limen.core.errors import ConfigError
from limen.evaluation.temperature import auc, read_temperatures, temperature_report

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
        "36.6,,36.4,36.4,36.4",
        ",24,36.4,36.4,36.4",
        "36.6,24,,,",
    )
    report = temperature_report(read_temperatures(path))
    assert (report["n"], report["n_left_out"], report["n_febrile"]) == (4, 3, {"37.5": 2, "38.0": 1})
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
        ("aveOralM,T_atm\n36,24", "no column canthi4Max1, canthi4Max2, canthi4Max3"),
        (f"{_HEAD}warm,24,36,36,36", "line 2: aveOralM is 'warm', expected a number"),
        (f"{_HEAD},,,,", "no row with all of"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(tmp_path: Path, text: str, message: str) -> None:
    """Missing columns, words for numbers and empty tables are errors that name the place."""
    with pytest.raises(ConfigError, match=message):
        read_temperatures(_table(tmp_path, head=text))


def test_a_table_that_is_not_there_says_so(tmp_path: Path) -> None:
    """A wrong path is an error in one line."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_temperatures(tmp_path / "none.csv")
