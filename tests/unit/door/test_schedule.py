"""Hours of a door: the week in the site's time zone, holidays, single days, midnight, and the clock put on and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from limen.door.schedule import ALWAYS, Holidays, Schedule, Span, Weekly, is_within

_ENDS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_PARIS, _NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")


def _schedule(*week: str, zone: ZoneInfo = _PARIS, holidays: tuple[str, ...] = (), single: str = "") -> Schedule:
    """A schedule as it is written in settings; ``single`` is ``DAY`` or ``DAY SPAN``."""
    day, _, span = single.partition(" ")
    return Schedule(
        time_zone=zone,
        week=tuple(Weekly.parse(text) for text in week),
        holidays=Holidays.parse(holidays),
        single_days=((date.fromisoformat(day), (Span.parse(span),) if span else ()),) if day else (),
    )


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _wall(text: str, zone: ZoneInfo = _PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


_OFFICE = _schedule("mon-fri 07:00-19:00", "sat 08:00-12:00")


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        ("2026-11-23 07:00", True),  # Monday
        ("2026-11-23 06:59:59.999", False),
        ("2026-11-23 18:59:59.999", True),
        ("2026-11-23 19:00", False),
        ("2026-11-28 08:00", True),  # Saturday
        ("2026-11-28 12:00", False),
        ("2026-11-29 10:00", False),  # Sunday
    ],
)
def test_office_hours(moment: str, *, within: bool) -> None:
    """The first minute belongs to a span and its end does not, by the clock on the wall."""
    assert is_within(_OFFICE, at=_wall(moment)) == within


@pytest.mark.parametrize(("zone", "utc_hour"), [(_PARIS, 6), (_NEW_YORK, 12), (ZoneInfo("Asia/Kolkata"), 1.5)])
def test_moments_in_utc_are_read_in_the_zone_of_the_site(zone: ZoneInfo, utc_hour: float) -> None:
    """Seven o'clock in Paris, New York and Kolkata in winter are three moments."""
    hours = _schedule("mon-fri 07:00-19:00", zone=zone)
    opens = _utc("2026-11-23 00:00") + timedelta(hours=utc_hour)
    assert is_within(hours, at=opens)
    assert not is_within(hours, at=opens - timedelta(seconds=1))
    assert is_within(hours, at=opens.astimezone(_NEW_YORK))


def test_always_is_always() -> None:
    """Without a schedule there is no hour to wait for, from the first day of the calendar to the last."""
    assert all(is_within(ALWAYS, at=at) for at in _ENDS)


@pytest.mark.parametrize("edge", _ENDS)
@pytest.mark.parametrize("zone", [_PARIS, _NEW_YORK])
def test_the_ends_of_the_calendar_raise_nothing(edge: datetime, zone: ZoneInfo) -> None:
    """Where no local time or no day before exists, the answer is no or the day's own, never an error."""
    assert is_within(_schedule("daily 00:00-24:00", zone=zone), at=edge) in (True, False)
    assert not is_within(_schedule(zone=zone), at=edge)


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        ("2026-11-27 21:59", False),  # Friday
        ("2026-11-27 22:00", True),
        ("2026-11-27 23:59", True),
        ("2026-11-28 00:00", True),
        ("2026-11-28 05:59", True),
        ("2026-11-28 06:00", False),
        ("2026-11-28 22:30", False),
        ("2026-11-27 03:00", False),
    ],
)
def test_a_span_past_midnight(moment: str, *, within: bool) -> None:
    """Friday's night ends on Saturday morning, and begins on no other day."""
    assert is_within(_schedule("fri 22:00-06:00"), at=_wall(moment)) == within


def test_a_night_over_the_turn_of_the_year() -> None:
    """The last night of a year runs into the next one."""
    hours = _schedule("thu 22:00-06:00")
    assert is_within(hours, at=_wall("2026-12-31 23:30"))
    assert is_within(hours, at=_wall("2027-01-01 05:30"))
    assert not is_within(hours, at=_wall("2027-01-01 06:00"))


