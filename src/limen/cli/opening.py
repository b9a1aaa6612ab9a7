"""Opening a site from the command line: a missing folder becomes a trial one, and says so, when somebody enrols."""

from __future__ import annotations

from pathlib import Path

from limen.bootstrap import Site, open_site
from limen.cli.output import Output
from limen.core.people import SiteKind
from limen.settings import load_settings
from limen.storage.engine import DATABASE_NAME

__all__ = ["open_existing", "open_or_create_trial"]


def open_existing(data: Path | None, output: Output) -> Site:
    """Open the site of a data folder and show the trial banner where it belongs."""
    site = open_site(data)
    if site.store.site_kind is SiteKind.TRIAL:
        output.trial_banner()
    return site


def open_or_create_trial(data: Path | None, output: Output) -> Site:
    """Open the site, or make a trial one where there is none."""
    folder = load_settings(data).data
    if not (folder / DATABASE_NAME).exists():
        output.aside.print(f"Making a trial folder: {folder}")
        site = open_site(data, create=SiteKind.TRIAL)
        output.trial_banner()
        return site
    return open_existing(data, output)
