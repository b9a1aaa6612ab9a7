"""`limen start`: a page on this machine to try limen: be photographed by the webcam, watch a simulated door open."""

from __future__ import annotations

import sys
import webbrowser
from datetime import timedelta
from typing import Annotated

import typer

from limen.bootstrap import Site, open_site
from limen.bootstrap.logs import configure_logging
from limen.cli.opening import open_or_create_trial
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.core.door import DoorId
from limen.core.errors import RefusedError
from limen.core.people import SiteKind
from limen.flows.invite_by_link import Guest, InviteByLink
from limen.flows.pair import Pair
from limen.settings.editing import new_door_text, read_text, replace_file

__all__ = ["main"]

_DOOR = "try"
_YOU = "You"


def main(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 is any free one.")] = 8080,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Try limen in a trial folder: read the text, be photographed, watch a simulated door open. Ctrl-C ends it."""
    output = Output(json_wanted=json)
    with open_or_create_trial(data, output) as site:
        if site.store.site_kind is not SiteKind.TRIAL:
            raise RefusedError(
                "limen start is for trial folders", advice="give another folder with --data", reason="trial_only"
            )
        folder = site.settings.data
        if _DOOR not in site.settings.door:
            before = read_text(folder)
            replace_file(folder, before + ("\n" if before else "") + new_door_text(_DOOR, camera="kiosk"))
    with open_site(folder) as site:
        configure_logging(json=True if json or not sys.stderr.isatty() else None)
        _serve(site, output, port=port, browser=browser and not json)
    return DONE


def _serve(site: Site, output: Output, *, port: int, browser: bool) -> None:
    from limen.web.live.doors import LiveDoors  # noqa: PLC0415  no other command needs a service
    from limen.web.service import Service  # noqa: PLC0415
    from limen.web.serving import Listening, serve  # noqa: PLC0415

    def ready(actual: int) -> None:
        address = f"http://localhost:{actual}"
        page = f"{address}/start#{_codes(site)}"
        output.answer({"serving": address, "start": page}, f"Open {page}", "Ctrl-C ends it.")
        sys.stdout.flush()
        if browser:
            webbrowser.open(page)

    kept = LiveDoors(site)
    kept.start()
    try:
        serve(Service(site=site, started=kept), Listening(host="127.0.0.1", port=port), ready=ready)
    finally:
        kept.stop()


def _codes(site: Site) -> str:
    """An invitation, and the code that makes this browser the kiosk of the simulated door."""
    keep = timedelta(days=site.settings.privacy.unused_days)
    (invited,) = InviteByLink(store=site.store, clock=site.clock, keep=keep)([Guest(name=_YOU)], by="start")
    _, code = Pair(store=site.store, clock=site.clock).offer(DoorId(_DOOR))
    return f"{invited.secret}.{code}"