def test_equal_times_are_a_whole_day() -> None:
    """From six to six the next day leaves no minute out, and does not touch the day after."""
    hours = _schedule("fri 06:00-06:00")
    assert is_within(hours, at=_wall("2026-11-28 05:59"))
    assert not is_within(hours, at=_wall("2026-11-28 06:00"))


@pytest.mark.parametrize(
    ("utc", "within"),
    [
        # at 01:00 UTC the clock goes from 02:00 to 03:00
        ("2027-03-28 00:59", True),
        ("2027-03-28 01:00", True),
        ("2027-03-28 01:59", True),
        ("2027-03-28 02:00", False),
    ],
)
def test_the_hour_that_is_left_out(utc: str, *, within: bool) -> None:
    """From 01:00 to 04:00 in Paris is two hours long on that day, and ends when the clock says four."""
    assert is_within(_schedule("sun 01:00-04:00"), at=_utc(utc)) == within


def test_what_lies_in_the_hour_that_is_left_out_does_not_come() -> None:
    """Hours from 02:00 to 03:00 hold no minute of the day on which there is no such hour."""
    hours = _schedule("sun 02:00-03:00")
    minutes = [_utc("2027-03-27 23:00") + timedelta(minutes=minute) for minute in range(24 * 60)]
    assert not any(is_within(hours, at=at) for at in minutes)
    assert is_within(hours, at=_wall("2027-04-04 02:30"))


def test_a_moment_written_in_the_hour_that_is_left_out() -> None:
    """Half past two on that day in Paris is half past three, in whichever zone the moment is written."""
    hours = _schedule("sun 03:00-04:00")
    moment = _wall("2027-03-28 02:30")
    assert is_within(hours, at=moment)
    assert is_within(hours, at=moment.astimezone(UTC)) == is_within(hours, at=moment)


def test_the_hour_that_comes_twice() -> None:
    """Hours from 02:00 to 03:00 hold both, two hours in all, and nothing before or after."""
    hours = _schedule("sun 02:00-03:00")
    minutes = [_utc("2027-10-30 22:00") + timedelta(minutes=minute) for minute in range(25 * 60)]
    inside = [at for at in minutes if is_within(hours, at=at)]
    assert (len(inside), inside[0], inside[-1]) == (120, _utc("2027-10-31 00:00"), _utc("2027-10-31 01:59"))


def test_new_york_changes_its_clock_on_other_days() -> None:
    """A night shift there is an hour shorter on 14 March 2027 and an hour longer on 7 November."""
    hours = _schedule("sat 22:00-06:00", zone=_NEW_YORK)
    lengths = {}
    for evening in ("2027-03-13", "2027-11-06", "2027-06-05"):
        minutes = [_wall(f"{evening} 12:00", _NEW_YORK).astimezone(UTC) + timedelta(minutes=m) for m in range(26 * 60)]
        lengths[evening] = sum(is_within(hours, at=at) for at in minutes) / 60
    assert lengths == {"2027-03-13": 7, "2027-11-06": 9, "2027-06-05": 8}


def test_a_leap_day_is_a_day() -> None:
    """29 February 2028 is a Tuesday with Tuesday's hours, the day after 28 February and the day before 1 March."""
    hours = _schedule("tue 22:00-02:00")
    assert is_within(hours, at=_wall("2028-02-29 23:00"))
    assert is_within(hours, at=_wall("2028-03-01 01:00"))
    assert not is_within(hours, at=_wall("2028-02-29 01:00"))


def test_a_holiday_on_a_leap_day_comes_in_leap_years_only() -> None:
    """Yearly 02-29 is off in 2028, and takes neither 28 February nor 1 March of other years."""
    hours = _schedule("daily 00:00-24:00", holidays=("02-29",))
    assert not is_within(hours, at=_wall("2028-02-29 12:00"))
    assert all(is_within(hours, at=_wall(f"{day} 12:00")) for day in ("2027-02-28", "2027-03-01", "2028-02-28"))


