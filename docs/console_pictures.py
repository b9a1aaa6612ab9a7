# ruff: noqa: E402, INP001  a script; what it imports stands in tests
"""Pictures of the console for the guides: a site with three people who do not exist, before Debian's Chromium.

How to use: ``python docs/console_pictures.py`` in the working tree.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path[:0] = [str(Path(__file__).parents[1] / "tests")]

from PIL import Image

from limen.flows.report_incident import ReportIncident
from limen.web.security.roles import Role
from support.console import staffed
from support.serving import chromium, listening, opened

PICTURES = Path(__file__).parent / "pictures"
_PAGES = {
    "overview": "",
    "people": "/people",
    "person": "/people/{person}",
    "invite": "/people/invite",
    "desk": "/people/desk",
    "events": "/events",
    "incidents": "/incidents",
    "rules": "/rules/front",
    "thresholds": "/thresholds?people=400",
    "audit": "/audit",
    "privacy": "/privacy",
    "settings": "/settings",
}


def main() -> None:
    """Write a picture of each page."""
    PICTURES.mkdir(exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        staffed(Path(folder) / "site", Role.ADMINISTRATOR) as desk,
        listening(desk.service) as address,
        chromium() as browser,
    ):
        site = desk.service.site
        report = ReportIncident(store=site.store, clock=site.clock)
        report.not_me(desk.people[0], event=f"e-{3:020x}", note="I was at home that morning", by="u-guard")
        page = opened(browser, address, desk.service, Role.ADMINISTRATOR, Role.GUARD)
        page.set_viewport_size({"width": 1240, "height": 840})
        for name, path in _PAGES.items():
            page.goto("/console" + path.format(person=desk.people[0]))
            if name == "rules":
                page.get_by_label("Least quality").fill("85")
                page.get_by_role("button", name="Try on the last 7 days").click()
                page.get_by_role("heading", name="In the last 7 days").wait_for()
            shot = page.screenshot(full_page=name == "thresholds")
            picture = Image.open(io.BytesIO(shot)).quantize(32, dither=Image.Dither.NONE)
            picture.save(PICTURES / f"console-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
