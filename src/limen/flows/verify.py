"""verify: whether two pictures show one person. Reads no store, keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass

from limen.core.frame import Frame
from limen.core.match import Comparison
from limen.core.ports import Comparer, Vision
from limen.flows.capture import main_face

__all__ = ["VERIFY_FMR", "Verified", "Verify"]

VERIFY_FMR = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The answer: the comparison, the false match rate asked for, and whether it is kept."""

    comparison: Comparison
    fmr_target: float
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Compares the faces two pictures are of."""

    vision: Vision
    comparer: Comparer

    def __call__(self, first: Frame, second: Frame, *, fmr_target: float = VERIFY_FMR) -> Verified:
        """Compare two pictures.

        Raises:
            RefusedError: a picture shows no face or several.
        """
        one = main_face(self.vision, first)
        try:
            two = main_face(self.vision, second)
            try:
                comparison = self.comparer.compare(one, two)
            finally:
                two.wipe()
        finally:
            one.wipe()
        return Verified(comparison=comparison, fmr_target=fmr_target, same=comparison.fmr <= fmr_target)
