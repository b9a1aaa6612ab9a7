"""written: before a kind of template is used for real people, somebody writes down why a badge is not enough.

The reason is the controller's. limen cannot judge it; it insists that there is one, and for the hands-free list a
second one: why a search among everybody is needed where a comparison with one would do. Trial folders need none.

Source: GDPR articles 5, 9 and 35; EDPB Opinion 11/2024; DESIGN section 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from limen.core.errors import RefusedError
from limen.core.people import SiteKind, TemplateKind

__all__ = ["NOTHING_WRITTEN", "SHORTEST", "WrittenReasons", "check_written"]

SHORTEST = 20
"""Fewest characters of a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReasons:
    """What the controller has written.

    Attributes:
        why_not_a_badge: per kind; empty where nothing is written.
        why_one_to_many: for the hands-free list besides.
    """

    why_not_a_badge: Mapping[TemplateKind, str] = field(default_factory=dict)
    why_one_to_many: str = ""

    def missing(self, kind: TemplateKind) -> tuple[str, ...]:
        """The settings of section ``kinds`` that have to be written before a kind is used; empty if none."""
        names = []
        if not self.why_not_a_badge.get(kind, "").strip():
            names.append(f"{kind.value}_why_not_a_badge")
        if kind is TemplateKind.GALLERY and not self.why_one_to_many.strip():
            names.append("gallery_why_one_to_many")
        return tuple(names)


NOTHING_WRITTEN = WrittenReasons()
"""What a new site begins with; enough for a trial folder."""


def check_written(reasons: WrittenReasons, kind: TemplateKind, *, site_kind: SiteKind) -> None:
    """Refuse a kind for which a live folder has no written reason.

    Raises:
        RefusedError: with what has to be written, and where.
    """
    missing = reasons.missing(kind)
    if site_kind is SiteKind.LIVE and missing:
        raise RefusedError(
            f"nobody has written down why a badge is not enough, so no template of kind {kind.value} is made",
            advice=f"write into limen.toml, below [kinds]: {' and '.join(missing)} (at least {SHORTEST} characters)",
            reason="reason_not_written",
        )
