"""A calibration whose every rate can be worked out by hand, for the model of support.vision.

Non-mated similarities fall exponentially: above 0.3 the false match rate is 1e-3 * exp(-(s - 0.3) / 0.04), below it
the straight line (in the logarithm) from 1 at -0.5. Mated ones lie evenly between 0.2 and 1.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from limen.core.match import Condition
from limen.core.probe import ModelId
from limen.gallery.calibration import Calibration, ConditionRates
from limen.gallery.masked import MaskedMap
from limen.gallery.tail import Tail
from support.vision import TEST_MODEL

__all__ = ["TAIL", "make_calibration", "make_masked_calibration", "make_rates"]

TAIL = Tail(start=0.3, share=1e-3, shape=0.0, scale=0.04)


def make_rates(tail: Tail = TAIL) -> ConditionRates:
    """The rates told of above; another tail if given."""
    grid = np.linspace(-0.5, 1.0, 151)
    body = np.exp(np.log(tail.share) * np.clip((grid + 0.5) / (tail.start + 0.5), 0.0, 1.0))
    return ConditionRates(
        grid=grid,
        nonmated=np.where(grid >= tail.start, tail.survival(grid), body),
        mated=np.clip((grid - 0.2) / 0.8, 0.0, 1.0),
        tail=tail,
        llr_slope=50.0,
        llr_intercept=-20.0,
        n_nonmated=1_000_000,
        n_mated=10_000,
        n_people=500,
    )


def make_calibration(*, model_id: ModelId = TEST_MODEL, dimensions: int = 128, tail: Tail = TAIL) -> Calibration:
    """A calibration with the condition bare/bare only."""
    return Calibration(
        model_id=model_id,
        model="test-model",
        centre=np.zeros(dimensions, dtype=np.float32),
        made_on=date(2026, 11, 22),
        made_from="nothing: made up",
        method="written down",
        conditions={Condition.BARE_BARE: make_rates(tail)},
    )


def make_masked_calibration() -> Calibration:
    """A calibration of all conditions: another tail for each, a small shift, and a matrix that is nearly none."""
    tails = (TAIL, replace(TAIL, start=0.32, scale=0.05), replace(TAIL, start=0.35, scale=0.06))
    rng = np.random.default_rng(7)
    half = np.eye(128) + rng.normal(0.0, 0.01, (128, 128))
    masked_map = MaskedMap(
        shift=rng.normal(0.0, 0.01, 128).astype(np.float32), matrix=(half @ half.T).astype(np.float32)
    )
    conditions = {condition: make_rates(tail) for condition, tail in zip(Condition, tails, strict=True)}
    return replace(make_calibration(), conditions=conditions, masked_map=masked_map)
