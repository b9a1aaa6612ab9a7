"""`[schedule.NAME]`: hours by day of the week, on holidays, and on single days."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from limen.door.schedule import Holidays, Schedule, Span, Weekly
from limen.settings.section import Section

__all__ = ["ALWAYS_NAME", "Days", "ScheduleSettings", "ZoneName", "schedule_of"]

ALWAYS_NAME = "always"
"""In place of a schedule's name: at any hour of any day."""


def _weekly(text: str) -> str:
    Weekly.parse(text)
    return text


def _span(text: str) -> str:
    Span.parse(text)
    return text


def _day_off(text: str) -> str:
    Holidays.parse([text])
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, LookupError):
        raise ValueError(f"there is no time zone {text!r}; expected one like Europe/Paris") from None
    return text


def _as_text(value: object) -> object:
    """A day that TOML has read as one, as it would be written in quotes."""
    return value.isoformat() if type(value) is date else value


Days = tuple[Annotated[str, AfterValidator(_day_off), BeforeValidator(_as_text)], ...]
"""Days off: ``2026-12-25`` or, for every year, ``12-25``."""

ZoneName = Annotated[str, AfterValidator(_zone)]
"""Name of a time zone in the tz database."""

_Spans = tuple[Annotated[str, AfterValidator(_span)], ...]


class ScheduleSettings(Section):
    """Hours that doors refer to by name. They are read in the time zone of the site."""

    week: tuple[Annotated[str, AfterValidator(_weekly)], ...] = Field(
        default=(),
        title="Hours of the week",
        description="Like `mon-fri 07:00-19:00`; an end at or before the beginning lies on the next day.",
    )
    on_holidays: _Spans = Field(
        default=(),
        title="Hours on holidays",
        description="Like `10:00-12:00`, on the days of `site.holidays`; without any, holidays are closed.",
    )
    single_days: dict[date, _Spans] = Field(
        default={},
        title="Single days",
        description='Days with hours of their own, like `2026-12-24 = ["07:00-12:00"]`; `[]` is closed.',
    )


def schedule_of(settings: ScheduleSettings, *, time_zone: str, holidays: Days) -> Schedule:
    """The schedule that is written there.

    Args:
        settings: one `[schedule.NAME]`.
        time_zone: of the site.
        holidays: of the site.
    """
    return Schedule(
        time_zone=ZoneInfo(time_zone),
        week=tuple(Weekly.parse(text) for text in settings.week),
        holidays=Holidays.parse(holidays),
        on_holidays=tuple(Span.parse(text) for text in settings.on_holidays),
        single_days=tuple(
            (day, tuple(Span.parse(text) for text in spans)) for day, spans in sorted(settings.single_days.items())
        ),
    )
