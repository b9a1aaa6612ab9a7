"""One threshold, several kinds of comparisons: where do the errors come from, poor pictures or masks?

1. All kinds are judged at one threshold of the calibrated scale, fixed before the test set was seen.
2. Quality of a comparison is that of its worse picture. Its quarters hold equally many mated comparisons, as far as
   ties allow; equal qualities are never parted.
3. A failed comparison has no quality and no condition: it is in no row, and in the rates over everything.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.match import Condition
from limen.evaluation.rates import Rate

__all__ = ["QUARTERS", "breakdown"]

QUARTERS = ("worst quarter", "second", "third", "best quarter")


def breakdown(
    similarities: NDArray[np.float64],
    same: NDArray[np.bool_],
    *,
    quality: NDArray[np.int64],
    conditions: NDArray[np.object_],
    threshold: float,
) -> dict[str, Any]:
    """FNMR by quality and by condition, FMR by condition.

    Args:
        similarities: float64 (n,) of usable comparisons, larger = more alike.
        same: bool (n,), True where both pictures show one person.
        quality: int64 (n,), of the worse picture.
        conditions: (n,) ``Condition``.
        threshold: on the scale of ``similarities``.

    Returns:
        ``fnmr_by_quality``, ``fnmr_by_condition`` and ``fmr_by_condition`` with ``_counts`` and ``_interval``; a kind
        without comparisons is left out.
    """
    wrong = np.where(same, similarities < threshold, similarities >= threshold)
    edges = np.quantile(quality[same], (0.25, 0.5, 0.75), method="lower") if bool(same.any()) else np.zeros(3)
    quarter = np.searchsorted(edges, quality, side="left")
    by_quality = {name: same & (quarter == place) for place, name in enumerate(QUARTERS)}
    by_condition = {condition: conditions == condition for condition in Condition}
    report = _table("fnmr_by_quality", by_quality, wrong)
    report |= _table("fnmr_by_condition", {str(name): same & rows for name, rows in by_condition.items()}, wrong)
    return report | _table("fmr_by_condition", {str(name): ~same & rows for name, rows in by_condition.items()}, wrong)


def _table(key: str, kinds: dict[str, NDArray[np.bool_]], wrong: NDArray[np.bool_]) -> dict[str, Any]:
    rates = {
        name: Rate(errors=int(np.count_nonzero(wrong & rows)), trials=int(np.count_nonzero(rows)))
        for name, rows in kinds.items()
        if bool(rows.any())
    }
    return {
        key: {name: rate.value for name, rate in rates.items()},
        f"{key}_counts": {name: rate.counts() for name, rate in rates.items()},
        f"{key}_interval": {name: rate.interval() for name, rate in rates.items()},
    }
