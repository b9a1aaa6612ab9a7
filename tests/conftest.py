"""Settings of the whole suite: property tests have no deadline, machines are slow at times."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("limen", deadline=None)
settings.load_profile("limen")
