"""Thresholds in plain words: how many strangers come in, how many of one's own people are asked to look again.

Every number is of the shipped calibration at this site's size and at the traffic that the reader states; none is
measured here, and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from limen.core.match import Condition
from limen.web.pages.console.plots import Axis, Line, plot
from limen.web.pages.console.shared import EVENTS, console_page
from limen.web.security.roles import needs
from limen.web.service import Service

__all__ = ["router"]

_PICTURES_EACH = 3
_DAYS = 365
_RATES = tuple(10 ** (step / 8) for step in range(-40, -7))
_RATE_TICKS = ((1e-5, "0.01"), (1e-4, "0.1"), (1e-3, "1"), (1e-2, "10"), (0.1, "100"))
_SIZES = tuple(round(10 ** (step / 4)) for step in range(4, 21))
_SIZE_TICKS = ((10, "10"), (100, "100"), (1_000, "1,000"), (10_000, "10,000"), (100_000, "100,000"))
_NAMES = {Condition.BARE_BARE: "bare face", Condition.BARE_MASKED: "with a mask"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cost:
    """What one strictness costs here."""

    where: str
    fpir: float
    per_thousand: float
    let_in_per_year: float
    refused: tuple[tuple[str, float], ...]


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/thresholds", dependencies=[needs(*EVENTS)])
    def thresholds(
        request: Request,
        *,
        people: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        strangers: Annotated[float, Query(ge=0, le=100_000)] = 20,
        entries: Annotated[float, Query(ge=0, le=1_000_000)] = 400,
    ) -> Response:
        """Words, a table and two plots."""
        with service.site.store.read() as unit:
            enrolled = unit.subjects.count()
        size = people or max(enrolled, 1)
        settings = service.site.settings
        own = [(f"door {name}", door.fpir) for name, door in settings.door.items() if door.fpir is not None]
        doors = [("every other door" if own else "every door", settings.gallery.fpir), *own]
        fpir = settings.gallery.fpir
        return console_page(
            request,
            "thresholds.html",
            costs=[_cost(service, where, rate, size=size, strangers=strangers) for where, rate in doors],
            plots=[_by_rate(service, size, fpir), _by_size(service, fpir, size)],
            size=size,
            enrolled=enrolled,
            strangers=strangers,
            entries=entries,
            calibration=service.site.calibration,
            pictures=_PICTURES_EACH,
        )

    return routes


def _conditions(service: Service) -> Iterator[Condition]:
    return (condition for condition in _NAMES if condition in service.site.calibration.conditions)


def _refused(service: Service, condition: Condition, *, fpir: float, size: int) -> float:
    """Share of single pictures of enrolled people that are not enough."""
    point = service.site.calibration.operating_point(
        fpir_target=fpir, n_references=_PICTURES_EACH * size, condition=condition
    )
    return point.fnir_expected


def _cost(service: Service, where: str, fpir: float, *, size: int, strangers: float) -> _Cost:
    refused = tuple((_NAMES[one], _refused(service, one, fpir=fpir, size=size)) for one in _conditions(service))
    yearly = fpir * strangers * _DAYS
    return _Cost(where=where, fpir=fpir, per_thousand=1000 * fpir, let_in_per_year=yearly, refused=refused)


def _by_rate(service: Service, size: int, fpir: float) -> Markup:
    lines = [
        Line(name=_NAMES[one], points=[(rate, _refused(service, one, fpir=rate, size=size)) for rate in _RATES])
        for one in _conditions(service)
    ]
    return plot(
        title="Stricter: fewer strangers in, more people asked to look again",
        description=f"With {size} people: single pictures that are not enough, against strangers let in.",
        x=Axis(label="strangers let in, of 1,000 who come", low=1e-5, high=0.1, ticks=_RATE_TICKS, logarithmic=True),
        y=_share_axis(max(b for line in lines for _, b in line.points)),
        lines=lines,
        mark=(fpir, _refused(service, Condition.BARE_BARE, fpir=fpir, size=size)),
    )


def _by_size(service: Service, fpir: float, size: int) -> Markup:
    lines = [
        Line(name=_NAMES[one], points=[(people, _refused(service, one, fpir=fpir, size=people)) for people in _SIZES])
        for one in _conditions(service)
    ]
    return plot(
        title="More people enrolled makes every comparison stricter",
        description=f"At {1000 * fpir:g} strangers of 1,000: single pictures that are not enough, against people.",
        x=Axis(label="people enrolled", low=10, high=100_000, ticks=_SIZE_TICKS, logarithmic=True),
        y=_share_axis(max(b for line in lines for _, b in line.points)),
        lines=lines,
        mark=(size, _refused(service, Condition.BARE_BARE, fpir=fpir, size=size)),
    )


def _share_axis(highest: float) -> Axis:
    """Per cent from none to a little above the highest."""
    step = next(one for one in (0.01, 0.02, 0.05, 0.1, 0.25) if highest <= 4 * one or one == 0.25)  # noqa: PLR2004
    ticks = tuple((step * place, f"{100 * step * place:g} %") for place in range(5))
    return Axis(label="single pictures that are not enough", low=0.0, high=4 * step, ticks=ticks)
