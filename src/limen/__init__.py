"""limen opens a door for the people who agreed to be recognised, and learns nothing about anybody else.

The public API: open a site, agree, enrol, recognise, withdraw. See docs/guide/integrator.md.
"""

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
