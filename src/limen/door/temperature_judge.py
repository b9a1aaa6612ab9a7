"""A door's rule of temperature at work: each reading becomes an outcome, and the people before become the baseline.

With a blackbody the baseline decides nothing: it only tells when people have come to read differently from the first
ones, which is a matter of the setup. It lives in memory and begins anew with each start.
"""

from __future__ import annotations

from limen.core.thermal import SkinMeasured, SkinReading, TemperatureOutcome, TemperatureSeen
from limen.door.temperature import Baseline, TemperatureOn, outcome

__all__ = ["TemperatureJudge"]


class TemperatureJudge:
    """Judges one reading after another by one rule.

    Args:
        rule: of the door.
    """

    def __init__(self, rule: TemperatureOn) -> None:
        self._limit = rule.limit
        self._baseline = Baseline()

    @property
    def drifted(self) -> bool:
        """Whether people read so differently from the first ones that the setup should be checked."""
        return self._baseline.drifted

    def judge(self, reading: SkinReading, *, room_c: float | None, repeated: bool) -> TemperatureSeen:
        """What a reading means. The last one of a visitor, and only that, joins the baseline.

        Args:
            reading: a temperature, or why there is none.
            room_c: measured room temperature, °C; None when nothing measures it.
            repeated: whether this is the second reading of somebody in the grey zone.
        """
        seen = outcome(reading, self._limit, room_c=room_c, baseline=self._baseline, repeated=repeated)
        if isinstance(reading, SkinMeasured) and seen.outcome is not TemperatureOutcome.REPEAT:
            self._baseline = self._baseline.then(reading.canthus_c)
        return seen
