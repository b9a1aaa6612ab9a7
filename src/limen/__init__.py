"""limen opens a door for the people who agreed to be recognised, and learns nothing about anybody else.

The public API: open a site, agree, enrol, recognise, withdraw. See docs/guide/integrator.md.

A name is loaded when it is first asked for (PEP 562), so that whoever needs one part does not carry all: a site brings
its store, 26 MiB and a third of a second that nobody needs to compare two pictures.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

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


def __getattr__(name: str) -> object:
    """A name of the public API, from the module it is in."""
    place: ModuleType
    match name:
        case "Site" | "open_site":
            from limen.bootstrap import site as place  # noqa: PLC0415
        case "LimenError" | "RefusedError":
            from limen.core import errors as place  # noqa: PLC0415
        case "Recognised" | "Unknown":
            from limen.core import match as place  # noqa: PLC0415
        case "GivenHow" | "SiteKind" | "TemplateKind":
            from limen.core import people as place  # noqa: PLC0415
        case "read_picture":
            from limen.frames import pictures as place  # noqa: PLC0415
        case "agreement_text":
            from limen.ledger import texts as place  # noqa: PLC0415
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(place, name)
