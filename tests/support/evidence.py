"""Evidence for tests of rules: a good case that every door opens for, from which a test takes away.

How to use: ``replace(GOOD, match=None)``.
"""

from __future__ import annotations

from datetime import date

from limen.core.decision import Evidence, StageTimes
from limen.core.match import Comparison, Condition, OperatingPoint, Recognised, Unknown, UnknownReason
from limen.core.people import SubjectId
from limen.core.probe import Live
from limen.core.quality import NotAssessed
from support.vision import TEST_MODEL, make_quality

__all__ = ["GOOD", "KNOWN", "make_unknown"]

_POINT = OperatingPoint(
    model_id=TEST_MODEL,
    condition=Condition.BARE_BARE,
    fpir_target=0.001,
    n_references=10,
    fmr=1e-4,
    threshold=0.39,
    fnir_expected=0.02,
    calibrated_on=date(2026, 11, 22),
)
KNOWN = Recognised(
    subject_id=SubjectId("s-1"),
    comparison=Comparison(similarity=0.8, fmr=1e-9, log_likelihood_ratio=20.0, condition=Condition.BARE_BARE),
    fpir=1e-8,
    operating_point=_POINT,
)
"""Somebody recognised beyond doubt."""

GOOD = Evidence(
    evidence_id="e-1",
    match=KNOWN,
    quality=make_quality(80),
    mask=NotAssessed(reason="a test"),
    temperature=NotAssessed(reason="no thermal camera"),
    liveness=Live(),
    second_factor=True,
    n_faces=1,
    times=StageTimes(),
)
"""Somebody recognised, living, with a second factor, alone."""


def make_unknown(reason: UnknownReason = UnknownReason.BELOW_THRESHOLD) -> Unknown:
    """Nobody, for a reason."""
    return Unknown(reason=reason, fpir=0.5, operating_point=_POINT)
