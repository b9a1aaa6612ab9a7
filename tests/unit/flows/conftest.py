"""The two kinds of folder, empty and made of fakes."""

from __future__ import annotations

import pytest

from limen.core.people import SiteKind
from support.flowsite import FlowSite


@pytest.fixture
def trial() -> FlowSite:
    """An empty trial folder."""
    return FlowSite()


@pytest.fixture
def live() -> FlowSite:
    """An empty live folder."""
    return FlowSite(kind=SiteKind.LIVE)
