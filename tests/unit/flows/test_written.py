"""Written reasons: a live folder makes no template of a kind for which nobody has said why."""

from __future__ import annotations

import pytest

from limen.core.errors import RefusedError
from limen.core.frame import SourceKind
from limen.core.people import SiteKind, TemplateKind
from limen.flows.written import WrittenReasons, check_written
from support.flowsite import FlowSite
from support.vision import unit

_WHY = "Badges were lent among forty people last year."


@pytest.mark.parametrize(
    ("kind", "written", "missing"),
    [
        (TemplateKind.PASS, ("", ""), ("pass_why_not_a_badge",)),
        (TemplateKind.PASS, (_WHY, ""), ()),
        (TemplateKind.SEALED, ("  ", ""), ("sealed_why_not_a_badge",)),
        (TemplateKind.SEALED, (_WHY, ""), ()),
        (TemplateKind.GALLERY, ("", ""), ("gallery_why_not_a_badge", "gallery_why_one_to_many")),
        (TemplateKind.GALLERY, (_WHY, " "), ("gallery_why_one_to_many",)),
        (TemplateKind.GALLERY, ("", _WHY), ("gallery_why_not_a_badge",)),
        (TemplateKind.GALLERY, (_WHY, _WHY), ()),
    ],
)
def test_what_is_missing(kind: TemplateKind, written: tuple[str, str], missing: tuple[str, ...]) -> None:
    """One reason for every kind, a second for the hands-free list; a live folder insists, a trial one does not."""
    reasons = WrittenReasons(why_not_a_badge={kind: written[0]}, why_one_to_many=written[1])
    assert reasons.missing(kind) == missing
    check_written(reasons, kind, site_kind=SiteKind.TRIAL)
    if not missing:
        check_written(reasons, kind, site_kind=SiteKind.LIVE)
        return
    with pytest.raises(RefusedError) as caught:
        check_written(reasons, kind, site_kind=SiteKind.LIVE)
    assert caught.value.reason == "reason_not_written"
    assert all(name in caught.value.advice() for name in missing)


def test_the_hands_free_list_needs_both() -> None:
    """Enrolling in a live folder stops at the reason, before anything is looked at."""
    site = FlowSite(kind=SiteKind.LIVE, reasons=WrittenReasons())
    with pytest.raises(RefusedError, match="nobody has written down"):
        site.enrol(site.vision.shows(unit(1), kind=SourceKind.LIVE_CAMERA))
    assert site.vision.given == []
