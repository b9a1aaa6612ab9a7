"""limen opens a door for the people who agreed to be recognised, and learns nothing about anybody else.

The public API: open a site, agree, enrol, recognise, withdraw. See docs/guide/integrator.md.

A name is loaded when it is first asked for (PEP 562), so that whoever needs one part does not carry all: a site brings
its store, 26 MiB and a third of a second that nobody needs to compare two pictures.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limen.bootstrap import Site, open_site
    from limen.core.errors import LimenError, RefusedError
    from limen.core.match import Recognised, Unknown
    from limen.core.people import GivenHow, SiteKind, TemplateKind
    from limen.frames.pictures import read_picture
    from limen.ledger.texts import agreement_text

__all__ = [
    "GivenHow",
    "LimenError",
    "Recognised",
    "RefusedError",
    "Site",
    "SiteKind",
    "TemplateKind",
    "Unknown",
    "agreement_text",
    "open_site",
    "read_picture",
]

_PLACES = {
    "limen.bootstrap.site": ("Site", "open_site"),
    "limen.core.errors": ("LimenError", "RefusedError"),
    "limen.core.match": ("Recognised", "Unknown"),
    "limen.core.people": ("GivenHow", "SiteKind", "TemplateKind"),
    "limen.frames.pictures": ("read_picture",),
    "limen.ledger.texts": ("agreement_text",),
}


def __getattr__(name: str) -> object:
    """A name of the public API, from the module it is in."""
    for place, names in _PLACES.items():
        if name in names:
            return getattr(import_module(place), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
