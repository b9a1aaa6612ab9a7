"""A door's rules: read, tried on what the door has decided, and written, with every mistake at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from limen.bootstrap.rules import Rules
from limen.core.decision import Reason
from limen.core.errors import ConfigError, RefusedError
from limen.web.pages.console.shared import OVERSIGHT, back, console_page, failed
from limen.web.problems import ProblemError
from limen.web.security.roles import Caller, Role, needs
from limen.web.service import Service

__all__ = ["router"]

_DAYS = 7
_PREFIX = "rule."
_CANNOT = {
    Reason.SECOND_FACTOR_MISSING: "whether a badge or PIN was shown: a door that asks for none does not write it down",
    Reason.MASK_MISSING: "whether a mask was worn: a door that asks for none does not write it down",
    Reason.MASK_UNSURE: "whether a mask could be seen",
    Reason.QUALITY_TOO_LOW: "how good the picture was: it is kept in tens only, and not at all of older decisions",
    Reason.OCCUPANCY_FULL: "how many people were inside",
    Reason.OCCUPANCY_UNKNOWN: "how many people were inside",
    Reason.COMPANION_MISSING: "whether a second person stood there",
    Reason.ANTI_PASSBACK: "whether somebody was inside already",
    Reason.NOT_PERMITTED: "who was in which group: that is not looked up for this",
    Reason.OUTSIDE_HOURS: "who was in which group: that is not looked up for this",
    Reason.NOT_RECOGNISED: "how near the face was: it is kept as a power of ten only",
    Reason.SEVERAL_FACES: "whether somebody else was in the zone",
    Reason.LOCKED_DOWN: "whether a group may pass a lock-down",
    Reason.ALARM_SET: "whether the alarm was set",
    Reason.TEMPERATURE_HIGH: "how warm anybody was: that is never written down",
    Reason.TEMPERATURE_NOT_MEASURED: "how warm anybody was: that is never written down",
    Reason.TEMPERATURE_REPEAT: "how warm anybody was: that is never written down",
}


def router(service: Service) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/rules", dependencies=[needs(*OVERSIGHT)])
    def first(request: Request) -> Response:
        """The only door's rules, or which door."""
        doors = list(service.site.settings.door)
        if len(doors) == 1:
            return RedirectResponse(f"/console/rules/{doors[0]}", status_code=303)
        return console_page(request, "rules_of.html", doors=doors)

    @routes.get("/rules/{door}", dependencies=[needs(*OVERSIGHT)])
    def show(request: Request, door: str) -> Response:
        """The form."""
        answer = _page(service, request, _of(service, door), filled={})
        answer.headers["ETag"] = f'"{_of(service, door).read().etag}"'
        return answer

    @routes.post("/rules/{door}")
    async def change(request: Request, door: str, caller: Annotated[Caller, needs(Role.ADMINISTRATOR)]) -> Response:
        """Try or write what was filled in."""
        form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        return await run_in_threadpool(_changed, service, request, _of(service, door), form=form, by=caller.caller_id)

    return routes


def _of(service: Service, door: str) -> Rules:
    if door not in service.site.settings.door:
        raise ProblemError.not_found("This door")
    return Rules(site=service.site, door=door)


def _changed(service: Service, request: Request, rules: Rules, *, form: Mapping[str, str], by: str) -> Response:
    filled = {field.key: form.get(_PREFIX + field.key, "") for field in rules.read().fields}
    try:
        if form.get("act") == "write":
            rules.write(filled, etag=form.get("etag", ""), by=by)
            service.live.restart(rules.door)
            return back(f"/console/rules/{rules.door}", "written")
        told = rules.try_out(filled, days=_DAYS)
    except (ConfigError, RefusedError) as error:
        status, wrong = failed(error)
        return _page(service, request, rules, filled=filled, status=status, wrong=wrong)
    cannot = list(dict.fromkeys(_CANNOT.get(reason, reason.value) for reason, _ in told.because))
    return _page(service, request, rules, filled=filled, told=told, cannot=cannot, days=_DAYS)


def _page(
    service: Service, request: Request, rules: Rules, *, filled: Mapping[str, str], status: int = 200, **values: Any
) -> Response:
    now = rules.read()
    fields = [(field, filled.get(field.key, field.value)) for field in now.fields]
    groups = {
        "The door": [one for one in fields if "." not in one[0].key],
        "Masks": [one for one in fields if one[0].key.startswith("mask.")],
        "Where people are looked at": [one for one in fields if one[0].key.startswith("zone.")],
        "The other way in": [one for one in fields if one[0].key.startswith("other_way.")],
        "Skin temperature": [one for one in fields if one[0].key.startswith("temperature.")],
    }
    shown = {"told": None, "cannot": [], "days": _DAYS, "prefix": _PREFIX, "doors": list(service.site.settings.door)}
    return console_page(
        request, "rules.html", status=status, door=rules.door, now=now, groups=groups, **{**shown, **values}
    )
