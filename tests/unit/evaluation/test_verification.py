"""The verification report: its keys are those that users script against, its numbers worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from limen.evaluation.intervals import wilson
from limen.evaluation.rates import Rate, det
from limen.evaluation.verification import (
    VerificationReport,
    _best_threshold,
    accuracy_10fold,
    verification_report,
)

PROMISED = {"n_mated", "n_nonmated", "fta", "accuracy_10fold", "eer", "tpr_at_fmr", "model_id", "seconds"}
BESIDE = {f"{key}_{what}" for key in ("accuracy_10fold", "eer", "tpr_at_fmr") for what in ("counts", "interval")} | {
    "fta_interval"
}


def report(mated: list[float], nonmated: list[float], *, n_failed_mated: int = 0) -> VerificationReport:
    """A report on these similarities, the first mated ones failed, every comparison between two other people."""
    n = len(mated) + len(nonmated)
    same = np.arange(n) < len(mated)
    subjects = np.stack([np.arange(n), np.where(same, np.arange(n), np.arange(n) + n)], axis=1)
    return verification_report(
        np.array(mated + nonmated),
        same,
        failed=np.arange(n) < n_failed_mated,
        acquisition=Rate(errors=n_failed_mated, trials=2 * n),
        model_id="model",
        seconds=1.5,
        subjects=subjects,
        resamples=20,
    )


def test_the_keys_are_the_promised_ones() -> None:
    """Exactly the keys of DESIGN section 6, and beside them counts and intervals; all of it is JSON."""
    made = report([2.0] * 20, [0.0] * 20)
    assert set(made) == PROMISED | BESIDE
    assert set(made["accuracy_10fold"]) == {"mean", "std"}
    assert list(made["tpr_at_fmr"]) == ["1e-2", "1e-3", "1e-4"]
    assert json.loads(json.dumps(made, allow_nan=False))["fta"] == {"images": 80, "failed": 0, "rate": 0.0}


def test_numbers_of_a_small_report() -> None:
    """1,000 strangers, 40 mated pairs, one of them failed: counts, rates and intervals agree."""
    made = report([np.nan, *[998.5] * 9, *[2000.0] * 30], [float(n) for n in range(1000)], n_failed_mated=1)
    assert (made["n_mated"], made["n_nonmated"], made["model_id"], made["seconds"]) == (40, 1000, "model", 1.5)
    assert made["tpr_at_fmr"] == {"1e-2": 39 / 40, "1e-3": None, "1e-4": None}
    assert made["tpr_at_fmr_counts"]["1e-2"] == {
        "errors": 1,
        "trials": 40,
        "false_matches": 10,
        "nonmated_trials": 1000,
    }
    assert made["tpr_at_fmr_interval"] == {"1e-2": wilson(39, 40), "1e-3": None, "1e-4": None}
    assert made["fta"] == {"images": 2080, "failed": 1, "rate": 1 / 2080}
    # wrong: the failed one; strangers 999 and 998, each when its own fold is left out of choosing the threshold
    assert made["accuracy_10fold_counts"] == {"errors": 3, "trials": 1040}
    assert made["accuracy_10fold_interval"] == wilson(1037, 1040)
    assert made["eer"] == pytest.approx(0.025, abs=1e-12)
    interval = made["eer_interval"]
    assert interval is not None
    assert 0.0 <= interval[0] <= 0.025 <= interval[1] < 0.2


def test_too_little_is_none() -> None:
    """One pair of each class measures hardly anything, and none nothing; the report still stands."""
    for made in (report([1.0], [0.0]), report([], [])):
        assert made["accuracy_10fold"] == {"mean": None, "std": None}
        assert (made["accuracy_10fold_counts"], made["accuracy_10fold_interval"]) == (None, None)
        assert made["tpr_at_fmr_counts"] == {"1e-2": None, "1e-3": None, "1e-4": None}
    assert report([], [])["eer"] is None
    assert report([1.0], [])["eer"] is None


def test_without_subjects_the_eer_has_no_interval() -> None:
    """A bootstrap by subject needs subjects."""
    same = np.array([True, False])
    made = verification_report(
        [1.0, 0.0], same, failed=~(same | ~same), acquisition=Rate(errors=0, trials=4), model_id="m", seconds=0.0
    )
    assert (made["eer"], made["eer_interval"]) == (0.0, None)


def test_all_failed_is_a_report_too() -> None:
    """With every picture failed all answers are wrong and the EER cannot be told."""
    same = np.arange(40) < 20
    made = verification_report(
        np.zeros(40),
        same,
        failed=np.ones(40, dtype=np.bool_),
        acquisition=Rate(errors=80, trials=80),
        model_id="m",
        seconds=0.0,
    )
    assert made["accuracy_10fold"] == {"mean": 0.0, "std": 0.0}
    assert made["eer"] is None


def test_lengths_must_agree() -> None:
    """A report on lists of different lengths is misuse."""
    same = np.array([True, False])
    with pytest.raises(ValueError, match="equal lengths"):
        verification_report([1.0], same, failed=same, acquisition=Rate(errors=0, trials=0), model_id="m", seconds=0.0)


def test_folds_take_the_rows_of_each_class_in_turn() -> None:
    """The k-th row of each class goes to fold k mod 10: one odd pair spoils one fold of four rows by a quarter."""
    mated, nonmated = [1.0] * 20, [0.0] * 20
    mated[13] = -5.0
    result = accuracy_10fold(np.array(mated + nonmated), np.arange(40) < 20)
    assert result is not None
    assert result.answers == Rate(errors=1, trials=40)
    assert result.mean == pytest.approx(0.975, abs=1e-12)
    assert result.std == pytest.approx(float(np.std([0.75] + [1.0] * 9)), abs=1e-12)


def test_each_fold_is_judged_by_the_other_nine() -> None:
    """A fold cannot choose its own threshold: what only it would need counts as wrong."""
    mated, nonmated = [1.0] * 10, [0.0] * 10
    mated[3], nonmated[3] = 0.4, 0.3
    result = accuracy_10fold(np.array(mated + nonmated), np.arange(20) < 10)
    assert result is not None
    assert result.answers == Rate(errors=1, trials=20)  # halfway between 0 and 1 the pair at 0.4 is missed


def test_failed_comparisons_are_wrong_and_do_not_move_thresholds() -> None:
    """A failed non-mated comparison is no right answer, although it does not match."""
    values = np.array([1.0] * 10 + [-np.inf] + [0.0] * 9)
    result = accuracy_10fold(values, np.arange(20) < 10)
    assert result is not None
    assert result.answers == Rate(errors=1, trials=20)


def test_the_middle_of_equally_good_thresholds_is_taken() -> None:
    """At 5, 3 and 1 there are two errors each, elsewhere three: 3 is taken, and moved halfway to the next below."""
    assert _best_threshold(det([1.0, 3.0, 5.0], [0.0, 2.0, 4.0])) == 2.5


def test_ten_folds_need_ten_rows_of_each_class() -> None:
    """With nine pairs of one class a fold would be without it, so there is no answer."""
    assert accuracy_10fold(np.zeros(20), np.arange(20) < 10) is not None
    assert accuracy_10fold(np.zeros(19), np.arange(19) < 10) is None
    assert accuracy_10fold(np.zeros(19), np.arange(19) < 9) is None
