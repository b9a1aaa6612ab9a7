"""The reference source in the picture: what it reads wrong by, the skin reads wrong by.

The offset is believed only while the source is in order: the right size and place, even, steady, and not further off
than a working camera can be. Otherwise there is no offset, and so no absolute reading (study, section 4, step 5).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import CaptureError, ConfigError
from limen.core.thermal import NoReading

__all__ = ["BlackbodySetting", "BlackbodyTracker", "read_blackbody"]

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_SHUTTER = timedelta(seconds=2)
_MOST_OFFSET_K = 2.0
_MOST_CHANGE_K = 0.2
_MOST_SPREAD_K = 0.1
_MOST_MOVED_PX = 3.0
_LEAST_PIXELS = 300
_INNER = 0.8
_JUMP_K = 0.15
_LEAST_RISE_K = 3.0
_SOURCE_C = (30.0, 45.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackbodySetting:
    """Where the source stands and what it is.

    Attributes:
        centre_px: (x, y) in the thermal image.
        radius_px: of its surface in the image.
        set_c: what it is set to, °C; near skin, 35 to 37.
        emissivity: of its surface.
    """

    centre_px: tuple[float, float]
    radius_px: float
    set_c: float
    emissivity: float = 0.97

    @classmethod
    def at(cls, place: tuple[float, float, float, float], *, emissivity: float) -> BlackbodySetting:
        """The source from (x, y, radius, °C).

        Raises:
            ConfigError: no source near skin temperature has such numbers.
        """
        x, y, radius, set_c = place
        if not (math.isfinite(x + y) and 0.0 < radius < math.inf and _SOURCE_C[0] <= set_c <= _SOURCE_C[1]):
            raise ConfigError(
                f"blackbody {x:g},{y:g},{radius:g},{set_c:g}: no source",
                advice=f"x, y and radius in pixels, and {_SOURCE_C[0]:g} to {_SOURCE_C[1]:g} °C",
            )
        return cls(centre_px=(x, y), radius_px=radius, set_c=set_c, emissivity=emissivity)


class BlackbodyTracker:
    """Frames -> offset, or why there is none.

    Args:
        setting: the source.
        seen_with: emissivity that the temperatures handed in were made with.
    """

    def __init__(self, setting: BlackbodySetting, *, seen_with: float) -> None:
        self._setting = setting
        self._share = setting.emissivity / seen_with
        self._second: deque[tuple[datetime, float]] = deque()
        self._minute: deque[tuple[datetime, float]] = deque()
        self._ignored_until: datetime | None = None
        self._where: tuple[NDArray[np.bool_], tuple[int, int, int, int]] | None = None
        self._fault = True

    def add(self, temperature_c: NDArray[np.float32], *, room_c: float, at: datetime) -> None:
        """Look at the source in one more frame.

        Args:
            temperature_c: float32 (H, W), as the camera sees them, uncorrected.
            room_c: what the source reflects, °C.
            at: when the frame was taken.
        """
        if self._minute and at < self._minute[-1][0]:  # the clock jumped back
            self._second.clear()
            self._minute.clear()
            self._ignored_until = None
        spot = self._spot(temperature_c)
        if spot is None or not self._in_place(temperature_c, room_c):
            self._fault = True
            return
        self._fault = float(spot.std()) > _MOST_SPREAD_K
        read = self._as_black(float(np.median(spot)), room_c)
        if self._second and abs(read - self._second[-1][1]) > _JUMP_K:  # the shutter has set the camera anew
            self._second.clear()
            self._minute.clear()
            self._ignored_until = at + _SHUTTER
        if self._ignored_until is not None and at < self._ignored_until:
            self._second.append((at, read))
            return
        if self._ignored_until is not None:
            self._second.clear()
            self._ignored_until = None
        self._second.append((at, read))
        self._minute.append((at, read))
        _forget(self._second, at - _SECOND)
        _forget(self._minute, at - _MINUTE)

    def offset_k(self, *, at: datetime) -> float | NoReading:
        """What to add to every temperature of the frame.

        Args:
            at: the frame's time.
        """
        if self._ignored_until is not None:
            return NoReading.SHUTTER
        fresh = [read for when, read in self._second if at - when <= _SECOND]
        if self._fault or not fresh:
            return NoReading.BLACKBODY_INVALID
        offset = self._setting.set_c - float(np.median(fresh))
        minute = [read for _, read in self._minute]
        changed = float(np.median(minute[-len(fresh) :])) - float(np.median(minute[: len(fresh)]))
        if abs(offset) > _MOST_OFFSET_K or abs(changed) > _MOST_CHANGE_K:
            return NoReading.BLACKBODY_INVALID
        return offset

    def _spot(self, temperature_c: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """The pixels of the inner part of the source; None when it is too small or cut by the border."""
        (x, y), radius = self._setting.centre_px, _INNER * self._setting.radius_px
        height, width = temperature_c.shape
        box = (
            int(np.floor(y - radius)),
            int(np.ceil(y + radius)) + 1,
            int(np.floor(x - radius)),
            int(np.ceil(x + radius)) + 1,
        )
        if min(box[0], box[2]) < 0 or box[1] > height or box[3] > width:
            return None
        rows, columns = np.mgrid[box[0] : box[1], box[2] : box[3]]
        disc = np.hypot(columns - x, rows - y) <= radius
        spot = temperature_c[box[0] : box[1], box[2] : box[3]][disc]
        return spot if len(spot) >= _LEAST_PIXELS and bool(np.isfinite(spot).all()) else None

    def _in_place(self, temperature_c: NDArray[np.float32], room_c: float) -> bool:
        """Whether what is warm around the place has its middle where the source should have it."""
        (x, y), radius = self._setting.centre_px, self._setting.radius_px
        reach = int(np.ceil(1.3 * radius))
        top, left = max(0, round(y) - reach), max(0, round(x) - reach)
        part = temperature_c[top : round(y) + reach + 1, left : round(x) + reach + 1]
        warm = part > (room_c + self._setting.set_c) / 2.0
        if self._setting.set_c - room_c < _LEAST_RISE_K or not warm.any():
            return False
        rows, columns = np.nonzero(warm)
        moved = float(np.hypot(columns.mean() + left - x, rows.mean() + top - y))
        return moved <= _MOST_MOVED_PX

    def _as_black(self, read_c: float, room_c: float) -> float:
        """What the source would read if it were black: it lacks emissivity and reflects the room instead.

        Near the temperature of skin the signal is close enough to linear for the small step between both.
        """
        return room_c + (read_c - room_c) / self._share


def read_blackbody(temperature_c: NDArray[np.float32], setting: BlackbodySetting, *, name: str) -> float:
    """Offset of one still picture, whose temperatures were made with the source's own emissivity.

    Raises:
        CaptureError: the source is not where it was said to be.
    """
    (x, y), radius = setting.centre_px, _INNER * setting.radius_px
    rows, columns = np.mgrid[0 : temperature_c.shape[0], 0 : temperature_c.shape[1]]
    spot = temperature_c[np.hypot(columns - x, rows - y) <= radius]
    if not spot.size or not abs(setting.set_c - float(np.median(spot))) <= _MOST_OFFSET_K:
        raise CaptureError(
            f"{name}: no blackbody of {setting.set_c:g} °C at {x:g},{y:g}",
            advice="check its place in the picture, and that it is on and warmed up",
        )
    return setting.set_c - float(np.median(spot))


def _forget(values: deque[tuple[datetime, float]], before: datetime) -> None:
    while values and values[0][0] < before:
        values.popleft()