def test_holidays() -> None:
    """A day off of one year is off in that year, a yearly one in every year."""
    hours = _schedule("daily 00:00-24:00", holidays=("2027-05-17", "12-25"))
    off = {
        day for day in ("2027-05-17", "2028-05-17", "2026-12-25", "2027-12-25") if not is_within(hours, at=_wall(day))
    }
    assert off == {"2027-05-17", "2026-12-25", "2027-12-25"}


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    """The night before a holiday runs to its end; the night that would begin on the holiday does not."""
    hours = _schedule("daily 22:00-06:00", holidays=("2026-12-25",))
    assert is_within(hours, at=_wall("2026-12-25 05:59"))
    assert not is_within(hours, at=_wall("2026-12-25 23:00"))
    assert not is_within(hours, at=_wall("2026-12-26 05:00"))


def test_hours_on_holidays() -> None:
    """A holiday may have hours of its own instead of the week's."""
    week = _schedule("daily 07:00-19:00", holidays=("12-25",))
    hours = Schedule(time_zone=_PARIS, week=week.week, holidays=week.holidays, on_holidays=(Span.parse("10:00-12:00"),))
    assert is_within(hours, at=_wall("2026-12-25 10:00"))
    assert not is_within(hours, at=_wall("2026-12-25 09:00"))
    assert is_within(hours, at=_wall("2026-12-26 09:00"))


@pytest.mark.parametrize(("single", "within"), [("2026-12-25 08:00-10:00", True), ("2026-12-25", False)])
def test_a_single_day_goes_before_a_holiday(single: str, *, within: bool) -> None:
    """A day with hours of its own has those, none among them, whatever the calendar says."""
    hours = _schedule("daily 00:00-24:00", holidays=("12-25",), single=single)
    assert is_within(hours, at=_wall("2026-12-25 09:00")) == within
    assert not is_within(hours, at=_wall("2026-12-25 11:00"))


@pytest.mark.parametrize(
    ("text", "days"),
    [("daily", range(7)), ("mon-fri", range(5)), ("sat,sun", (5, 6)), ("fri-mon", (4, 5, 6, 0)), ("WED", (2,))],
)
def test_days_are_read(text: str, days: tuple[int, ...]) -> None:
    """Names, ranges (over Sunday, too), several of them, and daily."""
    assert Weekly.parse(f"{text} 07:00-19:00").days == frozenset(days)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "mon 07:00",
        "07:00-19:00",
        "monday 07:00-19:00",
        "mon- 07:00-19:00",
        "mon,, 07:00-19:00",
        "mon 7-19",
        "mon 07:00-25:00",
        "mon 07:00-24:01",
        "mon 24:00-06:00",
        "mon 07:60-19:00",
        "mon 07:00-19:00 x",
    ],
)
def test_what_is_no_span_is_refused(text: str) -> None:
    """Anything else is an error that says what is expected."""
    with pytest.raises(ValueError, match="expected"):
        Weekly.parse(text)


def test_midnight_can_be_written_both_ways() -> None:
    """As an end, 00:00 is 24:00."""
    assert Span.parse("18:00-00:00") == Span.parse("18:00-24:00")


@pytest.mark.parametrize("text", ["", "2026-02-29", "13-01", "02-30", "tomorrow", "25.12.2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """A holiday that does not exist is an error and never a day like another."""
    with pytest.raises(ValueError, match="expected a day like"):
        Holidays.parse([text])


@pytest.mark.parametrize(("begin", "end"), [(-1, 60), (0, 0), (1440, 60), (0, 1441)])
def test_a_span_checks_its_minutes(begin: int, end: int) -> None:
    """Minutes outside a day are refused where the value is made."""
    with pytest.raises(ValueError, match="span: expected"):
        Span(begin=begin, end=end)
