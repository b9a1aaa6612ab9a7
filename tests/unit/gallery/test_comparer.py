"""1:1 comparison: the cosine of two probes of the calibrated model, with what it stands for."""

from __future__ import annotations

import pytest

from limen.core.match import Condition
from limen.core.ports import Comparer
from limen.core.probe import ModelId
from limen.gallery.comparer import CalibratedComparer
from support.calibrations import make_calibration
from support.vision import alike, make_probe, unit

_OTHER = ModelId("other-model@0")


@pytest.fixture(scope="module")
def comparer() -> Comparer:
    """On the made-up calibration."""
    return CalibratedComparer(make_calibration())


@pytest.mark.parametrize("similarity", [-1.0, -0.3, 0.0, 0.35, 0.9, 1.0])
def test_the_similarity_is_the_cosine(comparer: Comparer, similarity: float) -> None:
    """Two probes with a chosen cosine have that similarity, with the rates of the calibration."""
    comparison = comparer.compare(make_probe(unit(1)), make_probe(alike(unit(1), similarity)))
    assert comparison.similarity == pytest.approx(similarity, abs=1e-6)
    expected = make_calibration().compare(comparison.similarity, Condition.BARE_BARE)
    assert comparison == expected


def test_the_order_does_not_matter(comparer: Comparer) -> None:
    """Left with right is right with left."""
    left, right = make_probe(unit(1)), make_probe(unit(2))
    assert comparer.compare(left, right) == comparer.compare(right, left)


@pytest.mark.parametrize("models", [(_OTHER, None), (None, _OTHER), (_OTHER, _OTHER)])
def test_probes_of_another_model_are_misuse(comparer: Comparer, models: tuple[ModelId | None, ModelId | None]) -> None:
    """A probe of another model on either side, or on both, raises: it is not a low similarity."""
    first, second = (make_probe(unit(1)) if model is None else make_probe(unit(1), model_id=model) for model in models)
    with pytest.raises(ValueError, match="probe: expected model test-model@0, got other-model@0"):
        comparer.compare(first, second)
