"""Facts about a rule of temperature at work, one visitor after another."""

from __future__ import annotations

from limen.core.thermal import NoReading, NotMeasured, SkinMeasured, TemperatureOutcome
from limen.door.temperature import (
    DEFAULT_THRESHOLD,
    AboveOthers,
    TemperatureRule,
    Threshold,
    expected_alarms,
    switched_on,
)
from limen.door.temperature_judge import TemperatureJudge


def _judge(limit: Threshold | AboveOthers) -> TemperatureJudge:
    alarms = expected_alarms(limit).per_1000
    return TemperatureJudge(switched_on(TemperatureRule.REFER, limit=limit, expected_alarms_per_1000=alarms))


def _outcome(
    judge: TemperatureJudge, canthus_c: float, *, relative: bool = False, repeated: bool = False
) -> TemperatureOutcome:
    reading = SkinMeasured(
        canthus_c=canthus_c, right_c=canthus_c, left_c=canthus_c, uncertainty_k=0.4, n_frames=9, relative=relative
    )
    return judge.judge(reading, room_c=24.0, repeated=repeated).outcome


def test_without_a_blackbody_thirty_people_come_first() -> None:
    """Their readings are not judged, but they are what the thirty-first is held against."""
    judge = _judge(AboveOthers())
    first = [_outcome(judge, 35.0, relative=True) for _ in range(30)]
    assert set(first) == {TemperatureOutcome.NO_READING}
    assert _outcome(judge, 36.0, relative=True) is TemperatureOutcome.ABOVE
    assert _outcome(judge, 35.1, relative=True) is TemperatureOutcome.BELOW


def test_a_visitor_counts_once_for_the_baseline() -> None:
    """A first reading in the grey zone and a visitor without one leave it as it is."""
    judge = _judge(AboveOthers())
    for _ in range(29):
        _outcome(judge, 35.0, relative=True)
    judge.judge(NotMeasured(reason=NoReading.GLASSES), room_c=24.0, repeated=False)
    assert _outcome(judge, 35.0, relative=True) is TemperatureOutcome.NO_READING
    for _ in range(40):
        assert _outcome(judge, 35.7, relative=True) is TemperatureOutcome.REPEAT
    assert not judge.drifted
    assert _outcome(judge, 35.7, relative=True, repeated=True) is TemperatureOutcome.ABOVE


def test_with_a_blackbody_the_baseline_only_tells_of_drift() -> None:
    """When people have come to read half a degree lower the setup should be checked; the limit stays where it is."""
    judge = _judge(DEFAULT_THRESHOLD)
    for value in [35.4] * 30 + [34.9] * 40:
        assert _outcome(judge, value) is TemperatureOutcome.BELOW
    assert judge.drifted
    assert _outcome(judge, 35.85) is TemperatureOutcome.BELOW
    assert _outcome(judge, 36.4) is TemperatureOutcome.ABOVE
