"""The stores that every contract is run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from limen.core.ports import Store
from support.clock import FakeClock
from support.sites import born
from support.stores import MemoryStore

__all__: list[str] = []


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A trial site that was just born."""
    opened: Store = MemoryStore(clock=FakeClock()) if request.param == "memory" else born(tmp_path / "data")
    yield opened
    opened.close()
