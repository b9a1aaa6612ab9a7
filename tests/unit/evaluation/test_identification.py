"""The identification report: promised keys, numbers by hand, and blocks that give what the whole would."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from limen.evaluation.identification import (
    AppliedThreshold,
    MatedProbes,
    identification_report,
    mated_probes,
    nonmated_probes,
)
from limen.evaluation.intervals import wilson
from limen.evaluation.rates import Rate

PROMISED = {"n_gallery", "n_mated", "n_nonmated", "fta", "rank1", "fnir_at_fpir"}
BESIDE = {f"{key}_{what}" for key in ("rank1", "fnir_at_fpir") for what in ("counts", "interval")} | {"fta_interval"}
POINT = {"operating_point", "operating_point_counts", "operating_point_interval"}

MATED = MatedProbes(own=np.array([5.0, 5.0, 1.0, -np.inf]), ranks=np.array([1, 2, 1, 0], dtype=np.intp))
ACQUISITION = Rate(errors=1, trials=1100)


def test_the_keys_are_the_promised_ones() -> None:
    """Exactly the keys of DESIGN section 6, counts and intervals beside them; the operating point only when asked."""
    plain = identification_report(MATED, np.arange(1000.0), n_gallery=3, acquisition=ACQUISITION)
    assert set(plain) == PROMISED | BESIDE
    assert list(plain["fnir_at_fpir"]) == ["0.1", "0.01", "0.003"]
    asked = identification_report(
        MATED,
        np.arange(1000.0),
        n_gallery=3,
        acquisition=ACQUISITION,
        applied=AppliedThreshold(fpir_target=0.01, threshold=4.0),
    )
    assert set(asked) == PROMISED | BESIDE | POINT
    assert list(asked["operating_point"]) == ["fpir_target", "threshold", "fpir_measured", "fnir_measured"]
    json.dumps(asked, allow_nan=False)


def test_numbers_of_a_small_report() -> None:
    """Four probes (found, outranked, far below, failed) and 1,000 strangers of whom 15 come near."""
    strangers = np.append(np.linspace(2.0, 3.0, 15), np.full(985, -np.inf))
    made = identification_report(
        MATED,
        strangers,
        n_gallery=3,
        acquisition=ACQUISITION,
        applied=AppliedThreshold(fpir_target=0.01, threshold=3.0),
    )
    assert (made["n_gallery"], made["n_mated"], made["n_nonmated"]) == (3, 4, 1000)
    assert made["fta"] == {"images": 1100, "failed": 1, "rate": 1 / 1100}
    assert (made["rank1"], made["rank1_counts"]) == (0.5, {"errors": 2, "trials": 4})
    assert made["rank1_interval"] == wilson(2, 4)
    assert made["fnir_at_fpir"] == {"0.1": 0.5, "0.01": 0.75, "0.003": 0.75}
    assert made["fnir_at_fpir_counts"]["0.01"] == {
        "errors": 3,
        "trials": 4,
        "false_positives": 10,
        "nonmated_trials": 1000,
    }
    assert made["fnir_at_fpir_interval"]["0.01"] == wilson(3, 4)
    assert made["operating_point"] == {
        "fpir_target": 0.01,
        "threshold": 3.0,
        "fpir_measured": 0.001,
        "fnir_measured": 0.75,
    }
    assert made["operating_point_counts"]["fpir_measured"] == {"errors": 1, "trials": 1000}
    assert made["operating_point_interval"]["fnir_measured"] == wilson(3, 4)


def test_too_little_is_none() -> None:
    """A hundred strangers show an FPIR of 1 %, not of 0.3 %; nobody shows nothing."""
    made = identification_report(MATED, np.arange(100.0), n_gallery=3, acquisition=ACQUISITION)
    assert made["fnir_at_fpir"]["0.01"] is not None
    assert (made["fnir_at_fpir"]["0.003"], made["fnir_at_fpir_counts"]["0.003"]) == (None, None)
    nobody = identification_report(
        mated_probes([]),
        nonmated_probes([]),
        n_gallery=3,
        acquisition=Rate(errors=0, trials=0),
        applied=AppliedThreshold(fpir_target=0.01, threshold=4.0),
    )
    assert (nobody["rank1"], nobody["fta"]["rate"]) == (None, None)
    assert nobody["operating_point"]["fpir_measured"] is None


def test_own_similarity_and_rank_by_hand() -> None:
    """Ranks count people at least as similar; a tie goes against the system; a failed probe or person has rank 0."""
    block = np.array(
        [[3.0, 2.0, 1.0], [3.0, 2.0, 1.0], [2.0, 2.0, 1.0], [np.nan] * 3, [1.0, np.nan, -np.inf]], dtype=np.float32
    )
    probes = mated_probes([(block, np.array([0, 2, 1, 0, 2], dtype=np.intp))])
    assert probes.own.tolist() == [3.0, 1.0, 2.0, -np.inf, -np.inf]
    assert probes.ranks.tolist() == [1, 3, 2, 0, 0]
    assert nonmated_probes([block]).tolist() == [3.0, 3.0, 2.0, -np.inf, 1.0]


def test_an_empty_gallery_has_no_candidate() -> None:
    """Strangers before an empty gallery come near nobody."""
    assert nonmated_probes([np.empty((2, 0))]).tolist() == [-np.inf, -np.inf]


@pytest.mark.parametrize("cuts", [[], [1], [3, 3, 40], list(range(1, 60))])
def test_blocks_give_what_the_whole_gives(cuts: list[int]) -> None:
    """However probes are cut into blocks, own similarities, ranks and tops are the same."""
    rng = np.random.default_rng(1)
    scores, own = np.round(rng.normal(size=(60, 9)), 1), rng.integers(0, 9, 60)
    blocks: list[tuple[NDArray[np.float64], NDArray[np.intp]]] = list(
        zip(np.split(scores, cuts), np.split(own, cuts), strict=True)
    )
    whole, parts = mated_probes([(scores, own)]), mated_probes(blocks)
    np.testing.assert_array_equal(whole.own, parts.own)
    np.testing.assert_array_equal(whole.ranks, parts.ranks)
    np.testing.assert_array_equal(nonmated_probes([scores]), nonmated_probes(block for block, _ in blocks))


@pytest.mark.parametrize(
    ("block", "own"), [(np.zeros((2, 3)), [0]), (np.zeros((1, 3)), [3]), (np.zeros((1, 3)), [-1]), (np.zeros(3), [0])]
)
def test_misuse_is_refused(block: NDArray[np.float64], own: list[int]) -> None:
    """A block of another shape, or the column of somebody who is not there, is misuse."""
    with pytest.raises(ValueError, match="expected"):
        mated_probes([(block, np.array(own, dtype=np.intp))])


def test_own_and_rank_come_in_pairs() -> None:
    """Similarities and ranks of different lengths are misuse."""
    with pytest.raises(ValueError, match="equal lengths"):
        MatedProbes(own=np.zeros(2), ranks=np.zeros(3, dtype=np.intp))
