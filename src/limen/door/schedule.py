"""When a door may be used: hours of the week in the site's time zone, holidays, single days with hours of their own.

1. The clock on the wall decides. In the hour that comes twice a span holds both times; what lies in the hour that is
   left out does not come that day.
2. A span that ends at or before its beginning runs past midnight, into the next day.
3. It belongs to the day it begins on: the night before a holiday runs to its end, and a night that would begin on a
   holiday does not begin.
4. A single day goes before a holiday, a holiday before the day of the week.

Moments come in with a time zone, in any; which one makes no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["ALWAYS", "DAYS", "Always", "Holidays", "Hours", "Schedule", "Span", "Weekly", "is_within"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Days of the week as they are written in settings, Monday first."""

_MIDNIGHT = 24 * 60
_TIME = r"([01]\d|2[0-4]):([0-5]\d)"
_SPAN = re.compile(rf"{_TIME}\s*-\s*{_TIME}")
_YEARLY = re.compile(r"(\d\d)-(\d\d)")
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From one time of a day to another, in minutes since midnight by the clock on the wall.

    Attributes:
        begin: 0 to 1439; belongs to the span.
        end: 1 to 1440; does not. At or before ``begin``, it is the next day's.
    """

    begin: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.begin < _MIDNIGHT and 0 < self.end <= _MIDNIGHT):
            raise ValueError(f"span: expected times from 00:00 to 24:00, got minutes {self.begin} and {self.end}")

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read ``HH:MM-HH:MM``.

        Raises:
            ValueError: it is not written like that.
        """
        found = _SPAN.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"expected hours like 07:00-19:00, got {text!r}")
        begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
        begin, end = 60 * begin_hour + begin_minute, 60 * end_hour + end_minute
        if begin >= _MIDNIGHT or end > _MIDNIGHT:
            raise ValueError(f"expected times from 00:00 to 24:00, got {text!r}")
        return cls(begin=begin, end=end or _MIDNIGHT)

    @property
    def past_midnight(self) -> bool:
        """Whether it runs into the next day."""
        return self.end <= self.begin

    def holds_on_its_day(self, minute: int) -> bool:
        """Whether a minute of the day it begins on lies in it."""
        return self.begin <= minute and (self.past_midnight or minute < self.end)

    def holds_the_day_after(self, minute: int) -> bool:
        """Whether a minute of the next day does."""
        return self.past_midnight and minute < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A span on some days of the week.

    Attributes:
        days: 0 for Monday to 6 for Sunday.
        span: when, on each of them.
    """

    days: frozenset[int]
    span: Span

    @classmethod
    def parse(cls, text: str) -> Weekly:
        """Read ``mon-fri 07:00-19:00``, ``sat,sun 10:00-12:00`` or ``daily 00:00-24:00``.

        Raises:
            ValueError: it is not written like that.
        """
        words, _, span = text.strip().partition(" ")
        return cls(days=_days(words.lower()), span=Span.parse(span))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """Days off.

    Attributes:
        days: of one year.
        yearly: (month, day) of every year; (2, 29) comes in leap years only.
    """

    days: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Holidays:
        """Read days written ``2026-12-25`` or, for every year, ``12-25``.

        Raises:
            ValueError: one of them is no day.
        """
        days, yearly = set(), set()
        for text in texts:
            found = _YEARLY.fullmatch(text.strip())
            try:
                if found is None:
                    days.add(date.fromisoformat(text.strip()))
                else:
                    day = date(_LEAP_YEAR, int(found[1]), int(found[2]))
                    yearly.add((day.month, day.day))
            except ValueError:
                raise ValueError(f"expected a day like 2026-12-25, or 12-25 for every year, got {text!r}") from None
        return cls(days=frozenset(days), yearly=frozenset(yearly))

    def __contains__(self, day: date) -> bool:
        """Whether a day is off."""
        return day in self.days or (day.month, day.day) in self.yearly


@dataclass(frozen=True, slots=True, kw_only=True)
class Always:
    """At any hour of any day."""


ALWAYS = Always()
_NO_HOLIDAYS = Holidays()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Hours of a week, and what differs from them.

    Attributes:
        time_zone: of the site.
        week: spans by day of the week.
        holidays: days on which the week does not count.
        on_holidays: spans on those; none is a day without.
        single_days: days with spans of their own, holiday or not.
    """

    time_zone: ZoneInfo
    week: tuple[Weekly, ...] = ()
    holidays: Holidays = _NO_HOLIDAYS
    on_holidays: tuple[Span, ...] = ()
    single_days: tuple[tuple[date, tuple[Span, ...]], ...] = ()

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The spans that begin on a day."""
        for single, spans in self.single_days:
            if single == day:
                return spans
        if day in self.holidays:
            return self.on_holidays
        return tuple(weekly.span for weekly in self.week if day.weekday() in weekly.days)


Hours = Always | Schedule


def is_within(hours: Hours, *, at: datetime) -> bool:
    """Whether a moment lies in the hours.

    Args:
        hours: of a group at a door.
        at: the moment, time zone aware.
    """
    if isinstance(hours, Always):
        return True
    try:
        # by way of UTC, so that a time the zone leaves out becomes the one that the clock shows then
        wall = at.astimezone(UTC).astimezone(hours.time_zone)
        before = wall.date() - timedelta(days=1)
    except OverflowError:
        # the first and the last day of the calendar
        return False
    minute = 60 * wall.hour + wall.minute
    begun_today = any(span.holds_on_its_day(minute) for span in hours.spans_on(wall.date()))
    return begun_today or any(span.holds_the_day_after(minute) for span in hours.spans_on(before))


def _days(words: str) -> frozenset[int]:
    """``daily``, or names and ranges of names with commas between; a range may run over Sunday."""
    if words == "daily":
        return frozenset(range(len(DAYS)))
    days: set[int] = set()
    for part in words.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"expected days like mon-fri, sat,sun or daily, got {words!r}")
        begin, end = DAYS.index(first), DAYS.index(last if dash else first)
        days.update((begin + step) % len(DAYS) for step in range((end - begin) % len(DAYS) + 1))
    return frozenset(days)
